//! The whole of `plenary train`: read, check, train, calibrate, write.

use std::collections::BTreeMap;

use super::base::Base;
use super::calibration::{target_shift, temperature};
use super::checkpoint::Checkpoint;
use super::dataset::{self, STATES, Unit};
use super::figures::Prediction;
use super::fine_tune::FineTuning;
use super::learn::Reader;
use super::material::{Gold, table};
use super::thresholds::{self, judged};
use super::{Figures, Progress, Report, TrainOptions};
use crate::engine::calibrate::prepare_int8;
use crate::engine::network::{Network, generator};
use crate::error::{Error, Result};
use crate::model::ModelSpec;
use crate::model::spec::{FORMAT, Heads, LabelActivation, LabelSpec};
use crate::schema::Probability;

/// Trains a model and writes its folder.
///
/// # Errors
/// [`Error::ReadRecords`] and [`Error::ReadArchive`] for gold that cannot be used, [`Error::OpenModel`] for
/// a base that is not whole, [`Error::Training`] and [`Error::WriteRecords`] for what goes wrong later.
pub fn train(options: &TrainOptions, progress: &mut dyn FnMut(Progress)) -> Result<Report> {
    let base = Base::open(&options.base)?;
    let gold = Gold::read(options, &base)?;
    let heads = heads(options);
    let reader = Reader::new(&base.tokenizer, &heads);
    let checkpoint = Checkpoint::new(
        &options.output.join("checkpoint"),
        &gold.fingerprint(options, &base)?,
    );
    if !options.resume {
        checkpoint.remove()?;
    }
    let _generator = generator();
    let mut network = base.network(&heads, options)?;
    let tuning = FineTuning {
        reader: &reader,
        set: &gold.set,
        recipe: &options.recipe,
        seed: options.seed,
        checkpoint: Some(&checkpoint),
    };
    let figures = tuning.run(&network, progress)?;
    network.compute_in_single();
    let held_out: Vec<&Unit> = gold.held_out.iter().collect();
    let predictions = reader.predict(&network, &held_out)?;
    let shift = target_shift(&predictions, &held_out);
    shift_targets(&network, &heads, shift);
    let mut spec = ModelSpec {
        format: FORMAT,
        name: options.name.clone(),
        max_tokens: options.recipe.max_tokens,
        label_activation: LabelActivation::Softmax,
        labels: pair_specs(options, &predictions, &held_out)?,
        theme_scores: theme_specs(options)?,
        curves: Vec::new(),
        stance_scale: stance_scale(&reader, &network, &gold.held_out_stances)?,
        taxonomy: options.taxonomy.clone(),
        heads,
        activations: BTreeMap::new(),
        training: gold.description(options, shift)?,
        scores: scores(&figures)?,
    };
    let judged = judged(&spec, &predictions, (&gold.held_out, &gold.folds));
    thresholds::fit(&mut spec, &judged);
    base.write(&options.output, &network, &spec)?;
    prepare_int8(&options.output, &gold.sample)?;
    checkpoint.remove()?;
    Ok(Report {
        statements: gold.set.statements.len(),
        articles: gold.set.articles.len(),
        targeted: gold.set.targeted.len(),
        figures,
    })
}

fn heads(options: &TrainOptions) -> Heads {
    let mut heads = dataset::heads(&options.taxonomy);
    heads.attribution = heads
        .attribution
        .filter(|_| !options.attributions.is_empty());
    heads.stances = heads.stances.filter(|_| !options.stances.is_empty());
    heads
}

/// Adds `shift` to all logits of the target head.
fn shift_targets(network: &Network, heads: &Heads, shift: f32) {
    let name = heads
        .targets
        .as_ref()
        .map(|head| format!("{}.bias", head.output));
    if let Some(mut bias) = name.and_then(|name| network.parameters().remove(&name)) {
        let _shifted = tch::no_grad(|| bias.g_add_scalar_(f64::from(shift)));
    }
}

/// What the logits of the stance head are to be multiplied with; 1 without one.
fn stance_scale(reader: &Reader, network: &Network, held_out: &[Unit]) -> Result<f32> {
    let logits = reader.predict_stances(network, held_out)?;
    let logits: Vec<&[f32]> = logits.iter().map(Vec::as_slice).collect();
    let wanted: Vec<&[f32]> = held_out
        .iter()
        .filter_map(|unit| unit.stance.as_deref())
        .collect();
    Ok(1.0 / temperature(&logits, &wanted))
}

/// Threshold and calibration of each (theme, stance) pair, a temperature a theme.
fn pair_specs(
    options: &TrainOptions,
    predictions: &[Prediction],
    held_out: &[&Unit],
) -> Result<Vec<LabelSpec>> {
    let stances = STATES - 1;
    let temperatures: Vec<f32> = (0..options.taxonomy.themes.len())
        .map(|theme| {
            let logits: Vec<&[f32]> = predictions
                .iter()
                .map(|prediction| &prediction.labels[theme * stances..(theme + 1) * stances])
                .collect();
            let wanted: Vec<&[f32]> = held_out
                .iter()
                .filter_map(|unit| unit.labels.as_ref())
                .map(|labels| &labels[theme * STATES..(theme + 1) * STATES])
                .collect();
            temperature(&logits, &wanted)
        })
        .collect();
    let threshold = probability(options.recipe.second_stance_threshold)?;
    let keys = options.taxonomy.label_keys();
    Ok(keys
        .map(|key| LabelSpec {
            name: options.taxonomy.label_name(key),
            threshold,
            scale: 1.0 / temperatures[key.theme_index],
            offset: 0.0,
        })
        .collect())
}

/// A theme's logit comes from its calibrated pairs, so it needs no calibration of its own.
fn theme_specs(options: &TrainOptions) -> Result<Vec<LabelSpec>> {
    let threshold = probability(options.recipe.theme_threshold)?;
    let themes = options.taxonomy.themes.iter();
    Ok(themes
        .map(|theme| LabelSpec {
            name: theme.name.clone(),
            threshold,
            scale: 1.0,
            offset: 0.0,
        })
        .collect())
}

fn probability(value: f32) -> Result<Probability> {
    Probability::new(value).ok_or_else(|| Error::Settings {
        problem: format!("recipe: a threshold is {value}; it is between 0 and 1"),
    })
}

fn scores(figures: &[Figures]) -> Result<toml::Table> {
    let mut scores = toml::Table::new();
    if let Some(best) = Figures::best(figures) {
        scores.insert("dev".to_owned(), table(best)?.into());
    }
    Ok(scores)
}
