//! Shares over time, and when they changed.

use std::collections::BTreeMap;

use super::emphasis::{edge_interval, sums, typical_design_effect};
use super::exhibits::Exhibits;
use super::{Group, Groups, Theme};
use crate::comparison::collect::clusters::{ClusterCounts, Column};
use crate::comparison::collect::period::Period;
use crate::comparison::options::Options;
use crate::comparison::result::{Change, Share, TrendPoint};
use crate::comparison::statistics::bootstrap::LEAST_DOCUMENTS;
use crate::comparison::statistics::change_point::{self, Dated, Search};
use crate::comparison::statistics::interval::RatioSums;
use crate::comparison::statistics::multiplicity::FALSE_DISCOVERIES;

/// The points of every group and theme, and the changes where a trend was asked for.
pub(super) fn trends(
    (groups, themes): (&Groups<'_>, &[Theme]),
    options: &Options,
    exhibits: &mut Exhibits<'_>,
) -> (Vec<TrendPoint>, Vec<Change>) {
    let mut points = Vec::new();
    let mut changes = Vec::new();
    for theme in themes {
        let statements = Column::Statements;
        let effect = typical_design_effect(
            groups
                .iter()
                .map(|g| sums(g.clusters.list(), Column::Theme(theme.column), statements)),
        );
        for group in groups {
            points.extend(series(
                group,
                theme,
                (effect, options.min_statements),
                exhibits,
            ));
            if options.over.is_some() {
                changes.extend(search(group, theme, options));
            }
        }
    }
    let p_values: Vec<change_point::ChangePoint> =
        changes.iter().map(|(change, _)| *change).collect();
    let changes = changes
        .into_iter()
        .zip(change_point::corrected(&p_values))
        .map(|((_, change), q)| Change {
            q,
            significant: q.is_some_and(|q| q <= FALSE_DISCOVERIES),
            ..change
        })
        .collect();
    (points, changes)
}

/// One point a period from the group's first to its last; those without statements are gaps.
fn series(
    group: &Group<'_>,
    theme: &Theme,
    (effect, needed): (f64, usize),
    exhibits: &mut Exhibits<'_>,
) -> Vec<TrendPoint> {
    let mut by_period: BTreeMap<Period, Vec<&ClusterCounts>> = BTreeMap::new();
    for cluster in group.clusters.list() {
        if let Some(period) = cluster.period {
            by_period.entry(period).or_default().push(cluster);
        }
    }
    let Some((&first, &last)) = by_period.keys().next().zip(by_period.keys().next_back()) else {
        return Vec::new();
    };
    (0..=last.index() - first.index())
        .map(|step| {
            let period = first.plus(step);
            let clusters = by_period
                .get(&period)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let count = Column::Theme(theme.column);
            let sums = sums(clusters.iter().copied(), count, Column::Statements);
            TrendPoint {
                group: group.name.clone(),
                theme: theme.name.clone(),
                period,
                share: share(&sums, effect, needed),
                corrected: None,
                sums,
                evidence: exhibits.of_period(group.number, theme.column, period),
            }
        })
        .collect()
}

/// With documents enough the linearised interval, which adds over periods; with fewer the score interval on
/// the sample size that the theme's typical clustering leaves.
fn share(sums: &RatioSums, effect: f64, least: usize) -> Share {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sums of counts"
    )]
    let (count, of, documents) = (
        sums.count as u64,
        sums.total as u64,
        sums.documents as usize,
    );
    let mut share = Share {
        count,
        of,
        ..Share::default()
    };
    if of < least as u64 {
        share.note = Some(match of {
            0 => "no statement".to_owned(),
            _ => format!("{of} statements: a share needs {least}"),
        });
        return share;
    }
    share.share = sums.share();
    if documents >= LEAST_DOCUMENTS && sums.variance().is_some_and(|variance| variance > 0.0) {
        share.interval = sums.interval();
    } else {
        share.interval = edge_interval(sums, effect);
        share.note = Some(format!(
            "{documents} documents: score interval with the theme's typical design effect of {effect:.1}"
        ));
    }
    share
}

fn search(
    group: &Group<'_>,
    theme: &Theme,
    options: &Options,
) -> Vec<(change_point::ChangePoint, Change)> {
    let clusters = || {
        let list = group.clusters.list().iter();
        list.filter_map(|cluster| Some((cluster.period?, cluster)))
    };
    let Some(first) = clusters().map(|(period, _)| period).min() else {
        return Vec::new();
    };
    let mut dated: Vec<(Period, u64, &ClusterCounts)> = clusters()
        .map(|(period, cluster)| (period, cluster.document, cluster))
        .collect();
    // permutations must not depend on the order of the input
    dated.sort_by_key(|&(period, document, _)| (period, document));
    let documents: Vec<Dated> = dated
        .iter()
        .filter_map(|(period, _, cluster)| {
            Some(Dated {
                period: usize::try_from(period.index() - first.index()).ok()?,
                count: f64::from(cluster.get(Column::Theme(theme.column))),
                total: f64::from(cluster.get(Column::Statements)),
            })
        })
        .collect();
    let search = Search {
        permutations: options.permutations,
        level: FALSE_DISCOVERIES,
        seed: options.seed,
    };
    let period = |place: usize| first.plus(i32::try_from(place).unwrap_or(i32::MAX));
    change_point::change_points(&documents, search)
        .into_iter()
        .map(|found| {
            let change = Change {
                group: group.name.clone(),
                theme: theme.name.clone(),
                period: period(found.period),
                within: [
                    period(found.segment.0),
                    period(found.segment.1.saturating_sub(1)),
                ],
                before: found.before,
                after: found.after,
                p: found.p,
                q: None,
                significant: false,
            };
            (found, change)
        })
        .collect()
}
