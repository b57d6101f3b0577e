//! An engine that answers rows that it has seen from memory: wire copy, quoted questions, stock phrases.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Engine, Outputs, Tensor, TokenBatch};
use crate::error::Result;

/// One row of every output: `[columns, c]`.
type Row = BTreeMap<String, Vec<f32>>;

/// Hands rows that were run before their outputs, and the engine below the rest, each once.
///
/// An engine gives a row the same numbers in any batch, so it makes no difference which rows are remembered: what comes
/// out does not depend on the memory, nor on which of several engines filled it.
#[derive(Debug)]
pub struct Remembering {
    engine: Box<dyn Engine>,
    memory: Arc<Mutex<Memory>>,
}

impl Remembering {
    /// Lets engines of one model share a memory of at most `most_bytes`.
    pub fn share(engines: Vec<Box<dyn Engine>>, most_bytes: usize) -> Vec<Self> {
        let memory = Arc::new(Mutex::new(Memory {
            most_bytes,
            ..Memory::default()
        }));
        let sharing = |engine| Self {
            engine,
            memory: Arc::clone(&memory),
        };
        engines.into_iter().map(sharing).collect()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Remembering {
    fn name(&self) -> &'static str {
        self.engine.name()
    }

    fn run(&mut self, batch: &TokenBatch) -> Result<Outputs> {
        let uneven = batch.lengths.iter().any(|&length| length != batch.columns);
        if uneven || batch.columns == 0 || !batch.type_ids.is_empty() {
            return self.engine.run(batch);
        }
        let rows: Vec<&[u32]> = batch.ids.chunks_exact(batch.columns).collect();
        let mut known: HashMap<&[u32], Arc<Row>> = HashMap::new();
        let mut unknown: Vec<&[u32]> = Vec::new();
        {
            let memory = self.memory();
            for row in &rows {
                match memory.rows.get(*row) {
                    Some(outputs) => {
                        known.insert(row, Arc::clone(outputs));
                    }
                    None if unknown.contains(row) => {}
                    None => unknown.push(row),
                }
            }
        }
        if !unknown.is_empty() {
            let outputs = self.engine.run(&TokenBatch {
                ids: unknown.concat(),
                type_ids: Vec::new(),
                lengths: vec![batch.columns; unknown.len()],
                columns: batch.columns,
            })?;
            // Copied before the lock is taken, so that no other engine waits for it.
            let new: Vec<_> = (0..unknown.len())
                .map(|index| Arc::new(row_of(&outputs, index, batch.columns)))
                .collect();
            let mut memory = self.memory();
            for (row, outputs) in unknown.iter().zip(new) {
                memory.keep(row, &outputs);
                known.insert(row, outputs);
            }
            drop(memory);
            if unknown.len() == rows.len() {
                return Ok(outputs);
            }
        }
        Ok(together(
            rows.iter().filter_map(|row| known.get(row)),
            batch,
        ))
    }
}

fn row_of(outputs: &Outputs, index: usize, columns: usize) -> Row {
    let row = |(name, tensor): (&String, &Tensor)| {
        let size = columns * tensor.shape.last().copied().unwrap_or_default();
        let values = tensor.values[index * size..(index + 1) * size].to_vec();
        (name.clone(), values)
    };
    outputs.0.iter().map(row).collect()
}

fn together<'r>(rows: impl Iterator<Item = &'r Arc<Row>>, batch: &TokenBatch) -> Outputs {
    let mut whole = Outputs::default();
    for row in rows {
        for (name, values) in row.iter() {
            let tensor = whole.0.entry(name.clone()).or_insert_with(|| Tensor {
                shape: vec![batch.rows(), batch.columns, values.len() / batch.columns],
                values: Vec::with_capacity(batch.rows() * values.len()),
            });
            tensor.values.extend_from_slice(values);
        }
    }
    whole
}

/// Rows and their outputs; the oldest go when there are too many.
#[derive(Debug, Default)]
struct Memory {
    rows: HashMap<Arc<[u32]>, Arc<Row>>,
    oldest_first: VecDeque<Arc<[u32]>>,
    bytes: usize,
    most_bytes: usize,
}

impl Memory {
    fn keep(&mut self, ids: &[u32], outputs: &Arc<Row>) {
        let ids: Arc<[u32]> = ids.into();
        if self
            .rows
            .insert(Arc::clone(&ids), Arc::clone(outputs))
            .is_some()
        {
            return; // another engine ran it meanwhile
        }
        self.bytes += size(&ids, outputs);
        self.oldest_first.push_back(ids);
        while self.bytes > self.most_bytes
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            if let Some(outputs) = self.rows.remove(&oldest) {
                self.bytes -= size(&oldest, &outputs);
            }
        }
    }
}

/// What the maps, lists and counts around a row's numbers take besides, about; so much, too, around each output.
const AROUND: usize = 128;

/// About how many bytes a row and its outputs take.
fn size(ids: &[u32], outputs: &Row) -> usize {
    let of_output = |(name, values): (&String, &Vec<f32>)| {
        AROUND + name.len() + values.len() * size_of::<f32>()
    };
    AROUND + size_of_val(ids) + outputs.iter().map(of_output).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Doubles every id, and counts the rows that it was asked for.
    #[derive(Debug, Default)]
    struct Doubling {
        rows: Arc<AtomicUsize>,
    }

    impl Engine for Doubling {
        fn name(&self) -> &'static str {
            "doubling"
        }

        fn run(&mut self, batch: &TokenBatch) -> Result<Outputs> {
            self.rows.fetch_add(batch.rows(), Ordering::Relaxed);
            let values = batch.ids.iter().map(|&id| id as f32 * 2.0).collect();
            let shape = vec![batch.rows(), batch.columns, 1];
            Ok(Outputs(
                [("double".to_owned(), Tensor { shape, values })].into(),
            ))
        }
    }

    fn batch(rows: &[[u32; 2]]) -> TokenBatch {
        TokenBatch {
            ids: rows.concat(),
            type_ids: Vec::new(),
            lengths: vec![2; rows.len()],
            columns: 2,
        }
    }

    /// Runs batches, holds them against the engine alone, and says how many rows were run.
    fn rows_run(batches: &[&[[u32; 2]]], most_bytes: usize) -> usize {
        let count = Arc::new(AtomicUsize::new(0));
        let engine = Doubling {
            rows: Arc::clone(&count),
        };
        let mut remembering = Remembering::share(vec![Box::new(engine)], most_bytes).remove(0);
        for rows in batches {
            let expected = Doubling::default().run(&batch(rows)).unwrap();
            assert_eq!(remembering.run(&batch(rows)).unwrap(), expected);
        }
        count.load(Ordering::Relaxed)
    }

    #[test]
    fn a_row_is_run_once() {
        assert_eq!(
            rows_run(
                &[&[[1, 2], [3, 4], [1, 2]], &[[3, 4]], &[[5, 6], [1, 2]]],
                10_000
            ),
            3
        );
    }

    #[test]
    fn the_oldest_rows_are_forgotten() {
        let row = Row::from([("double".to_owned(), vec![0.0; 2])]);
        let two = 2 * size(&[1, 2], &row);
        assert_eq!(
            rows_run(
                &[&[[1, 2]], &[[3, 4]], &[[5, 6]], &[[5, 6]], &[[1, 2]]],
                two
            ),
            4
        );
    }
}
