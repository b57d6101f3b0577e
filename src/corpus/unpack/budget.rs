//! What unpacking one file may come to, so that a small file cannot unpack to an endless one.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bounds of what one file may unpack to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnpackLimits {
    /// Bytes unpacked of one file.
    pub max_bytes: u64,
    /// Bytes unpacked for one byte read. Text shrinks to a third or a tenth, rows of one kind to a
    /// hundredth; what is far beyond was made to harm.
    pub max_ratio: u64,
    /// Members of one file.
    pub max_members: u64,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self {
            max_bytes: 1 << 40,
            max_ratio: 1_000,
            max_members: 10_000_000,
        }
    }
}

/// Until so much is unpacked the ratio does not count: short files of one repeated line shrink well.
const FREE_BYTES: u64 = 4 << 20;

/// What was unpacked of one file so far.
#[derive(Debug)]
pub(super) struct Budget {
    limits: UnpackLimits,
    /// Bytes read of the file.
    read: Arc<AtomicU64>,
    unpacked: Cell<u64>,
    members: Cell<u64>,
}

impl Budget {
    pub(super) fn new(limits: UnpackLimits, read: Arc<AtomicU64>) -> Self {
        Self {
            limits,
            read,
            unpacked: Cell::new(0),
            members: Cell::new(0),
        }
    }

    /// Where the bytes of the file that are read in another way are counted.
    pub(super) fn read(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }

    fn unpack(&self, bytes: u64) -> io::Result<()> {
        let unpacked = self.unpacked.get().saturating_add(bytes);
        self.unpacked.set(unpacked);
        let UnpackLimits {
            max_bytes,
            max_ratio,
            ..
        } = self.limits;
        if unpacked > max_bytes {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("it unpacks to more than {max_bytes} bytes; raise --max-unpacked-bytes"),
            ));
        }
        let read = self.read.load(Ordering::Relaxed).max(1);
        if unpacked > FREE_BYTES && unpacked / max_ratio.max(1) > read {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!(
                    "it unpacks to more than {max_ratio} times its size (made to harm?); if it is good, \
                     raise --max-unpack-ratio"
                ),
            ));
        }
        Ok(())
    }

    /// Counts a member.
    ///
    /// # Errors
    /// Why no more are read.
    pub(super) fn member(&self) -> Result<(), String> {
        let members = self.members.get() + 1;
        self.members.set(members);
        let max = self.limits.max_members;
        if members > max {
            return Err(format!(
                "it holds more than {max} members; raise --max-members"
            ));
        }
        Ok(())
    }
}

/// An unpacked stream within the budget of its file.
pub(super) struct Guarded<R> {
    inner: R,
    budget: Rc<Budget>,
}

impl<R> Guarded<R> {
    pub(super) fn new(inner: R, budget: Rc<Budget>) -> Self {
        Self { inner, budget }
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.budget
            .unpack(u64::try_from(read).unwrap_or(u64::MAX))?;
        Ok(read)
    }
}
