//! A folder of a sequence classifier as Hugging Face has it: a model of others, which rust-bert runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::folder::{file, read};
use super::tokenizer::Tokenizer;
use crate::error::{Error, Result};

/// The files that weights may be in, best first.
const WEIGHTS: [&str; 3] = [file::WEIGHTS, "rust_model.ot", "pytorch_model.bin"];

/// A sequence classifier of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The folder.
    pub path: PathBuf,
    /// The file in it that holds the weights.
    pub weights: PathBuf,
    /// How records name it: the folder's name, or its id on the hub.
    pub name: String,
    /// What `config.json` calls its architecture: `bert`, `roberta`, `bart`.
    pub architecture: String,
    /// The names of its labels, in the order of its logits.
    pub labels: Vec<String>,
    /// Whether several labels may hold at once.
    pub several: bool,
    /// SHA-256 of configuration and weights, in hexadecimal.
    pub hash: String,
}

#[derive(Deserialize)]
struct Config {
    model_type: String,
    #[serde(default)]
    id2label: BTreeMap<String, String>,
    #[serde(default)]
    problem_type: Option<String>,
}

/// What a column of the outputs says, by a model's labels or its answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// That this sentence follows from the statement and is not contradicted by it.
    Hypothesis(String),
    /// That one of these labels holds.
    Labels(Vec<usize>),
    /// Always this logit.
    Constant(f32),
}

/// Outputs of a foreign model, each with its columns.
pub type Columns = BTreeMap<String, Vec<Source>>;

/// The places of two labels of a model for natural language inference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inference {
    /// Where the statement entails the hypothesis.
    pub entailment: usize,
    /// Where it contradicts it, or merely does not entail it.
    pub contradiction: usize,
}

impl Foreign {
    /// Whether a folder looks like one: it has a `config.json` and is no model folder of Plenary.
    pub fn is_at(path: &Path) -> bool {
        path.join(file::CONFIG).is_file() && !path.join(file::SPEC).exists()
    }

    /// Opens a folder; `name` is what records shall call it.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if a file is missing or damaged, or the labels have no names.
    pub fn open(path: &Path, name: &str) -> Result<Self> {
        let failed = |file: &str, problem: String| Error::OpenModel {
            path: path.join(file),
            problem,
            source: None,
        };
        let bytes = read(&path.join(file::CONFIG))?;
        let config: Config = serde_json::from_slice(&bytes).map_err(|source| Error::OpenModel {
            path: path.join(file::CONFIG),
            problem: "it is not the configuration of a Hugging Face model".to_owned(),
            source: Some(source.into()),
        })?;
        let labels = labels(&config.id2label).ok_or_else(|| {
            failed(
                file::CONFIG,
                "its labels are unknown: id2label must name each of them, from \"0\" on. Is it a sequence classifier? \
                 Plenary runs those, and models for natural language inference"
                    .to_owned(),
            )
        })?;
        let found = WEIGHTS
            .iter()
            .map(|name| path.join(name))
            .find(|path| path.is_file());
        let weights = found.ok_or_else(|| {
            failed(
                "",
                format!("it has no weights; it needs one of {}", WEIGHTS.join(", ")),
            )
        })?;
        let mut digest = Sha256::new();
        for part in [&bytes, &read(&weights)?] {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
        Ok(Self {
            path: path.to_owned(),
            weights,
            name: name.to_owned(),
            architecture: config.model_type,
            labels,
            several: config.problem_type.as_deref() == Some("multi_label_classification"),
            hash: format!("{:x}", digest.finalize()),
        })
    }

    /// The model as records name it.
    pub fn id(&self) -> String {
        let start: String = self.hash.chars().take(8).collect();
        format!("{}@{start}", self.name)
    }

    /// Where the labels of inference are, if the model was trained for it.
    pub fn inference(&self) -> Option<Inference> {
        let place = |known: fn(&str) -> bool| {
            self.labels
                .iter()
                .position(|label| known(&label.to_lowercase()))
        };
        Some(Inference {
            entailment: place(|label| label.starts_with("entail"))?,
            contradiction: place(|label| label.starts_with("contradict"))
                .or_else(|| place(|label| label.starts_with("not") && label.contains("entail")))?,
        })
    }
}

/// The labels in order; `None` if one has no name of its own.
fn labels(id2label: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let named = (0..id2label.len()).map(|place| id2label.get(&place.to_string()).cloned());
    let labels = named.collect::<Option<Vec<_>>>()?;
    let nameless = |label: &String| label.trim().is_empty() || label.starts_with("LABEL_");
    (labels.len() > 1 && !labels.iter().any(nameless)).then_some(labels)
}

/// The token at the start of a row of bytes, and the one at its end.
const ENDS: [&str; 2] = ["[CLS]", "[SEP]"];

/// A tokenizer whose tokens are bytes, their ids the bytes themselves: what is read can be written again, for a model
/// that has a tokenizer of its own.
///
/// # Errors
/// [`Error::OpenModel`] if the library does not make it; a bug that a test finds.
pub fn bytes() -> Result<Tokenizer> {
    let mut vocabulary: BTreeMap<String, u32> = (0..=255)
        .map(|byte| (symbol(byte).to_string(), byte))
        .collect();
    for (token, id) in ENDS.iter().zip(256..) {
        vocabulary.insert((*token).to_owned(), id);
    }
    let json = serde_json::json!({
        "version": "1.0", "added_tokens": [],
        "pre_tokenizer": {
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false,
        },
        "model": {"type": "BPE", "vocab": vocabulary, "merges": []},
    });
    Tokenizer::made(&json, "bytes")
}

/// The text of tokens of [`bytes()`]; what is no text is replaced.
pub fn text_of(ids: &[u32]) -> String {
    let bytes: Vec<u8> = ids.iter().filter_map(|&id| u8::try_from(id).ok()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// How byte-level vocabularies write a byte: printable ones as they are, others by the characters from 256 on.
fn symbol(byte: u32) -> char {
    let printable = |byte: u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let shown = if printable(byte) {
        byte
    } else {
        (0..byte)
            .filter(|&before| !printable(before))
            .fold(256, |symbol, _| symbol + 1)
    };
    char::from_u32(shown).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_read_as_bytes_can_be_written_again(text in "\\PC{0,40}") {
            let tokens = bytes().unwrap().encode(&text).unwrap();
            let ids: Vec<u32> = tokens.iter().map(|token| token.id).collect();
            prop_assert_eq!(&text_of(&ids), &text);
            for token in &tokens {
                prop_assert!(text.get(token.start..token.end).is_some(), "{:?} of {:?}", token, text);
            }
        }
    }

    #[test]
    fn labels_are_found_by_name_and_not_by_place() {
        let of = |labels: &[&str]| Foreign {
            path: PathBuf::new(),
            weights: PathBuf::new(),
            name: String::new(),
            architecture: "bert".to_owned(),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            several: false,
            hash: String::new(),
        };
        let places = |labels: &[&str]| {
            of(labels)
                .inference()
                .map(|found| (found.entailment, found.contradiction))
        };
        assert_eq!(
            places(&["ENTAILMENT", "NEUTRAL", "CONTRADICTION"]),
            Some((0, 2))
        );
        assert_eq!(
            places(&["contradiction", "neutral", "entailment"]),
            Some((2, 0))
        );
        assert_eq!(places(&["entailment", "not_entailment"]), Some((0, 1)));
        assert_eq!(places(&["security", "trade"]), None);
    }
}
