//! Stances toward a named target, held against gold: the figures that papers on stance detection report.

use std::path::Path;

use super::report::{Figure, Table, table};
use super::statistics::{Counts, Replicates, Tally, ratio};
use crate::error::{Error, Result};
use crate::json_lines;
use crate::schema::{Stance, TargetedText};

/// The probability of each stance toward a text's target, in the order of [`Stance::ALL`], and last that it is not at issue.
pub type Stances = [f32; Stance::ALL.len() + 1];

/// Reads a file of texts with targets and stances.
///
/// # Errors
/// [`Error::ReadArchive`] if it cannot be read; [`Error::ReadRecords`] with the line for what is no such text, and for an
/// empty file.
pub fn read(path: &Path) -> Result<Vec<TargetedText>> {
    let gold = json_lines::read_targeted(path)?;
    let gold: Vec<TargetedText> = gold.collect::<Result<_>>()?;
    if gold.is_empty() {
        return Err(Error::ReadRecords {
            path: path.into(),
            line: 1,
            problem: "the file is empty; it has one JSON object a line".to_owned(),
        });
    }
    Ok(gold)
}

/// What one text adds to the figures.
#[derive(Clone, Debug, Default)]
struct StanceTally {
    texts: usize,
    right: usize,
    by_stance: [Counts; Stance::ALL.len()],
}

impl StanceTally {
    fn of(gold: Stance, predicted: Stance) -> Self {
        Self {
            texts: 1,
            right: usize::from(gold == predicted),
            by_stance: Stance::ALL.map(|stance| Counts::of(gold == stance, predicted == stance)),
        }
    }

    /// The mean F1 of the stances; `None` where one was neither there nor predicted.
    fn macro_f1(&self) -> Option<f64> {
        let each = self.by_stance.iter().map(|counts| counts.f1());
        let sum = each.sum::<Option<f64>>()?;
        Some(sum / self.by_stance.len() as f64)
    }
}

impl Tally for StanceTally {
    fn add(&mut self, other: &Self) {
        self.texts += other.texts;
        self.right += other.right;
        for (counts, other) in self.by_stance.iter_mut().zip(&other.by_stance) {
            counts.add(*other);
        }
    }
}

/// How right `predicted` is of the texts in `gold`, one for one, beside saying always what gold says most.
///
/// What is not at issue counts as neutral, for gold has but three stances.
pub fn stance_table(
    title: String,
    model: &str,
    gold: &[TargetedText],
    predicted: &[Stances],
) -> Table {
    let wanted: Vec<Stance> = gold
        .iter()
        .map(|text| text.stance.unwrap_or(Stance::Neutral))
        .collect();
    let count = |stance: &Stance| wanted.iter().filter(|wanted| *wanted == stance).count();
    let most = Stance::ALL
        .into_iter()
        .max_by_key(count)
        .unwrap_or(Stance::Neutral);
    let system = |name: String, predict: &dyn Fn(usize) -> Stance| {
        let all = wanted.iter().enumerate();
        let tallies: Vec<StanceTally> = all
            .map(|(place, gold)| StanceTally::of(*gold, predict(place)))
            .collect();
        (name, Replicates::new(&tallies, &StanceTally::default()))
    };
    let said = |place: usize| predicted.get(place).map_or(Stance::Neutral, likeliest);
    let systems = [
        system(model.to_owned(), &said),
        system(format!("always {most}"), &|_| most),
    ];
    let mut figures = vec![Figure::new(
        "stance, macro-F1",
        StanceTally::macro_f1,
        |tally| tally.texts,
    )];
    for (place, stance) in Stance::ALL.into_iter().enumerate() {
        let counts = move |tally: &StanceTally| tally.by_stance[place];
        figures.push(
            Figure::new(
                stance.name(),
                move |tally: &StanceTally| counts(tally).f1(),
                move |tally| counts(tally).true_positives + counts(tally).false_negatives,
            )
            .part(),
        );
    }
    figures.push(Figure::new(
        "right",
        |tally: &StanceTally| ratio(tally.right, tally.texts),
        |tally| tally.texts,
    ));
    table(title, "texts", &systems, &figures)
}

fn likeliest(stances: &Stances) -> Stance {
    let [support, oppose, neutral, absent] = *stances;
    let both = neutral + absent;
    if support >= oppose && support > both {
        Stance::Support
    } else if oppose > both {
        Stance::Oppose
    } else {
        Stance::Neutral
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macro_f1_is_the_mean_of_the_stances() {
        let gold = [Some(Stance::Support), Some(Stance::Oppose), None].map(|stance| TargetedText {
            text: "t".to_owned(),
            target: "x".to_owned(),
            stance,
        });
        // The second is taken for support; the third is not at issue, which counts as neutral.
        let predicted = [
            [0.6, 0.1, 0.2, 0.1],
            [0.5, 0.4, 0.1, 0.0],
            [0.3, 0.3, 0.2, 0.2],
        ];
        let table = stance_table("t".to_owned(), "m", &gold, &predicted);
        let value = |row: usize| table.rows[row].cells[0].value;
        assert_eq!(
            [value(1), value(2), value(3)],
            [Some(2.0 / 3.0), Some(0.0), Some(1.0)]
        );
        assert!((value(0).unwrap() - 5.0 / 9.0).abs() < 1e-9);
        assert_eq!(table.columns, ["m", "always neutral"]);
    }
}
