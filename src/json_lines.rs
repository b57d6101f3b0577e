//! JSON Lines in: gold files and records, with the file and the line in every complaint. Parquet and Arrow
//! files are read as if they were JSON Lines, one line a row.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::columnar::{Kind, Nulls, Rows};
use crate::error::{Error, Result};
use crate::schema::record::SCHEMA;
use crate::schema::{Record, TargetedText};

/// The objects of a JSON Lines file, each with its line number, from 1. Empty lines are passed over.
///
/// Files that end in `.gz` or `.zst` are decompressed on the way.
///
/// # Errors
/// [`Error::ReadArchive`] if the file cannot be opened; each item [`Error::ReadRecords`] for a line that
/// cannot be read or is no such object.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Lines<T>> {
    Ok(Lines {
        reader: open(path)?,
        path: path.to_owned(),
        number: 0,
        line: Vec::new(),
        object: PhantomData,
    })
}

/// The records of a file that `plenary tag` wrote, each with its line number.
///
/// # Errors
/// As [`read`]; also for a record of another schema version.
pub fn read_records(path: &Path) -> Result<impl Iterator<Item = Result<(usize, Record)>>> {
    let mut lines = read::<Record>(path)?;
    Ok(std::iter::from_fn(move || {
        Some(match lines.next()? {
            Ok((_, record)) if record.schema != SCHEMA => {
                Err(lines.complaint(wrong_schema(Some(record.schema))))
            }
            Ok(found) => Ok(found),
            // What a line lacks to be a record matters only if it is of this version at all.
            Err(error) => match lines.schema() {
                Some(SCHEMA) => Err(error),
                None if !lines.is_json() => Err(error),
                schema => Err(lines.complaint(wrong_schema(schema))),
            },
        })
    }))
}

/// The texts with targets and stances of a stance file.
///
/// # Errors
/// As [`read`]; also for an empty text or target.
pub fn read_targeted(path: &Path) -> Result<impl Iterator<Item = Result<TargetedText>>> {
    let mut lines = read::<TargetedText>(path)?;
    Ok(std::iter::from_fn(move || {
        let found = lines.next()?;
        Some(found.and_then(|(_, text)| match text.problem() {
            None => Ok(text),
            Some(problem) => Err(lines.complaint(problem)),
        }))
    }))
}

fn wrong_schema(schema: Option<u32>) -> String {
    match schema {
        Some(other) => format!(
            "the record has schema {other}, this program reads schema {SCHEMA}; use the version of plenary that wrote it, or tag again"
        ),
        None => "this is no record of `plenary tag` (it has no \"schema\"); is it a gold file?"
            .to_owned(),
    }
}

/// The bytes of a file, decompressed if it ends in `.gz` or `.zst`; the rows of a Parquet or Arrow file as
/// JSON Lines.
///
/// # Errors
/// [`Error::ReadArchive`] if it cannot be opened.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let unreadable = |source: std::io::Error| Error::ReadArchive {
        path: path.to_owned(),
        source: source.into(),
    };
    let file = File::open(path).map_err(unreadable)?;
    if let Some(kind) = Kind::of_path(path) {
        let rows = match kind {
            Kind::Parquet => Rows::of_parquet(file, Nulls::LeftOut),
            Kind::ArrowFile | Kind::ArrowStream => {
                Rows::of_arrow(BufReader::new(file), Nulls::LeftOut)
            }
        };
        return Ok(Box::new(BufReader::new(rows.map_err(unreadable)?)));
    }
    let bytes: Box<dyn Read> = match path.extension().and_then(|ending| ending.to_str()) {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Some("zst") => Box::new(zstd::Decoder::new(file).map_err(unreadable)?),
        _ => Box::new(file),
    };
    Ok(Box::new(BufReader::with_capacity(1 << 16, bytes)))
}

/// See [`read`].
pub struct Lines<T> {
    reader: Box<dyn BufRead>,
    path: PathBuf,
    number: usize,
    line: Vec<u8>,
    object: PhantomData<T>,
}

impl<T> std::fmt::Debug for Lines<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl<T> Lines<T> {
    /// An error at the line that was read last.
    fn complaint(&self, problem: String) -> Error {
        Error::ReadRecords {
            path: self.path.clone(),
            line: self.number,
            problem,
        }
    }

    /// The schema version that the line names.
    fn schema(&self) -> Option<u32> {
        #[derive(Deserialize)]
        struct Head {
            schema: u32,
        }
        serde_json::from_slice::<Head>(&self.line)
            .ok()
            .map(|head| head.schema)
    }

    /// Takes the byte order mark and the end of the line off.
    fn tidy(&mut self) {
        let end = self.line.trim_ascii_end().len();
        self.line.truncate(end);
        if self.line.starts_with(b"\xEF\xBB\xBF") {
            self.line.drain(..3);
        }
    }

    fn is_json(&self) -> bool {
        serde_json::from_slice::<serde::de::IgnoredAny>(&self.line).is_ok()
    }
}

impl<T: DeserializeOwned> Iterator for Lines<T> {
    type Item = Result<(usize, T)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.number += 1;
            self.line.clear();
            match self.reader.read_until(b'\n', &mut self.line) {
                Ok(0) => return None,
                Ok(_) if self.line.trim_ascii().is_empty() => {}
                Ok(_) => break self.tidy(),
                Err(source) => {
                    return Some(Err(self.complaint(format!("cannot be read ({source})"))));
                }
            }
        }
        let object = serde_json::from_slice(&self.line).map_err(|source| {
            // serde_json counts lines within the line.
            let problem = source
                .to_string()
                .replace(" at line 1 column ", ", at byte ");
            self.complaint(problem)
        });
        Some(object.map(|object| (self.number, object)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn complaint(bytes: &[u8]) -> String {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let found: Result<Vec<_>> = read_records(file.path()).unwrap().collect();
        let message = found.unwrap_err().to_string();
        message.replace(&*file.path().to_string_lossy(), "FILE")
    }

    #[test]
    fn a_bad_line_is_told_with_its_place() {
        insta::assert_snapshot!(complaint(b"\n{\"schema\":1,\n"), @"FILE, line 2: EOF while parsing a value, at byte 12");
        insta::assert_snapshot!(complaint(b"{\"schema\":1,\"document\":{\"id\":\"a\"}}\n"), @"FILE, line 1: missing field `statement`, at byte 34");
        insta::assert_snapshot!(complaint(b"\xFF\xFE\n"), @"FILE, line 1: expected value, at byte 1");
    }

    #[test]
    fn another_version_and_gold_are_told_from_records() {
        insta::assert_snapshot!(complaint(b"{\"schema\":2,\"things\":[]}\n"), @"FILE, line 1: the record has schema 2, this program reads schema 1; use the version of plenary that wrote it, or tag again");
        insta::assert_snapshot!(complaint(b"{\"id\":\"a\",\"labels\":[]}\n"), @r#"FILE, line 1: this is no record of `plenary tag` (it has no "schema"); is it a gold file?"#);
    }
}
