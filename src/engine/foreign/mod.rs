//! A sequence classifier of others, on rust-bert's own pipeline.
//!
//! Useful for: any model of an architecture that rust-bert knows. Not useful for: speed.

mod architecture;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use rust_bert::pipelines::common::{ConfigOption, ModelResource, TokenizerOption};
use rust_bert::pipelines::sequence_classification::{
    SequenceClassificationConfig, SequenceClassificationOption,
};
use rust_bert::resources::LocalResource;
use rust_tokenizers::tokenizer::TruncationStrategy;
use tch::{Device, Kind, Tensor as TorchTensor};

use self::architecture::{architecture_of, tokenizer};
use super::{Engine, Outputs, Tensor, TokenBatch, rows};
use crate::error::{Cause, Error, Result};
use crate::model::foreign::{Columns, Foreign, Inference, Source, text_of};

const NAME: &str = "libtorch";

/// A classifier with its tokenizer, on one thread.
pub struct ForeignEngine {
    classifier: SequenceClassificationOption,
    tokenizer: TokenizerOption,
    /// The most tokens of a row.
    max_tokens: usize,
    /// Tokens in the vocabulary.
    vocabulary: i64,
    inference: Option<Inference>,
    several: bool,
    labels: usize,
    columns: Columns,
}

impl fmt::Debug for ForeignEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForeignEngine")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl ForeignEngine {
    /// Opens `sessions` engines, each with its own copy of the weights.
    ///
    /// # Errors
    /// [`Error::OpenModel`] for an architecture that rust-bert does not know, and for files that are missing or do not fit.
    pub fn open(model: &Foreign, columns: &Columns, sessions: usize) -> Result<Vec<Self>> {
        (0..sessions.max(1))
            .map(|_| Self::session(model, columns))
            .collect()
    }

    fn session(model: &Foreign, columns: &Columns) -> Result<Self> {
        let architecture = architecture_of(model)?;
        let path = |name: &str| model.path.join(name);
        let config = crate::model::folder::read(&path("config.json"))?;
        (architecture.reads)(&config).map_err(|source| Error::OpenModel {
            path: path("config.json"),
            problem: "rust-bert cannot read it".to_owned(),
            source: Some(source.into()),
        })?;
        let vocabulary = existing(path(architecture.vocabulary.0))?;
        let merges = architecture
            .vocabulary
            .1
            .map(|name| existing(path(name)))
            .transpose()?;
        let settings = SequenceClassificationConfig {
            model_type: architecture.kind,
            model_resource: ModelResource::Torch(Box::new(LocalResource::from(
                model.weights.clone(),
            ))),
            config_resource: Box::new(LocalResource::from(path("config.json"))),
            vocab_resource: Box::new(LocalResource::from(vocabulary.clone())),
            merges_resource: None,
            lower_case: false,
            strip_accents: None,
            add_prefix_space: None,
            device: Device::Cpu,
            kind: Some(Kind::Float),
        };
        let sizes = ConfigOption::from_file(architecture.kind, path("config.json"));
        let tokenizer = tokenizer(architecture, &model.path, (&vocabulary, merges.as_deref()))?;
        let classifier = classifier(&settings, &model.weights)?;
        Ok(Self {
            classifier,
            tokenizer,
            // Some architectures count positions from 2 on.
            max_tokens: sizes
                .get_max_len()
                .map_or(512, |most| usize::try_from(most - 2).unwrap_or(1)),
            vocabulary: sizes.get_vocab_size(),
            inference: model.inference(),
            several: model.several,
            labels: model.labels.len(),
            columns: columns.clone(),
        })
    }

    /// The logits of one text, or of a text and a hypothesis.
    fn logits(&self, text: &str, hypothesis: Option<&str>) -> Result<Vec<f32>, Cause> {
        let input = self.tokenizer.encode_pair(
            text,
            hypothesis,
            self.max_tokens,
            &TruncationStrategy::LongestFirst,
            0,
        );
        if let Some(beyond) = input
            .token_ids
            .iter()
            .find(|id| !(0..self.vocabulary).contains(*id))
        {
            return Err(
                format!("token {beyond} is outside the vocabulary that config.json names").into(),
            );
        }
        let row = |ids: &[i64]| TorchTensor::from_slice(ids).unsqueeze(0);
        let ids = row(&input.token_ids);
        let segments: Vec<i64> = input.segment_ids.iter().map(|&id| i64::from(id)).collect();
        let segments = row(&segments);
        let mask = ids.ones_like().to_kind(Kind::Bool);
        let forward = || {
            tch::no_grad(|| {
                self.classifier.forward_t(
                    Some(&ids),
                    Some(&mask),
                    Some(&segments),
                    None,
                    None,
                    false,
                )
            })
        };
        let found = guarded(forward)?;
        let logits = Vec::<f32>::try_from(&found.to_kind(Kind::Float).contiguous().view(-1))?;
        if logits.len() != self.labels {
            return Err(format!(
                "it gives {} logits for {} labels",
                logits.len(),
                self.labels
            )
            .into());
        }
        Ok(logits)
    }

    /// For each output the row of its columns.
    fn answers(&self, text: &str) -> Result<Vec<(&String, Vec<f32>)>, Cause> {
        let asks = |source: &Source| matches!(source, Source::Labels(_));
        let own = self
            .columns
            .values()
            .flatten()
            .any(asks)
            .then(|| self.logits(text, None));
        let own = own
            .transpose()?
            .map(|logits| probabilities(&logits, self.several))
            .unwrap_or_default();
        let answer = |source: &Source| match source {
            Source::Constant(logit) => Ok(*logit),
            Source::Labels(places) => {
                let of = places.iter().map(|place| own[*place]);
                Ok(logit(if self.several {
                    1.0 - of.map(|p| 1.0 - p).product::<f32>()
                } else {
                    of.sum()
                }))
            }
            Source::Hypothesis(hypothesis) => {
                let logits = self.logits(text, Some(hypothesis))?;
                let places = self.inference.ok_or("it has no labels of inference")?;
                Ok(logits[places.entailment] - logits[places.contradiction])
            }
        };
        let outputs = self.columns.iter();
        outputs
            .map(|(name, sources)| {
                Ok((
                    name,
                    sources.iter().map(answer).collect::<Result<_, Cause>>()?,
                ))
            })
            .collect()
    }

    fn run_rows(&self, batch: &TokenBatch) -> Result<Outputs, Cause> {
        // The number of threads is the calling thread's own in libtorch.
        tch::set_num_threads(1);
        let mut whole = Outputs::default();
        // Each row goes alone: a text must not depend on its neighbours' padding.
        for ids in batch.ids.chunks(batch.columns.max(1)) {
            for (name, row) in self.answers(&text_of(ids))? {
                let tensor = whole.0.entry(name.clone()).or_insert_with(|| Tensor {
                    shape: vec![0, batch.columns, row.len()],
                    values: Vec::new(),
                });
                tensor.shape[0] += 1;
                tensor.values.extend(row.repeat(batch.columns));
            }
        }
        Ok(whole)
    }
}

impl Engine for ForeignEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    /// The ids are those of [`crate::model::foreign::bytes`]; every token of a row says the same.
    fn run(&mut self, batch: &TokenBatch) -> Result<Outputs> {
        rows::by_length_on(NAME, batch, |batch| self.run_rows(batch))
    }
}

fn classifier(
    settings: &SequenceClassificationConfig,
    weights: &Path,
) -> Result<SequenceClassificationOption> {
    let _generator = super::network::generator();
    guarded(|| SequenceClassificationOption::new(settings))
        .and_then(|opened| opened.map_err(Cause::from))
        .map_err(|source| Error::OpenModel {
            path: weights.into(),
            problem: "the weights do not fit to config.json".to_owned(),
            source: Some(source),
        })
}

fn existing(path: PathBuf) -> Result<PathBuf> {
    if path.is_file() {
        return Ok(path);
    }
    Err(failed(
        &path,
        "the file is missing; copy or download the whole folder again".to_owned(),
    ))
}

fn failed(path: &Path, problem: String) -> Error {
    Error::OpenModel {
        path: path.into(),
        problem,
        source: None,
    }
}

/// Runs what rust-bert panics in where something does not fit; gives what the panic said.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Cause> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Cause::from(text.unwrap_or_default())
    })
}

/// Of labels of which one holds, or each for itself.
fn probabilities(logits: &[f32], several: bool) -> Vec<f32> {
    if several {
        return logits
            .iter()
            .map(|logit| 1.0 / (1.0 + (-logit).exp()))
            .collect();
    }
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let parts: Vec<f32> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f32 = parts.iter().sum();
    parts.into_iter().map(|part| part / sum).collect()
}

/// The logit of a probability, finite.
fn logit(probability: f32) -> f32 {
    let inside = probability.clamp(1e-7, 1.0 - 1e-7);
    (inside / (1.0 - inside)).ln()
}
