//! Reading ahead: documents are segmented and tokenized, and their windows gathered into batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::work::{Pending, Row, Work};
use super::{Pipeline, RunOptions};
use crate::corpus::Entry;
use crate::stages::encode::{BatchOptions, Batcher};

pub(super) struct Scheduler<'p> {
    pub(super) pipeline: &'p Pipeline,
    pub(super) options: RunOptions,
    pub(super) sender: crossbeam_channel::Sender<Work>,
    pub(super) stop: &'p AtomicBool,
}

/// The workers are gone, because of an error that one of them has reported.
struct WorkersGone;

impl Scheduler<'_> {
    pub(super) fn run(self, entries: impl Iterator<Item = Entry>) {
        // Nobody is left to be told when the workers are gone.
        let _ = self.send_all(entries);
    }

    fn send_all(&self, entries: impl Iterator<Item = Entry>) -> Result<(), WorkersGone> {
        let mut batcher = Batcher::new(BatchOptions {
            max_tokens: self.options.batch_tokens,
            lookahead: self.options.lookahead_windows,
        });
        for (number, entry) in entries.enumerate() {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            match entry {
                Entry::Quarantined(quarantined) => self.send(Work::Pass(number, quarantined))?,
                Entry::Document(document) => {
                    let prepared = match self.pipeline.prepare(document) {
                        Ok(prepared) => prepared,
                        Err(error) => return self.send(Work::Fail(number, error)),
                    };
                    if prepared.windows.is_empty() {
                        self.send(Work::Finish(number, prepared))?;
                        continue;
                    }
                    let pending = Arc::new(Pending::new(number, prepared));
                    for (index, ids) in pending.prepared.rows().enumerate() {
                        let row = Row {
                            pending: Arc::clone(&pending),
                            index,
                        };
                        for batch in batcher.push(row, ids) {
                            self.send(Work::Batch(batch))?;
                        }
                    }
                }
            }
        }
        let mut left = batcher.finish();
        left.try_for_each(|batch| self.send(Work::Batch(batch)))
    }

    fn send(&self, work: Work) -> Result<(), WorkersGone> {
        self.sender.send(work).map_err(|_gone| WorkersGone)
    }
}
