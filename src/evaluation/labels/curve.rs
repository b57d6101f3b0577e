//! Precision and recall of a theme at every threshold.

use super::Predicted;
use crate::evaluation::gold::LabelledStatement;

/// Thresholds that are looked at: 0.02, 0.04 … 0.98.
const STEPS: u8 = 50;

/// A threshold with the precision and recall of what passes it, 0 to 1 each.
pub type Point = (f32, f32, f32);

/// The curve of a theme, thresholds rising; those that nothing passes are left out, and so are all if gold has no
/// statement of the theme.
///
/// Precision is made to rise with the threshold: of few statements it goes up and down by chance.
///
/// # Source
/// Isotonic regression by pooling adjacent violators: Ayer et al. (1955), "An empirical distribution function for
/// sampling with incomplete information", Annals of Mathematical Statistics 26; weighed by what passes.
pub fn curve(gold: &[LabelledStatement], predicted: &[Predicted], theme: &str) -> Vec<Point> {
    let carries = |one: &LabelledStatement| one.labels.iter().any(|label| label.theme == theme);
    let scored: Vec<(f32, bool)> = gold
        .iter()
        .zip(predicted)
        .filter_map(|(one, said)| Some((said.scores.get(theme)?.value(), carries(one))))
        .collect();
    let all = scored.iter().filter(|(_, carries)| *carries).count();
    if all == 0 {
        return Vec::new();
    }
    let mut points = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    for step in 1..STEPS {
        let threshold = f32::from(step) / f32::from(STEPS);
        let found = scored.iter().filter(|(score, _)| *score >= threshold);
        let (mut given, mut right) = (0, 0);
        for (_, carries) in found {
            given += 1;
            right += usize::from(*carries);
        }
        if given == 0 {
            break;
        }
        points.push((threshold, right as f32 / all as f32));
        blocks.push(Block {
            points: 1,
            given: given as f64,
            right: right as f64,
        });
        while let [.., before, last] = blocks.as_mut_slice()
            && before.precision() >= last.precision()
        {
            before.points += last.points;
            before.given += last.given;
            before.right += last.right;
            blocks.pop();
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "a share")]
    let precisions = blocks
        .iter()
        .flat_map(|block| std::iter::repeat_n(block.precision() as f32, block.points));
    let points = points.into_iter().zip(precisions);
    points
        .map(|((threshold, recall), precision)| (threshold, precision, recall))
        .collect()
}

/// Neighbouring thresholds whose precision is one.
struct Block {
    points: usize,
    given: f64,
    right: f64,
}

impl Block {
    fn precision(&self) -> f64 {
        self.right / self.given
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Probability, Stance, record::LabelRecord};
    use proptest::prelude::*;

    fn measured(scores: &[(f32, bool)]) -> Vec<Point> {
        let gold = |&(_, carries): &(f32, bool)| LabelledStatement {
            id: String::new(),
            labels: if carries {
                vec![LabelRecord {
                    theme: "peace".to_owned(),
                    stance: Stance::Support,
                    target: None,
                    target_span: None,
                    probability: None,
                }]
            } else {
                Vec::new()
            },
        };
        let said = |&(score, _): &(f32, bool)| Predicted {
            labels: Vec::new(),
            scores: [("peace".to_owned(), Probability::new(score).unwrap())].into(),
        };
        let gold: Vec<_> = scores.iter().map(gold).collect();
        let said: Vec<_> = scores.iter().map(said).collect();
        curve(&gold, &said, "peace")
    }

    #[test]
    fn a_threshold_gives_what_passes_it() {
        let points = measured(&[(0.9, true), (0.5, true), (0.45, false), (0.1, false)]);
        let at = |wanted: f32| points.iter().find(|p| (p.0 - wanted).abs() < 1e-3).copied();
        assert_eq!(at(0.5).map(|p| (p.1, p.2)), Some((1.0, 1.0)));
        assert_eq!(at(0.6).map(|p| (p.1, p.2)), Some((1.0, 0.5)));
        assert_eq!(measured(&[(0.9, false)]), []);
    }

    proptest! {
        #[test]
        fn precision_rises_and_recall_falls(
            scores in prop::collection::vec((0.0..=1.0f32, any::<bool>()), 1..60),
        ) {
            for pair in measured(&scores).windows(2) {
                prop_assert!(pair[0].0 < pair[1].0);
                prop_assert!(pair[0].1 <= pair[1].1);
                prop_assert!(pair[0].2 >= pair[1].2);
            }
        }
    }
}
