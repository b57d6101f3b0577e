//! Engines: a batch of token ids in, named output tensors out. An engine knows nothing of themes.
//!
//! `embedded` (rten, pure Rust) runs anywhere; `onnxruntime` is the fastest on CPUs; `libtorch`
//! (rust-bert) is the reference; `overlap` needs no weights. [`Remembering`] runs what repeats once;
//! [`similarity`] joins a model with an encoder that reads definitions.

pub mod calibrate;
pub mod embedded;
#[cfg(feature = "libtorch")]
pub mod foreign;
#[cfg(feature = "libtorch")]
pub mod libtorch;
#[cfg(feature = "libtorch")]
pub mod network;
#[cfg(feature = "onnxruntime")]
pub mod onnxruntime;
mod open;
pub mod overlap;
mod remembering;
mod rows;
pub mod similarity;

pub use embedded::EmbeddedEngine;
#[cfg(feature = "libtorch")]
pub use libtorch::LibtorchEngine;
#[cfg(feature = "onnxruntime")]
pub use onnxruntime::OnnxRuntimeEngine;
pub use open::{EngineChoice, EngineOptions, Opened, open, open_foreign};
pub use overlap::Overlap;
pub use remembering::Remembering;

pub use crate::model::Tensor;

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::model::Tokenizer;

/// Rows of token ids of equal padded length.
///
/// # Shapes
/// `ids` is `[rows, columns]`, row-major; row `r` is real up to `lengths[r]` and padding after that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenBatch {
    /// Token ids, row-major.
    pub ids: Vec<u32>,
    /// Segment of each token (0, or 1 for the second text of a pair), row-major; empty for all 0.
    pub type_ids: Vec<u32>,
    /// Real tokens of each row.
    pub lengths: Vec<usize>,
    /// Tokens of a row, padding included.
    pub columns: usize,
}

impl TokenBatch {
    /// One text as a batch of one row, `[CLS] … [SEP]`, cut off after `max_tokens`.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub fn of_text(text: &str, tokenizer: &Tokenizer, max_tokens: usize) -> Result<Self> {
        let ids = tokenizer.ids(text)?.into_iter();
        Ok(Self::of_tokens(
            ids.take(max_tokens.saturating_sub(2)),
            tokenizer,
        ))
    }

    /// Tokens as a batch of one row, `[CLS] … [SEP]`.
    pub fn of_tokens(ids: impl Iterator<Item = u32>, tokenizer: &Tokenizer) -> Self {
        let ids: Vec<u32> = std::iter::once(tokenizer.start_id())
            .chain(ids)
            .chain([tokenizer.end_id()])
            .collect();
        Self {
            type_ids: Vec::new(),
            lengths: vec![ids.len()],
            columns: ids.len(),
            ids,
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.lengths.len()
    }
}

/// What an engine returns: tensors by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outputs(pub BTreeMap<String, Tensor>);

impl Outputs {
    /// The tensor called `name`.
    ///
    /// # Errors
    /// [`Error::OutputNotFound`] if there is none.
    pub fn get(&self, name: &str) -> Result<&Tensor> {
        self.0.get(name).ok_or_else(|| Error::OutputNotFound {
            wanted: format!("output {name:?}"),
            known: self.0.keys().cloned().collect(),
        })
    }
}

/// Something that runs a model. One engine is one single-threaded session: a run opens several.
pub trait Engine: std::fmt::Debug + Send {
    /// `embedded`, `onnxruntime`, `libtorch` or `overlap`.
    fn name(&self) -> &'static str;

    /// Runs the model once. A row's outputs depend on that row alone, padding and neighbours never.
    ///
    /// # Shapes
    /// Every output is `[rows, columns, c]`: one vector of the head's columns a token.
    ///
    /// # Errors
    /// [`Error::Inference`] if the library below fails.
    fn run(&mut self, batch: &TokenBatch) -> Result<Outputs>;
}
