//! Weights on the steps of int8, so that single precision and int8 run the very same weights.

use std::collections::BTreeMap;

use super::folder::{ModelFolder, head_tensors};
use super::graph::linear_layers;
use super::quantize::QuantizedRows;
use super::spec::ActivationRange;
use super::tensor::Stored;
use crate::error::Result;

/// The word vectors, which int8 rounds too.
const WORDS: &str = "embeddings.word_embeddings.weight";

/// All tensors of a model, those that int8 holds in bytes as these bytes.
///
/// What is left between the two precisions is the rounding of activations.
///
/// # Errors
/// [`crate::error::Error::OpenModel`] if a tensor is missing.
pub fn rounded(
    folder: &ModelFolder,
    activations: &BTreeMap<String, ActivationRange>,
) -> Result<BTreeMap<String, Stored>> {
    let config = folder.config();
    let layers = linear_layers(config);
    let heads = folder.spec().heads.iter();
    let heads = heads.flat_map(|head| head_tensors(head, config));
    let mut tensors = BTreeMap::new();
    for wanted in config.tensors().into_iter().chain(heads) {
        let mut layers = layers.iter();
        let layer = layers.find(|layer| is_weight_of(&wanted.name, layer));
        let range = layer.and_then(|layer| activations.get(layer));
        let tensor = folder.weights().tensor(&wanted)?;
        let columns = wanted.shape.last().copied().unwrap_or(1);
        let stored = match range {
            _ if wanted.name == WORDS => {
                Stored::Bytes(QuantizedRows::embeddings(&tensor.values, columns))
            }
            Some(range) => {
                let rows = QuantizedRows::weights(&tensor.values, columns, &range.halvings);
                Stored::Bytes(rows)
            }
            None => tensor.into(),
        };
        tensors.insert(wanted.name, stored);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_again_changes_nothing() {
        let values: Vec<f32> = (0..96_u16)
            .map(|n| (f32::from(n * 37 % 96) - 48.0) * 0.0071)
            .collect();
        let halvings = &[0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let once = QuantizedRows::weights(&values, 16, halvings);
        assert_ne!(once.numbers(), values);
        assert_eq!(QuantizedRows::weights(&once.numbers(), 16, halvings), once);
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
