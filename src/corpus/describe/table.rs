//! A metadata table: a CSV file whose rows describe documents that stand elsewhere.

use std::collections::HashMap;
use std::path::Path;

use super::fields::{FieldNames, Sorter};
use super::value::Value;
use crate::error::{Error, Result};
use crate::schema::document::Metadata;

/// Rows by the document that they describe. The whole table is held in memory.
#[derive(Debug, Default)]
pub(in crate::corpus) struct Table {
    rows: HashMap<String, Metadata>,
}

impl Table {
    /// Reads a table.
    ///
    /// # Errors
    /// [`Error::ReadArchive`] if the file cannot be read, [`Error::ParseDocument`] if it is no table or
    /// none of its columns names documents.
    pub(in crate::corpus) fn open(path: &Path, names: &FieldNames) -> Result<Self> {
        let problem = |line: Option<usize>, problem: String| Error::ParseDocument {
            path: path.to_owned(),
            line,
            problem,
        };
        let bytes = std::fs::read(path).map_err(|source| Error::ReadArchive {
            path: path.to_owned(),
            source: source.into(),
        })?;
        let text = crate::corpus::encoding::decode(&bytes, None)
            .map_err(|reason| problem(None, reason))?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(crate::corpus::formats::csv::delimiter(text.as_bytes()))
            .from_reader(text.as_bytes());
        let headers = match reader.headers() {
            Ok(headers) => headers.clone(),
            Err(error) => return Err(problem(Some(1), error.to_string())),
        };
        let mut sorter = Sorter::of_table(names);
        let mut rows = HashMap::new();
        for row in reader.records() {
            let row = row.map_err(|error| {
                let line = error
                    .position()
                    .and_then(|at| usize::try_from(at.line()).ok());
                problem(line, error.to_string())
            })?;
            let fields = headers.iter().zip(row.iter()).map(|(name, value)| {
                let value = match value.trim() {
                    "" => Value::Absent,
                    value => Value::Words(value.to_owned()),
                };
                (name.to_owned(), value)
            });
            let record = sorter.sort(fields.collect());
            let Some(document) = record.document else {
                let columns: Vec<_> = headers.iter().collect();
                let columns = columns.join(", ");
                let reason = format!(
                    "no file or id of the document that this row describes (columns: {columns})"
                );
                return Err(problem(
                    row.position()
                        .and_then(|at| usize::try_from(at.line()).ok()),
                    reason,
                ));
            };
            rows.insert(document, record.metadata);
        }
        Ok(Self { rows })
    }

    /// Whether a CSV file with this first line describes documents and holds none itself.
    pub(in crate::corpus) fn is_table(path: &Path, names: &FieldNames) -> bool {
        use super::fields::Meaning;
        let Ok(file) = std::fs::File::open(path) else {
            return false;
        };
        let mut reader = csv::Reader::from_reader(std::io::Read::take(file, HEADER_BYTES));
        let Ok(headers) = reader.headers() else {
            return false;
        };
        let mut sorter = Sorter::of_table(names);
        let meanings: Vec<_> = headers
            .iter()
            .filter_map(|name| sorter.meaning(name))
            .map(|(meaning, _)| meaning)
            .collect();
        meanings.contains(&Meaning::Document) && !meanings.contains(&Meaning::Text)
    }

    /// Fills in what the table knows and the document itself does not say.
    ///
    /// A row belongs to a document by its id, its path, the name of its file or that name without the
    /// ending, in this order. An id and a path that begin with the table's `folder` are those without it.
    ///
    /// Whether there was one.
    pub(in crate::corpus) fn describe(
        &self,
        folder: &str,
        relative: &str,
        metadata: &mut Metadata,
    ) -> bool {
        let id = metadata.id.strip_prefix(folder).unwrap_or(&metadata.id);
        let relative = relative.strip_prefix(folder).unwrap_or(relative);
        let path = Path::new(relative);
        let name = path.file_name().and_then(|name| name.to_str());
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let keys = [Some(id), Some(relative), name, stem];
        let Some(row) = keys
            .into_iter()
            .flatten()
            .find_map(|key| self.rows.get(key))
        else {
            return false;
        };
        let fill = |to: &mut Option<String>, from: &Option<String>| {
            if to.is_none() {
                to.clone_from(from);
            }
        };
        fill(&mut metadata.source, &row.source);
        fill(&mut metadata.title, &row.title);
        fill(&mut metadata.date, &row.date);
        fill(&mut metadata.language, &row.language);
        fill(&mut metadata.speaker, &row.speaker);
        fill(&mut metadata.role, &row.role);
        for (name, value) in &row.fields {
            metadata
                .fields
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        true
    }
}

/// Longer header lines are not looked for.
const HEADER_BYTES: u64 = 65_536;
