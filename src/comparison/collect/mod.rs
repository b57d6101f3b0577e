//! One pass over the records: what is kept of them is counts by group and document, and samples.
//!
//! [`period`] reads dates; [`clusters`] counts by document; [`terms`] counts words and phrases,
//! [`mentions`] targets; [`spellings`] joins names; [`evidence`] keeps statements to show. Memory grows within
//! limits with documents, names, targets and words; of a statement only its labels with a target are kept, at 24
//! bytes each.

pub mod clusters;
pub mod evidence;
pub mod mentions;
pub mod period;
pub mod spellings;
pub mod terms;

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxHashSet;

use super::input::checked::CheckedSample;
use super::input::row::Row;
use super::options::{By, Options};
use super::statistics::seeding::{mix, stable_hash};
use crate::schema::{Probability, Stance};
use clusters::{Clusters, Column};
use evidence::{Cell, Evidence, Exhibit, Rank};
use mentions::{Mention, Mentions};
use period::{Dating, Period, dating};
use spellings::{Spellings, group_key};
use terms::{TermUses, Terms};

/// What was read and what could not be used, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Statements read.
    pub statements: u64,
    /// Statements whose record does not say which group they belong to.
    pub without_group: u64,
    /// Statements of groups that were not asked for.
    pub of_other_groups: u64,
    /// Compared statements without a date.
    pub without_date: u64,
    /// Compared statements whose date is no ISO 8601 date.
    pub malformed_date: u64,
    /// Compared statements whose date is a year alone where months were asked for.
    pub coarse_date: u64,
    /// Lines that were set aside.
    pub quarantined: u64,
    /// Mentions of targets named too seldom to keep.
    pub dropped_mentions: u64,
}

/// A checked statement met among the records.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedMatch {
    /// Whose it is.
    pub group: u32,
    /// The hash of its document.
    pub document: u64,
    /// Its period.
    pub period: Option<Period>,
    /// The themes that the classifier found, with their stances.
    pub predicted: Vec<(usize, Stance)>,
    /// Those that a person found.
    pub truth: Vec<(usize, Stance)>,
    /// One over the probability with which it was drawn.
    pub weight: f64,
}

/// All that is kept of the records.
#[derive(Debug, Default)]
pub struct Collected {
    /// Themes by their place in the counts.
    pub themes: IndexSet<String>,
    /// Themes in the order in which the first scored record lists them.
    pub scored_order: Vec<String>,
    /// Counts of every group, by name.
    pub groups: IndexMap<String, Clusters>,
    /// How their names are spelled.
    pub spellings: Spellings,
    /// Words and phrases.
    pub terms: TermUses,
    /// Targets.
    pub mentions: Mentions,
    /// Statements to show.
    pub evidence: Evidence,
    /// Checked statements that were met.
    pub checked: Vec<CheckedMatch>,
    /// What was read.
    pub tally: Tally,
}

/// Takes rows and keeps what a comparison needs of them.
#[derive(Debug)]
pub struct Collector<'a> {
    options: &'a Options,
    sample: Option<&'a CheckedSample>,
    /// The keys of the groups that were asked for.
    wanted: FxHashSet<String>,
    collected: Collected,
    terms: Terms,
    /// Documents and bins of documents in all groups.
    clusters: usize,
    /// Past so many the largest groups let their documents share bins.
    most_clusters: usize,
}

/// So many clusters in all groups at first: at some 300 bytes each, about 100 MB.
const MOST_CLUSTERS: usize = 300_000;

/// A group with fewer clusters keeps them, so that its intervals stay sure.
const LEAST_CLUSTERS: usize = 1024;

impl<'a> Collector<'a> {
    /// A collector that has seen nothing.
    pub fn new(options: &'a Options, sample: Option<&'a CheckedSample>) -> Self {
        Self {
            options,
            sample,
            wanted: options
                .groups
                .iter()
                .map(|name| group_key(name, options).into_owned())
                .collect(),
            collected: Collected::default(),
            terms: Terms::default(),
            clusters: 0,
            most_clusters: MOST_CLUSTERS,
        }
    }

    /// Everything that was kept.
    pub fn finish(mut self) -> Collected {
        self.collected.tally.dropped_mentions = self.collected.mentions.dropped();
        let spellings = &self.collected.spellings;
        let named =
            |(key, clusters): (String, Clusters)| (spellings.commonest(&key).to_owned(), clusters);
        let groups = std::mem::take(&mut self.collected.groups);
        self.collected.groups = groups.into_iter().map(named).collect();
        self.collected.terms = self.terms.finish();
        self.collected
    }

    /// Counts a line that was set aside.
    pub fn count_quarantined(&mut self) {
        self.collected.tally.quarantined += 1;
    }

    /// Takes one statement.
    pub fn take(&mut self, row: &Row) {
        let tally = &mut self.collected.tally;
        tally.statements += 1;
        let Some(group) = self.options.by.group(row) else {
            tally.without_group += 1;
            return;
        };
        let key = group_key(group, self.options);
        if !self.wanted.is_empty() && !self.wanted.contains(&*key) {
            tally.of_other_groups += 1;
            return;
        }
        let written = match self.options.by {
            By::Speaker => row.speaker.as_deref().unwrap_or(group),
            _ => group,
        };
        self.collected.spellings.add(&key, group, written);
        let period = self.period(row);
        if self.collected.scored_order.is_empty() {
            self.collected.scored_order.clone_from(&row.scored_themes);
        }
        let place = Place {
            group: self.group(&key),
            name: key.into_owned(),
            document: stable_hash(row.document.id.as_bytes()),
            period,
        };
        let themes = self.themes(row);
        self.count(row, &place, &themes);
        self.match_checked(row, &place, &themes);
        self.keep_evidence(row, &place, &themes);
    }

    fn group(&mut self, key: &str) -> u32 {
        let groups = &mut self.collected.groups;
        let index = match groups.get_index_of(key) {
            Some(index) => index,
            None => groups.insert_full(key.to_owned(), Clusters::default()).0,
        };
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    fn period(&mut self, row: &Row) -> Option<Period> {
        let tally = &mut self.collected.tally;
        match dating(row, self.options.over.unwrap_or_default()) {
            Dating::In(period) => return Some(period),
            Dating::Coarse => tally.coarse_date += 1,
            Dating::Missing => tally.without_date += 1,
            Dating::Malformed => tally.malformed_date += 1,
        }
        None
    }

    /// The place of the theme of every label; `None` for themes that were not asked for.
    fn themes(&mut self, row: &Row) -> Vec<Option<usize>> {
        for theme in &row.scored_themes {
            self.theme(theme);
        }
        row.labels
            .iter()
            .map(|label| self.theme(&label.theme))
            .collect()
    }

    fn theme(&mut self, name: &str) -> Option<usize> {
        let themes = &mut self.collected.themes;
        if let Some(place) = themes.get_index_of(name) {
            return Some(place);
        }
        let wanted = &self.options.themes;
        (wanted.is_empty() || wanted.iter().any(|theme| theme == name))
            .then(|| themes.insert_full(name.to_owned()).0)
    }

    fn count(&mut self, row: &Row, place: &Place, themes: &[Option<usize>]) {
        let words = self.terms.add(&row.text, place.group, place.document);
        let mut counts = vec![
            (Column::Statements.index(), 1),
            (Column::Words.index(), words),
        ];
        for (label, &theme) in row.labels.iter().zip(themes) {
            let Some(theme) = theme else { continue };
            if let Some(target) = &label.target {
                let mention = Mention {
                    target: 0,
                    group: place.group,
                    document: place.document,
                    period: place.period,
                };
                self.collected.mentions.add(target, label.stance, mention);
            }
            // a statement counts once for a theme and once for a pair, however many labels say so
            let once = [
                (Column::Theme(theme), 1),
                (Column::ThemeWords(theme), words),
                (Column::Pair(theme, label.stance), 1),
            ];
            for (column, count) in once {
                if !counts.iter().any(|&(known, _)| known == column.index()) {
                    counts.push((column.index(), count));
                }
            }
        }
        if let Some((_, clusters)) = self.collected.groups.get_index_mut(place.group as usize) {
            let before = clusters.list().len();
            clusters.add(place.document, place.period, &counts);
            self.clusters = self.clusters + clusters.list().len() - before;
        }
        while self.clusters > self.most_clusters {
            self.share_bins();
        }
    }

    /// Lets the documents of the group with the most clusters share bins; where none has many, there may be more.
    fn share_bins(&mut self) {
        let groups = self.collected.groups.values_mut();
        let largest = groups.max_by_key(|clusters| clusters.list().len());
        let shared = largest
            .filter(|largest| largest.list().len() > LEAST_CLUSTERS)
            .map_or(0, |largest| {
                let before = largest.list().len();
                largest.bin();
                before - largest.list().len()
            });
        self.clusters -= shared;
        if shared == 0 {
            self.most_clusters *= 2;
        }
    }

    fn match_checked(&mut self, row: &Row, place: &Place, themes: &[Option<usize>]) {
        let Some(truth) = self.sample.and_then(|sample| sample.truth(row.key())) else {
            return;
        };
        let found = CheckedMatch {
            group: place.group,
            document: place.document,
            period: place.period,
            predicted: themes
                .iter()
                .zip(&row.labels)
                .filter_map(|(theme, label)| Some(((*theme)?, label.stance)))
                .collect(),
            truth: truth
                .labels
                .iter()
                .filter_map(|(theme, stance)| Some((self.theme(theme)?, *stance)))
                .collect(),
            weight: truth.weight,
        };
        self.collected.checked.push(found);
    }

    fn keep_evidence(&mut self, row: &Row, place: &Place, themes: &[Option<usize>]) {
        let own = stable_hash(row.text.as_bytes()) ^ row.statement.unwrap_or(0) as u64;
        let hash = mix(mix(self.options.seed) ^ place.document ^ own);
        let mut wanted = vec![(
            Cell::Group(place.group),
            Rank {
                probability: 0,
                hash,
            },
        )];
        for (label, &theme) in row.labels.iter().zip(themes) {
            let Some(theme) = theme else { continue };
            let rank = Rank {
                probability: ten_thousandths(label.probability),
                hash,
            };
            wanted.push((Cell::Pair(place.group, theme, label.stance), rank));
            if let Some(period) = place.period {
                wanted.push((Cell::Period(place.group, theme, period), rank));
            }
        }
        self.collected.evidence.offer(&wanted, || Exhibit {
            text: row.text.clone(),
            speaker: row.speaker.clone(),
            group: place.name.clone(),
            date: row
                .document
                .date
                .clone()
                .or_else(|| row.document.fields.get("year").cloned()),
            document: row.document.id.clone(),
            title: row.document.title.clone(),
            statement: row.statement,
            period: place.period,
            labels: row.labels.clone(),
        });
    }
}

/// Where a statement counts.
struct Place {
    group: u32,
    /// The group's key.
    name: String,
    document: u64,
    period: Option<Period>,
}

/// A probability as a rank; a label without one (gold) is certain.
fn ten_thousandths(probability: Option<Probability>) -> u16 {
    let share = probability.map_or(1.0, Probability::value);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a probability times 10,000 fits"
    )]
    let rank = (share * 10_000.0).round() as u16;
    rank
}
