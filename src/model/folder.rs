//! A model folder, opened and checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::config::{BertConfig, TensorShape};
use super::spec::{ActivationRange, Head, ModelSpec};
use super::tokenizer::Tokenizer;
use super::weights::Weights;
use crate::error::{Error, Result};

/// The names of the files of a model folder.
pub mod file {
    /// The sizes of the encoder.
    pub const CONFIG: &str = "config.json";
    /// The vocabulary.
    pub const TOKENIZER: &str = "tokenizer.json";
    /// The weights.
    pub const WEIGHTS: &str = "model.safetensors";
    /// Everything else.
    pub const SPEC: &str = "plenary.toml";
}

/// A model: encoder sizes, tokenizer, weights and specification that fit together.
#[derive(Debug)]
pub struct ModelFolder {
    path: PathBuf,
    config: BertConfig,
    spec: ModelSpec,
    tokenizer: Tokenizer,
    weights: Weights,
    hash: String,
}

impl ModelFolder {
    /// Opens a model folder.
    ///
    /// # Errors
    /// [`Error::OpenModel`] naming the file that is missing, damaged or does not fit the others.
    pub fn open(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            return Err(Error::OpenModel {
                path: path.into(),
                problem: format!(
                    "there is no such folder; a model is a folder with {}, {}, {} and {}",
                    file::SPEC,
                    file::CONFIG,
                    file::TOKENIZER,
                    file::WEIGHTS
                ),
                source: None,
            });
        }
        let spec = ModelSpec::read(&path.join(file::SPEC))?;
        let config = BertConfig::read(&path.join(file::CONFIG))?;
        Self::with_parts(path, spec, config)
    }

    /// Reads tokenizer and weights, and checks that all parts fit together.
    fn with_parts(path: &Path, spec: ModelSpec, config: BertConfig) -> Result<Self> {
        let tokenizer = Tokenizer::read(&path.join(file::TOKENIZER))?;
        check_sizes(path, &spec, &config, &tokenizer)?;
        let weights = Weights::read(&path.join(file::WEIGHTS))?;
        weights.check(&config.tensors())?;
        for head in spec.heads.iter() {
            weights.check(&head_tensors(head, &config))?;
        }
        let hash = hash(path, &spec, &weights)?;
        Ok(Self {
            path: path.into(),
            config,
            spec,
            tokenizer,
            weights,
            hash,
        })
    }

    /// Opens the folder of an encoder alone, as Hugging Face has it, as a model without heads that reads windows of at
    /// most `max_tokens`; or a model folder as it is.
    ///
    /// # Errors
    /// As [`ModelFolder::open`].
    pub fn open_encoder(path: &Path, max_tokens: usize) -> Result<Self> {
        if !path.is_dir() || path.join(file::SPEC).exists() {
            return Self::open(path);
        }
        let config = BertConfig::read(&path.join(file::CONFIG))?;
        let name = path.canonicalize().ok();
        let name = name.as_deref().and_then(Path::file_name);
        let name = name.unwrap_or_default().to_string_lossy();
        let spec = ModelSpec::of_encoder(&name, max_tokens.min(config.max_position_embeddings));
        Self::with_parts(path, spec, config)
    }

    /// The same model with other ranges for int8.
    #[must_use]
    pub fn with_activations(mut self, activations: BTreeMap<String, ActivationRange>) -> Self {
        self.spec.activations = activations;
        self
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The sizes of the encoder.
    pub fn config(&self) -> &BertConfig {
        &self.config
    }

    /// What `plenary.toml` says.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The weights.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// SHA-256, in hexadecimal, of everything that results depend on: the four files, without the
    /// `curve`, `training` and `scores` of `plenary.toml`.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The model as records name it: its name and the start of its hash, `plenary-minilm-1@3f2a9c1d`.
    pub fn id(&self) -> String {
        let start: String = self.hash.chars().take(8).collect();
        format!("{}@{start}", self.spec.name)
    }
}

/// The tensors of a head: one row of weights and one bias a column.
pub(crate) fn head_tensors(head: &Head, config: &BertConfig) -> [TensorShape; 2] {
    let (output, columns) = (&head.output, head.columns.len());
    [
        TensorShape {
            name: format!("{output}.weight"),
            shape: vec![columns, config.hidden_size],
        },
        TensorShape {
            name: format!("{output}.bias"),
            shape: vec![columns],
        },
    ]
}

/// Reads a file of a model folder.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| Error::OpenModel {
        path: path.into(),
        problem: if source.kind() == std::io::ErrorKind::NotFound {
            "the file is missing; copy or download the whole folder again".to_owned()
        } else {
            "the file cannot be read".to_owned()
        },
        source: Some(source.into()),
    })
}

fn check_sizes(
    folder: &Path,
    spec: &ModelSpec,
    config: &BertConfig,
    tokenizer: &Tokenizer,
) -> Result<()> {
    let failed = |name: &str, problem: String| {
        Err(Error::OpenModel {
            path: folder.join(name),
            problem,
            source: None,
        })
    };
    let (tokens, positions) = (spec.max_tokens, config.max_position_embeddings);
    if tokens > positions {
        let problem = format!("max-tokens is {tokens}, the encoder reads at most {positions}");
        return failed(file::SPEC, problem);
    }
    let (vocabulary, rows) = (tokenizer.vocabulary_size(), config.vocab_size);
    if vocabulary > rows {
        let problem = format!("it has {vocabulary} tokens, the encoder knows {rows}");
        return failed(file::TOKENIZER, problem);
    }
    Ok(())
}

fn hash(folder: &Path, spec: &ModelSpec, weights: &Weights) -> Result<String> {
    let relevant = ModelSpec {
        curves: Vec::new(),
        training: toml::Table::new(),
        scores: toml::Table::new(),
        ..spec.clone()
    };
    let relevant = toml::to_string(&relevant).map_err(|source| Error::OpenModel {
        path: folder.join(file::SPEC),
        problem: "it cannot be written out again".to_owned(),
        source: Some(source.into()),
    })?;
    let mut digest = Sha256::new();
    for part in [
        relevant.as_bytes(),
        &read(&folder.join(file::CONFIG))?,
        &read(&folder.join(file::TOKENIZER))?,
        weights.bytes(),
    ] {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    Ok(format!("{:x}", digest.finalize()))
}
