//! Where the results of `plenary tag` go: into the records, the progress and the summary.

use plenary::corpus::Progress as Read;
use plenary::output::{self, Output};
use plenary::run::{Finished, Sink};
use plenary::schema::{Document, Quarantined, Taxonomy};

use super::progress::Progress;
use super::summary::Summary;

/// Writes what a run finds, and counts it for the progress and the summary.
pub(crate) struct RecordSink<'s> {
    pub(crate) taxonomy: &'s Taxonomy,
    pub(crate) model: &'s str,
    pub(crate) output: Output,
    pub(crate) progress: Progress,
    pub(crate) summary: Summary,
    pub(crate) read: Read,
}

impl Sink for RecordSink<'_> {
    fn take(&mut self, finished: Finished) -> plenary::error::Result<()> {
        match finished {
            Finished::Document(analysis) if analysis.statements.is_empty() => {
                let document = &analysis.document;
                let quarantined = no_statement(document);
                self.output.quarantine_document(document, &quarantined)?;
                self.summary.quarantined(&quarantined);
            }
            Finished::Document(analysis) => {
                let records = output::records(&analysis, self.taxonomy, self.model);
                self.output.write(&analysis.document, records)?;
                self.summary.document(&analysis);
                self.progress
                    .document(analysis.statements.len(), self.read.read_bytes());
            }
            Finished::Quarantined(quarantined) => {
                self.output.quarantine(&quarantined)?;
                self.summary.quarantined(&quarantined);
            }
        }
        Ok(())
    }
}

fn no_statement(document: &Document) -> Quarantined {
    Quarantined {
        origin: document.metadata.origin.clone(),
        id: Some(document.metadata.id.clone()),
        reason: "no statement is left: all of its text is page furniture".to_owned(),
        last: false,
    }
}
