//! Running batches, and finishing each document with the worker that completed it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Finished, Pipeline, Prepared};
use crate::engine::{Engine, Outputs, Tensor, TokenBatch};
use crate::error::{Error, Result};
use crate::schema::Quarantined;
use crate::stages::encode::{Batch, Encoding};

/// What a worker is given to do.
pub(super) enum Work {
    /// Windows of one length, of one or many documents.
    Batch(Batch<Row>),
    /// A document without anything to encode.
    Finish(usize, Prepared),
    /// Something to hand on as it is, in its place.
    Pass(usize, Quarantined),
    /// A document that could not be prepared: the run ends.
    Fail(usize, Error),
}

/// A row of a batch: one of the rows of a document that waits for all of its own.
pub(super) struct Row {
    pub(super) pending: Arc<Pending>,
    /// Its place in [`Prepared::rows`].
    pub(super) index: usize,
}

type Heads = BTreeMap<String, Tensor>;

/// A document of which some rows are still to be encoded.
pub(super) struct Pending {
    number: usize,
    pub(super) prepared: Prepared,
    outputs: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    missing: usize,
    windows: Vec<Option<Heads>>,
    stances: BTreeMap<(usize, usize), Vec<f32>>,
}

/// What the engine says of a row.
enum Said {
    /// Of a window: its heads, without the special tokens.
    Window(Heads),
    /// Of a question: the logits of the stances.
    Stances(Vec<f32>),
}

impl Pending {
    pub(super) fn new(number: usize, prepared: Prepared) -> Self {
        let waiting = Waiting {
            missing: prepared.rows().count(),
            windows: vec![None; prepared.windows.len()],
            stances: BTreeMap::new(),
        };
        Self {
            number,
            prepared,
            outputs: Mutex::new(waiting),
        }
    }

    /// Keeps the outputs of one row; gives back all of them once the last has come.
    fn complete(&self, index: usize, said: Said) -> Option<Waiting> {
        let mut waiting = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        match said {
            Said::Window(heads) => waiting.windows[index] = Some(heads),
            Said::Stances(logits) => {
                let question = &self.prepared.questions[index - self.prepared.windows.len()];
                let about = (question.statement_index, question.target_index);
                waiting.stances.insert(about, logits);
            }
        }
        waiting.missing -= 1;
        (waiting.missing == 0).then(|| std::mem::take(&mut *waiting))
    }

    /// What is known of the document.
    fn encoding(&self, all: Waiting) -> Result<Encoding> {
        let heads = all.windows.into_iter().flatten();
        Ok(Encoding {
            stances: all.stances,
            ..Encoding::of_windows(self.prepared.windows.iter().zip(heads))?
        })
    }
}

pub(super) struct Worker<'p> {
    pub(super) engine: Box<dyn Engine>,
    pub(super) pipeline: &'p Pipeline,
    pub(super) receiver: crossbeam_channel::Receiver<Work>,
    pub(super) sender: crossbeam_channel::Sender<(usize, Result<Finished>)>,
}

impl Worker<'_> {
    pub(super) fn run(mut self) {
        while let Ok(work) = self.receiver.recv() {
            let going_on = match work {
                Work::Pass(number, quarantined) => {
                    self.hand_over(number, Ok(Finished::Quarantined(quarantined)))
                }
                Work::Fail(number, error) => self.hand_over(number, Err(error)),
                Work::Finish(number, prepared) => {
                    let finished = self.pipeline.finish(&prepared, &Encoding::default());
                    self.hand_over(number, finished.map(Finished::Document))
                }
                Work::Batch(batch) => self.batch(batch),
            };
            if going_on.is_none() {
                return;
            }
        }
    }

    /// `None` when the caller has given up.
    fn hand_over(&self, number: usize, finished: Result<Finished>) -> Option<()> {
        self.sender.send((number, finished)).ok()
    }

    fn batch(&mut self, batch: Batch<Row>) -> Option<()> {
        let outputs = match self.engine.run(&batch.tokens) {
            Ok(outputs) => outputs,
            Err(error) => {
                let number = batch.origins.first().map_or(0, |row| row.pending.number);
                self.hand_over(number, Err(error));
                return None;
            }
        };
        for (row_index, row) in batch.origins.into_iter().enumerate() {
            let Row { pending, index } = row;
            let said = self.said(&outputs, row_index, (&batch.tokens, &pending, index));
            let finished = match said.map(|said| pending.complete(index, said)) {
                Ok(None) => continue,
                Ok(Some(all)) => pending
                    .encoding(all)
                    .and_then(|encoding| self.pipeline.finish(&pending.prepared, &encoding)),
                Err(error) => Err(error),
            };
            self.hand_over(pending.number, finished.map(Finished::Document))?;
        }
        Some(())
    }

    fn said(
        &self,
        outputs: &Outputs,
        row_index: usize,
        (tokens, pending, index): (&TokenBatch, &Pending, usize),
    ) -> Result<Said> {
        if index < pending.prepared.windows.len() {
            return Ok(Said::Window(row_heads(outputs, row_index, tokens.columns)));
        }
        // [CLS] answers for the row.
        let stances = outputs.get(self.pipeline.targets.head())?;
        let columns = stances.shape.last().copied().unwrap_or_default();
        let start = row_index * tokens.columns * columns;
        Ok(Said::Stances(
            stances.values[start..start + columns].to_vec(),
        ))
    }
}

/// One row's outputs without those of the special tokens at its ends.
fn row_heads(outputs: &Outputs, row_index: usize, tokens: usize) -> Heads {
    let row = |tensor: &Tensor| {
        let columns = tensor.shape.last().copied().unwrap_or_default();
        let start = (row_index * tokens + 1) * columns;
        let end = ((row_index + 1) * tokens - 1) * columns;
        let values = tensor.values[start..end].to_vec();
        Tensor {
            shape: vec![tokens - 2, columns],
            values,
        }
    };
    outputs
        .0
        .iter()
        .map(|(name, tensor)| (name.clone(), row(tensor)))
        .collect()
}
