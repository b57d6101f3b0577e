//! Which documents of an archive an interrupted run has behind it.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::journal::{Outcome, checksum};
use crate::error::{Error, Result};
use crate::schema::{Document, Quarantined};

/// Tells the reader of the archive which documents to pass over, and that they are still the same.
///
/// It is asked once for every entry of the archive, in the archive's order.
#[derive(Debug, Default)]
pub struct Resume {
    done: VecDeque<Outcome>,
    passed: usize,
    records: PathBuf,
}

impl Resume {
    pub(super) fn new(done: Vec<Outcome>, records: PathBuf) -> Self {
        Self {
            done: done.into(),
            passed: 0,
            records,
        }
    }

    /// How many documents are still to be passed over.
    pub fn remaining(&self) -> usize {
        self.done.len()
    }

    /// Whether the records of `document`, the next of the archive, are already written.
    ///
    /// # Errors
    /// [`Error::Settings`] if another document, or another text, stood in its place when the run began, or nothing
    /// that could be read.
    pub fn covers(&mut self, document: &Document) -> Result<bool> {
        let Some(outcome) = self.done.pop_front() else {
            return Ok(false);
        };
        self.passed += 1;
        let problem = match outcome {
            Outcome::Written { document: seen, .. }
            | Outcome::Quarantined {
                document: Some(seen),
                ..
            } if seen == checksum(document) => return Ok(true),
            Outcome::Quarantined { document: None, .. } => "could not be read then",
            Outcome::Written { .. } | Outcome::Quarantined { .. } => {
                "is not what it was, or not where it was"
            }
        };
        let (number, metadata) = (self.passed, &document.metadata);
        let (id, place) = (&metadata.id, &metadata.origin);
        Err(self.changed(&format!("document {number} ({id}, in {place}) {problem}")))
    }

    /// Whether the next entry of the archive, which cannot be read, is already in the quarantine.
    ///
    /// # Errors
    /// [`Error::Settings`] if it could be read when the run began, or stood elsewhere.
    pub fn covers_unreadable(&mut self, found: &Quarantined) -> Result<bool> {
        let Some(outcome) = self.done.pop_front() else {
            return Ok(false);
        };
        self.passed += 1;
        let problem = match outcome {
            Outcome::Quarantined {
                document: None,
                quarantined,
            } if is_of(&quarantined, found) => return Ok(true),
            Outcome::Quarantined { document: None, .. } => "is not where it was",
            Outcome::Quarantined { .. } | Outcome::Written { .. } => "cannot be read any more",
        };
        let (number, place) = (self.passed, &found.origin);
        Err(self.changed(&format!("document {number} ({place}) {problem}")))
    }

    /// Says that the archive is at its end.
    ///
    /// # Errors
    /// [`Error::Settings`] if it had more documents when the run began.
    pub fn end(&self) -> Result<()> {
        if self.done.is_empty() {
            return Ok(());
        }
        let (there, then) = (self.passed, self.passed + self.done.len());
        Err(self.changed(&format!(
            "it has {there} documents, and {then} were tagged of it"
        )))
    }

    fn changed(&self, what: &str) -> Error {
        let problem = format!(
            "the archive has changed since {} was begun: {what}; bring it back and run the same command to go on, or add --restart to begin anew, or name another output",
            super::beside(&self.records, "partial").display()
        );
        Error::Settings { problem }
    }
}

/// Whether a line of the quarantine is of what was `found` now. Its reason does not count, nor does where the archive
/// lies.
fn is_of(line: &serde_json::Value, found: &Quarantined) -> bool {
    serde_json::from_value::<Quarantined>(line.clone()).is_ok_and(|seen| {
        let [then, now] = [&seen.origin, &found.origin];
        (then.within(), &then.member, then.line, &seen.id)
            == (now.within(), &now.member, now.line, &found.id)
    })
}
