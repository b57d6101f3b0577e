//! From what the user names to files in a fixed order.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::error::{Error, Result};
use crate::schema::Origin;

/// The name of standard input.
pub(super) const STDIN: &str = "-";
/// The path that stands for it in ids and records.
pub(crate) const STDIN_NAME: &str = "stdin";

/// A file of the archive, or why a place cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// The file; [`STDIN`] for standard input.
    pub(super) path: PathBuf,
    /// Its path relative to what the user named, with `/`: the id of a document that has none.
    pub(super) relative: String,
    /// Why it cannot be read, if that is known before it is opened.
    pub(super) problem: Option<String>,
}

/// Something that the user named and that exists.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// Standard input or a file.
    File(PathBuf),
    /// A folder, with all in it.
    Folder(PathBuf),
    /// A file that was found in a folder before.
    Place(Place),
}

impl Input {
    /// What the user named.
    pub(super) fn root(&self) -> &Path {
        match self {
            Self::File(path) | Self::Folder(path) => path,
            Self::Place(place) => {
                let depth = Path::new(&place.relative).components().count();
                place.path.ancestors().nth(depth).unwrap_or(&place.path)
            }
        }
    }
}

/// Files that are no part of the archive, whatever path leads to them.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftOut(Vec<PathBuf>);

impl LeftOut {
    /// Files that need not be there yet, in folders that are.
    pub(super) fn new(paths: &[PathBuf]) -> Self {
        Self(paths.iter().filter_map(|path| resolved(path)).collect())
    }

    fn holds(&self, path: &Path) -> bool {
        // Folders are looked up only for files of these names, which are few.
        let named = |left: &PathBuf| left.file_name() == path.file_name();
        self.0.iter().any(named) && resolved(path).is_some_and(|path| self.0.contains(&path))
    }
}

/// The path of a file by its folder's own path.
fn resolved(path: &Path) -> Option<PathBuf> {
    let folder = match path.parent()? {
        here if here.as_os_str().is_empty() => Path::new("."),
        folder => folder,
    };
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}

/// What the user named, globs written out. Files that are left out are so even if they are named: a shell writes globs out
/// by itself.
///
/// # Errors
/// [`Error::ReadArchive`] for what does not exist, for a glob that nothing matches, and if all that is named is left out.
pub(super) fn inputs(named: &[PathBuf], left_out: &LeftOut) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in named {
        if path.as_os_str() == STDIN {
            inputs.push(Input::File(path.clone()));
            continue;
        }
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => inputs.push(Input::Folder(path.clone())),
            Ok(_) if left_out.holds(path) => {}
            Ok(_) => inputs.push(Input::File(path.clone())),
            Err(error) => inputs.extend(globbed(path, error, left_out)?),
        }
    }
    match named.first() {
        Some(path) if inputs.is_empty() => Err(Error::ReadArchive {
            path: path.clone(),
            source: "it is what this run writes; name another output".into(),
        }),
        _ => Ok(inputs),
    }
}

fn globbed(pattern: &Path, missing: std::io::Error, left_out: &LeftOut) -> Result<Vec<Input>> {
    let fail = |source: crate::error::Cause| Error::ReadArchive {
        path: pattern.to_owned(),
        source,
    };
    let Some(written) = pattern
        .to_str()
        .filter(|text| text.contains(['*', '?', '[']))
    else {
        return Err(fail(missing.into()));
    };
    let paths = glob::glob(written).map_err(|error| fail(error.into()))?;
    let mut inputs = Vec::new();
    for path in paths {
        let path = path.map_err(|error| fail(error.into()))?;
        if left_out.holds(&path) {
            continue;
        }
        inputs.push(if path.is_dir() {
            Input::Folder(path)
        } else {
            Input::File(path)
        });
    }
    if inputs.is_empty() {
        return Err(fail("no file matches this pattern".into()));
    }
    Ok(inputs)
}

/// The file that something was found in before.
pub(super) fn place_again(origin: &Origin) -> Place {
    let is_told = !origin.relative.is_empty();
    Place {
        path: PathBuf::from(&origin.path),
        relative: if is_told {
            &origin.relative
        } else {
            &origin.path
        }
        .clone(),
        problem: None,
    }
}

/// The files of an input, sorted by path; of folders without hidden ones and those of `left_out`.
pub(super) fn places(input: Input, left_out: &LeftOut) -> Box<dyn Iterator<Item = Place> + Send> {
    match input {
        Input::File(path) => {
            let name = path.file_name().unwrap_or(path.as_os_str());
            let relative = name.to_string_lossy().into_owned();
            Box::new(std::iter::once(Place {
                relative: if relative == STDIN {
                    STDIN_NAME.to_owned()
                } else {
                    relative
                },
                path,
                problem: None,
            }))
        }
        Input::Place(place) => Box::new(std::iter::once(place)),
        Input::Folder(root) => {
            let left_out = left_out.clone();
            let entries = WalkDir::new(&root)
                .follow_links(true)
                .sort_by_file_name()
                .into_iter()
                .filter_entry(move |entry| {
                    entry.depth() == 0 || !is_hidden(entry) && !left_out.holds(entry.path())
                });
            Box::new(entries.filter_map(move |entry| place(&root, entry)))
        }
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn place(root: &Path, entry: walkdir::Result<DirEntry>) -> Option<Place> {
    let of = |path: &Path, problem: Option<String>| {
        let relative = path.strip_prefix(root).unwrap_or(path);
        let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
        Place {
            path: path.to_owned(),
            relative: parts.join("/"),
            problem,
        }
    };
    match entry {
        Ok(entry) if entry.file_type().is_dir() => None,
        Ok(entry) if entry.file_type().is_file() => Some(of(entry.path(), None)),
        Ok(entry) => Some(of(entry.path(), Some("not a regular file".to_owned()))),
        Err(error) => {
            let problem = match error.loop_ancestor() {
                Some(_) => "a link back to a folder that it lies in".to_owned(),
                None => error.io_error().map_or_else(
                    || error.to_string(),
                    |error| format!("cannot be read: {error}"),
                ),
            };
            Some(of(error.path().unwrap_or(root), Some(problem)))
        }
    }
}
