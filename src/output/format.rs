//! The bytes of records in each format.

use serde::{Deserialize, Serialize};
use std::path::Path;

use super::compression::Compression;
use super::csv;
use crate::columnar::Kind;
use crate::error::{Error, Result};
use crate::schema::Record;

/// How records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One JSON object a line, one line a statement: everything, exactly.
    #[default]
    JsonLines,
    /// A table, one row a label; a statement without labels has one row with empty label cells.
    Csv,
    /// A table, one row a statement, with columns for every theme and stance.
    CsvWide,
    /// Columns with the nesting of the JSON.
    Parquet,
    /// Columns with the nesting of the JSON, as an Arrow IPC file (Feather).
    Arrow,
    /// The same as an Arrow IPC stream.
    ArrowStream,
}

impl Format {
    /// The format of columns that the records are brought into when all are there; until then they are JSON
    /// Lines. `None` for formats that are written row by row.
    pub(super) fn columns(self) -> Option<Kind> {
        match self {
            Self::JsonLines | Self::Csv | Self::CsvWide => None,
            Self::Parquet => Some(Kind::Parquet),
            Self::Arrow => Some(Kind::ArrowFile),
            Self::ArrowStream => Some(Kind::ArrowStream),
        }
    }

    /// Whether a file begins with the names of its columns.
    pub(super) fn has_head(self) -> bool {
        matches!(self, Self::Csv | Self::CsvWide)
    }

    /// The format that a file's ending asks for, that of its compression (`.gz`, `.zst`) aside; `None` for an
    /// ending that says nothing.
    pub fn of_path(path: &Path) -> Option<Self> {
        let plain = match Compression::of_path(path) {
            Compression::None => path.to_owned(),
            Compression::Gzip | Compression::Zstd => path.with_extension(""),
        };
        match Kind::of_path(&plain) {
            Some(Kind::Parquet) => return Some(Self::Parquet),
            Some(Kind::ArrowFile) => return Some(Self::Arrow),
            Some(Kind::ArrowStream) => return Some(Self::ArrowStream),
            None => {}
        }
        match plain.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The format that an output's ending asks for; JSON Lines where a name has no ending (`-`, `/dev/stdout`).
    ///
    /// # Errors
    /// [`Error::Settings`] for an ending that names no format or no compression that is written: records under a
    /// wrong name would be found out late.
    pub fn of_output(path: &Path) -> Result<Self> {
        if let Some(format) = Self::of_path(path) {
            return Ok(format);
        }
        let compressed = Compression::of_path(path) != Compression::None;
        match path.extension() {
            None => Ok(Self::default()),
            Some(_) if compressed && path.with_extension("").extension().is_none() => {
                Ok(Self::default())
            }
            Some(_) => Err(Error::Settings {
                problem: format!(
                    "{}: nothing is written under this ending; end the name in .jsonl, .csv, .parquet, .arrow or \
                     .arrows, the first two with .gz or .zst behind to compress them, or give --format",
                    path.display()
                ),
            }),
        }
    }

    /// What stands before the first record: a table's column names.
    pub(super) fn head(self, themes: &[String]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::JsonLines | Self::Parquet | Self::Arrow | Self::ArrowStream => Ok(Vec::new()),
            Self::Csv => csv::long_head(themes),
            Self::CsvWide => csv::wide_head(themes),
        }
    }

    /// Appends the records of a document to `bytes` and says how many rows they took.
    pub(super) fn encode(
        self,
        records: &[Record],
        themes: &[String],
        bytes: &mut Vec<u8>,
    ) -> std::io::Result<u64> {
        match self {
            Self::JsonLines | Self::Parquet | Self::Arrow | Self::ArrowStream => {
                for record in records {
                    serde_json::to_writer(&mut *bytes, record)?;
                    bytes.push(b'\n');
                }
                Ok(records.len() as u64)
            }
            Self::Csv => csv::long_rows(records, themes, bytes),
            Self::CsvWide => csv::wide_rows(records, themes, bytes),
        }
    }
}
