//! Which range of numbers goes into each linear layer, measured on text.

use std::collections::BTreeMap;

use super::{EmbeddedEngine, TokenBatch};
use crate::error::{Error, Result};
use crate::model::ModelFolder;
use crate::model::graph::{Dialect, GraphOptions, Outputs, Precision, linear_layers};
use crate::model::spec::ActivationRange;

/// Bins of the histogram of a layer's inputs.
const BINS: usize = 2048;

/// Chooses the ranges for static int8, to be written into `plenary.toml` as `activations`.
///
/// The range of a layer is the one that loses least: numbers outside it are cut off, numbers inside are
/// rounded to one of 256 steps, and the sum of the squared errors is the smallest of a grid of ranges.
/// A few hundred texts of the kind that will be tagged are enough.
///
/// # Errors
/// [`Error::Settings`] if there is no text, and what opening and running the model gives.
///
/// # Source
/// Wu et al. (2020), "Integer Quantization for Deep Learning Inference", section 3.3 (MSE-like range
/// selection on histograms, after Migacz 2017).
pub fn activation_ranges(
    folder: &ModelFolder,
    texts: &[String],
) -> Result<BTreeMap<String, ActivationRange>> {
    let options = GraphOptions {
        precision: Precision::F32,
        dialect: Dialect::Embedded,
        outputs: Outputs::Hidden,
        segments: false,
    };
    let mut engines = EmbeddedEngine::open(folder, options, 1)?;
    let (Some(engine), false) = (engines.pop(), texts.is_empty()) else {
        return Err(Error::Settings {
            problem: "int8 needs texts to measure; give some hundred".to_owned(),
        });
    };
    let (tokenizer, max_tokens) = (folder.tokenizer(), folder.spec().max_tokens);
    let batch = |text: &String| TokenBatch::of_text(text, tokenizer, max_tokens);
    let batches = texts.iter().map(batch).collect::<Result<Vec<_>>>()?;
    let layers = linear_layers(folder.config());
    let names: Vec<String> = layers
        .iter()
        .map(|layer| format!("{layer}.input"))
        .collect();
    let mut extremes = vec![
        ActivationRange {
            low: 0.0,
            high: 0.0
        };
        layers.len()
    ];
    for batch in &batches {
        let tensors = engine.tensors(batch, &names)?;
        for (range, name) in extremes.iter_mut().zip(&names) {
            for &value in &tensors.get(name)?.values {
                range.low = range.low.min(value);
                range.high = range.high.max(value);
            }
        }
    }
    let mut histograms: Vec<_> = extremes.into_iter().map(Histogram::new).collect();
    for batch in &batches {
        let tensors = engine.tensors(batch, &names)?;
        for (histogram, name) in histograms.iter_mut().zip(&names) {
            tensors
                .get(name)?
                .values
                .iter()
                .for_each(|&value| histogram.add(value));
        }
    }
    let best = histograms.iter().map(Histogram::best_range);
    Ok(layers.into_iter().zip(best).collect())
}

/// How often which numbers occur.
struct Histogram {
    range: ActivationRange,
    counts: Vec<u32>,
}

impl Histogram {
    fn new(range: ActivationRange) -> Self {
        Self {
            range,
            counts: vec![0; BINS],
        }
    }

    fn width(&self) -> f32 {
        (self.range.high - self.range.low).max(f32::MIN_POSITIVE) / BINS as f32
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number is not below the lowest, and the last bin takes the highest"
    )]
    fn add(&mut self, value: f32) {
        let bin = ((value - self.range.low) / self.width()) as usize;
        self.counts[bin.min(BINS - 1)] += 1;
    }

    /// The range of the grid with the smallest squared error.
    fn best_range(&self) -> ActivationRange {
        let shares: Vec<f32> = (0..24).map(|step| 0.9_f32.powi(step)).collect();
        let mut best = (f64::INFINITY, self.range);
        for low in &shares {
            for high in &shares {
                let range = ActivationRange {
                    low: self.range.low * low,
                    high: self.range.high * high,
                };
                let error = self.squared_error(range);
                if error < best.0 {
                    best = (error, range);
                }
            }
        }
        best.1
    }

    fn squared_error(&self, range: ActivationRange) -> f64 {
        let step = f64::from(range.high - range.low) / 255.0;
        let rounding = step * step / 12.0;
        let bins = self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0);
        bins.map(|(bin, &count)| {
            let value = self.range.low + (bin as f32 + 0.5) * self.width();
            let cut = f64::from(value - value.clamp(range.low, range.high));
            f64::from(count) * if cut == 0.0 { rounding } else { cut * cut }
        })
        .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_outlier_is_cut_off_and_a_frequent_one_is_not() {
        let range = ActivationRange {
            low: -1.0,
            high: 100.0,
        };
        let mut histogram = Histogram::new(range);
        histogram.counts[..40].fill(1_000_000);
        histogram.add(100.0);
        let best = histogram.best_range();
        assert!(best.high < 50.0 && best.low < -0.9, "{best:?}");
        histogram.counts[BINS - 1] = 1_000_000;
        let best = histogram.best_range();
        assert!(best.high > 90.0, "{best:?}");
    }
}
