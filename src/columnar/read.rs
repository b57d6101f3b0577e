//! The rows of Parquet and Arrow files as lines of JSON.

use std::fmt;
use std::io::{self, Read};
use std::panic::AssertUnwindSafe;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamDecoder;
use arrow_json::WriterBuilder;
use arrow_json::writer::LineDelimited;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::reader::ChunkReader;

use super::ARROW_MAGIC;
use super::frames::Frames;

/// Rows that are made into lines at once: few, for each may be a whole book.
const ROWS: usize = 64;

/// What becomes of cells without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// They are `null`.
    Written,
    /// They are left out, as in our records.
    LeftOut,
}

/// The rows of a file as JSON Lines: bytes to read.
pub struct Rows<'a> {
    batches: Batches<'a>,
    nulls: Nulls,
    /// The batch at hand, and its first row that is not in `lines` yet.
    batch: Option<(RecordBatch, usize)>,
    lines: Vec<u8>,
    /// How much of `lines` was read.
    read: usize,
}

type Batches<'a> = Box<dyn FnMut() -> io::Result<Option<RecordBatch>> + 'a>;

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("nulls", &self.nulls)
            .finish_non_exhaustive()
    }
}

impl<'a> Rows<'a> {
    /// The rows of a Parquet file.
    ///
    /// # Errors
    /// If it is none.
    pub fn of_parquet(file: impl ChunkReader + 'static, nulls: Nulls) -> io::Result<Self> {
        // What a writer says of its own types beyond Parquet's is not needed, and one thing less to trust.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let mut reader = caught(|| {
            ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
                .and_then(|builder| builder.with_batch_size(ROWS).build())
                .map_err(invalid)
        })?;
        let next = move || reader.next().transpose().map_err(invalid);
        Ok(Self::new(Box::new(next), nulls))
    }

    /// The rows of an Arrow stream, or of an Arrow file, which is a stream with a frame around it.
    ///
    /// # Errors
    /// If the first bytes cannot be read.
    pub fn of_arrow(mut stream: impl Read + 'a, nulls: Nulls) -> io::Result<Self> {
        let mut head = Vec::new();
        let magic_bytes = ARROW_MAGIC.len() as u64;
        stream.by_ref().take(magic_bytes).read_to_end(&mut head)?;
        let is_file = head == ARROW_MAGIC;
        if is_file {
            head.clear();
        }
        let mut frames = Frames::new(io::Cursor::new(head).chain(stream), is_file);
        let mut decoder = StreamDecoder::new();
        let next = move || {
            while let Some(frame) = frames.next_frame()? {
                let mut frame = frame.into();
                if let Some(batch) = decoder.decode(&mut frame).map_err(invalid)? {
                    return Ok(Some(batch));
                }
            }
            Ok(None)
        };
        Ok(Self::new(Box::new(next), nulls))
    }

    fn new(batches: Batches<'a>, nulls: Nulls) -> Self {
        Self {
            batches,
            nulls,
            batch: None,
            lines: Vec::new(),
            read: 0,
        }
    }

    /// Makes lines of the next rows; `false` at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.lines.clear();
        self.read = 0;
        while self.lines.is_empty() {
            let Some((batch, start)) = self.batch.take() else {
                let Some(batch) = caught(|| (self.batches)())? else {
                    return Ok(false);
                };
                self.batch = Some((batch, 0));
                continue;
            };
            let rows = ROWS.min(batch.num_rows() - start);
            if rows > 0 {
                self.append(&batch.slice(start, rows))?;
                self.batch = Some((batch, start + rows));
            }
        }
        Ok(true)
    }

    fn append(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let (nulls, lines) = (self.nulls == Nulls::Written, &mut self.lines);
        caught(|| {
            let mut writer = WriterBuilder::new()
                .with_explicit_nulls(nulls)
                .build::<_, LineDelimited>(lines);
            writer
                .write(batch)
                .and_then(|()| writer.finish())
                .map_err(invalid)
        })
    }
}

impl Read for Rows<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.lines.len() && !self.fill()? {
            return Ok(0);
        }
        let read = self
            .lines
            .get(self.read..)
            .unwrap_or_default()
            .read(buffer)?;
        self.read += read;
        Ok(read)
    }
}

fn invalid(error: impl Into<crate::error::Cause>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// The libraries meet files from everywhere here: one that they panic on must not end the run.
fn caught<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    std::panic::catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(invalid("its reader failed on it; the file is damaged")))
}
