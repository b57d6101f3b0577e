//! The stages joined by bounded queues: documents in, records out in the same order.
//!
//! One thread reads, segments and tokenizes ahead (`schedule`); one worker an engine runs batches and
//! finishes documents (`work`); the caller's thread puts the results in order and hands them to a
//! [`Sink`]. The queues are bounded, so memory does not grow with the archive; batches never change what
//! a row is computed from, so neither threads nor batch sizes change the records.

mod pipeline;
mod schedule;
mod work;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

pub use pipeline::{Pipeline, Prepared};

use crate::corpus::Entry;
use crate::engine::{Engine, Remembering};
use crate::error::Result;
use crate::schema::{Analysis, Annotated, Quarantined};

/// How a run spends memory and threads; none of it changes the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// The most tokens of a batch.
    pub batch_tokens: usize,
    /// How many windows a batch may wait for others of its length.
    pub lookahead_windows: usize,
    /// The most bytes of outputs that are kept for windows that come again.
    pub memory_bytes: usize,
}

impl Default for RunOptions {
    /// Of batches of 512 and 1,024 tokens, 1,024 took more processor time on ONNX Runtime, with single statements and with
    /// articles: what a layer makes of them is larger than a core's cache. Among 4,096 windows most lengths fill a
    /// batch; 64 MB hold the outputs of some 10,000 statements.
    fn default() -> Self {
        Self {
            batch_tokens: 512,
            lookahead_windows: 4096,
            memory_bytes: 64 << 20,
        }
    }
}

/// What became of one entry of the archive.
#[derive(Debug)]
pub enum Finished {
    /// A document that went through all stages.
    Document(Analysis<Annotated>),
    /// Input that could not be read, with the reason.
    Quarantined(Quarantined),
}

/// Takes the results of a run, in the order of the input, on the caller's thread.
pub trait Sink {
    /// Takes what became of the next entry.
    ///
    /// # Errors
    /// An error ends the run.
    fn take(&mut self, finished: Finished) -> Result<()>;
}

/// What does the work of a run.
#[derive(Debug)]
pub struct Workers {
    /// One worker thread runs for each.
    pub engines: Vec<Box<dyn Engine>>,
    /// How they spend memory.
    pub options: RunOptions,
}

/// Runs the archive's entries through the pipeline, one worker for each engine.
///
/// `stop` ends the reading early: what was read by then is finished and handed over.
///
/// # Errors
/// The first error of an engine or of the sink ends the run.
pub fn run(
    entries: impl Iterator<Item = Entry> + Send,
    pipeline: &Pipeline,
    workers: Workers,
    sink: &mut dyn Sink,
    stop: &AtomicBool,
) -> Result<()> {
    let Workers { engines, options } = workers;
    let (work_sender, work_receiver) = crossbeam_channel::bounded(engines.len() * 4);
    let (done_sender, done_receiver) = crossbeam_channel::bounded(64);
    std::thread::scope(|scope| {
        let scheduler = schedule::Scheduler {
            pipeline,
            options,
            sender: work_sender,
            stop,
        };
        scope.spawn(move || scheduler.run(entries));
        for engine in Remembering::share(engines, options.memory_bytes) {
            let (receiver, sender) = (work_receiver.clone(), done_sender.clone());
            let worker = work::Worker {
                engine: Box::new(engine),
                pipeline,
                receiver,
                sender,
            };
            scope.spawn(move || worker.run());
        }
        // The threads hold their own ends: when the last of them is done, or this one gives up and drops
        // its end, every queue closes and all stop.
        drop((work_receiver, done_sender));
        in_order(done_receiver, sink)
    })
}

fn in_order(
    done: crossbeam_channel::Receiver<(usize, Result<Finished>)>,
    sink: &mut dyn Sink,
) -> Result<()> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (number, finished) in done {
        early.insert(number, finished?);
        while let Some(finished) = early.remove(&next) {
            sink.take(finished)?;
            next += 1;
        }
    }
    Ok(())
}
