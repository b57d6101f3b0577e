//! Right, wrong and missed, and what follows from them.

/// How often something was found, wrongly found, and missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In gold and predicted.
    pub true_positives: usize,
    /// Predicted, not in gold.
    pub false_positives: usize,
    /// In gold, not predicted.
    pub false_negatives: usize,
}

impl Counts {
    /// The counts of one thing that may be in gold and may be predicted.
    pub fn of(gold: bool, predicted: bool) -> Self {
        Self {
            true_positives: usize::from(gold && predicted),
            false_positives: usize::from(!gold && predicted),
            false_negatives: usize::from(gold && !predicted),
        }
    }

    /// Adds other counts.
    pub fn add(&mut self, other: Self) {
        self.true_positives += other.true_positives;
        self.false_positives += other.false_positives;
        self.false_negatives += other.false_negatives;
    }

    /// The harmonic mean of precision and recall; `None` if nothing was there and nothing predicted.
    pub fn f1(self) -> Option<f64> {
        let found = 2 * self.true_positives;
        ratio(found, found + self.false_positives + self.false_negatives)
    }

    /// The share of the predicted that is right; `None` if nothing was predicted.
    pub fn precision(self) -> Option<f64> {
        ratio(
            self.true_positives,
            self.true_positives + self.false_positives,
        )
    }

    /// The share of gold that was found; `None` if nothing was there.
    pub fn recall(self) -> Option<f64> {
        ratio(
            self.true_positives,
            self.true_positives + self.false_negatives,
        )
    }
}

/// `part` of `whole`; `None` of nothing.
pub fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// How far two readers agree beyond chance on whether each of `units` has something; `None` if there are no
/// units, or if chance alone would agree always.
///
/// # Source
/// Cohen (1960), "A Coefficient of Agreement for Nominal Scales", Educational and Psychological Measurement 20.
pub fn kappa(counts: Counts, units: usize) -> Option<f64> {
    let both = counts.true_positives;
    let (first, second) = (both + counts.false_negatives, both + counts.false_positives);
    let neither = units.checked_sub(both + counts.false_positives + counts.false_negatives)?;
    let agreed = ratio(both + neither, units)?;
    let share = |count: usize| count as f64 / units as f64;
    let by_chance = share(first) * share(second) + share(units - first) * share(units - second);
    (by_chance < 1.0).then(|| (agreed - by_chance) / (1.0 - by_chance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn undefined_is_not_zero() {
        assert_eq!(Counts::default().f1(), None);
        assert_eq!(Counts::of(true, false).precision(), None);
        assert_eq!(Counts::of(true, false).f1(), Some(0.0));
        assert_eq!(kappa(Counts::default(), 5), None);
    }

    #[test]
    fn kappa_agrees_with_the_textbook() {
        // Two readers of 50 proposals: both yes 20, first alone 5, second alone 10, neither 15
        // (the example of the Wikipedia article 'Cohen's kappa').
        let counts = Counts {
            true_positives: 20,
            false_negatives: 5,
            false_positives: 10,
        };
        assert!((kappa(counts, 50).unwrap() - 0.4).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn counts_add_up_in_any_order(seen in prop::collection::vec(any::<(bool, bool)>(), 0..40)) {
            let sum = |pairs: &mut dyn Iterator<Item = &(bool, bool)>| {
                let mut sum = Counts::default();
                pairs.for_each(|&(gold, predicted)| sum.add(Counts::of(gold, predicted)));
                sum
            };
            let (there, back) = (sum(&mut seen.iter()), sum(&mut seen.iter().rev()));
            prop_assert_eq!(there, back);
            let (p, r) = (there.precision(), there.recall());
            if let (Some(p), Some(r), Some(f1)) = (p, r, there.f1()) && p + r > 0.0 {
                prop_assert!((f1 - 2.0 * p * r / (p + r)).abs() < 1e-12);
            }
        }
    }
}
