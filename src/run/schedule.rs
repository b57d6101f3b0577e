//! Reading ahead: documents are segmented and tokenized, gathered, and their windows sorted into batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::work::{Pending, Row, Work};
use super::{Pipeline, RunOptions};
use crate::corpus::Entry;
use crate::stages::encode::{BatchOptions, batches};

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
        let mut gathered: Vec<Arc<Pending>> = Vec::new();
        let mut window_count = 0;
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
                    window_count += prepared.windows.len();
                    gathered.push(Arc::new(Pending::new(number, prepared)));
                    if window_count >= self.options.lookahead_windows {
                        self.send_batches(&gathered)?;
                        gathered.clear();
                        window_count = 0;
                    }
                }
            }
        }
        self.send_batches(&gathered)
    }

    fn send_batches(&self, gathered: &[Arc<Pending>]) -> Result<(), WorkersGone> {
        let rows = gathered.iter().flat_map(|pending| {
            let windows = pending.prepared.windows.iter().enumerate();
            windows.map(|(window_index, window)| {
                (
                    Row {
                        pending: Arc::clone(pending),
                        window_index,
                    },
                    window.ids.as_slice(),
                )
            })
        });
        let options = BatchOptions {
            max_tokens: self.options.batch_tokens,
        };
        batches(rows, options)
            .into_iter()
            .try_for_each(|batch| self.send(Work::Batch(batch)))
    }

    fn send(&self, work: Work) -> Result<(), WorkersGone> {
        self.sender.send(work).map_err(|_gone| WorkersGone)
    }
}
