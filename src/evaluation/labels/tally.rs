//! What one statement adds to the figures of labels.

use super::Predicted;
use crate::evaluation::statistics::{Calibration, Counts, Tally};
use crate::evaluation::words::{folded, overlap};
use crate::schema::Stance;
use crate::schema::record::LabelRecord;

/// What one statement adds to the figures.
#[derive(Clone, Debug)]
pub(super) struct LabelTally {
    pub(super) statements: usize,
    /// By theme.
    pub(super) themes: Vec<Counts>,
    /// By theme, then stance in the order of [`Stance::ALL`].
    pub(super) pairs: Vec<[Counts; 3]>,
    /// Stances of themes that are in gold and predicted, and how many such themes there are.
    pub(super) stances: Counts,
    pub(super) found_themes: usize,
    /// Targets of pairs that are in gold and predicted.
    pub(super) targets: Targets,
    pub(super) theme_calibration: Calibration,
    pub(super) label_calibration: Calibration,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Targets {
    pub(super) count: usize,
    pub(super) exact: usize,
    pub(super) overlap: f64,
}

impl LabelTally {
    pub(super) fn empty(themes: usize) -> Self {
        Self {
            statements: 0,
            themes: vec![Counts::default(); themes],
            pairs: vec![<[Counts; 3]>::default(); themes],
            stances: Counts::default(),
            found_themes: 0,
            targets: Targets::default(),
            theme_calibration: Calibration::default(),
            label_calibration: Calibration::default(),
        }
    }

    pub(super) fn of(gold: &[LabelRecord], predicted: &Predicted, themes: &[String]) -> Self {
        let mut tally = Self::empty(themes.len());
        tally.statements = 1;
        for (index, theme) in themes.iter().enumerate() {
            let has = |labels: &[LabelRecord]| labels.iter().any(|label| label.theme == *theme);
            let (in_gold, in_predicted) = (has(gold), has(&predicted.labels));
            tally.themes[index] = Counts::of(in_gold, in_predicted);
            tally.found_themes += usize::from(in_gold && in_predicted);
            for (stance_index, stance) in Stance::ALL.into_iter().enumerate() {
                let pair = Counts::of(
                    has_pair(gold, theme, stance),
                    has_pair(&predicted.labels, theme, stance),
                );
                tally.pairs[index][stance_index] = pair;
                if in_gold && in_predicted {
                    tally.stances.add(pair);
                }
            }
            if let Some(score) = predicted.scores.get(theme) {
                tally.theme_calibration.observe(score.rounded(), in_gold);
            }
        }
        for label in &predicted.labels {
            if let Some(probability) = label.probability {
                let is_so = has_pair(gold, &label.theme, label.stance);
                tally
                    .label_calibration
                    .observe(probability.rounded(), is_so);
            }
        }
        tally.targets = Targets::of(gold, &predicted.labels);
        tally
    }

    /// The counts of all pairs that `wanted` takes by theme index and stance index.
    pub(super) fn pair_counts(&self, wanted: impl Fn(usize, usize) -> bool) -> Counts {
        let mut sum = Counts::default();
        for (theme, stances) in self.pairs.iter().enumerate() {
            for (stance, counts) in stances.iter().enumerate() {
                if wanted(theme, stance) {
                    sum.add(*counts);
                }
            }
        }
        sum
    }

    pub(super) fn all_themes(&self) -> Counts {
        let mut sum = Counts::default();
        self.themes.iter().for_each(|counts| sum.add(*counts));
        sum
    }
}

impl Targets {
    fn of(gold: &[LabelRecord], predicted: &[LabelRecord]) -> Self {
        let mut targets = Self::default();
        for g in gold {
            let agreeing = predicted
                .iter()
                .filter(|p| p.theme == g.theme && p.stance == g.stance);
            for p in agreeing {
                let words = |label: &LabelRecord| label.target.clone().unwrap_or_default();
                let (g, p) = (words(g), words(p));
                targets.count += 1;
                targets.exact += usize::from(folded(&g) == folded(&p));
                targets.overlap += overlap(&g, &p);
            }
        }
        targets
    }
}

impl Tally for LabelTally {
    fn add(&mut self, other: &Self) {
        self.statements += other.statements;
        self.stances.add(other.stances);
        self.found_themes += other.found_themes;
        self.targets.count += other.targets.count;
        self.targets.exact += other.targets.exact;
        self.targets.overlap += other.targets.overlap;
        self.theme_calibration.add(&other.theme_calibration);
        self.label_calibration.add(&other.label_calibration);
        for (sum, counts) in self.themes.iter_mut().zip(&other.themes) {
            sum.add(*counts);
        }
        for (sum, counts) in self
            .pairs
            .iter_mut()
            .flatten()
            .zip(other.pairs.iter().flatten())
        {
            sum.add(*counts);
        }
    }
}

fn has_pair(labels: &[LabelRecord], theme: &str, stance: Stance) -> bool {
    labels
        .iter()
        .any(|label| label.theme == theme && label.stance == stance)
}
