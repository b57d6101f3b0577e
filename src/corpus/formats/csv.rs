//! Comma-separated values with a header: one document a row. The text is the field, as it stands.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Draft, Found, Refusal, text_of, too_long};
use crate::corpus::CorpusOptions;
use crate::corpus::describe::fields::{Meaning, Sorter};
use crate::corpus::describe::value::Value;
use crate::corpus::stream::Stream;

/// What may separate the fields, the usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The separator that the header of a table uses most.
pub(in crate::corpus) fn delimiter(head: &[u8]) -> u8 {
    let header = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| header.split(|&byte| byte == delimiter).count();
    DELIMITERS
        .into_iter()
        // The last of several maxima is taken: with the usual last, it wins ties.
        .rev()
        .max_by_key(|&delimiter| count(delimiter))
        .unwrap_or(b',')
}

/// Whether the first line of a text is a header of two columns or more with one for the text.
pub(super) fn has_text_column(text: &str, options: &CorpusOptions) -> bool {
    let Some(header) = text.lines().next() else {
        return false;
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(header.as_bytes()))
        .has_headers(false)
        .from_reader(header.as_bytes());
    let Some(Ok(names)) = reader.records().next() else {
        return false;
    };
    let mut sorter = Sorter::of_documents(&options.fields);
    let is_text = |meaning| matches!(meaning, Some((Meaning::Text, _)));
    names.len() > 1 && names.iter().any(|name| is_text(sorter.meaning(name)))
}

/// Fails once a row has taken more bytes than a document may have: a quotation mark that is never closed
/// would else draw the rest of the file into one field.
struct Limited<'a> {
    stream: Stream<'a>,
    left: Arc<AtomicU64>,
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        let bytes = u64::try_from(read).unwrap_or(u64::MAX);
        let left = self.left.load(Ordering::Relaxed);
        if bytes > left {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "the row does not end (a quotation mark that is never closed?)",
            ));
        }
        self.left.store(left - bytes, Ordering::Relaxed);
        Ok(read)
    }
}

/// Reads a stream row by row.
pub(super) struct Reader<'a> {
    rows: csv::Reader<Limited<'a>>,
    left: Arc<AtomicU64>,
    limit: usize,
    names: Option<Vec<String>>,
    sorter: Sorter,
    ended: bool,
}

/// What the reader of rows may have read ahead of the row.
const READ_AHEAD_BYTES: u64 = 1 << 16;

impl<'a> Reader<'a> {
    pub(super) fn new(stream: Stream<'a>, delimiter: u8, options: &CorpusOptions) -> Self {
        let left = Arc::new(AtomicU64::new(0));
        let limited = Limited {
            stream,
            left: Arc::clone(&left),
        };
        let rows = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(limited);
        Self {
            rows,
            left,
            limit: options.max_document_bytes,
            names: None,
            sorter: Sorter::of_documents(&options.fields),
            ended: false,
        }
    }

    /// The next row with the line that it starts on.
    fn row(&mut self) -> Option<(usize, Result<csv::StringRecord, String>)> {
        if self.ended {
            return None;
        }
        let limit = u64::try_from(self.limit).unwrap_or(u64::MAX);
        self.left
            .store(limit.saturating_add(READ_AHEAD_BYTES), Ordering::Relaxed);
        let line = usize::try_from(self.rows.position().line()).unwrap_or(usize::MAX);
        let mut row = csv::StringRecord::new();
        match self.rows.read_record(&mut row) {
            Ok(true) => {
                let start = row
                    .position()
                    .and_then(|at| usize::try_from(at.line()).ok());
                Some((start.unwrap_or(line), Ok(row)))
            }
            Ok(false) => None,
            Err(error) => {
                let start = error
                    .position()
                    .and_then(|at| usize::try_from(at.line()).ok());
                let is_utf8 = matches!(error.kind(), csv::ErrorKind::Utf8 { .. });
                self.ended = !is_utf8;
                let reason = if is_utf8 {
                    "not valid UTF-8; if the file is in another encoding, name it with --encoding"
                        .to_owned()
                } else {
                    format!("reading stopped here: {error}")
                };
                Some((start.unwrap_or(line), Err(reason)))
            }
        }
    }

    fn draft(&mut self, row: &csv::StringRecord) -> Result<Draft, Refusal> {
        let names = self.names.get_or_insert_default();
        if row.len() != names.len() {
            let reason = format!(
                "{} fields where the header has {}: a separator or quotation mark is missing or too many",
                row.len(),
                names.len()
            );
            return Err(reason.into());
        }
        if row.as_slice().len() > self.limit {
            let bytes = u64::try_from(row.as_slice().len()).ok();
            return Err(too_long(bytes, self.limit).into());
        }
        let fields = names.iter().zip(row).map(|(name, value)| {
            let value = if value.trim().is_empty() {
                Value::Absent
            } else {
                Value::Words(value.to_owned())
            };
            (name.clone(), value)
        });
        let record = self.sorter.sort(fields.collect());
        let metadata = record.metadata;
        text_of(record.text, names).map_or_else(
            |reason| {
                Err(Refusal {
                    id: Some(metadata.id.clone()).filter(|id| !id.is_empty()),
                    ..reason.into()
                })
            },
            |text| {
                Ok(Draft {
                    metadata: metadata.clone(),
                    text,
                })
            },
        )
    }
}

impl Iterator for Reader<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        if self.names.is_none() {
            let found = self.row()?;
            let bytes = 0..self.rows.position().byte();
            match found {
                (line, Ok(header)) => {
                    let names: Vec<_> = header.iter().map(|name| name.trim().to_owned()).collect();
                    let is_text = |name: &String| {
                        matches!(self.sorter.meaning(name), Some((Meaning::Text, _)))
                    };
                    // Said once, not for every row.
                    if !names.iter().any(is_text) {
                        self.ended = true;
                        let reason = text_of(None, &names).err().unwrap_or_default();
                        return Some(Found::at(line, bytes, Err(reason.into())));
                    }
                    self.names = Some(names);
                }
                (line, Err(reason)) => {
                    self.ended = true;
                    return Some(Found::at(line, bytes, Err(reason.into())));
                }
            }
        }
        let start = self.rows.position().byte();
        let (line, row) = self.row()?;
        let bytes = start..self.rows.position().byte();
        let draft = match row {
            Ok(row) => self.draft(&row),
            Err(reason) => Err(reason.into()),
        };
        Some(Found::at(line, bytes, draft))
    }
}
