//! `tokenizer.json`: from text to token ids with their place in the text.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokenizers::{NormalizerWrapper, PreTokenizerWrapper};

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

/// Words that are remembered with their tokens: some 10 MB, and nearly all words of an archive.
const MOST_WORDS: usize = 50_000;

/// Longer words hardly come twice.
const LONGEST_WORD_BYTES: usize = 40;

/// Tokens of words that have come before.
type Words = HashMap<Box<str>, Box<[TextToken]>>;

/// Cuts text into the model's tokens.
///
/// A tokenizer of BERT gives a word the same tokens wherever it stands, and a text is soon made of words that have come
/// before: their tokens are remembered.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    path: PathBuf,
    start_id: u32,
    end_id: u32,
    /// Absent where a word's tokens may depend on its neighbours.
    words: Option<Arc<Mutex<Words>>>,
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
        let words = is_word_by_word(&inner).then(Arc::default);
        Ok(Self {
            inner,
            path: path.into(),
            start_id,
            end_id,
            words,
        })
    }

    /// The tokens of `text`, in order, without `[CLS]` and `[SEP]`.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if the tokenizer has no token for something, not even `[UNK]`.
    pub fn encode(&self, text: &str) -> Result<Vec<TextToken>> {
        let Some(words) = &self.words else {
            return self.encode_at_once(text);
        };
        let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tokens = Vec::with_capacity(text.len() / 4);
        let mut word_start = 0;
        for word in text.split(' ') {
            let moved = |token: &TextToken| TextToken {
                id: token.id,
                start: word_start + token.start,
                end: word_start + token.end,
            };
            if let Some(known) = words.get(word) {
                tokens.extend(known.iter().map(moved));
            } else {
                let new = self.encode_at_once(word)?;
                tokens.extend(new.iter().map(moved));
                if words.len() < MOST_WORDS && word.len() <= LONGEST_WORD_BYTES {
                    words.insert(word.into(), new.into());
                }
            }
            word_start += word.len() + 1;
        }
        Ok(tokens)
    }

    /// The ids of the tokens of `text`, without special ones.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub fn ids(&self, text: &str) -> Result<Vec<u32>> {
        Ok(self.encode(text)?.iter().map(|token| token.id).collect())
    }

    fn encode_at_once(&self, text: &str) -> Result<Vec<TextToken>> {
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

/// Whether the tokens of a text are those of the words between its spaces, one after the other.
fn is_word_by_word(inner: &tokenizers::Tokenizer) -> bool {
    let added = inner.get_added_tokens_decoder();
    let may_hold_spaces =
        (added.values()).any(|token| token.lstrip || token.rstrip || token.content.contains(' '));
    let normalizer = matches!(
        inner.get_normalizer(),
        Some(NormalizerWrapper::BertNormalizer(_))
    );
    let pre_tokenizer = matches!(
        inner.get_pre_tokenizer(),
        Some(PreTokenizerWrapper::BertPreTokenizer(_))
    );
    normalizer && pre_tokenizer && !may_hold_spaces
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static SHIPPED: LazyLock<Tokenizer> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
        Tokenizer::read(&folder.join("tokenizer.json")).unwrap()
    });

    #[test]
    fn words_are_remembered_and_keep_their_tokens() {
        let text = "  The mayor's [MASK] plan —\tto  re-open Çeşme's café — [SEP]cost 1,200 € in 2019,\nthe mayor's aide said. ";
        let expected = SHIPPED.encode_at_once(text).unwrap();
        for _ in 0..2 {
            assert_eq!(SHIPPED.encode(text).unwrap(), expected);
        }
        let words = SHIPPED.words.as_ref().unwrap().lock().unwrap();
        assert!(words.contains_key("mayor's"));
    }

    proptest! {
        #[test]
        fn word_by_word_and_at_once_are_the_same(
            text in "([a-zA-Z]{1,3}|[ .,’\"\\[\\]\\t\\n]|\\PC|[\u{300}-\u{315}\u{200b}\u{ad}\u{85}\u{a0}\u{3000}ßİΣ中]|\\[SEP\\]| ){0,40}"
        ) {
            prop_assert_eq!(SHIPPED.encode(&text).unwrap(), SHIPPED.encode_at_once(&text).unwrap());
        }
    }
}
