//! What precision and recall a theme had on gold at each threshold: what `tag --min-precision` goes by.

use serde::{Deserialize, Serialize};

use crate::schema::Probability;

/// Precision and recall of a theme by threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Curve {
    /// The theme.
    pub name: String,
    /// Gold statements that it was measured on.
    pub statements: usize,
    /// Thresholds in rising order; precision never falls with them, recall never rises.
    pub points: Vec<CurvePoint>,
}

/// A threshold, and how right and how complete a theme was that passed it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CurvePoint {
    /// From which probability on the theme was given.
    pub threshold: Probability,
    /// Share of the statements that were given it and carry it.
    pub precision: Probability,
    /// Share of the statements that carry it and were given it.
    pub recall: Probability,
}

impl Curve {
    /// The lowest threshold with at least this precision, the most that can be found so precisely.
    pub fn at_precision(&self, precision: Probability) -> Option<CurvePoint> {
        let mut points = self.points.iter();
        points.find(|point| point.precision >= precision).copied()
    }

    /// The highest threshold with at least this recall, the most precise that finds so much.
    pub fn at_recall(&self, recall: Probability) -> Option<CurvePoint> {
        let points = self.points.iter().rev();
        points.copied().find(|point| point.recall >= recall)
    }

    /// What keeps it from being used.
    pub(super) fn problem(&self) -> Option<String> {
        let falls = |pair: &[CurvePoint]| {
            pair[0].threshold >= pair[1].threshold
                || pair[0].precision > pair[1].precision
                || pair[0].recall < pair[1].recall
        };
        self.points.windows(2).any(falls).then(|| {
            format!(
                "the curve of {:?} does not rise; measure it again with `plenary evaluate --write-curves`",
                self.name
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_takes_the_lowest_threshold_and_recall_the_highest() {
        let p = |value: f32| Probability::new(value).unwrap();
        let point = |(threshold, precision, recall)| CurvePoint {
            threshold: p(threshold),
            precision: p(precision),
            recall: p(recall),
        };
        let curve = Curve {
            name: "peace".to_owned(),
            statements: 9,
            points: [(0.2, 0.7, 0.9), (0.4, 0.8, 0.9), (0.6, 0.8, 0.5)]
                .map(point)
                .to_vec(),
        };
        let threshold = |found: Option<CurvePoint>| found.map(|point| point.threshold);
        assert_eq!(threshold(curve.at_precision(p(0.75))), Some(p(0.4)));
        assert_eq!(threshold(curve.at_recall(p(0.85))), Some(p(0.4)));
        assert_eq!(threshold(curve.at_precision(p(0.95))), None);
        assert_eq!(curve.problem(), None);
    }
}
