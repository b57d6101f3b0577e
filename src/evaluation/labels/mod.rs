//! Themes, stances and targets of statements, held against gold.

mod tally;

use std::collections::BTreeMap;

use tally::LabelTally;

use crate::evaluation::gold::{LabelledStatement, Predictions};
use crate::evaluation::report::{Figure, Table, table};
use crate::evaluation::statistics::{Replicates, kappa};
use crate::schema::record::LabelRecord;
use crate::schema::{Probability, Record, Stance};

/// What a system says of a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predicted {
    /// The labels.
    pub labels: Vec<LabelRecord>,
    /// The probability of each theme by name; empty where there is none (a second reader).
    pub scores: BTreeMap<String, Probability>,
}

impl Predicted {
    /// What the records of a statement's document say: of several, all labels and the highest scores.
    pub fn of(records: &[Record]) -> Self {
        let mut predicted = Self::default();
        for record in records {
            predicted.labels.extend(record.labels.iter().cloned());
            for (theme, &score) in &record.scores {
                let highest = predicted.scores.entry(theme.clone()).or_insert(score);
                if score > *highest {
                    *highest = score;
                }
            }
        }
        predicted
    }
}

/// A system with a name, and what it says of every gold statement, in gold's order.
#[derive(Clone, Debug)]
pub struct System {
    /// Its name in the report.
    pub name: String,
    /// What it says.
    pub predicted: Vec<Predicted>,
}

impl System {
    /// What records say of every gold statement.
    pub fn from_records(gold: &[LabelledStatement], records: &Predictions) -> Self {
        Self {
            name: records.model.clone(),
            predicted: gold
                .iter()
                .map(|one| Predicted::of(records.of(&one.id)))
                .collect(),
        }
    }

    /// What a second reader says of every gold statement.
    pub fn from_reader(
        name: &str,
        gold: &[LabelledStatement],
        second: &[LabelledStatement],
    ) -> Self {
        let labels: BTreeMap<&str, &Vec<LabelRecord>> = second
            .iter()
            .map(|one| (one.id.as_str(), &one.labels))
            .collect();
        let predicted = |one: &LabelledStatement| Predicted {
            labels: labels
                .get(one.id.as_str())
                .copied()
                .cloned()
                .unwrap_or_default(),
            scores: BTreeMap::new(),
        };
        Self {
            name: name.to_owned(),
            predicted: gold.iter().map(predicted).collect(),
        }
    }
}

/// The mean of those values that are defined; `None` if none is.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let defined: Vec<f64> = values.flatten().collect();
    (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
}

/// The systems' labels held against gold. `themes` gives the order of the rows.
///
/// # Figures
/// Micro-F1 counts themes or (theme, stance) pairs over all statements; macro-F1 is the mean over the themes
/// that gold or the system has, and its n counts those. *Stance where the theme was found* counts stances of
/// themes that are in both. Targets are compared on agreeing pairs: whole without regard to case, and by the
/// F1 of their words. The calibration errors are of the theme scores, and of the labels that were given.
pub fn label_table(
    title: String,
    gold: &[LabelledStatement],
    systems: &[System],
    themes: &[String],
) -> Table {
    let replicates = tallies(gold, systems, themes);
    let mut figures = vec![
        Figure::new(
            "themes micro-F1",
            |t: &LabelTally| t.all_themes().f1(),
            |t| t.statements,
        ),
        Figure::new(
            "themes macro-F1",
            |t: &LabelTally| mean(t.themes.iter().map(|counts| counts.f1())),
            |t| t.themes.iter().filter_map(|counts| counts.f1()).count(),
        ),
    ];
    for (index, theme) in themes.iter().enumerate() {
        let f1 = move |t: &LabelTally| t.themes[index].f1();
        figures.push(Figure::new(theme, f1, |t| t.statements).part());
    }
    let pairs = |t: &LabelTally| t.pair_counts(|_, _| true).f1();
    figures.push(Figure::new("(theme, stance) micro-F1", pairs, |t| {
        t.statements
    }));
    for (index, stance) in Stance::ALL.into_iter().enumerate() {
        let f1 = move |t: &LabelTally| t.pair_counts(|_, stance| stance == index).f1();
        figures.push(Figure::new(stance.name(), f1, |t| t.statements).part());
    }
    figures.extend(quality_figures());
    let mut table = table(title, "statements", &replicates, &figures);
    table.remarks.extend(unnamed_themes(gold, systems, themes));
    table
}

/// Stances, targets and calibration.
fn quality_figures() -> Vec<Figure<LabelTally>> {
    let per_target =
        |part: f64, t: &LabelTally| (t.targets.count > 0).then(|| part / t.targets.count as f64);
    vec![
        Figure::new(
            "stance where the theme was found",
            |t: &LabelTally| t.stances.f1(),
            |t| t.found_themes,
        ),
        Figure::new(
            "target exact, on agreeing pairs",
            move |t: &LabelTally| per_target(t.targets.exact as f64, t),
            |t| t.targets.count,
        ),
        Figure::new(
            "target word overlap F1",
            move |t: &LabelTally| per_target(t.targets.overlap, t),
            |t| t.targets.count,
        ),
        Figure::new(
            "calibration error, theme scores",
            |t: &LabelTally| t.theme_calibration.expected_error(),
            |t| t.theme_calibration.count(),
        ),
        Figure::new(
            "calibration error, labels",
            |t: &LabelTally| t.label_calibration.expected_error(),
            |t| t.label_calibration.count(),
        ),
    ]
}

/// How far two readers agree beyond chance: Cohen's kappa of every theme and stance.
pub fn kappa_table(
    title: String,
    gold: &[LabelledStatement],
    second: &System,
    themes: &[String],
) -> Table {
    let replicates = tallies(gold, std::slice::from_ref(second), themes);
    let mut figures = Vec::new();
    for (index, theme) in themes.iter().enumerate() {
        let value = move |t: &LabelTally| kappa(t.themes[index], t.statements);
        figures.push(Figure::new(format!("{theme}, kappa"), value, |t| {
            t.statements
        }));
        for (stance_index, stance) in Stance::ALL.into_iter().enumerate() {
            let value = move |t: &LabelTally| kappa(t.pairs[index][stance_index], t.statements);
            figures.push(Figure::new(stance.name(), value, |t| t.statements).part());
        }
    }
    table(title, "statements", &replicates, &figures)
}

fn tallies(
    gold: &[LabelledStatement],
    systems: &[System],
    themes: &[String],
) -> Vec<(String, Replicates<LabelTally>)> {
    let of = |system: &System| -> Vec<LabelTally> {
        let pairs = gold.iter().zip(&system.predicted);
        pairs
            .map(|(one, predicted)| LabelTally::of(&one.labels, predicted, themes))
            .collect()
    };
    let empty = LabelTally::empty(themes.len());
    systems
        .iter()
        .map(|s| (s.name.clone(), Replicates::new(&of(s), &empty)))
        .collect()
}

/// The themes of gold and systems: those that scores name in their order, then others as they come.
pub fn themes(
    gold: &[LabelledStatement],
    records: &Predictions,
    systems: &[System],
) -> Vec<String> {
    let scored = records
        .documents
        .values()
        .flatten()
        .find(|record| !record.scores.is_empty());
    let mut themes: Vec<String> = scored
        .map(|record| record.scores.keys().cloned().collect())
        .unwrap_or_default();
    let predicted = systems
        .iter()
        .flat_map(|s| &s.predicted)
        .flat_map(|p| &p.labels);
    let mut others: Vec<&String> = gold
        .iter()
        .flat_map(|one| &one.labels)
        .chain(predicted)
        .map(|label| &label.theme)
        .collect();
    others.sort();
    others.dedup();
    for theme in others {
        if !themes.contains(theme) {
            themes.push(theme.clone());
        }
    }
    themes
}

/// Says so if a system scores themes, but not one that gold has.
fn unnamed_themes(
    gold: &[LabelledStatement],
    systems: &[System],
    themes: &[String],
) -> Vec<String> {
    let scores = |system: &System, theme: &String| {
        system
            .predicted
            .iter()
            .any(|p| p.scores.contains_key(theme))
    };
    let in_gold = |theme: &String| {
        gold.iter()
            .any(|g| g.labels.iter().any(|l| l.theme == *theme))
    };
    let mut remarks = Vec::new();
    for system in systems {
        let any = system
            .predicted
            .iter()
            .any(|predicted| !predicted.scores.is_empty());
        for theme in themes
            .iter()
            .filter(|theme| any && !scores(system, theme) && in_gold(theme))
        {
            remarks.push(format!(
                "gold has the theme {theme:?}, which {} cannot give: tag with a taxonomy that has it",
                system.name
            ));
        }
    }
    remarks
}
