//! `tokenizer.json`: from text to token ids with their place in the text.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A token of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextToken {
    /// Its place in the vocabulary.
    pub id: u32,
    /// The byte of the text at which it starts.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// Cuts text into the model's tokens.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    path: PathBuf,
    start_id: u32,
    end_id: u32,
}

impl Tokenizer {
    /// Reads a `tokenizer.json` (its own padding and truncation are switched off).
    ///
    /// # Errors
    /// [`Error::OpenModel`] if it is missing or damaged, or has no `[CLS]` and `[SEP]`.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = super::folder::read(path)?;
        let inner =
            tokenizers::Tokenizer::from_bytes(&bytes).map_err(|source| Error::OpenModel {
                path: path.into(),
                problem: "it is not a whole tokenizer.json; copy or download it again".to_owned(),
                source: Some(source),
            })?;
        Self::new(inner, path)
    }

    /// A tokenizer that the program makes itself, called `name`.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if the `tokenizers` crate does not take it, or it has no `[CLS]` and `[SEP]`.
    pub fn made(json: &serde_json::Value, name: &str) -> Result<Self> {
        let path = Path::new(name);
        let inner = tokenizers::Tokenizer::from_bytes(json.to_string());
        let inner = inner.map_err(|source| Error::OpenModel {
            path: path.into(),
            problem: "its tokenizer cannot be made".to_owned(),
            source: Some(source),
        })?;
        Self::new(inner, path)
    }

    /// Wraps a tokenizer that came from `path`.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if it has no `[CLS]` and `[SEP]`.
    pub fn new(mut inner: tokenizers::Tokenizer, path: &Path) -> Result<Self> {
        inner.with_padding(None);
        // Without parameters there is nothing that truncation could refuse.
        if let Err(source) = inner.with_truncation(None) {
            return Err(Error::OpenModel {
                path: path.into(),
                problem: "its truncation cannot be switched off".to_owned(),
                source: Some(source),
            });
        }
        let id = |token: &str| {
            inner.token_to_id(token).ok_or_else(|| Error::OpenModel {
                path: path.into(),
                problem: format!("it has no token {token}"),
                source: None,
            })
        };
        let (start_id, end_id) = (id("[CLS]")?, id("[SEP]")?);
        Ok(Self {
            inner,
            path: path.into(),
            start_id,
            end_id,
        })
    }

    /// The tokens of `text`, in order, without `[CLS]` and `[SEP]`.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if the tokenizer has no token for something, not even `[UNK]`.
    pub fn encode(&self, text: &str) -> Result<Vec<TextToken>> {
        let encoding = self
            .inner
            .encode(text, false)
            .map_err(|source| Error::OpenModel {
                path: self.path.clone(),
                problem: "it has no tokens for a text".to_owned(),
                source: Some(source),
            })?;
        let places = encoding.get_ids().iter().zip(encoding.get_offsets());
        Ok(places
            .map(|(&id, &(start, end))| TextToken { id, start, end })
            .collect())
    }

    /// The id of `[CLS]`, which opens every row.
    pub fn start_id(&self) -> u32 {
        self.start_id
    }

    /// The id of `[SEP]`, which closes every row and stands between the two texts of a pair.
    pub fn end_id(&self) -> u32 {
        self.end_id
    }

    /// The id of `[MASK]`, which stands for a hidden token, if there is one.
    pub fn mask_id(&self) -> Option<u32> {
        self.inner.token_to_id("[MASK]")
    }

    /// How many different tokens there are, special ones included.
    pub fn vocabulary_size(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// The library's own tokenizer, for what this type does not offer.
    pub fn inner(&self) -> &tokenizers::Tokenizer {
        &self.inner
    }
}
