//! What the engine says of a document, token by token.

use std::collections::BTreeMap;

use super::Window;
use crate::engine::Tensor;
use crate::error::{Error, Result};
use crate::schema::Span;

/// A token of the document, without the special ones of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where it stands in the document's text.
    pub span: Span,
    /// The statement that it belongs to.
    pub statement_index: usize,
}

/// The heads' outputs for all tokens of a document, in the order of the text.
///
/// # Shapes
/// Every head is `[tokens, columns]`. A head that the model lacks is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encoding {
    /// The tokens.
    pub tokens: Vec<Token>,
    /// The heads by output name (`label_logits`, `target_logits`, `attribution_logits`).
    pub heads: BTreeMap<String, Tensor>,
    /// What the stance head says of a statement (the first number) and a target that the user named (the second): one
    /// logit a stance. Absent where nothing was asked, for the target is not at issue.
    pub stances: BTreeMap<(usize, usize), Vec<f32>>,
}

impl Encoding {
    /// Joins the outputs of a document's windows, which come in the order of the text.
    ///
    /// # Shapes
    /// Each window's heads are `[its tokens, columns]`.
    ///
    /// # Errors
    /// [`Error::OutputNotFound`] if a window lacks a head that the first one has, or has other columns.
    pub fn of_windows<'w>(
        windows: impl IntoIterator<Item = (&'w Window, BTreeMap<String, Tensor>)>,
    ) -> Result<Self> {
        let mut encoding = Self::default();
        for (window, outputs) in windows {
            let first = encoding.tokens.is_empty();
            encoding.tokens.extend_from_slice(&window.tokens);
            if first {
                encoding.heads = outputs;
                continue;
            }
            for (name, whole) in &mut encoding.heads {
                let part = outputs
                    .get(name)
                    .filter(|part| part.shape.last() == whole.shape.last());
                let part = part.ok_or_else(|| Error::OutputNotFound {
                    wanted: format!("output {name:?} for every window"),
                    known: outputs.keys().cloned().collect(),
                })?;
                whole.values.extend_from_slice(&part.values);
                whole.shape[0] += part.shape[0];
            }
        }
        Ok(encoding)
    }

    /// The range of tokens of one statement; empty where it has none.
    pub fn tokens_of(&self, statement_index: usize) -> std::ops::Range<usize> {
        let start = self
            .tokens
            .partition_point(|t| t.statement_index < statement_index);
        let end = self
            .tokens
            .partition_point(|t| t.statement_index <= statement_index);
        start..end
    }

    /// The rows of a head for a range of tokens, each of as many numbers as the head has columns; `None`
    /// where the model lacks the head.
    pub fn rows(
        &self,
        head: &str,
        tokens: std::ops::Range<usize>,
    ) -> Option<std::slice::ChunksExact<'_, f32>> {
        let tensor = self.heads.get(head)?;
        let columns = *tensor.shape.last()?;
        let rows = tensor
            .values
            .get(tokens.start * columns..tokens.end * columns)?;
        (columns > 0).then(|| rows.chunks_exact(columns))
    }
}
