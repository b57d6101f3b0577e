//! Which documents of an archive an interrupted run has behind it.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::journal::{Outcome, checksum};
use crate::error::{Error, Result};
use crate::schema::Document;

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
    /// [`Error::Settings`] if another document, or another text, stood in its place when the run began.
    pub fn covers(&mut self, document: &Document) -> Result<bool> {
        let Some(outcome) = self.done.pop_front() else {
            return Ok(false);
        };
        self.passed += 1;
        match outcome {
            Outcome::Written { document: seen, .. } if seen != checksum(document) => {
                let id = &document.metadata.id;
                Err(self.changed(&format!(
                    "document {} ({id}) is not what it was",
                    self.passed
                )))
            }
            Outcome::Written { .. } | Outcome::Quarantined { .. } => Ok(true),
        }
    }

    /// Whether the next entry of the archive, which cannot be read, is already in the quarantine.
    ///
    /// # Errors
    /// [`Error::Settings`] if it could be read when the run began.
    pub fn covers_unreadable(&mut self) -> Result<bool> {
        let Some(outcome) = self.done.pop_front() else {
            return Ok(false);
        };
        self.passed += 1;
        match outcome {
            Outcome::Quarantined { .. } => Ok(true),
            Outcome::Written { .. } => {
                Err(self.changed(&format!("document {} cannot be read any more", self.passed)))
            }
        }
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
            "the archive has changed since {} was begun: {what}; bring it back and run the same command to go on, or add --restart to begin anew",
            super::beside(&self.records, "partial").display()
        );
        Error::Settings { problem }
    }
}
