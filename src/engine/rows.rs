//! Rows of one length at a time: graphs have no padding, so none can leak into a result.

use std::collections::BTreeMap;

use super::{Outputs, Tensor, TokenBatch};
use crate::error::{Cause, Error, Result};

/// Runs a batch whose rows may differ in length by running the rows of each length together, unpadded.
/// Outputs are 0 where a row is padding.
///
/// # Errors
/// Those of `run`.
pub(super) fn by_length(
    batch: &TokenBatch,
    mut run: impl FnMut(&TokenBatch) -> Result<Outputs>,
) -> Result<Outputs> {
    let columns = batch.columns;
    if batch.lengths.iter().all(|&length| length == columns) {
        return run(batch);
    }
    let mut lengths: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, &length) in batch.lengths.iter().enumerate() {
        lengths.entry(length).or_default().push(row);
    }
    let mut whole = Outputs::default();
    for (length, rows) in lengths {
        let part = run(&select(batch, length, &rows))?;
        for (name, tensor) in part.0 {
            let width = tensor.shape.last().copied().unwrap_or(0);
            let target = whole.0.entry(name).or_insert_with(|| Tensor {
                shape: vec![batch.rows(), columns, width],
                values: vec![0.0; batch.rows() * columns * width],
            });
            for (&row, values) in rows.iter().zip(tensor.values.chunks_exact(length * width)) {
                let start = row * columns * width;
                target.values[start..start + values.len()].copy_from_slice(values);
            }
        }
    }
    Ok(whole)
}

/// As [`by_length`], with what `engine` reports.
///
/// # Errors
/// [`Error::Inference`].
pub(super) fn by_length_on(
    engine: &'static str,
    batch: &TokenBatch,
    mut run: impl FnMut(&TokenBatch) -> Result<Outputs, Cause>,
) -> Result<Outputs> {
    by_length(batch, |batch| {
        run(batch).map_err(|source| Error::Inference {
            engine,
            rows: batch.rows(),
            columns: batch.columns,
            source,
        })
    })
}

fn select(batch: &TokenBatch, length: usize, rows: &[usize]) -> TokenBatch {
    let cut = |values: &[u32]| -> Vec<u32> {
        let starts = rows.iter().map(|row| row * batch.columns);
        starts
            .flat_map(|start| values.iter().skip(start).take(length).copied())
            .collect()
    };
    TokenBatch {
        ids: cut(&batch.ids),
        type_ids: cut(&batch.type_ids),
        lengths: vec![length; rows.len()],
        columns: length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives each token its own id back, and refuses padding.
    fn echo(batch: &TokenBatch) -> Outputs {
        assert!(batch.lengths.iter().all(|&length| length == batch.columns));
        let values = batch.ids.iter().map(|&id| id as f32).collect();
        let shape = vec![batch.rows(), batch.columns, 1];
        Outputs([("id".to_owned(), Tensor { shape, values })].into())
    }

    #[test]
    fn rows_of_different_lengths_come_back_in_their_places() {
        let batch = TokenBatch {
            ids: vec![1, 2, 0, 3, 4, 5, 6, 0, 0, 7, 8, 0],
            type_ids: Vec::new(),
            lengths: vec![2, 3, 1, 2],
            columns: 3,
        };
        let outputs = by_length(&batch, |rows| Ok(echo(rows))).unwrap();
        let tensor = outputs.get("id").unwrap();
        assert_eq!(tensor.shape, [4, 3, 1]);
        let expected = [1, 2, 0, 3, 4, 5, 6, 0, 0, 7, 8, 0].map(|id: u8| f32::from(id));
        assert_eq!(tensor.values, expected);
    }
}
