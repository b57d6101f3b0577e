//! `config.json`: the sizes of the encoder, as Hugging Face writes them.

use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};

/// The sizes of a BERT encoder. Keys of `config.json` that are not listed here do not matter to us.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BertConfig {
    /// `bert`; nothing else is understood.
    pub model_type: String,
    /// Entries of the vocabulary.
    pub vocab_size: usize,
    /// Numbers that describe a token.
    pub hidden_size: usize,
    /// Layers of the encoder.
    pub num_hidden_layers: usize,
    /// Attention heads of a layer; they divide `hidden_size` among them.
    pub num_attention_heads: usize,
    /// Numbers between the two linear maps of a layer's feed-forward part.
    pub intermediate_size: usize,
    /// `gelu`, the exact one.
    pub hidden_act: String,
    /// Tokens that the encoder can read at once.
    pub max_position_embeddings: usize,
    /// Segments that a token can be of: 2.
    pub type_vocab_size: usize,
    /// What layer normalisation adds to the variance.
    pub layer_norm_eps: f32,
}

/// The name and shape of a tensor that the weights must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorShape {
    /// The name, as Hugging Face gives it, without a `bert.` before it.
    pub name: String,
    /// The size of each dimension.
    pub shape: Vec<usize>,
}

impl BertConfig {
    /// Reads and checks `config.json`.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if the file is missing or damaged, or describes an encoder of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = super::folder::read(path)?;
        let config: Self = serde_json::from_slice(&bytes).map_err(|source| Error::OpenModel {
            path: path.into(),
            problem: "it is not the configuration of a BERT encoder".to_owned(),
            source: Some(source.into()),
        })?;
        match config.problem() {
            None => Ok(config),
            Some(problem) => Err(Error::OpenModel {
                path: path.into(),
                problem,
                source: None,
            }),
        }
    }

    fn problem(&self) -> Option<String> {
        if self.model_type != "bert" {
            return Some(format!(
                "model_type is {:?}; only \"bert\" is supported here",
                self.model_type
            ));
        }
        if self.hidden_act != "gelu" {
            return Some(format!(
                "hidden_act is {:?}; only \"gelu\" is supported here",
                self.hidden_act
            ));
        }
        let heads = self.num_attention_heads;
        if heads == 0 || !self.hidden_size.is_multiple_of(heads) {
            return Some(format!(
                "hidden_size {} does not divide into {heads} attention heads",
                self.hidden_size
            ));
        }
        None
    }

    /// The tensors of the encoder, without pooler and heads.
    pub fn tensors(&self) -> Vec<TensorShape> {
        let (hidden, inner) = (self.hidden_size, self.intermediate_size);
        let mut tensors = Vec::new();
        let mut add = |name: String, shape: &[usize]| {
            tensors.push(TensorShape {
                name,
                shape: shape.to_vec(),
            });
        };
        for (name, rows) in [
            ("word", self.vocab_size),
            ("position", self.max_position_embeddings),
            ("token_type", self.type_vocab_size),
        ] {
            add(
                format!("embeddings.{name}_embeddings.weight"),
                &[rows, hidden],
            );
        }
        add("embeddings.LayerNorm.weight".to_owned(), &[hidden]);
        add("embeddings.LayerNorm.bias".to_owned(), &[hidden]);
        for layer in 0..self.num_hidden_layers {
            for (part, outputs, inputs) in [
                ("attention.self.query", hidden, hidden),
                ("attention.self.key", hidden, hidden),
                ("attention.self.value", hidden, hidden),
                ("attention.output.dense", hidden, hidden),
                ("intermediate.dense", inner, hidden),
                ("output.dense", hidden, inner),
            ] {
                add(
                    format!("encoder.layer.{layer}.{part}.weight"),
                    &[outputs, inputs],
                );
                add(format!("encoder.layer.{layer}.{part}.bias"), &[outputs]);
            }
            for part in ["attention.output", "output"] {
                add(
                    format!("encoder.layer.{layer}.{part}.LayerNorm.weight"),
                    &[hidden],
                );
                add(
                    format!("encoder.layer.{layer}.{part}.LayerNorm.bias"),
                    &[hidden],
                );
            }
        }
        tensors
    }
}
