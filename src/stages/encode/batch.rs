//! Grouping windows of many documents into batches of one length.

use std::collections::BTreeMap;

use crate::engine::TokenBatch;

/// How large a batch may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchOptions {
    /// The most tokens of a batch; a single longer window still is a batch.
    pub max_tokens: usize,
}

/// A batch for the engine, and where its rows came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch<Origin> {
    /// What the engine reads.
    pub tokens: TokenBatch,
    /// The origin of each row.
    pub origins: Vec<Origin>,
}

/// Groups windows into batches whose rows all have the same number of tokens, longest first.
///
/// Nothing is ever padded: no time is spent on padding, and what a row is computed from does not depend
/// on its neighbours, so that the records do not depend on the batches.
pub fn batches<'w, Origin>(
    windows: impl IntoIterator<Item = (Origin, &'w [u32])>,
    options: BatchOptions,
) -> Vec<Batch<Origin>> {
    let mut by_length: BTreeMap<usize, Vec<(Origin, &[u32])>> = BTreeMap::new();
    for (origin, ids) in windows {
        by_length.entry(ids.len()).or_default().push((origin, ids));
    }
    let mut batches = Vec::new();
    for (columns, rows) in by_length.into_iter().rev() {
        let most = (options.max_tokens / columns.max(1)).max(1);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut batch = Batch {
                tokens: TokenBatch {
                    columns,
                    ..TokenBatch::default()
                },
                origins: Vec::new(),
            };
            for (origin, ids) in rows.by_ref().take(most) {
                batch.tokens.ids.extend_from_slice(ids);
                batch.tokens.lengths.push(columns);
                batch.origins.push(origin);
            }
            batches.push(batch);
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_window_stands_in_one_batch_unpadded(
            windows in prop::collection::vec(prop::collection::vec(0..9u32, 1..12), 0..40),
            max_tokens in 1..50usize,
        ) {
            let indexed = windows.iter().enumerate().map(|(i, ids)| (i, ids.as_slice()));
            let batches = batches(indexed, BatchOptions { max_tokens });
            let mut seen = vec![0; windows.len()];
            for batch in &batches {
                let tokens = &batch.tokens;
                prop_assert!(tokens.rows() == 1 || tokens.ids.len() <= max_tokens);
                for (row, &origin) in tokens.ids.chunks(tokens.columns).zip(&batch.origins) {
                    prop_assert_eq!(row, windows[origin].as_slice());
                    seen[origin] += 1;
                }
            }
            prop_assert!(seen.iter().all(|&count| count == 1));
        }
    }
}
