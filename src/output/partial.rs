//! An unfinished output: the records so far in `NAME.partial`, and its journal beside it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::journal::{self, Block, Committed, Head};
use super::manifest::beside;
use super::write_error;
use crate::columnar;
use crate::error::{Error, Result};

/// The two open files, locked against other processes.
#[derive(Debug)]
pub(super) struct Partial {
    path: PathBuf,
    bytes: File,
    state: File,
    /// The length of `bytes`.
    end: u64,
    /// Of the bytes since the last commit.
    crc32: crc32fast::Hasher,
}

impl Partial {
    /// Opens what will be `path` at the end of what partial file and journal agree on.
    pub(super) fn open(path: &Path, head: &Head, restart: bool) -> Result<(Self, Committed)> {
        let (bytes_path, state_path) = (beside(path, "partial"), beside(path, "partial.state"));
        let there = bytes_path.exists();
        let mut state = open(&state_path, path)?;
        if let Err(fs::TryLockError::WouldBlock) = state.try_lock() {
            let problem = format!("another plenary is writing {}", path.display());
            return Err(Error::Settings { problem });
        }
        let mut bytes = open(&bytes_path, path)?;
        let failed = |source| write_error(path, source, "");
        let earlier = journal::read_head(&mut state).map_err(failed)?;
        let committed = match earlier.filter(|_| there && !restart) {
            Some(earlier) => {
                same_run(&bytes_path, &earlier, head)?;
                journal::verify(&mut state, &mut bytes).map_err(failed)?
            }
            None => Committed::default(),
        };
        let mut partial = Self {
            path: path.to_owned(),
            bytes,
            state,
            end: committed.end,
            crc32: crc32fast::Hasher::new(),
        };
        partial.cut(&committed, head).map_err(failed)?;
        Ok((partial, committed))
    }

    /// Takes off what was not committed.
    fn cut(&mut self, committed: &Committed, head: &Head) -> io::Result<()> {
        self.state.set_len(committed.state_end)?;
        self.bytes.set_len(committed.end)?;
        self.state.seek(SeekFrom::End(0))?;
        self.bytes.seek(SeekFrom::End(0))?;
        if committed.state_end == 0 {
            journal::append(&mut self.state, head)?;
        }
        Ok(())
    }

    /// Whether no byte is written yet.
    pub(super) fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// Writes bytes of a block that is not whole yet: without its line in the journal they count for nothing.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.end += bytes.len() as u64;
        self.crc32.update(bytes);
        self.bytes.write_all(bytes)
    }

    /// Writes the last bytes of a block, then its line in the journal.
    pub(super) fn commit(&mut self, bytes: &[u8], mut block: Block) -> io::Result<()> {
        self.append(bytes)?;
        block.end = self.end;
        block.crc32 = std::mem::take(&mut self.crc32).finalize();
        journal::append(&mut self.state, &block)
    }

    /// Brings the quarantine lines of the journal into their file, or takes away that of an earlier run.
    pub(super) fn write_quarantine(&mut self, any: bool) -> io::Result<()> {
        let path = beside(&self.path, "quarantine.jsonl");
        if !any {
            return match fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => Err(source),
                Ok(()) | Err(_) => Ok(()),
            };
        }
        let partial = beside(&path, "partial");
        let mut out = BufWriter::new(File::create(&partial)?);
        journal::copy_quarantine(&mut self.state, &mut out)?;
        out.get_ref().sync_all()?;
        fs::rename(partial, path)
    }

    /// Gives the records their final name.
    pub(super) fn publish(&mut self) -> io::Result<()> {
        self.bytes.sync_all()?;
        // The journal goes last: alone it means nothing, while a partial file without it is lost.
        fs::rename(beside(&self.path, "partial"), &self.path)?;
        fs::remove_file(beside(&self.path, "partial.state"))
    }

    /// Brings the records, which are JSON Lines so far, into columns and gives these the final name.
    pub(super) fn publish_columns(
        &mut self,
        kind: columnar::Kind,
        themes: &[String],
    ) -> io::Result<()> {
        let lines = beside(&self.path, "partial");
        let columns = beside(&lines, "columns");
        let open = || File::open(&lines).map(BufReader::new);
        let mut out = BufWriter::new(File::create(&columns)?);
        columnar::write(kind, themes, open, &mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        fs::rename(&columns, &self.path)?;
        fs::remove_file(lines)?;
        fs::remove_file(beside(&self.path, "partial.state"))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Closing alone would leave the lock with a child process that was forked meanwhile.
        drop(self.state.unlock());
    }
}

/// Opens a file that will become `output`, which alone the user knows by its name.
fn open(path: &Path, output: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(|source| {
        let next = "name a file in a folder that exists and can be written to";
        write_error(output, source, next)
    })
}

fn same_run(partial: &Path, earlier: &Head, head: &Head) -> Result<()> {
    let mut differences = earlier.run.differences(&head.run);
    if earlier.format != head.format {
        differences.push(format!(
            "format: {:?}, not {:?}",
            earlier.format, head.format
        ));
    }
    if differences.is_empty() {
        return Ok(());
    }
    let problem = format!(
        "{} was begun by another run ({}); run it as it was begun to go on, or add --restart to begin anew, or name another output",
        partial.display(),
        differences.join("; ")
    );
    Err(Error::Settings { problem })
}
