//! The documents of an archive one after the other, with ids and all that is known of them.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::describe::table::Table;
use super::describe::{date, language};
use super::formats::{self, Draft, Found, Records};
use super::stream::{self, Counted, Stream};
use super::walk::{self, Input, Place, STDIN};
use super::{CorpusOptions, Entry, Format};
use crate::error::{Error, Result};
use crate::schema::document::Metadata;
use crate::schema::{Document, Origin, Quarantined};

/// The name under which a table of metadata is found in a folder by itself.
const METADATA_NAME: &str = "metadata.csv";

/// How far an archive was read; cheap to clone and to ask from another thread.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Progress {
    /// Bytes of the archive's files that were read.
    pub fn read_bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Bytes of all the archive's files; `None` where standard input is among them.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total
    }
}

/// An archive that is being read: an iterator over its documents and what was set aside.
pub struct Archive {
    places: Box<dyn Iterator<Item = Place> + Send>,
    current: Option<(Place, Records)>,
    options: CorpusOptions,
    tables: Vec<Table>,
    /// The metadata tables, which are no documents.
    table_paths: Vec<PathBuf>,
    ids: Ids,
    progress: Progress,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Archive")
            .field("options", &self.options)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

impl Archive {
    pub(super) fn open(named: &[PathBuf], options: &CorpusOptions) -> Result<Self> {
        let inputs = walk::inputs(named)?;
        let table_paths = table_paths(&inputs, options);
        let tables = table_paths
            .iter()
            .map(|path| Table::open(path, &options.fields))
            .collect::<Result<Vec<_>>>()?;
        let total = total_bytes(&inputs)?;
        Ok(Self {
            places: Box::new(inputs.into_iter().flat_map(walk::places)),
            current: None,
            options: options.clone(),
            tables,
            table_paths: table_paths
                .iter()
                .filter_map(|path| path.canonicalize().ok())
                .collect(),
            ids: Ids::default(),
            progress: Progress {
                read: Arc::default(),
                total,
            },
        })
    }

    /// How far the archive was read.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn is_table(&self, path: &Path) -> bool {
        !self.table_paths.is_empty()
            && path
                .canonicalize()
                .is_ok_and(|path| self.table_paths.contains(&path))
    }

    fn records(&self, place: &Place) -> Result<Records, String> {
        if let Some(problem) = &place.problem {
            return Err(problem.clone());
        }
        let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
        let stream: Stream = if place.path.as_os_str() == STDIN {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(&place.path).map_err(unreadable)?)
        };
        let counted = Counted::new(stream, Arc::clone(&self.progress.read));
        let (head, stream) = stream::peek(Box::new(counted)).map_err(unreadable)?;
        let format = self.options.format.or_else(|| Format::of_path(&place.path));
        formats::records(format, &head, stream, &self.options)
    }

    fn entry(&mut self, place: &Place, found: Found) -> Entry {
        let origin = Origin {
            path: place.path.to_string_lossy().into_owned(),
            member: None,
            line: found.line,
        };
        match found.draft {
            Ok(draft) => Entry::Document(self.document(place, origin, draft)),
            Err(refusal) => Entry::Quarantined(Quarantined {
                origin,
                id: refusal.id,
                reason: refusal.reason,
            }),
        }
    }

    fn document(&mut self, place: &Place, origin: Origin, draft: Draft) -> Document {
        let Draft { mut metadata, text } = draft;
        if metadata.id.is_empty() {
            metadata.id = id_of(&place.relative, origin.line);
        }
        for table in &self.tables {
            table.describe(&place.relative, &mut metadata);
        }
        complete(&mut metadata, &place.relative, &text);
        metadata.id = self.ids.unique(metadata.id);
        metadata.origin = origin;
        Document::new(metadata, text)
    }
}

impl Iterator for Archive {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            if let Some((place, mut records)) = self.current.take()
                && let Some(found) = records.next()
            {
                let entry = self.entry(&place, found);
                self.current = Some((place, records));
                return Some(entry);
            }
            let place = self.places.next()?;
            if self.is_table(&place.path) {
                continue;
            }
            match self.records(&place) {
                Ok(records) => self.current = Some((place, records)),
                Err(reason) => {
                    let found = Found {
                        line: None,
                        draft: Err(reason.into()),
                    };
                    return Some(self.entry(&place, found));
                }
            }
        }
    }
}

fn table_paths(inputs: &[Input], options: &CorpusOptions) -> Vec<PathBuf> {
    if let Some(path) = &options.metadata {
        return vec![path.clone()];
    }
    let in_folders = inputs.iter().filter_map(|input| match input {
        Input::Folder(root) => Some(root.join(METADATA_NAME)),
        Input::File(_) => None,
    });
    in_folders
        .filter(|path| Table::is_table(path, &options.fields))
        .collect()
}

/// The bytes of all files, where they are known.
///
/// # Errors
/// [`Error::ReadArchive`] if there is nothing to read.
fn total_bytes(inputs: &[Input]) -> Result<Option<u64>> {
    let (mut count, mut total) = (0_usize, Some(0_u64));
    for place in inputs.iter().cloned().flat_map(walk::places) {
        count += 1;
        if place.path.as_os_str() == STDIN {
            total = None;
        } else if let Ok(found) = std::fs::metadata(&place.path) {
            total = total.map(|total| total + found.len());
        }
    }
    match inputs.first() {
        Some(Input::Folder(path) | Input::File(path)) if count == 0 => Err(Error::ReadArchive {
            path: path.clone(),
            source: "there is no file in it (hidden files are left out)".into(),
        }),
        _ => Ok(total),
    }
}

fn id_of(relative: &str, line: Option<usize>) -> String {
    let Some(line) = line else {
        return relative.to_owned();
    };
    let path = Path::new(relative);
    format!("{}#{line}", path.with_extension("").to_string_lossy())
}

/// Fills in what the file's name and the text itself tell.
fn complete(metadata: &mut Metadata, relative: &str, text: &str) {
    if metadata.date.is_none() {
        metadata.date = date::in_name(relative);
    }
    if metadata.language.is_none() {
        metadata.language = language::detect(text);
    }
}

/// The ids that were given out, by their hashes: some 16 bytes a document.
#[derive(Debug, Default)]
struct Ids {
    counts: HashMap<u64, u32>,
}

impl Ids {
    fn unique(&mut self, id: String) -> String {
        let count = *self
            .counts
            .entry(hash(&id))
            .and_modify(|count| *count += 1)
            .or_insert(1);
        if count == 1 {
            return id;
        }
        // `a~2` may be a given id itself.
        self.unique(format!("{id}~{count}"))
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
