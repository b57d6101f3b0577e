//! What a pipeline says of gold, kept in memory.

use std::sync::atomic::AtomicBool;

use plenary::corpus::Entry;
use plenary::error::{Error, Result};
use plenary::output;
use plenary::run::{self, Finished, Sink};
use plenary::schema::{Record, Taxonomy};

use super::setup::Setup;

/// The records of all entries, in their order.
///
/// # Errors
/// [`Error::Settings`] if an entry cannot be read, else as [`run::run`].
pub(super) fn gather(
    setup: Setup,
    entries: impl Iterator<Item = Entry> + Send,
) -> Result<Vec<Record>> {
    let mut gathered = Gathered {
        taxonomy: &setup.taxonomy,
        model: &setup.model,
        records: Vec::new(),
    };
    run::run(
        entries,
        &setup.pipeline,
        setup.workers,
        &mut gathered,
        &AtomicBool::new(false),
    )?;
    Ok(gathered.records)
}

/// Keeps the records of a run.
struct Gathered<'s> {
    taxonomy: &'s Taxonomy,
    model: &'s str,
    records: Vec<Record>,
}

impl Sink for Gathered<'_> {
    fn take(&mut self, finished: Finished) -> Result<()> {
        match finished {
            Finished::Document(analysis) => {
                self.records
                    .extend(output::records(&analysis, self.taxonomy, self.model));
                Ok(())
            }
            Finished::Quarantined(quarantined) => Err(Error::Settings {
                problem: format!("gold cannot be tagged: {quarantined}"),
            }),
        }
    }
}
