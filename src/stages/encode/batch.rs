//! Grouping windows of many documents into batches of one length.

use std::collections::BTreeMap;

use crate::engine::TokenBatch;

/// How large a batch may be, and how long it may wait for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchOptions {
    /// The most tokens of a batch; a single longer window still is a batch.
    pub max_tokens: usize,
    /// How many windows may follow a batch's first before it is handed out though it is not full.
    pub lookahead: usize,
}

/// A batch for the engine, and where its rows came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch<Origin> {
    /// What the engine reads.
    pub tokens: TokenBatch,
    /// The origin of each row.
    pub origins: Vec<Origin>,
}

/// Groups windows, as they come, into batches whose rows all have the same number of tokens.
///
/// Nothing is ever padded: no time is spent on padding, and what a row is computed from does not depend
/// on its neighbours, so that the records do not depend on the batches.
#[derive(Debug)]
pub struct Batcher<Origin> {
    options: BatchOptions,
    by_length: BTreeMap<usize, Filling<Origin>>,
    windows: usize,
}

#[derive(Debug)]
struct Filling<Origin> {
    batch: Batch<Origin>,
    /// How many windows had come when its first did.
    since: usize,
}

impl<Origin> Batcher<Origin> {
    /// Without windows.
    pub fn new(options: BatchOptions) -> Self {
        Self {
            options,
            by_length: BTreeMap::new(),
            windows: 0,
        }
    }

    /// Takes a window; gives out the batch that it fills, and one that has waited long enough.
    pub fn push(
        &mut self,
        origin: Origin,
        ids: &[u32],
    ) -> impl Iterator<Item = Batch<Origin>> + use<Origin> {
        let columns = ids.len();
        let filling = self.by_length.entry(columns).or_insert_with(|| Filling {
            batch: Batch {
                tokens: TokenBatch {
                    columns,
                    ..TokenBatch::default()
                },
                origins: Vec::new(),
            },
            since: self.windows,
        });
        self.windows += 1;
        let Batch { tokens, origins } = &mut filling.batch;
        tokens.ids.extend_from_slice(ids);
        tokens.lengths.push(columns);
        origins.push(origin);
        let is_full = tokens.ids.len() + columns > self.options.max_tokens;
        let full = is_full.then(|| self.by_length.remove(&columns)).flatten();
        let oldest = self
            .by_length
            .iter()
            .min_by_key(|(_, filling)| filling.since)
            .filter(|(_, filling)| self.windows - filling.since > self.options.lookahead)
            .map(|(&length, _)| length);
        let oldest = oldest.and_then(|length| self.by_length.remove(&length));
        let fillings = full.into_iter().chain(oldest);
        fillings.map(|filling| filling.batch)
    }

    /// What is left, longest first.
    pub fn finish(self) -> impl Iterator<Item = Batch<Origin>> {
        let fillings = self.by_length.into_values().rev();
        fillings.map(|filling| filling.batch)
    }
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
            lookahead in 0..50usize,
        ) {
            let indexed = windows.iter().enumerate().map(|(i, ids)| (i, ids.as_slice()));
            let mut batcher = Batcher::new(BatchOptions { max_tokens, lookahead });
            let mut batches = Vec::new();
            for (origin, ids) in indexed {
                batches.extend(batcher.push(origin, ids));
                let waiting = batcher.by_length.values().map(|filling| filling.batch.origins[0]);
                prop_assert!(waiting.min().is_none_or(|first| origin - first <= lookahead));
            }
            batches.extend(batcher.finish());
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
