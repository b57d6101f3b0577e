//! Themes, stances and targets of statements, held against gold.

use std::collections::BTreeMap;

use super::gold::{LabelledStatement, Predictions};
use super::report::{Figure, Table, table};
use super::statistics::{Calibration, Counts, Replicates, Tally, kappa};
use super::words::{folded, overlap};
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

/// What one statement adds to the figures.
#[derive(Clone, Debug)]
struct LabelTally {
    statements: usize,
    /// By theme.
    themes: Vec<Counts>,
    /// By theme, then stance in the order of [`Stance::ALL`].
    pairs: Vec<[Counts; 3]>,
    /// Stances of themes that are in gold and predicted, and how many such themes there are.
    stances: Counts,
    found_themes: usize,
    /// Targets of pairs that are in gold and predicted.
    targets: Targets,
    theme_calibration: Calibration,
    label_calibration: Calibration,
}

#[derive(Clone, Copy, Debug, Default)]
struct Targets {
    count: usize,
    exact: usize,
    overlap: f64,
}

impl LabelTally {
    fn empty(themes: usize) -> Self {
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

    fn of(gold: &[LabelRecord], predicted: &Predicted, themes: &[String]) -> Self {
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
    fn pair_counts(&self, wanted: impl Fn(usize, usize) -> bool) -> Counts {
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

    fn all_themes(&self) -> Counts {
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
