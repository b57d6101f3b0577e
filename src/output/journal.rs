//! What an unfinished run has committed: `NAME.partial.state`, one line a block of documents.
//!
//! The bytes of a block are written to `NAME.partial` first, its journal line second. A line says where the
//! block ends and carries a checksum of its bytes, so that after a kill or a power cut whatever is torn, on
//! either side, is found and cut off, and nothing that was committed is lost.

use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};

use super::Format;
use super::record::described;
use crate::schema::{Counts, Document, Run};

/// The first line: what the run is. A run that differs may not go on with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) run: Run,
    pub(super) format: Format,
}

/// Documents whose records are in the partial file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Block {
    /// The length of the partial file with this block.
    pub(super) end: u64,
    /// CRC-32 of the block's bytes.
    pub(super) crc32: u32,
    /// What became of each document, in order.
    pub(super) documents: Vec<Outcome>,
    /// What the block adds to the run's counts.
    pub(super) counts: Counts,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Outcome {
    /// It was tagged.
    Written {
        /// [`checksum`] of the document, so that a changed archive is noticed.
        document: u32,
        /// The rows that its records took.
        rows: u64,
    },
    /// It was not.
    Quarantined {
        /// Its line for the quarantine file.
        quarantined: serde_json::Value,
        /// [`checksum`] of the document, where it could be read and had nothing to tag.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<u32>,
    },
}

/// CRC-32 of a document's text and of all that its records say of it, its place in the archive included, and not
/// where that lies.
pub(super) fn checksum(document: &Document) -> u32 {
    let metadata = &document.metadata;
    let known = (described(metadata), &metadata.speaker, &metadata.role);
    let mut hasher = crc32fast::Hasher::new();
    // Words and numbers cannot fail to become JSON.
    hasher.update(&serde_json::to_vec(&known).unwrap_or_default());
    hasher.update(&[0]);
    hasher.update(document.text().as_bytes());
    hasher.finalize()
}

/// What a journal and its partial file agree on.
#[derive(Debug, Default)]
pub(super) struct Committed {
    /// The verified length of the partial file.
    pub(super) end: u64,
    /// The length of the journal up to its last verified line.
    pub(super) state_end: u64,
    pub(super) counts: Counts,
    pub(super) documents: Vec<Outcome>,
}

/// Appends the head or a block to a journal.
pub(super) fn append(state: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    state.write_all(&bytes)
}

/// Reads the head of a journal; `None` if it was torn before anything was committed.
pub(super) fn read_head(state: &mut File) -> io::Result<Option<Head>> {
    state.seek(SeekFrom::Start(0))?;
    let mut line = Vec::new();
    BufReader::new(&*state).read_until(b'\n', &mut line)?;
    Ok(complete(&line).and_then(|line| serde_json::from_slice(line).ok()))
}

/// Follows the journal along the partial file as far as both hold.
pub(super) fn verify(state: &mut File, partial: &mut File) -> io::Result<Committed> {
    let mut lines = Lines::after_head(state)?;
    let mut committed = Committed {
        state_end: lines.end,
        ..Committed::default()
    };
    partial.seek(SeekFrom::Start(0))?;
    let mut bytes = BufReader::with_capacity(1 << 20, partial);
    while let Some(block) = lines.next_block()? {
        let Some(len) = block.end.checked_sub(committed.end) else {
            break;
        };
        if crc32_of(&mut bytes, len)? != Some(block.crc32) {
            break;
        }
        committed.end = block.end;
        committed.state_end = lines.end;
        committed.counts.add(&block.counts);
        committed.documents.extend(block.documents);
    }
    Ok(committed)
}

/// Writes the quarantine lines of a journal to `out`.
pub(super) fn copy_quarantine(state: &mut File, out: &mut impl Write) -> io::Result<()> {
    let mut lines = Lines::after_head(state)?;
    while let Some(block) = lines.next_block()? {
        for outcome in &block.documents {
            if let Outcome::Quarantined { quarantined, .. } = outcome {
                serde_json::to_writer(&mut *out, quarantined)?;
                out.write_all(b"\n")?;
            }
        }
    }
    out.flush()
}

/// CRC-32 of the next `len` bytes; `None` if there are fewer.
fn crc32_of(bytes: &mut impl BufRead, len: u64) -> io::Result<Option<u32>> {
    let mut hasher = crc32fast::Hasher::new();
    let mut block = bytes.take(len);
    loop {
        let chunk = block.fill_buf()?;
        if chunk.is_empty() {
            return Ok((block.limit() == 0).then(|| hasher.finalize()));
        }
        hasher.update(chunk);
        let read = chunk.len();
        block.consume(read);
    }
}

/// The block lines of a journal, up to the first torn one.
struct Lines<'a> {
    reader: BufReader<&'a mut File>,
    line: Vec<u8>,
    /// Where the last complete line ends.
    end: u64,
}

impl<'a> Lines<'a> {
    fn after_head(state: &'a mut File) -> io::Result<Self> {
        state.seek(SeekFrom::Start(0))?;
        let mut lines = Self {
            reader: BufReader::new(state),
            line: Vec::new(),
            end: 0,
        };
        lines.reader.read_until(b'\n', &mut lines.line)?;
        lines.end = lines.line.len() as u64;
        Ok(lines)
    }

    fn next_block(&mut self) -> io::Result<Option<Block>> {
        self.line.clear();
        self.reader.read_until(b'\n', &mut self.line)?;
        let block = complete(&self.line).and_then(|line| serde_json::from_slice(line).ok());
        if block.is_some() {
            self.end += self.line.len() as u64;
        }
        Ok(block)
    }
}

/// The line without its end; `None` if it was torn.
fn complete(line: &[u8]) -> Option<&[u8]> {
    line.strip_suffix(b"\n")
}
