//! What a training learns from, as units of tokens, and what it keeps back.

use std::collections::BTreeSet;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::base::Base;
use super::dataset::{self, Unit};
use super::fine_tune::TrainingSet;
use super::gold::{self, LabelledStatement, Labels};
use super::{TrainOptions, stances};
use crate::error::{Error, Result};
use crate::schema::TargetedText;

/// How many texts the ranges of int8 are measured on, at most.
const SAMPLE: usize = 400;

/// What was labelled, as units of tokens.
pub(super) struct Gold {
    pub(super) set: TrainingSet,
    /// Labelled statements of documents that are not learned from, each once, for calibration and thresholds.
    pub(super) held_out: Vec<Unit>,
    /// Texts with a target that are not learned from, for calibration.
    pub(super) held_out_stances: Vec<Unit>,
    /// Which part of a cross-validation each of them is in.
    pub(super) folds: Vec<usize>,
    /// Texts to measure the ranges of int8 on.
    pub(super) sample: Vec<String>,
    /// SHA-256 of the files, in the order of the options.
    hashes: Vec<(String, String)>,
}

impl Gold {
    /// Reads and checks the files.
    ///
    /// # Errors
    /// As [`Labels::read`], [`gold::statements`], [`gold::read_attributions`] and [`stances::read_stances`].
    pub(super) fn read(options: &TrainOptions, base: &Base) -> Result<Self> {
        let room = options.recipe.max_tokens - 2;
        let labels = Labels::read(&options.labels, &options.taxonomy)?;
        labels.check_themes(&options.taxonomy)?;
        let dev = Labels::read(&options.dev, &options.taxonomy)?;
        let mut articles = Vec::new();
        for path in &options.attributions {
            articles.extend(gold::read_attributions(path)?);
        }
        let [statements, dev] = gold::statements([labels, dev], &options.texts)?;
        let (learned, held_out) = hold_out(statements, options.recipe.held_out);
        let mut targeted = Vec::new();
        if !options.stances.is_empty() {
            for path in &options.stances {
                targeted.extend(stances::read_stances(path)?);
            }
            targeted.extend(stances::of_statements(&learned));
            targeted = stances::with_absent(targeted);
        }
        let (targeted, held_out_stances) = stances::hold_out(targeted, options.recipe.held_out);
        let of_texts = |texts: &[TargetedText]| stances::targeted(texts, &base.tokenizer, room);
        let units = |statements: &[LabelledStatement]| {
            dataset::labelled(statements, &options.taxonomy, &base.tokenizer, room)
        };
        let files = options
            .labels
            .iter()
            .chain(&options.attributions)
            .chain(&options.stances)
            .chain(&options.dev);
        let every = learned.len().div_ceil(SAMPLE).max(1);
        Ok(Self {
            sample: learned
                .iter()
                .step_by(every)
                .map(|statement| statement.text.clone())
                .collect(),
            set: TrainingSet {
                statements: units(&learned)?,
                articles: dataset::attributed(&articles, &base.tokenizer, room)?,
                targeted: of_texts(&targeted)?,
                dev: units(&dev)?,
            },
            held_out_stances: of_texts(&held_out_stances)?,
            held_out: units(&held_out)?,
            folds: gold::folds(&held_out),
            hashes: files.map(|path| hash_file(path)).collect::<Result<_>>()?,
        })
    }

    /// Tells this training from every other.
    ///
    /// # Errors
    /// As [`table`].
    pub(super) fn fingerprint(&self, options: &TrainOptions, base: &Base) -> Result<String> {
        let mut digest = Sha256::new();
        for (_, hash) in &self.hashes {
            digest.update(hash);
        }
        digest.update(base.weights.bytes());
        digest.update(options.seed.to_le_bytes());
        digest.update(table(&options.recipe)?.to_string());
        digest.update(table(&options.taxonomy)?.to_string());
        Ok(format!("{:x}", digest.finalize()))
    }

    /// What the model folder says of the training.
    ///
    /// # Errors
    /// As [`table`].
    pub(super) fn description(
        &self,
        options: &TrainOptions,
        target_shift: f32,
    ) -> Result<toml::Table> {
        let mut files = toml::Table::new();
        for (name, hash) in &self.hashes {
            files.insert(name.clone(), hash.clone().into());
        }
        let mut description = toml::Table::new();
        description.insert("base".to_owned(), options.base.display().to_string().into());
        description.insert("seed".to_owned(), options.seed.to_string().into());
        description.insert("statements".to_owned(), count(self.set.statements.len()));
        description.insert("article-windows".to_owned(), count(self.set.articles.len()));
        description.insert("targeted-texts".to_owned(), count(self.set.targeted.len()));
        description.insert("held-out".to_owned(), count(self.held_out.len()));
        description.insert("target-shift".to_owned(), f64::from(target_shift).into());
        description.insert("files".to_owned(), files.into());
        description.insert("recipe".to_owned(), table(&options.recipe)?.into());
        Ok(description)
    }
}

/// Splits off about a `share` of the statements, whole documents, the same whatever the seed. What was given several
/// times to count more is held out once.
fn hold_out(
    statements: Vec<LabelledStatement>,
    share: f64,
) -> (Vec<LabelledStatement>, Vec<LabelledStatement>) {
    let most = (statements.len() as f64 * share).round();
    let mut held = BTreeSet::new();
    let mut count = 0;
    for document in gold::documents_by_hash(&statements) {
        if count as f64 >= most {
            break;
        }
        count += statements
            .iter()
            .filter(|statement| statement.document() == document)
            .count();
        held.insert(document.to_owned());
    }
    let (learned, mut held_out): (Vec<_>, Vec<_>) = statements
        .into_iter()
        .partition(|statement| !held.contains(statement.document()));
    let mut seen = BTreeSet::new();
    held_out.retain(|statement| seen.insert((statement.id.clone(), statement.text.clone())));
    (learned, held_out)
}

/// A value as it stands in `plenary.toml`.
///
/// # Errors
/// [`Error::Training`] if TOML has no form for it.
pub(super) fn table(value: &impl serde::Serialize) -> Result<toml::Table> {
    toml::Table::try_from(value).map_err(|source| Error::Training {
        problem: "the settings cannot be written as TOML".to_owned(),
        source: Some(source.into()),
    })
}

fn count(count: usize) -> toml::Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

/// The name of a file and the SHA-256 of what it holds.
fn hash_file(path: &Path) -> Result<(String, String)> {
    let bytes = std::fs::read(path).map_err(|source| Error::ReadArchive {
        path: path.into(),
        source: source.into(),
    })?;
    Ok((
        path.display().to_string(),
        format!("{:x}", Sha256::digest(bytes)),
    ))
}
