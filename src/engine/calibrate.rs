//! Making a model folder ready for int8: which ranges of numbers go into the linear layers, measured on text, and
//! weights on the steps of int8.

use std::collections::BTreeMap;
use std::path::Path;

use super::{EmbeddedEngine, TokenBatch};
use crate::error::{Error, Result};
use crate::model::folder::file;
use crate::model::graph::{linear_layers, linear_weight};
use crate::model::quantize::best_range;
use crate::model::rounding::rounded;
use crate::model::spec::ActivationRange;
use crate::model::{ModelFolder, Weights};

/// Tokens that are looked at. The numbers of all layers for one token take 64 KB in the default model.
const TOKENS: usize = 8192;

/// Makes the model in `folder` ready for int8: writes the ranges into `plenary.toml` as `activations`, and into
/// `model.safetensors` the weights rounded to the steps of int8, which all engines then run.
///
/// Some hundred texts of the kind that will be tagged are enough; of more, some are left out evenly.
///
/// # Errors
/// [`Error::Settings`] if there is no text, and what opening, running and writing the model gives.
pub fn prepare_int8(folder: &Path, texts: &[String]) -> Result<()> {
    let model = ModelFolder::open(folder)?;
    let mut spec = model.spec().clone();
    spec.activations = activation_ranges(&model, texts)?;
    Weights::write(
        &folder.join(file::WEIGHTS),
        &rounded(&model, &spec.activations)?,
    )?;
    spec.write(&folder.join(file::SPEC))
}

/// The range of what goes into each linear layer, measured on texts.
///
/// # Errors
/// [`Error::Settings`] if there is no text, and what running the model gives.
pub fn activation_ranges(
    folder: &ModelFolder,
    texts: &[String],
) -> Result<BTreeMap<String, ActivationRange>> {
    if texts.is_empty() {
        return Err(Error::Settings {
            problem: "int8 needs texts to measure; give some hundred".to_owned(),
        });
    }
    let engine = EmbeddedEngine::open_encoder(folder)?;
    let layers = linear_layers(folder.config());
    let names: Vec<String> = layers
        .iter()
        .map(|layer| format!("{layer}.input"))
        .collect();
    let mut inputs: Vec<Vec<f32>> = vec![Vec::new(); layers.len()];
    for batch in batches(folder, texts)? {
        let tensors = engine.tensors(&batch, &names)?;
        for (values, name) in inputs.iter_mut().zip(&names) {
            values.extend(&tensors.get(name)?.values);
        }
    }
    let range = |(layer, values): (String, Vec<f32>)| {
        let weight = linear_weight(folder, &layer)?;
        let range = best_range(&values, &weight.values, weight.shape[1]);
        Ok((layer, range))
    };
    layers.into_iter().zip(inputs).map(range).collect()
}

/// Texts as batches of one row, evenly chosen from all, until there are [`TOKENS`] tokens.
fn batches(folder: &ModelFolder, texts: &[String]) -> Result<Vec<TokenBatch>> {
    let (tokenizer, max_tokens) = (folder.tokenizer(), folder.spec().max_tokens);
    let batch = |text: &String| TokenBatch::of_text(text, tokenizer, max_tokens);
    let all = texts.iter().map(batch).collect::<Result<Vec<_>>>()?;
    let tokens: usize = all.iter().map(|batch| batch.columns).sum();
    Ok(all.into_iter().step_by(tokens.div_ceil(TOKENS)).collect())
}
