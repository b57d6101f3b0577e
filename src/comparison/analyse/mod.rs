//! From counts to findings.
//!
//! `selection` picks groups and themes; `emphasis` shares and differences; `distinctive` log-odds; `targets` groups target strings by
//! meaning; `stance` who supports and opposes what; `trend` change over time; `correction` the
//! classifier's errors; `exhibits` and `examples` which statements a number leads to; `notes` what a
//! reader should know.

mod correction;
mod distinctive;
mod emphasis;
mod examples;
mod exhibits;
mod notes;
mod selection;
mod stance;
mod targets;
mod trend;

use rustc_hash::FxHashMap;

use super::Meaning;
use super::collect::Collected;
use super::collect::clusters::{Clusters, Column};
use super::input::Quarantined;
use super::options::Options;
use super::result::{Comparison, Correction, Emphasis, GroupSummary, Input, SCHEMA};
use crate::error::Result;
use exhibits::Exhibits;

/// A theme, and its place among the counts.
struct Theme {
    name: String,
    column: usize,
}

/// A group that is compared, and its number in the counts.
struct Group<'a> {
    name: String,
    number: u32,
    clusters: &'a Clusters,
    statements: u64,
}

type Groups<'a> = [Group<'a>];

/// The place of each compared group, by its number.
fn places(groups: &Groups<'_>) -> FxHashMap<u32, usize> {
    let numbers = groups.iter().map(|group| group.number);
    numbers.zip(0..).collect()
}

/// What was read besides the counts.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The files.
    pub files: Vec<String>,
    /// The first lines that were set aside.
    pub quarantined: Vec<Quarantined>,
    /// The checked file and how many statements it holds.
    pub checked: Option<(String, usize)>,
}

/// How many lines set aside are named in the result.
pub const NAMED_QUARANTINED: usize = 20;

/// Everything that can be said of what was collected.
///
/// # Errors
/// [`Error::Settings`](crate::error::Error::Settings) where there is nothing to compare: no statement, no group large enough, no theme;
/// whatever `meaning` reports.
pub fn analyse(
    collected: &Collected,
    options: &Options,
    reading: Reading,
    meaning: Option<&Meaning<'_>>,
) -> Result<Comparison> {
    let (groups, left_out) = selection::groups(collected, options, &reading.quarantined)?;
    let themes = selection::themes(collected, options)?;
    let mut exhibits = Exhibits::new(collected);
    let estimates = emphasis::estimates(&groups, &themes, options);
    let mut differences = emphasis::differences(&groups, &themes, &estimates);
    let corrector = correction::Corrector::new(collected, &groups, &themes);
    corrector.correct_differences(&mut differences);
    let emphasis = emphasis_cells(&groups, &themes, estimates, &corrector, &mut exhibits);
    let clusters = targets::cluster(&collected.mentions, &groups, meaning)?;
    let (mut stances, disagreements) = stance::stances(
        collected,
        (&groups, &themes),
        &clusters,
        options,
        &mut exhibits,
    );
    corrector.correct_stances(&mut stances);
    let distinctive =
        distinctive::distinctive(collected, (&groups, &themes), &clusters, &mut exhibits);
    let (mut trends, changes) = trend::trends((&groups, &themes), options, &mut exhibits);
    corrector.correct_trends(&mut trends);
    let correction = Correction {
        file: reading.checked.as_ref().map(|(file, _)| file.clone()),
        checked: reading.checked.as_ref().map_or(0, |&(_, count)| count),
        ..corrector.summary()
    };
    let input = Input {
        files: reading.files,
        tally: collected.tally,
        quarantined_lines: reading.quarantined,
    };
    let mut comparison = Comparison {
        schema: SCHEMA,
        program: concat!("plenary ", env!("CARGO_PKG_VERSION")).to_owned(),
        options: options.clone(),
        input,
        themes: themes.iter().map(|theme| theme.name.clone()).collect(),
        groups: groups
            .iter()
            .map(|group| summary(group, collected))
            .collect(),
        left_out,
        emphasis,
        differences,
        distinctive,
        stances,
        targets: clusters.summaries(),
        disagreements,
        trends,
        changes,
        correction,
        notes: Vec::new(),
        statements: exhibits.statements(),
    };
    comparison.notes = notes::notes(&comparison, collected, clusters.not_compared());
    Ok(comparison)
}

fn summary(group: &Group<'_>, collected: &Collected) -> GroupSummary {
    let periods = || {
        group
            .clusters
            .list()
            .iter()
            .filter_map(|cluster| cluster.period)
    };
    GroupSummary {
        name: group.name.clone(),
        statements: group.statements,
        words: group.clusters.sum(Column::Words),
        documents: group.clusters.document_count(),
        sampled: collected.evidence.sampled(group.number),
        periods: periods()
            .min()
            .zip(periods().max())
            .map(|(first, last)| [first, last]),
    }
}

fn emphasis_cells(
    groups: &Groups<'_>,
    themes: &[Theme],
    estimates: Vec<emphasis::GroupEstimates>,
    corrector: &correction::Corrector<'_>,
    exhibits: &mut Exhibits<'_>,
) -> Vec<Emphasis> {
    let mut cells = Vec::new();
    for (first, (group, estimates)) in groups.iter().zip(estimates).enumerate() {
        let both = estimates.statements.into_iter().zip(estimates.words);
        for (place, (theme, (statements, words))) in themes.iter().zip(both).enumerate() {
            cells.push(Emphasis {
                group: group.name.clone(),
                theme: theme.name.clone(),
                statements: statements.share,
                words,
                corrected: corrector.share(first, place),
                evidence: exhibits.of_theme(group.number, theme.column),
            });
        }
    }
    cells
}
