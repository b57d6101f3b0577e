//! The bytes of records in each format.

use serde::{Deserialize, Serialize};
use std::path::Path;

use super::compression::Compression;
use super::csv;
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
}

impl Format {
    /// The format that a file's ending asks for, that of its compression (`.gz`, `.zst`) aside; `None` for an
    /// ending that says nothing.
    pub fn of_path(path: &Path) -> Option<Self> {
        let plain = match Compression::of_path(path) {
            Compression::None => path.to_owned(),
            Compression::Gzip | Compression::Zstd => path.with_extension(""),
        };
        match plain.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// What stands before the first record: a table's column names.
    pub(super) fn head(self, themes: &[String]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::JsonLines => Ok(Vec::new()),
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
            Self::JsonLines => {
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
