//! What the documents and the checked statements of some groups say of one share.

use super::SHARE;
use crate::comparison::analyse::{Group, Groups};
use crate::comparison::collect::clusters::{ClusterCounts, Column};
use crate::comparison::collect::period::Period;
use crate::comparison::collect::{CheckedMatch, Collected};
use crate::comparison::statistics::prediction_powered::{
    Checked, Corrected, Counted, Predicted, corrected_share,
};
use crate::schema::Stance;

/// A group with fewer checked statements that tell of a share is not corrected: its mean error would be a guess.
pub(super) const LEAST_CHECKED: usize = 30;

/// A group whose checked statements come from fewer documents is not corrected.
pub(super) const LEAST_DOCUMENTS: usize = 5;

/// What is a share of what, by the theme's place among the counts.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    /// Statements with the theme, of all.
    Theme(usize),
    /// Labels of the theme with the stance, of all labels of the theme.
    Side(usize, Stance),
    /// Labels that support less those that oppose, of all labels of the theme.
    Net(usize),
}

impl Measure {
    /// What is counted where `has` says which stances there are toward the theme, and how often.
    fn count(self, statements: f64, on_theme: f64, has: impl Fn(Stance) -> f64) -> Counted {
        let labels = || Stance::ALL.into_iter().map(&has).sum::<f64>();
        match self {
            Self::Theme(_) => Counted {
                count: on_theme,
                total: statements,
            },
            Self::Side(_, stance) => Counted {
                count: has(stance),
                total: labels(),
            },
            Self::Net(_) => Counted {
                count: has(Stance::Support) - has(Stance::Oppose),
                total: labels(),
            },
        }
    }

    /// Where the share can lie.
    pub(super) fn bounds(self) -> (f64, f64) {
        match self {
            Self::Theme(_) | Self::Side(..) => SHARE,
            Self::Net(_) => (-1.0, 1.0),
        }
    }

    fn theme(self) -> usize {
        match self {
            Self::Theme(theme) | Self::Side(theme, _) | Self::Net(theme) => theme,
        }
    }

    fn of_cluster(self, cluster: &ClusterCounts) -> Predicted {
        let get = |column| f64::from(cluster.get(column));
        let (statements, theme) = (get(Column::Statements), self.theme());
        let on_theme = get(Column::Theme(theme));
        Predicted {
            statements,
            sum: self.count(statements, on_theme, |stance| {
                get(Column::Pair(theme, stance))
            }),
        }
    }

    /// A pair counts once, however many labels say so, as it does in the counts.
    fn of_labels(self, labels: &[(usize, Stance)]) -> Counted {
        let one = |holds: bool| f64::from(u8::from(holds));
        let theme = self.theme();
        let on_theme = one(labels.iter().any(|&(known, _)| known == theme));
        self.count(1.0, on_theme, |stance| {
            one(labels.contains(&(theme, stance)))
        })
    }
}

/// The checked statements that were met, by the place of their group.
pub(super) struct Matches<'a> {
    by_group: Vec<Vec<&'a CheckedMatch>>,
}

impl<'a> Matches<'a> {
    pub(super) fn new(collected: &'a Collected, groups: &Groups<'_>) -> Self {
        let of_group = |group: &Group<'_>| {
            let all = collected.checked.iter();
            all.filter(|found| found.group == group.number).collect()
        };
        Self {
            by_group: groups.iter().map(of_group).collect(),
        }
    }

    /// How many a group has in a period.
    pub(super) fn count(&self, group: usize, period: Period) -> usize {
        let own = self.by_group.get(group).into_iter().flatten();
        own.filter(|found| found.period == Some(period)).count()
    }

    /// How many there are.
    pub(super) fn total(&self) -> usize {
        self.by_group.iter().map(Vec::len).sum()
    }
}

/// The documents and the checked statements of some groups.
#[derive(Default)]
pub(super) struct Gathered {
    bounds: (f64, f64),
    documents: Vec<Predicted>,
    pub(super) sample: Vec<Checked>,
}

impl Gathered {
    /// What the groups that are `wanted` by their places say of `measure`; in `period` alone where there is one.
    pub(super) fn new(
        (groups, matches): (&Groups<'_>, &Matches<'_>),
        measure: Measure,
        period: Option<Period>,
        wanted: impl Fn(usize) -> bool,
    ) -> Self {
        let mut gathered = Self {
            bounds: measure.bounds(),
            ..Self::default()
        };
        let all = groups.iter().zip(&matches.by_group).enumerate();
        for (_, (group, found)) in all.filter(|&(place, _)| wanted(place)) {
            let within = |own: Option<Period>| period.is_none_or(|period| own == Some(period));
            let found = found.iter().filter(|found| within(found.period));
            gathered.add(group, found, measure, &within);
        }
        gathered
    }

    fn add<'a, 'b: 'a>(
        &mut self,
        group: &Group<'_>,
        found: impl Iterator<Item = &'a &'b CheckedMatch>,
        measure: Measure,
        within: &dyn Fn(Option<Period>) -> bool,
    ) {
        let offset = self.documents.len();
        let clusters = group.clusters.list();
        // a cluster outside the period keeps its place and counts nothing
        self.documents.extend(clusters.iter().map(|cluster| {
            if within(cluster.period) {
                measure.of_cluster(cluster)
            } else {
                Predicted::default()
            }
        }));
        self.sample.extend(found.filter_map(|found| {
            Some(Checked {
                cluster: offset + group.clusters.find(found.document, found.period)?,
                predicted: measure.of_labels(&found.predicted),
                truth: measure.of_labels(&found.truth),
                weight: found.weight,
            })
        }));
    }

    /// The corrected share and the checked statements that tell of it; `None` where they are too few, and where
    /// they cannot be a random sample because no share that is possible agrees with them.
    pub(super) fn corrected(&self, lean: f64) -> Option<(Corrected, usize)> {
        let telling = || self.sample.iter().filter(|found| found.is_telling());
        let mut sampled: Vec<usize> = telling().map(|found| found.cluster).collect();
        let checked = sampled.len();
        sampled.sort_unstable();
        sampled.dedup();
        if checked < LEAST_CHECKED || sampled.len() < LEAST_DOCUMENTS {
            return None;
        }
        let corrected = corrected_share(&self.documents, &self.sample, lean)?;
        let (low, high) = self.bounds;
        corrected
            .agrees_with(low, high)
            .then_some((corrected, checked))
    }
}
