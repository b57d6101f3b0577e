//! How well pooled logits agree with the labels: what training watches on the dev set.

use serde::{Deserialize, Serialize};

use super::dataset::{STATES, Unit};
use super::recipe::Recipe;

/// A statement's logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// One logit a (theme, stance) pair.
    pub labels: Vec<f32>,
    /// One logit a token and pair: `[tokens, pairs]`; empty without a target head.
    pub targets: Vec<f32>,
}

/// Agreement with the dev set after a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Micro-F1 of themes.
    pub themes: f64,
    /// Micro-F1 of (theme, stance) pairs.
    pub pairs: f64,
    /// Micro-F1 of the tokens of targets, given the right pairs; 0 without a target head.
    pub targets: f64,
}

impl Figures {
    /// What early stopping goes by: the mean of all three, in steps of a millionth, so that passes which are
    /// equally good stay so after a checkpoint was written and read.
    pub fn overall(&self) -> f64 {
        ((self.themes + self.pairs + self.targets) / 3.0 * 1e6).round() / 1e6
    }

    /// The best of them, the last of equals: those of the pass whose weights are kept.
    pub fn best(all: &[Self]) -> Option<&Self> {
        all.iter()
            .max_by(|a, b| a.overall().total_cmp(&b.overall()))
    }
}

/// How often something was right, wrongly there, wrongly missing.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    right: usize,
    extra: usize,
    missed: usize,
}

impl Counts {
    fn add(&mut self, gold: bool, predicted: bool) {
        self.right += usize::from(gold && predicted);
        self.extra += usize::from(!gold && predicted);
        self.missed += usize::from(gold && !predicted);
    }

    fn f1(self) -> f64 {
        let all = 2 * self.right + self.extra + self.missed;
        2.0 * self.right as f64 / all.max(1) as f64
    }
}

/// Compares predictions with the labels of the same units, at the recipe's thresholds.
pub fn figures(predictions: &[Prediction], units: &[&Unit], recipe: &Recipe) -> Figures {
    let (mut themes, mut pairs, mut targets) = Default::default();
    for (prediction, unit) in predictions.iter().zip(units) {
        let wanted = unit.labels.as_deref().unwrap_or_default();
        let logits = prediction.labels.chunks_exact(STATES - 1);
        for (wanted, logits) in wanted.chunks_exact(STATES).zip(logits) {
            count_theme(
                wanted,
                &probabilities(logits),
                (&mut themes, &mut pairs),
                recipe,
            );
        }
        count_targets(prediction, unit, &mut targets);
    }
    Figures {
        themes: themes.f1(),
        pairs: pairs.f1(),
        targets: targets.f1(),
    }
}

/// The probabilities of 'absent' and of each stance, whose logits are given.
pub fn probabilities(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(0.0, f32::max);
    let parts = std::iter::once(0.0)
        .chain(logits.iter().copied())
        .map(|l: f32| (l - most).exp());
    let parts: Vec<f32> = parts.collect();
    let total: f32 = parts.iter().sum();
    parts.into_iter().map(|part| part / total).collect()
}

fn count_theme(
    wanted: &[f32],
    likely: &[f32],
    (themes, pairs): (&mut Counts, &mut Counts),
    recipe: &Recipe,
) {
    let found = 1.0 - likely[0] >= recipe.theme_threshold;
    themes.add(wanted[0] == 0.0, found);
    let stances = likely[1..].iter().copied();
    let best = stances.clone().fold(0.0, f32::max);
    for (wanted, likely) in wanted[1..].iter().zip(stances) {
        pairs.add(
            *wanted > 0.0,
            found && (likely >= best || likely >= recipe.second_stance_threshold),
        );
    }
}

fn count_targets(prediction: &Prediction, unit: &Unit, counts: &mut Counts) {
    let pairs = prediction.labels.len().max(1);
    let wanted = unit.targets.as_deref().unwrap_or_default();
    let carried: Vec<bool> = unit
        .labels
        .iter()
        .flat_map(|labels| labels.chunks_exact(STATES))
        .flat_map(|theme| theme[1..].iter().map(|share| *share > 0.0))
        .collect();
    for (wanted, logits) in wanted
        .chunks_exact(pairs)
        .zip(prediction.targets.chunks_exact(pairs))
    {
        for ((wanted, logit), carried) in wanted.iter().zip(logits).zip(&carried) {
            if *carried {
                counts.add(*wanted > 0.0, *logit > 0.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(labels: [f32; 4], targets: &[f32]) -> Unit {
        Unit {
            ids: vec![1, 2],
            labels: Some(labels.to_vec()),
            targets: Some(targets.to_vec()),
            ..Unit::default()
        }
    }

    #[test]
    fn a_theme_counts_apart_from_its_stance() {
        let opposed = unit([0.0, 0.0, 1.0, 0.0], &[0.0; 6]);
        let supported = Prediction {
            labels: vec![3.0, 0.0, -2.0],
            targets: vec![-1.0; 6],
        };
        let figures = figures(&[supported], &[&opposed], &Recipe::shipped().unwrap());
        assert_eq!((figures.themes, figures.pairs), (1.0, 0.0));
    }

    #[test]
    fn only_the_targets_of_carried_pairs_count() {
        let opposed = unit([0.0, 0.0, 1.0, 0.0], &[0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let found = Prediction {
            labels: vec![-3.0, 5.0, -2.0],
            targets: vec![9.0, -1.0, 9.0, 9.0, 1.0, 9.0],
        };
        assert_eq!(
            figures(&[found], &[&opposed], &Recipe::shipped().unwrap()).targets,
            1.0
        );
    }
}
