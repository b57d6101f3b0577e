//! How precision and recall of a theme go with its threshold, as counted on statements that the model did not
//! learn from.

use serde::{Deserialize, Serialize};

use crate::schema::Probability;

/// The thresholds of a theme that are worth choosing, with what was counted at each.
///
/// From one to the next, fewer statements are found and a greater share of them rightly. It is a table of a few
/// rows, columns apart.
///
/// *Useful for* choosing a threshold by the precision or recall that one wants. *Not useful for* archives in which
/// the theme is much rarer than among these statements: there, precision is lower.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Curve {
    /// The theme's name.
    pub name: String,
    /// Statements that were looked at.
    pub statements: usize,
    /// Those of them that carry the theme.
    pub carried: usize,
    /// The thresholds, rising.
    pub thresholds: Vec<Probability>,
    /// Statements from each threshold on, falling.
    pub found: Vec<usize>,
    /// Those of them that carry the theme, falling.
    pub right: Vec<usize>,
}

/// What is wanted of a theme's labels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// Of what is given, at least this share is right; as much as possible is given.
    Precision(Probability),
    /// Of what there is, at least this share is given; as much as possible of it is right.
    Recall(Probability),
}

/// One row of a [`Curve`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The threshold.
    pub threshold: Probability,
    /// Statements from it on.
    pub found: usize,
    /// Those of them that carry the theme.
    pub right: usize,
}

/// Below so many statements a precision says little: its 95 % interval is wider than 0.2 even where all are right.
const LEAST_FOUND: usize = 16;

impl Curve {
    /// Makes the curve of a theme of the probability of each statement and whether it carries the theme; `None` if
    /// there are too few statements for any threshold.
    ///
    /// Thresholds have four decimals, as files give them.
    ///
    /// # Source
    /// The thresholds are the corners of the convex hull of the ROC curve, which pooling adjacent violators finds
    /// (Fawcett and Niculescu-Mizil 2007, "PAV and the ROC convex hull"): precision rises from one to the next, and
    /// what stands between two of them is better than neither. The counts at each are those of the statements.
    pub fn new(name: &str, statements: &[(Probability, bool)]) -> Option<Self> {
        let mut blocks: Vec<Point> = Vec::new();
        let mut sorted: Vec<(Probability, bool)> = statements
            .iter()
            .map(|(probability, carries)| (rounded_down(*probability), *carries))
            .collect();
        sorted.sort_by(|a, b| b.0.value().total_cmp(&a.0.value()));
        for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
            let mut block = Point {
                threshold: equal[0].0,
                found: equal.len(),
                right: equal.iter().filter(|(_, carries)| *carries).count(),
            };
            while let Some(above) =
                blocks.pop_if(|above| above.right * block.found <= block.right * above.found)
            {
                block.found += above.found;
                block.right += above.right;
            }
            blocks.push(block);
        }
        let mut curve = Self {
            name: name.to_owned(),
            statements: statements.len(),
            carried: statements.iter().filter(|(_, carries)| *carries).count(),
            ..Self::default()
        };
        let (mut found, mut right) = (0, 0);
        for block in blocks {
            found += block.found;
            right += block.right;
            if found >= LEAST_FOUND {
                curve.thresholds.insert(0, block.threshold);
                curve.found.insert(0, found);
                curve.right.insert(0, right);
            }
        }
        (!curve.thresholds.is_empty()).then_some(curve)
    }

    /// The rows, thresholds rising.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = Point> + '_ {
        let counts = self.found.iter().zip(&self.right);
        let rows = self.thresholds.iter().zip(counts);
        rows.map(|(threshold, (found, right))| Point {
            threshold: *threshold,
            found: *found,
            right: *right,
        })
    }

    /// The row that serves `aim`, and whether it is reached; where it is out of reach, the row that comes nearest.
    ///
    /// `None` if the curve has no rows.
    pub fn choose(&self, aim: Aim) -> Option<(Point, bool)> {
        let wanted = |wanted: Probability, part: usize, whole: usize| {
            part as f64 >= f64::from(wanted.value()) * whole as f64 - 1e-6 * whole as f64
        };
        let (found, nearest) = match aim {
            Aim::Precision(share) => (
                self.points().find(|p| wanted(share, p.right, p.found)),
                self.points().next_back(),
            ),
            Aim::Recall(share) => (
                self.points()
                    .rev()
                    .find(|p| wanted(share, p.right, self.carried)),
                self.points().next(),
            ),
        };
        found
            .map(|point| (point, true))
            .or_else(|| nearest.map(|point| (point, false)))
    }

    /// What contradicts itself, if anything does.
    pub(super) fn problem(&self) -> Option<String> {
        let count = self.thresholds.len();
        let rises = self.thresholds.windows(2).all(|pair| pair[0] < pair[1]);
        let falls = |counts: &[usize]| counts.windows(2).all(|pair| pair[0] >= pair[1]);
        let within = self.points().all(|p| p.right <= p.found && p.found > 0)
            && self.found.iter().all(|found| *found <= self.statements)
            && self.right.iter().all(|right| *right <= self.carried);
        let whole = count > 0 && self.found.len() == count && self.right.len() == count;
        let sound = whole && rises && falls(&self.found) && falls(&self.right) && within;
        (!sound).then(|| {
            format!(
                "the curve of {:?} does not fit together; fit it anew with `plenary models thresholds`",
                self.name
            )
        })
    }
}

impl Point {
    /// The share of the found that carries the theme.
    pub fn precision(&self) -> f64 {
        self.right as f64 / self.found.max(1) as f64
    }
}

/// The greatest probability of four decimals that is not above this one.
fn rounded_down(probability: Probability) -> Probability {
    let nearest = |decimals: f32| Probability::new(decimals / 1e4).unwrap_or_default();
    let decimals = (probability.value() * 1e4).round();
    let found = nearest(decimals);
    if found > probability {
        nearest(decimals - 1.0)
    } else {
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn probability(value: f32) -> Probability {
        Probability::new(value).unwrap()
    }

    /// `groups` of (probability, statements, those that carry the theme).
    fn curve(groups: &[(f32, usize, usize)]) -> Curve {
        let statements: Vec<(Probability, bool)> = groups
            .iter()
            .flat_map(|(p, count, right)| (0..*count).map(move |n| (probability(*p), n < *right)))
            .collect();
        Curve::new("peace", &statements).unwrap()
    }

    #[test]
    fn the_lowest_threshold_that_is_precise_enough_is_chosen() {
        let curve = curve(&[(0.9, 20, 19), (0.6, 20, 15), (0.4, 20, 16), (0.1, 40, 2)]);
        // 0.6 and 0.4 are pooled: where the more likely are less often right, no threshold may stand between.
        assert_eq!(curve.found, [100, 60, 20]);
        assert_eq!(curve.right, [52, 50, 19]);
        let chosen = |aim| {
            let (point, reached) = curve.choose(aim).unwrap();
            (point.threshold.rounded(), reached)
        };
        assert_eq!(chosen(Aim::Precision(probability(0.8))), (0.4, true));
        assert_eq!(chosen(Aim::Precision(probability(0.95))), (0.9, true));
        assert_eq!(chosen(Aim::Precision(probability(0.96))), (0.9, false));
        assert_eq!(chosen(Aim::Recall(probability(0.9))), (0.4, true));
        assert_eq!(chosen(Aim::Recall(probability(1.0))), (0.1, true));
    }

    #[test]
    fn a_handful_of_statements_makes_no_threshold() {
        let few = [(probability(0.9), true); 5];
        assert_eq!(Curve::new("peace", &few), None);
    }

    proptest! {
        #[test]
        fn precision_rises_and_counts_are_those_of_the_statements(
            statements in prop::collection::vec((0.0..=1.0f32, any::<bool>()), 16..200),
        ) {
            let statements: Vec<_> = statements.into_iter().map(|(p, carries)| (probability(p), carries)).collect();
            let curve = Curve::new("peace", &statements).unwrap();
            prop_assert_eq!(curve.problem(), None);
            let precisions: Vec<f64> = curve.points().map(|point| point.precision()).collect();
            prop_assert!(precisions.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{:?}", precisions);
            for point in curve.points() {
                let from = statements.iter().filter(|(p, _)| *p >= point.threshold);
                prop_assert_eq!(from.clone().count(), point.found);
                prop_assert_eq!(from.filter(|(_, carries)| *carries).count(), point.right);
            }
            let read: Curve = toml::from_str(&toml::to_string(&curve).unwrap()).unwrap();
            prop_assert_eq!(read, curve);
        }
    }
}
