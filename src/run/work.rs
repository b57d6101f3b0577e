//! Running batches, and finishing each document with the worker that completed it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Finished, Pipeline, Prepared};
use crate::engine::{Engine, Outputs, Tensor};
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

struct Waiting {
    missing: usize,
    rows: Vec<Option<Heads>>,
}

impl Pending {
    pub(super) fn new(number: usize, prepared: Prepared) -> Self {
        let missing = prepared.rows().count();
        let rows = vec![None; missing];
        Self {
            number,
            prepared,
            outputs: Mutex::new(Waiting { missing, rows }),
        }
    }

    /// Keeps the outputs of one row; gives back what is known of the document once the last has come.
    fn complete(&self, index: usize, heads: Heads) -> Option<Result<Encoding>> {
        let mut waiting = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.rows[index] = Some(heads);
        waiting.missing -= 1;
        (waiting.missing == 0).then(|| self.encoding(waiting.rows.drain(..).flatten()))
    }

    fn encoding(&self, mut rows: impl Iterator<Item = Heads>) -> Result<Encoding> {
        let windows = self.prepared.windows.iter();
        let encoding = Encoding::of_windows(windows.zip(rows.by_ref()))?;
        let asked = self.prepared.questions.iter().zip(rows);
        let stances = asked.map(|(question, mut heads)| {
            let about = (question.statement_index, question.target_index);
            let answer = heads.pop_first().map(|(_, answer)| answer.values);
            (about, answer.unwrap_or_default())
        });
        Ok(Encoding {
            stances: stances.collect(),
            ..encoding
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
            let prepared = &row.pending.prepared;
            let heads = if row.index < prepared.windows.len() {
                row_heads(&outputs, row_index, batch.tokens.columns)
            } else {
                let head = self.pipeline.targets.head();
                first_token(&outputs, head, row_index, batch.tokens.columns)
            };
            if let Some(encoding) = row.pending.complete(row.index, heads) {
                let finished =
                    encoding.and_then(|encoding| self.pipeline.finish(prepared, &encoding));
                self.hand_over(row.pending.number, finished.map(Finished::Document))?;
            }
        }
        Some(())
    }
}

/// What one head says of the first token of a row, `[CLS]`.
fn first_token(outputs: &Outputs, head: &str, row_index: usize, tokens: usize) -> Heads {
    let row = |tensor: &Tensor| {
        let columns = tensor.shape.last().copied().unwrap_or_default();
        let start = row_index * tokens * columns;
        Tensor {
            shape: vec![1, columns],
            values: tensor.values[start..start + columns].to_vec(),
        }
    };
    let tensor = outputs.0.get(head);
    tensor
        .map(|tensor| (head.to_owned(), row(tensor)))
        .into_iter()
        .collect()
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
