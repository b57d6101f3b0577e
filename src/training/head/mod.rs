//! `plenary train --head-only`: themes from few examples, without libtorch.
//!
//! The encoder stays as it is; each theme with examples gets a logistic regression on the mean of a
//! statement's last hidden states, which as a head of the model folder is an ordinary label head whose
//! tokens all weigh the same. Every engine runs it. This is the second step of `SetFit` (Tunstall et al. 2022)
//! without its first.

mod encoder;
mod folder;

use std::collections::BTreeMap;
use std::path::PathBuf;

use self::encoder::Encoder;
use super::calibration::{cross_entropy, temperature};
use super::figures::Figures;
use super::gold::{self, FOLDS, Labels};
use super::logistic::{Example, Linear, fit};
use super::recipe::Recipe;
use super::thresholds::Judged;
use crate::error::{Error, Result};
use crate::model::{ModelFolder, ModelSpec};
use crate::schema::{Stance, Taxonomy};

/// What is taught, from what, and where the model goes.
#[derive(Clone, Debug)]
pub struct HeadOptions {
    /// Files of labelled statements.
    pub labels: Vec<PathBuf>,
    /// Archives with the texts of labels that stand off.
    pub texts: Vec<PathBuf>,
    /// Files of labelled statements that are not learned from; without any nothing is measured.
    pub dev: Vec<PathBuf>,
    /// The model folder whose encoder is used, and whose heads are kept for themes without examples; or the
    /// folder of an encoder alone, as `plenary train` starts from.
    pub base: PathBuf,
    /// The folder of the model that is made.
    pub output: PathBuf,
    /// The model's name, as records give it.
    pub name: String,
    /// All themes of the model that is made.
    pub taxonomy: Taxonomy,
}

/// What was taught.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadReport {
    /// Labelled statements that were learned from.
    pub statements: usize,
    /// Themes with examples, each with the number of statements that carry it.
    pub taught: Vec<(String, usize)>,
    /// Themes that are as in the base.
    pub kept: Vec<String>,
    /// Agreement of the themes that were taught with the dev set, if there is one.
    pub figures: Option<Figures>,
}

/// Penalties of the regression that cross-validation chooses from.
const PENALTIES: [f64; 6] = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0];

/// Teaches a model themes and writes its folder.
///
/// # Errors
/// [`Error::OpenModel`] for a base that is not whole, [`Error::ReadRecords`] and [`Error::ReadArchive`] for
/// labels that cannot be used, [`Error::Training`] for a theme that has neither examples nor a head in the
/// base, [`Error::WriteRecords`] if the folder cannot be written.
pub fn train_head(options: &HeadOptions) -> Result<HeadReport> {
    let recipe = Recipe::shipped()?;
    let base = ModelFolder::open_encoder(&options.base, recipe.max_tokens)?;
    let labels = Labels::read(&options.labels, &options.taxonomy)?;
    let dev = Labels::read(&options.dev, &options.taxonomy)?;
    let taught = taught(&labels, options, base.spec());
    labels.check_themes(&taught)?;
    let carried = taught.themes.iter().map(|theme| labels.carry(&theme.name));
    let carried: Vec<usize> = carried.collect();
    let [statements, dev] = gold::statements([labels, dev], &options.texts)?;
    let encoder = Encoder::open(&base)?;
    let examples = encoder.examples(&statements, &taught)?;
    let folds = gold::folds(&statements);
    let mut heads = BTreeMap::new();
    for (index, theme) in taught.themes.iter().enumerate() {
        let examples: Vec<&Example> = examples.iter().map(|themes| &themes[index]).collect();
        heads.insert(theme.name.clone(), Taught::new(&examples, &folds));
    }
    let report = HeadReport {
        statements: statements.len(),
        taught: taught
            .themes
            .iter()
            .map(|theme| theme.name.clone())
            .zip(carried)
            .collect(),
        kept: kept(options, &heads).map(str::to_owned).collect(),
        figures: encoder.figures(&dev, &taught, &heads, &recipe)?,
    };
    let texts: Vec<String> = statements.into_iter().map(|s| s.text).collect();
    folder::write(&base, options, (&heads, &recipe), &texts)?;
    Ok(report)
}

/// The themes that have examples, or have to, as no model knows them.
fn taught(labels: &Labels, options: &HeadOptions, base: &ModelSpec) -> Taxonomy {
    let known = |theme: &str| base.taxonomy.theme_index(theme).is_some();
    let mut taught = options.taxonomy.clone();
    taught
        .themes
        .retain(|theme| labels.carry(&theme.name) > 0 || !known(&theme.name));
    if taught.themes.is_empty() {
        // Nothing to learn from: the check of the themes says so.
        return options.taxonomy.clone();
    }
    taught
}

fn kept<'o>(
    options: &'o HeadOptions,
    heads: &BTreeMap<String, Taught>,
) -> impl Iterator<Item = &'o str> {
    let names = options
        .taxonomy
        .themes
        .iter()
        .map(|theme| theme.name.as_str());
    names.filter(|name| !heads.contains_key(*name))
}

/// What was learned of a theme.
struct Taught {
    linear: Linear,
    temperature: f32,
    /// What was said of each statement by what had not learned from it; empty if there was nothing to validate on.
    judged: Vec<Judged>,
}

impl Taught {
    fn new(examples: &[&Example], folds: &[usize]) -> Self {
        let wanted: Vec<&[f32]> = examples.iter().map(|example| &example.wanted[..]).collect();
        let validated = |penalty: f64| {
            let mut logits = vec![Vec::new(); examples.len()];
            for fold in 0..FOLDS {
                let others: Vec<&Example> = examples
                    .iter()
                    .zip(folds)
                    .filter_map(|(example, of)| (*of != fold).then_some(*example))
                    .collect();
                let linear = fit(&others, penalty);
                for (place, (example, of)) in examples.iter().zip(folds).enumerate() {
                    if *of == fold {
                        logits[place] = linear.logits(&example.features);
                    }
                }
            }
            logits
        };
        let mut best = (f64::INFINITY, PENALTIES[0], 1.0);
        let mut best_logits = Vec::new();
        for penalty in PENALTIES {
            let logits = validated(penalty);
            if logits.iter().any(Vec::is_empty) {
                // One document only: there is nothing to validate on.
                best.1 = 0.1;
                break;
            }
            let rows: Vec<&[f32]> = logits.iter().map(Vec::as_slice).collect();
            let temperature = temperature(&rows, &wanted);
            let loss = cross_entropy(&rows, &wanted, temperature);
            if loss < best.0 {
                best = (loss, penalty, temperature);
                best_logits = logits;
            }
        }
        let temperature = best.2;
        let judged = |((logits, wanted), fold): ((&Vec<f32>, &&[f32]), &usize)| {
            let scaled: Vec<f32> = logits.iter().map(|logit| logit / temperature).collect();
            Judged::of_logits(&scaled, wanted, *fold)
        };
        Self {
            linear: fit(examples, best.1),
            temperature,
            judged: best_logits
                .iter()
                .zip(&wanted)
                .zip(folds)
                .map(judged)
                .collect(),
        }
    }

    /// Weights and bias of a stance's column.
    fn row(&self, stance: &str) -> Option<(Vec<f32>, f32)> {
        let place = Stance::ALL
            .iter()
            .position(|known| known.name() == stance)?;
        Some((
            self.linear.weights[place].clone(),
            self.linear.biases[place],
        ))
    }
}

fn failed(problem: String) -> Error {
    Error::Training {
        problem,
        source: None,
    }
}
