//! JSON Lines.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::row::{Fault, Row};
use super::{Entry, settle};
use crate::error::{Error, Result};

/// How much is read at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Hands every line of `reader` to `take`; empty lines are passed over.
pub(super) fn read(
    path: &Path,
    reader: impl Read,
    take: &mut dyn FnMut(Entry) -> Result<()>,
) -> Result<()> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, reader);
    let mut bytes = Vec::new();
    let mut line = 0;
    loop {
        bytes.clear();
        let read = reader
            .read_until(b'\n', &mut bytes)
            .map_err(|source| Error::ReadArchive {
                path: path.to_path_buf(),
                source: source.into(),
            })?;
        if read == 0 {
            return Ok(());
        }
        line += 1;
        let row = match std::str::from_utf8(&bytes) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => Row::from_json(text),
            Err(source) => Err(Fault::Line(source.to_string())),
        };
        take(settle(path, line, row)?)?;
    }
}
