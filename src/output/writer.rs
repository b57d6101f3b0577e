//! Brings records under their final name when all are there.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use super::compression::Compression;
use super::journal::{self, Block, Head, Outcome};
use super::manifest::{beside, write_manifest};
use super::partial::Partial;
use super::{Format, Resume, write_error};
use crate::error::{Error, Result};
use crate::schema::{Counts, Document, Manifest, Record, Run};

/// Where and how records are written.
#[derive(Clone, Debug)]
pub struct OutputOptions {
    /// The file of the records. Until it is complete they are in `NAME.partial`.
    pub path: PathBuf,
    /// The format.
    pub format: Format,
    /// Whether to begin anew where an unfinished run could be gone on with.
    pub restart: bool,
}

/// The records of a run on their way out.
///
/// Documents are given in the archive's order, each once: [`write`](Self::write) or
/// [`quarantine`](Self::quarantine). After [`finish`](Self::finish) the file has its final name; dropped before,
/// everything committed stays in `NAME.partial` and the same run can go on with it.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    format: Format,
    run: Run,
    counts: Counts,
    /// What each document became, for a shard's manifest.
    rows: Vec<Option<u64>>,
    sink: Sink,
    compression: Compression,
    /// Bytes, not yet compressed, of the block that is being filled, and what its journal line will say.
    bytes: Vec<u8>,
    block: Block,
    /// Bytes of the block, before they were compressed, that are written already.
    spilled: usize,
}

/// Records that are made and encoded at once.
const CHUNK_RECORDS: usize = 1_000;

/// As many bytes are not held until a document is whole: the records of nearly all documents are fewer.
const SPILL_BYTES: usize = 4 << 20;

enum Sink {
    /// A regular file, with its journal.
    File(Partial),
    /// Standard output, a pipe, a device: nothing to go on with.
    Stream(Box<dyn Write + Send>),
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File(_) => "File",
            Self::Stream(_) => "Stream",
        })
    }
}

impl Output {
    /// Opens the output of `run`, and goes on with an unfinished one of the same run if there is one.
    ///
    /// The [`Resume`] says which documents are behind it.
    ///
    /// # Errors
    /// [`Error::WriteRecords`] if the file cannot be written; [`Error::Settings`] if an unfinished run of
    /// other settings is there, or another process is writing.
    pub fn open(options: &OutputOptions, run: Run) -> Result<(Self, Resume)> {
        let path = options.path.clone();
        if options.format.columns().is_some() && Compression::of_path(&path) != Compression::None {
            let problem = format!(
                "{} cannot be compressed once more: Parquet is within, and Arrow is not meant to be; leave the ending out",
                path.display()
            );
            return Err(Error::Settings { problem });
        }
        if let Ok(found) = fs::metadata(&path)
            && !found.is_file()
        {
            let stream = OpenOptions::new().write(true).open(&path);
            let stream = stream.map_err(|source| write_error(&path, source, ""))?;
            let output = Self::stream(Box::new(stream), path, options.format, run)?;
            return Ok((output, Resume::default()));
        }
        let head = Head {
            run: run.clone(),
            format: options.format,
        };
        let (partial, committed) = Partial::open(&path, &head, options.restart)?;
        let mut output = Self::new(path.clone(), options.format, run, Sink::File(partial));
        output.compression = Compression::of_path(&path);
        output.counts = committed.counts;
        if output.run.shard.is_some() {
            output.rows.extend(committed.documents.iter().map(rows));
        }
        if committed.documents.is_empty() {
            output.bytes = output.head()?;
        }
        Ok((output, Resume::new(committed.documents, path)))
    }

    /// The output of `run` to a stream, which `name` names in messages. It has no manifest and no quarantine
    /// file, and cannot be gone on with.
    ///
    /// # Errors
    /// [`Error::WriteRecords`] if the format's head cannot be made, [`Error::Settings`] for columns, which are
    /// known when the last record is.
    pub fn stream(
        stream: Box<dyn Write + Send>,
        name: PathBuf,
        format: Format,
        run: Run,
    ) -> Result<Self> {
        if format.columns().is_some() {
            let problem = format!(
                "{} takes JSON Lines or CSV; columns need a file, such as -o records.parquet",
                name.display()
            );
            return Err(Error::Settings { problem });
        }
        let mut output = Self::new(name, format, run, Sink::Stream(stream));
        output.bytes = output.head()?;
        Ok(output)
    }

    fn new(path: PathBuf, format: Format, run: Run, sink: Sink) -> Self {
        Self {
            path,
            format,
            run,
            counts: Counts::default(),
            rows: Vec::new(),
            sink,
            compression: Compression::None,
            bytes: Vec::new(),
            block: Block::default(),
            spilled: 0,
        }
    }

    fn head(&self) -> Result<Vec<u8>> {
        self.format
            .head(&self.run.themes)
            .map_err(|source| write_error(&self.path, source, ""))
    }

    /// What was read and written so far, earlier parts of the run included.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Writes the records of `document`.
    ///
    /// # Errors
    /// [`Error::WriteRecords`], with how to go on.
    pub fn write(
        &mut self,
        document: &Document,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<()> {
        self.append(journal::checksum(document), 1, records)
    }

    /// Writes records that were made of other records, without their documents: the next ones in their order,
    /// with which so many `documents` begin. Such an output is begun anew, never gone on with.
    ///
    /// # Errors
    /// [`Error::WriteRecords`].
    pub fn write_again(
        &mut self,
        records: impl IntoIterator<Item = Record>,
        documents: u64,
    ) -> Result<()> {
        self.append(0, documents, records)
    }

    fn append(
        &mut self,
        document: u32,
        documents: u64,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<()> {
        let (mut records, mut rows) = (records.into_iter(), 0);
        for counts in [&mut self.counts, &mut self.block.counts] {
            counts.add_records(documents, &[]);
        }
        loop {
            let chunk: Vec<Record> = records.by_ref().take(CHUNK_RECORDS).collect();
            if chunk.is_empty() {
                return self.done(Outcome::Written { document, rows });
            }
            let encoded = self
                .format
                .encode(&chunk, &self.run.themes, &mut self.bytes);
            rows += encoded.map_err(|source| write_error(&self.path, source, ""))?;
            for counts in [&mut self.counts, &mut self.block.counts] {
                counts.add_records(0, &chunk);
            }
            self.spill()?;
        }
    }

    /// Writes what is too much to be held until the document is whole, always the same bytes at once, so that the
    /// frames of a compressed file are always the same, too.
    fn spill(&mut self) -> Result<()> {
        while self.bytes.len() >= SPILL_BYTES {
            let rest = self.bytes.split_off(SPILL_BYTES);
            let bytes = self
                .compression
                .frame(std::mem::replace(&mut self.bytes, rest));
            self.spilled += SPILL_BYTES;
            let written = bytes.and_then(|bytes| match &mut self.sink {
                Sink::File(partial) => partial.append(&bytes),
                Sink::Stream(stream) => stream.write_all(&bytes),
            });
            written.map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    /// Notes a document that was not tagged: `line` goes into `NAME.quarantine.jsonl` when the run is finished.
    ///
    /// # Errors
    /// [`Error::WriteRecords`], with how to go on.
    pub fn quarantine(&mut self, line: &impl Serialize) -> Result<()> {
        self.set_aside(line, None)
    }

    /// Notes a document that was read and had nothing to tag, as [`quarantine`](Self::quarantine) does.
    ///
    /// # Errors
    /// [`Error::WriteRecords`], with how to go on.
    pub fn quarantine_document(
        &mut self,
        document: &Document,
        line: &impl Serialize,
    ) -> Result<()> {
        self.set_aside(line, Some(journal::checksum(document)))
    }

    fn set_aside(&mut self, line: &impl Serialize, document: Option<u32>) -> Result<()> {
        let quarantined = serde_json::to_value(line)
            .map_err(|source| write_error(&self.path, source.into(), ""))?;
        self.counts.add_quarantined();
        self.block.counts.add_quarantined();
        self.done(Outcome::Quarantined {
            quarantined,
            document,
        })
    }

    fn done(&mut self, outcome: Outcome) -> Result<()> {
        if self.run.shard.is_some() {
            self.rows.push(rows(&outcome));
        }
        self.block.documents.push(outcome);
        if self.compression.is_full(self.spilled + self.bytes.len()) {
            self.commit()?;
        }
        Ok(())
    }

    /// Writes the block, then its line in the journal.
    fn commit(&mut self) -> Result<()> {
        let block = std::mem::take(&mut self.block);
        self.spilled = 0;
        let bytes = self.compression.frame(std::mem::take(&mut self.bytes));
        let written = bytes.and_then(|bytes| match &mut self.sink {
            Sink::File(partial) => partial.commit(&bytes, block),
            Sink::Stream(stream) => stream.write_all(&bytes).and_then(|()| stream.flush()),
        });
        written.map_err(|source| self.failed(source))
    }

    /// Takes over rows of a document as bytes, as a part of the run wrote them.
    pub(super) fn append_rows(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes.extend_from_slice(bytes);
        self.spill()
    }

    /// Ends a document whose `rows` were taken over. What they add to the counts is left to
    /// [`set_counts`](Self::set_counts).
    pub(super) fn end_rows(&mut self, rows: u64) -> Result<()> {
        self.done(Outcome::Written { document: 0, rows })
    }

    /// Takes over what the parts of the run counted.
    pub(super) fn set_counts(&mut self, counts: Counts) {
        self.counts = counts;
    }

    fn is_empty(&self) -> bool {
        matches!(&self.sink, Sink::File(partial) if partial.is_empty())
    }

    fn failed(&self, source: io::Error) -> Error {
        let advice = match self.sink {
            Sink::File(_) => format!(
                "what is done is kept in {}: make room and run the same command to go on",
                beside(&self.path, "partial").display()
            ),
            Sink::Stream(_) => {
                "a stream cannot be gone on with; a file named with -o can".to_owned()
            }
        };
        write_error(&self.path, source, advice)
    }

    /// Brings the records under their final name, with the manifest and the quarantine beside them.
    ///
    /// # Errors
    /// [`Error::WriteRecords`], with how to go on.
    pub fn finish(mut self) -> Result<Manifest> {
        // An empty archive has a file too, with a table's head or a frame around nothing.
        if !(self.bytes.is_empty() && self.block.documents.is_empty()) || self.is_empty() {
            self.commit()?;
        }
        let manifest = Manifest {
            run: self.run.clone(),
            counts: self.counts.clone(),
            rows: std::mem::take(&mut self.rows),
        };
        if let Sink::File(partial) = &mut self.sink {
            let any = manifest.counts.quarantined > 0;
            let finished = partial
                .write_quarantine(any)
                .and_then(|()| write_manifest(&self.path, &manifest))
                .and_then(|()| match self.format.columns() {
                    Some(kind) => partial.publish_columns(kind, &self.run.themes),
                    None => partial.publish(),
                });
            finished.map_err(|source| self.failed(source))?;
        }
        Ok(manifest)
    }
}

fn rows(outcome: &Outcome) -> Option<u64> {
    match outcome {
        Outcome::Written { rows, .. } => Some(*rows),
        Outcome::Quarantined { .. } => None,
    }
}
