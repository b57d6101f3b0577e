//! From held-out logits to probabilities that mean what they say.

use super::figures::probabilities;

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

fn cross_entropy(logits: &[&[f32]], wanted: &[&[f32]], temperature: f32) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overconfident_logits_are_cooled() {
        // Right three times of four, but sure of it: ln 3 is the logit of 0.75.
        let logits: Vec<&[f32]> = vec![&[6.0], &[6.0], &[6.0], &[6.0]];
        let wanted: Vec<&[f32]> = vec![&[0.0, 1.0], &[0.0, 1.0], &[0.0, 1.0], &[1.0, 0.0]];
        let found = temperature(&logits, &wanted);
        assert!((found - 6.0 / 3f32.ln()).abs() < 0.01, "{found}");
    }
}
