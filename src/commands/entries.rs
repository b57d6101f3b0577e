//! Which entries of an archive a run still has to tag: those of its shard, without those that an
//! interrupted run has behind it.

use std::time::{Duration, Instant};

use plenary::corpus::Entry;
use plenary::error::{Error, Result};
use plenary::output::Resume;
use plenary::schema::{Counts, Shard};

use super::reading::Entries;

/// The entries that are still to be tagged.
pub(crate) struct Unfinished {
    archive: std::iter::Enumerate<Entries>,
    resume: Resume,
    shard: Option<Shard>,
    /// How many entries of the archive are this run's, those that it has behind it included.
    read: u64,
    /// When the first of them was met.
    begun: Option<Instant>,
    /// The archive is not what it was when the run began; the entries end here.
    changed: Option<Error>,
}

impl Unfinished {
    pub(crate) fn new(archive: Entries, resume: Resume, shard: Option<Shard>) -> Self {
        Self {
            archive: archive.enumerate(),
            resume,
            shard,
            read: 0,
            begun: None,
            changed: None,
        }
    }

    /// For how long there has been something to tag: what an interrupted run has behind it is read again before.
    pub(crate) fn working(&self) -> Duration {
        self.begun.map(|begun| begun.elapsed()).unwrap_or_default()
    }

    /// Says whether the archive was still the same, and whether everything that was read of it was written or
    /// set aside, unless the run was `stopped` before its end.
    ///
    /// # Errors
    /// [`Error::Settings`] if it has changed since the interrupted run began, or something was lost.
    pub(crate) fn end(self, stopped: bool, counts: &Counts) -> Result<()> {
        match self.changed {
            Some(error) => return Err(error),
            None if stopped => return Ok(()),
            None => self.resume.end()?,
        }
        if counts.balance() && counts.read == self.read {
            return Ok(());
        }
        let problem = format!(
            "of {} documents read {} were written and {} set aside: some were lost on the way; please report it",
            self.read, counts.written, counts.quarantined
        );
        Err(Error::Settings { problem })
    }
}

impl Iterator for Unfinished {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if self.changed.is_some() {
            return None;
        }
        for (place, entry) in self.archive.by_ref() {
            if self.shard.is_some_and(|shard| !shard.holds(place)) {
                continue;
            }
            self.read += 1;
            let done = match &entry {
                Entry::Document(document) => self.resume.covers(document),
                Entry::Quarantined(found) => self.resume.covers_unreadable(found),
            };
            match done {
                Ok(true) => {}
                Ok(false) => {
                    self.begun.get_or_insert_with(Instant::now);
                    return Some(entry);
                }
                Err(error) => {
                    self.changed = Some(error);
                    return None;
                }
            }
        }
        None
    }
}
