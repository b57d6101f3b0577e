//! The thresholds of the best F1, from counts at every threshold of a grid.

use super::Judged;
use crate::schema::Probability;
use crate::training::gold::FOLDS;

/// The thresholds that are looked at, in hundredths.
const GRID: usize = 99;

/// F1 is averaged over so many thresholds to both sides.
const NEAR: usize = 4;

/// As how many statements with the theme the others may count; the last makes thresholds all but equal.
const OTHERS: [f64; 5] = [0.0, 30.0, 100.0, 300.0, 3000.0];

/// Differences of F1 below this are chance on a thousand statements.
const AS_GOOD: f64 = 0.002;

/// What is given, and given rightly, at each threshold of the grid.
#[derive(Clone)]
pub(super) struct Found {
    given: [f64; GRID],
    right: [f64; GRID],
    pub(super) carried: f64,
}

impl Found {
    const NOTHING: Self = Self {
        given: [0.0; GRID],
        right: [0.0; GRID],
        carried: 0.0,
    };

    /// Counts something that is given from its probability on.
    pub(super) fn from(&mut self, probability: Probability, right: bool) {
        for (place, (found, rightly)) in self.given.iter_mut().zip(&mut self.right).enumerate() {
            if probability >= threshold(place) {
                *found += 1.0;
                *rightly += f64::from(u8::from(right));
            }
        }
    }

    /// Adds `other`, `weight` times.
    fn add(&mut self, other: &Self, weight: f64) {
        for (own, other) in self.given.iter_mut().zip(other.given) {
            *own += weight * other;
        }
        for (own, other) in self.right.iter_mut().zip(other.right) {
            *own += weight * other;
        }
        self.carried += weight * other.carried;
    }

    fn f1(&self, place: usize) -> f64 {
        2.0 * self.right[place] / (self.given[place] + self.carried).max(f64::MIN_POSITIVE)
    }

    /// The place of the best F1, the middle of equals.
    fn best(&self) -> usize {
        let near = |place: usize| {
            let (from, to) = (place.saturating_sub(NEAR), (place + NEAR).min(GRID - 1));
            (from..=to).map(|place| self.f1(place)).sum::<f64>() / (to + 1 - from) as f64
        };
        let averages: Vec<f64> = (0..GRID).map(near).collect();
        let most = averages.iter().copied().fold(0.0, f64::max);
        let best: Vec<usize> = (0..GRID)
            .filter(|&place| averages[place] >= most - 1e-9)
            .collect();
        best[best.len() / 2]
    }
}

fn threshold(place: usize) -> Probability {
    Probability::new((place + 1) as f32 / 100.0).unwrap_or_default()
}

/// What was counted in each part of a cross-validation.
pub(super) type Parts = [Found; FOLDS];

/// What `count` counts of the statements, part by part.
pub(super) fn parts(statements: &[Judged], count: impl Fn(&mut Found, &Judged)) -> Parts {
    let mut parts = [Found::NOTHING; FOLDS];
    for judged in statements {
        count(&mut parts[judged.fold % FOLDS], judged);
    }
    parts
}

/// The best threshold of each.
pub(super) fn best(all: &[Parts]) -> Vec<Probability> {
    let validated = OTHERS.map(|others| {
        let mut sum = (0.0, 0.0);
        for fold in 0..FOLDS {
            for (parts, place) in all.iter().zip(places(all, Some(fold), others)) {
                let part = &parts[fold];
                sum.0 += 2.0 * part.right[place];
                sum.1 += part.given[place] + part.carried;
            }
        }
        sum.0 / f64::max(sum.1, f64::MIN_POSITIVE)
    });
    let most = validated.iter().copied().fold(0.0, f64::max);
    let others = OTHERS
        .iter()
        .zip(validated)
        .rev()
        .find(|(_, f1)| *f1 >= most - AS_GOOD);
    let others = others.map_or(OTHERS[0], |(others, _)| *others);
    places(all, None, others)
        .into_iter()
        .map(threshold)
        .collect()
}

/// The best place on the grid of each by all parts but `without`, where all together count as `others` statements.
fn places(all: &[Parts], without: Option<usize>, others: f64) -> Vec<usize> {
    let joined = |parts: &Parts| {
        let mut sum = Found::NOTHING;
        for (fold, part) in parts.iter().enumerate() {
            sum.add(part, if Some(fold) == without { 0.0 } else { 1.0 });
        }
        sum
    };
    let own: Vec<Found> = all.iter().map(joined).collect();
    let mut together = Found::NOTHING;
    for one in &own {
        together.add(one, 1.0);
    }
    let weight = others / together.carried.max(1.0);
    let place = |mut one: Found| {
        one.add(&together, weight);
        one.best()
    };
    own.into_iter().map(place).collect()
}
