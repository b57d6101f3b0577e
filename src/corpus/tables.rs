//! The metadata tables of an archive: the one that the user gives, or those that lie in its folders.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::CorpusOptions;
use super::describe::table::Table;
use super::walk::{self, Input, LeftOut};
use crate::error::Result;
use crate::schema::document::Metadata;

/// The name under which a table of metadata is found in a folder by itself.
const NAME: &str = "metadata.csv";

/// A table with the documents that it is for.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) path: PathBuf,
    table: Table,
    /// The folder beneath the one named by the user in which it lies, as in the ids, with `/` at the end; empty
    /// for a table that is for all documents.
    folder: String,
}

impl Located {
    /// Fills in what the table knows of a document of the file at `path`: whether it knows it. `None` if it is
    /// not for documents in this place.
    pub(super) fn describe(
        &self,
        path: &Path,
        relative: &str,
        metadata: &mut Metadata,
    ) -> Option<bool> {
        let is_beneath = || {
            let folder = self.path.parent();
            relative.starts_with(&self.folder) && folder.is_some_and(|at| path.starts_with(at))
        };
        (self.folder.is_empty() || is_beneath())
            .then(|| self.table.describe(&self.folder, relative, metadata))
    }
}

/// The tables that describe the documents of these inputs; the nearest to a document stand first.
///
/// # Errors
/// [`Error::ReadArchive`](crate::error::Error::ReadArchive) and
/// [`Error::ParseDocument`](crate::error::Error::ParseDocument) if one is no table.
pub(super) fn of(
    inputs: &[Input],
    options: &CorpusOptions,
    left_out: &LeftOut,
) -> Result<Vec<Located>> {
    let mut found = IndexMap::new();
    match &options.metadata {
        Some(path) => {
            found.insert(path.clone(), String::new());
        }
        None => inputs
            .iter()
            .for_each(|input| look(input, (options, left_out), &mut found)),
    }
    // What the first says stays; the sort keeps the order of those that are as deep.
    found.sort_by_cached_key(|_, folder| std::cmp::Reverse(folder.matches('/').count()));
    let opened = found.into_iter().map(|(path, folder)| {
        Ok(Located {
            table: Table::open(&path, &options.fields)?,
            path,
            folder,
        })
    });
    opened.collect()
}

/// Looks for tables where an input lies, and beneath it.
fn look(
    input: &Input,
    (options, left_out): (&CorpusOptions, &LeftOut),
    found: &mut IndexMap<PathBuf, String>,
) {
    let mut take = |path: PathBuf, folder: &str| {
        if !found.contains_key(&path) && Table::is_table(&path, &options.fields) {
            found.insert(path, folder.to_owned());
        }
    };
    match input {
        Input::File(_) => {}
        Input::Folder(root) => {
            take(root.join(NAME), "");
            for place in walk::places(input.clone(), left_out) {
                if place.path.file_name().is_some_and(|name| name == NAME) {
                    let folder = place.relative.strip_suffix(NAME).unwrap_or_default();
                    take(place.path, folder);
                }
            }
        }
        Input::Place(place) => {
            let root = input.root();
            take(root.join(NAME), "");
            let ends = place.relative.match_indices('/').map(|(at, _)| at + 1);
            for folder in ends.filter_map(|end| place.relative.get(..end)) {
                take(root.join(folder).join(NAME), folder);
            }
        }
    }
}
