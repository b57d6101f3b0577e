//! Parquet and Arrow files, in and out, as JSON Lines: one place where columns become objects and back.
//!
//! `read` gives the rows of a file as lines of JSON, so that whoever reads JSON Lines reads these, too;
//! `frames` keeps hostile Arrow streams within bounds on the way; [`write()`] makes a file of lines.

mod frames;
mod read;
mod write;

use std::path::Path;

pub use read::{Nulls, Rows};
pub use write::write;

/// The formats of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Apache Parquet.
    Parquet,
    /// The Arrow IPC file format, which is Feather version 2.
    ArrowFile,
    /// The Arrow IPC streaming format.
    ArrowStream,
}

/// How a Parquet file begins and ends.
const PARQUET_MAGIC: &[u8] = b"PAR1";

/// How an Arrow file begins, padded to 8 bytes; a stream follows.
const ARROW_MAGIC: &[u8] = b"ARROW1\0\0";

/// How every message of an Arrow stream begins.
const CONTINUATION: &[u8] = &[0xFF; 4];

/// The description of a stream's columns is shorter than this: 0xFF alone could be text.
const MOST_SCHEMA_BYTES: u32 = 1 << 24;

impl Kind {
    /// What a file's ending says.
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "parquet" => Some(Self::Parquet),
            "arrow" | "feather" => Some(Self::ArrowFile),
            "arrows" => Some(Self::ArrowStream),
            _ => None,
        }
    }

    /// What the beginning of a file says.
    pub fn of_head(head: &[u8]) -> Option<Self> {
        if head.starts_with(PARQUET_MAGIC) {
            return Some(Self::Parquet);
        }
        if head.starts_with(ARROW_MAGIC) {
            return Some(Self::ArrowFile);
        }
        let length = head.strip_prefix(CONTINUATION)?.first_chunk()?;
        let length = u32::from_le_bytes(*length);
        (0 < length && length < MOST_SCHEMA_BYTES && length.is_multiple_of(8))
            .then_some(Self::ArrowStream)
    }
}

#[cfg(test)]
mod tests;
