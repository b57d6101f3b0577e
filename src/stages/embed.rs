//! Texts to vectors that lie near each other where the texts mean the same.
//!
//! # Source
//! Reimers and Gurevych (2019), "Sentence-BERT", EMNLP: the mean of the last hidden states.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::encode::{Batch, BatchOptions, Batcher};
use crate::engine::similarity::unit;
use crate::engine::{EmbeddedEngine, TokenBatch};
use crate::error::{Error, Result};
use crate::model::graph::HIDDEN;
use crate::model::{ModelFolder, Tokenizer};

/// Tokens of the texts that are run at once.
pub(super) const BATCH: BatchOptions = BatchOptions {
    max_tokens: 512,
    lookahead: usize::MAX,
};

/// An encoder without its heads, on the embedded engine.
#[derive(Debug)]
pub struct SentenceEncoder {
    engine: EmbeddedEngine,
    tokenizer: Tokenizer,
    hidden_size: usize,
    max_tokens: usize,
    id: String,
}

impl SentenceEncoder {
    /// Opens the encoder of a model folder, or the folder of an encoder alone (`.base-model`).
    ///
    /// # Errors
    /// As [`ModelFolder::open_encoder`].
    pub fn open(path: &Path) -> Result<Self> {
        Self::of(&ModelFolder::open_encoder(path, usize::MAX)?)
    }

    /// The encoder of a model.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if its graph cannot be made.
    pub fn of(folder: &ModelFolder) -> Result<Self> {
        Ok(Self {
            engine: EmbeddedEngine::open_encoder(folder)?,
            tokenizer: folder.tokenizer().clone(),
            hidden_size: folder.config().hidden_size,
            max_tokens: folder.spec().max_tokens,
            id: folder.id(),
        })
    }

    /// The folder's name and the start of its hash.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The vector of each text, of length 1, as many numbers as the encoder's hidden size; all 0 for a text without
    /// tokens. What is longer than the encoder reads is cut off. A text's vector depends neither on the others nor on
    /// the `threads`.
    ///
    /// # Errors
    /// [`Error::Inference`]; as [`Tokenizer::encode`].
    pub fn vectors(&self, texts: &[String], threads: NonZeroUsize) -> Result<Vec<Vec<f32>>> {
        let mut gathered = Batcher::new(BATCH);
        let mut batches: Vec<Batch<usize>> = Vec::new();
        for (place, text) in texts.iter().enumerate() {
            let mut tokens = self.tokenizer.encode(text)?;
            tokens.truncate(self.max_tokens.saturating_sub(2));
            let ids = tokens.iter().map(|token| token.id);
            let row = TokenBatch::of_tokens(ids, &self.tokenizer);
            batches.extend(gathered.push(place, &row.ids));
        }
        batches.extend(gathered.finish());
        let next = AtomicUsize::new(0);
        let work = &|engine: EmbeddedEngine| {
            let mut found = Vec::new();
            while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                let means = self.means_on(&engine, &batch.tokens)?;
                found.extend(batch.origins.iter().copied().zip(means));
            }
            Ok::<_, Error>(found)
        };
        let found: Result<Vec<_>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads.get())
                .map(|_| {
                    let engine = self.engine.another();
                    scope.spawn(move || work(engine))
                })
                .collect();
            let joined = threads.into_iter().map(|thread| match thread.join() {
                Ok(found) => found,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            joined.collect()
        });
        let mut vectors = vec![Vec::new(); texts.len()];
        for (place, vector) in found?.into_iter().flatten() {
            vectors[place] = unit(vector);
        }
        Ok(vectors)
    }

    /// Of each row of a batch of one length the mean of the last hidden states of its tokens, special ones left out.
    ///
    /// # Errors
    /// [`Error::Inference`].
    pub fn means(&self, batch: &TokenBatch) -> Result<Vec<Vec<f32>>> {
        self.means_on(&self.engine, batch)
    }

    fn means_on(&self, engine: &EmbeddedEngine, batch: &TokenBatch) -> Result<Vec<Vec<f32>>> {
        let outputs = engine.tensors(batch, &[])?;
        let hidden = &outputs.get(HIDDEN)?.values;
        let tokens = batch.columns.saturating_sub(2);
        let row = |row: &[f32]| {
            let mut mean = vec![0.0; self.hidden_size];
            for token in row.chunks_exact(self.hidden_size).skip(1).take(tokens) {
                for (mean, x) in mean.iter_mut().zip(token) {
                    *mean += x / tokens.max(1) as f32;
                }
            }
            mean
        };
        Ok(hidden
            .chunks_exact((batch.columns * self.hidden_size).max(1))
            .map(row)
            .collect())
    }
}
