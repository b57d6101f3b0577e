//! Weights on the steps of int8, so that single precision and int8 run the very same weights.

use std::collections::BTreeMap;

use super::folder::{ModelFolder, head_tensors};
use super::graph::linear_layers;
use super::quantize::{QuantizedRows, channel_factors};
use super::spec::ActivationRange;
use super::tensor::Tensor;
use crate::error::Result;

/// The word vectors, which int8 rounds too.
const WORDS: &str = "embeddings.word_embeddings.weight";

/// All tensors of a model with those that int8 holds in bytes rounded to the bytes' steps.
///
/// What is left between the two precisions is the rounding of activations. Written in half precision, a weight is off
/// its step by at most 1/16, so that int8 finds the same step again.
///
/// # Errors
/// [`crate::error::Error::OpenModel`] if a tensor is missing.
pub fn rounded(
    folder: &ModelFolder,
    activations: &BTreeMap<String, ActivationRange>,
) -> Result<BTreeMap<String, Tensor>> {
    let config = folder.config();
    let layers = linear_layers(config);
    let heads = folder.spec().heads.iter();
    let heads = heads.flat_map(|head| head_tensors(head, config));
    let mut tensors = BTreeMap::new();
    for wanted in config.tensors().into_iter().chain(heads) {
        let mut tensor = folder.weights().tensor(&wanted)?;
        let layer = layers
            .iter()
            .find(|layer| is_weight_of(&wanted.name, layer));
        if wanted.name == WORDS {
            let rows = QuantizedRows::embeddings(&tensor.values, config.hidden_size);
            tensor.values = rows.numbers().collect();
        } else if let Some(range) = layer.and_then(|layer| activations.get(layer)) {
            tensor.values = on_steps(&tensor, range);
        }
        tensors.insert(wanted.name, tensor);
    }
    Ok(tensors)
}

/// Whether a tensor holds weights of one of the linear layers; 'attention.self' has those of query, key and value.
fn is_weight_of(name: &str, layer: &str) -> bool {
    let rest = name
        .strip_prefix(layer)
        .and_then(|rest| rest.strip_suffix(".weight"));
    rest.is_some_and(|rest| ["", ".query", ".key", ".value"].contains(&rest))
}

fn on_steps(weight: &Tensor, range: &ActivationRange) -> Vec<f32> {
    let inputs = weight.shape.last().copied().unwrap_or(1);
    let factors = channel_factors(range, inputs);
    let factors = || factors.iter().cycle();
    let scaled: Vec<f32> = weight
        .values
        .iter()
        .zip(factors())
        .map(|(w, f)| w * f)
        .collect();
    let rows = QuantizedRows::weights(&scaled, inputs);
    rows.numbers().zip(factors()).map(|(w, f)| w / f).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_weights_stay_where_they_are_when_written_in_half_precision() {
        let values = (0..96_u16)
            .map(|n| (f32::from(n * 37 % 96) - 48.0) * 0.0071)
            .collect();
        let weight = Tensor {
            shape: vec![6, 16],
            values,
        };
        let range = ActivationRange {
            low: -1.0,
            high: 2.0,
            halvings: vec![0, 0, 0, 2],
        };
        let once = Tensor {
            values: on_steps(&weight, &range),
            ..weight.clone()
        };
        assert!(once != weight);
        let halves = once.values.iter().map(|&v| half::f16::from_f32(v).to_f32());
        let written = Tensor {
            values: halves.collect(),
            ..weight
        };
        for (again, value) in on_steps(&written, &range).iter().zip(&once.values) {
            assert!(
                (again - value).abs() <= value.abs() * 1e-3,
                "{value} became {again}"
            );
        }
    }

    #[test]
    fn only_the_linear_layers_are_rounded() {
        for (name, is) in [
            ("encoder.layer.1.attention.self.key.weight", true),
            ("encoder.layer.1.attention.self.key.bias", false),
            ("encoder.layer.1.attention.output.dense.weight", false),
            ("encoder.layer.10.attention.self.key.weight", false),
        ] {
            assert_eq!(
                is_weight_of(name, "encoder.layer.1.attention.self"),
                is,
                "{name}"
            );
        }
        assert!(is_weight_of(
            "encoder.layer.1.output.dense.weight",
            "encoder.layer.1.output.dense"
        ));
    }
}
