//! The architectures that rust-bert classifies sequences with, and their tokenizers.

use std::path::Path;

use rust_bert::pipelines::common::{ModelType, TokenizerOption};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{failed, guarded};
use crate::error::{Cause, Error, Result};
use crate::model::foreign::Foreign;

/// An architecture that rust-bert classifies sequences with.
pub(super) struct Architecture {
    /// What `config.json` calls it.
    name: &'static str,
    pub(super) kind: ModelType,
    /// The file of its vocabulary, and that of its merges where it has one.
    pub(super) vocabulary: (&'static str, Option<&'static str>),
    /// Whether rust-bert can read a `config.json`, which it does not say without a panic.
    pub(super) reads: fn(&[u8]) -> Result<(), serde_json::Error>,
}

const BPE: (&str, Option<&str>) = ("vocab.json", Some("merges.txt"));

/// Those that rust-bert 0.23 has in its pipeline for sequence classification.
static ARCHITECTURES: [Architecture; 12] = [
    architecture::<rust_bert::bert::BertConfig>("bert", ModelType::Bert, ("vocab.txt", None)),
    architecture::<rust_bert::distilbert::DistilBertConfig>(
        "distilbert",
        ModelType::DistilBert,
        ("vocab.txt", None),
    ),
    architecture::<rust_bert::mobilebert::MobileBertConfig>(
        "mobilebert",
        ModelType::MobileBert,
        ("vocab.txt", None),
    ),
    architecture::<rust_bert::roberta::RobertaConfig>("roberta", ModelType::Roberta, BPE),
    architecture::<rust_bert::roberta::RobertaConfig>(
        "xlm-roberta",
        ModelType::XLMRoberta,
        ("sentencepiece.bpe.model", None),
    ),
    architecture::<rust_bert::longformer::LongformerConfig>(
        "longformer",
        ModelType::Longformer,
        BPE,
    ),
    architecture::<rust_bert::bart::BartConfig>("bart", ModelType::Bart, BPE),
    architecture::<rust_bert::deberta::DebertaConfig>("deberta", ModelType::Deberta, BPE),
    architecture::<rust_bert::deberta_v2::DebertaV2Config>(
        "deberta-v2",
        ModelType::DebertaV2,
        ("spm.model", None),
    ),
    architecture::<rust_bert::albert::AlbertConfig>(
        "albert",
        ModelType::Albert,
        ("spiece.model", None),
    ),
    architecture::<rust_bert::xlnet::XLNetConfig>(
        "xlnet",
        ModelType::XLNet,
        ("spiece.model", None),
    ),
    architecture::<rust_bert::fnet::FNetConfig>("fnet", ModelType::FNet, ("spiece.model", None)),
];

const fn architecture<C: DeserializeOwned>(
    name: &'static str,
    kind: ModelType,
    vocabulary: (&'static str, Option<&'static str>),
) -> Architecture {
    Architecture {
        name,
        kind,
        vocabulary,
        reads: reads::<C>,
    }
}

fn reads<C: DeserializeOwned>(config: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<C>(config).map(drop)
}

/// What `tokenizer_config.json` says of letters, where it is there.
#[derive(Default, Deserialize)]
struct Letters {
    do_lower_case: Option<bool>,
    strip_accents: Option<bool>,
    add_prefix_space: Option<bool>,
}

/// The architecture that a model's `config.json` names.
///
/// # Errors
/// [`Error::OpenModel`] with those that rust-bert has.
pub(super) fn architecture_of(model: &Foreign) -> Result<&'static Architecture> {
    let mut known = ARCHITECTURES.iter();
    let found = known.find(|known| known.name == model.architecture);
    found.ok_or_else(|| {
        let names: Vec<&str> = ARCHITECTURES.iter().map(|known| known.name).collect();
        failed(
            &model.path,
            format!(
                "rust-bert has no {:?} (it has: {})",
                model.architecture,
                names.join(", ")
            ),
        )
    })
}

/// The tokenizer of a model's folder, as rust-bert makes it.
///
/// # Errors
/// [`Error::OpenModel`] if it cannot be made of the vocabulary.
pub(super) fn tokenizer(
    architecture: &Architecture,
    folder: &Path,
    (vocabulary, merges): (&Path, Option<&Path>),
) -> Result<TokenizerOption> {
    let letters = std::fs::read(folder.join("tokenizer_config.json")).ok();
    let letters = letters.and_then(|bytes| serde_json::from_slice::<Letters>(&bytes).ok());
    let letters = letters.unwrap_or_default();
    let pieces = architecture.vocabulary.0 == "vocab.txt";
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let open = || {
        TokenizerOption::from_file(
            architecture.kind,
            &text(vocabulary),
            merges.map(text).as_deref(),
            // What Hugging Face's own tokenizers of these architectures do unless they are told otherwise.
            letters
                .do_lower_case
                .unwrap_or(pieces || architecture.name == "albert"),
            letters
                .strip_accents
                .filter(|_| pieces || architecture.name == "albert"),
            letters
                .add_prefix_space
                .filter(|_| matches!(architecture.name, "roberta" | "longformer" | "bart")),
        )
    };
    guarded(open)
        .and_then(|opened| opened.map_err(Cause::from))
        .map_err(|source| Error::OpenModel {
            path: vocabulary.to_owned(),
            problem: "rust-bert cannot make a tokenizer of it".to_owned(),
            source: Some(source),
        })
}
