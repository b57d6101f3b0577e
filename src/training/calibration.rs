//! From held-out logits to probabilities that mean what they say.

use super::dataset::{STATES, Unit};
use super::figures::{Prediction, probabilities};
use crate::stages::classify::{MOST_CERTAIN, best_run};

/// Where a theme's temperature is sought, and how finely: far wider than any network's.
const TEMPERATURES: std::ops::RangeInclusive<f32> = 0.25..=8.0;
const HALVINGS: usize = 40;

/// What a theme's logits must be divided by, so that the probabilities of 'absent' and the stances are as
/// likely as they say.
///
/// `logits` are one row of stances a statement, `wanted` one row of 'absent' and the stances, summing to 1.
/// 1 if there is nothing to go by.
///
/// # Source
/// Guo, Pleiss, Sun and Weinberger (2017), "On Calibration of Modern Neural Networks", ICML; the minimum of
/// the cross-entropy is found by golden-section search.
pub fn temperature(logits: &[&[f32]], wanted: &[&[f32]]) -> f32 {
    if logits.is_empty() {
        return 1.0;
    }
    let loss = |log_temperature: f32| cross_entropy(logits, wanted, log_temperature.exp());
    let golden = (5f32.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (TEMPERATURES.start().ln(), TEMPERATURES.end().ln());
    for _ in 0..HALVINGS {
        let step = golden * (high - low);
        if loss(high - step) <= loss(low + step) {
            high = low + step;
        } else {
            low = high - step;
        }
    }
    f32::midpoint(low, high).exp()
}

pub(super) fn cross_entropy(logits: &[&[f32]], wanted: &[&[f32]], temperature: f32) -> f64 {
    let loss = |(logits, wanted): (&&[f32], &&[f32])| {
        let scaled: Vec<f32> = logits.iter().map(|logit| logit / temperature).collect();
        let likely = probabilities(&scaled);
        let parts = likely.iter().zip(*wanted);
        -parts
            .map(|(p, w)| f64::from(*w) * f64::from(p.max(f32::MIN_POSITIVE)).ln())
            .sum::<f64>()
    };
    logits.iter().zip(wanted).map(loss).sum()
}

/// What is to be added to the target head's logits, so that the run of tokens with the greatest sum is
/// most like the target: the head learns from few tokens that belong and many that do not, and is shy.
///
/// The best of a grid by the mean overlap (F1 of tokens) over the pairs that the units carry.
pub fn target_shift(predictions: &[Prediction], units: &[&Unit]) -> f32 {
    let mut best = (0.0, f64::NEG_INFINITY);
    for shift in (0..=8).map(|quarters| 0.25 * quarters as f32) {
        let both = predictions.iter().zip(units);
        let overlap = both
            .map(|(prediction, unit)| overlap(prediction, unit, shift))
            .sum();
        if overlap > best.1 {
            best = (shift, overlap);
        }
    }
    best.0
}

/// The sum of the overlaps of a unit's targets.
fn overlap(prediction: &Prediction, unit: &Unit, shift: f32) -> f64 {
    let pairs = prediction.labels.len();
    let (Some(wanted), Some(labels)) = (&unit.targets, &unit.labels) else {
        return 0.0;
    };
    let carried = labels.chunks_exact(STATES).flat_map(|theme| &theme[1..]);
    let column = |column: usize| {
        let logits = prediction.targets.iter().skip(column).step_by(pairs);
        let logits: Vec<f32> = logits
            .map(|logit| (logit + shift).clamp(-MOST_CERTAIN, MOST_CERTAIN))
            .collect();
        let found = best_run(&logits);
        let wanted: Vec<bool> = wanted
            .iter()
            .skip(column)
            .step_by(pairs)
            .map(|w| *w > 0.5)
            .collect();
        let right = wanted[found.clone()]
            .iter()
            .filter(|wanted| **wanted)
            .count();
        let both = found.len() + wanted.iter().filter(|wanted| **wanted).count();
        2.0 * right as f64 / both.max(1) as f64
    };
    carried
        .enumerate()
        .filter(|(_, share)| **share > 0.0)
        .map(|(index, _)| column(index))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shy_target_head_is_encouraged() {
        let unit = Unit {
            ids: vec![1; 4],
            labels: Some(vec![0.0, 0.0, 1.0, 0.0]),
            targets: Some(vec![0., 0., 0., 0., 1., 0., 0., 1., 0., 0., 1., 0.]),
            ..Unit::default()
        };
        let logit = |opposed: f32| [0.0, opposed, 0.0];
        let prediction = Prediction {
            labels: vec![0.0; 3],
            targets: [-6.0, 0.5, -0.9, -0.3].map(logit).concat(),
        };
        assert_eq!(target_shift(&[prediction], &[&unit]), 0.75);
    }

    #[test]
    fn overconfident_logits_are_cooled() {
        // Right three times of four, but sure of it: ln 3 is the logit of 0.75.
        let logits: Vec<&[f32]> = vec![&[6.0], &[6.0], &[6.0], &[6.0]];
        let wanted: Vec<&[f32]> = vec![&[0.0, 1.0], &[0.0, 1.0], &[0.0, 1.0], &[1.0, 0.0]];
        let found = temperature(&logits, &wanted);
        assert!((found - 6.0 / 3f32.ln()).abs() < 0.01, "{found}");
    }
}
