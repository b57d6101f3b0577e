//! Records in, one at a time: JSON Lines, CSV, Parquet or Arrow, plain or compressed.
//!
//! [`row`] is what a comparison needs of a record; `lines` reads JSON Lines and all that is read as such,
//! `table` CSV; [`checked`] the sample that a person has checked.

pub mod checked;
mod lines;
pub mod row;
mod table;

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::json_lines;
use row::{Fault, Row};

/// A line that was set aside.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Quarantined {
    /// The file.
    pub path: PathBuf,
    /// The line or record, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// What a file gives: rows, and lines that are none.
pub type Entry = std::result::Result<Row, Quarantined>;

/// Reads the records at `path` (`-` is standard input) and hands each to `take`.
///
/// # Errors
/// [`Error::ReadArchive`] if the file cannot be read, [`Error::ReadRecords`] for records of another schema
/// version, and whatever `take` reports.
pub fn read(path: &Path, take: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
    let extension = |path: &Path| {
        path.extension()
            .map(|extension| extension.to_string_lossy().to_lowercase())
    };
    let mut inner = path.to_path_buf();
    if matches!(extension(path).as_deref(), Some("gz" | "zst")) {
        inner.set_extension("");
    }
    match extension(&inner).as_deref() {
        Some("csv") => table::read(path, open(path)?, take),
        _ => lines::read(path, open(path)?, take),
    }
}

fn open(path: &Path) -> Result<Box<dyn Read>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin()));
    }
    Ok(Box::new(json_lines::open(path)?))
}

/// Sorts a fault into an error (the file is unusable) or a quarantined line.
fn settle(path: &Path, line: usize, row: std::result::Result<Row, Fault>) -> Result<Entry> {
    match row {
        Ok(row) => Ok(Ok(row)),
        Err(Fault::Line(problem)) => Ok(Err(Quarantined {
            path: path.to_path_buf(),
            line,
            problem,
        })),
        Err(Fault::File(problem)) => Err(Error::ReadRecords {
            path: path.to_path_buf(),
            line,
            problem,
        }),
    }
}
