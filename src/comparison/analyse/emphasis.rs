//! How much of what each group says is about each theme, and how groups differ in it.

use super::{Groups, Theme};
use crate::comparison::collect::clusters::{ClusterCounts, Column};
use crate::comparison::options::Options;
use crate::comparison::result::{Difference, Share};
use crate::comparison::statistics::bootstrap::{self, Cluster, LEAST_DOCUMENTS, Replicates};
use crate::comparison::statistics::distribution::{TAIL, t_quantile, t_two_sided};
use crate::comparison::statistics::interval::{RatioSums, wilson};
use crate::comparison::statistics::multiplicity;
use crate::schema::Interval;

/// All pairs of groups are compared up to so many groups; beyond, each is compared with the others only.
const MOST_PAIRED_GROUPS: usize = 20;

/// What bootstrap and sums say of one share.
pub(super) struct Estimate {
    /// For the reader.
    pub(super) share: Share,
    /// The share in every replicate.
    replicates: Vec<Option<f64>>,
    /// The variance of the share, where there are documents enough.
    variance: Option<f64>,
    /// Documents (or bins of them).
    clusters: usize,
}

/// Sums over the documents of `clusters` for the share of `count` in `total`.
pub(super) fn sums<'a>(
    clusters: impl IntoIterator<Item = &'a ClusterCounts>,
    count: Column,
    total: Column,
) -> RatioSums {
    let mut sums = RatioSums::default();
    for cluster in clusters {
        if cluster.get(total) > 0 {
            sums.add(f64::from(cluster.get(count)), f64::from(cluster.get(total)));
        }
    }
    sums
}

/// The columns of a bootstrap: statements and words, then both with each theme.
fn drawn_columns(themes: &[Theme]) -> Vec<Column> {
    let of_theme = |theme: &Theme| {
        [
            Column::Theme(theme.column),
            Column::ThemeWords(theme.column),
        ]
    };
    let all = [Column::Statements, Column::Words];
    all.into_iter()
        .chain(themes.iter().flat_map(of_theme))
        .collect()
}

/// The places of a theme's count and of its total among [`drawn_columns`], by statements or by words.
fn drawn_places(theme: usize, words: bool) -> (usize, usize) {
    (2 + 2 * theme + usize::from(words), usize::from(words))
}

/// The bootstrap of a group.
fn replicates(clusters: &[ClusterCounts], themes: &[Theme], options: &Options) -> Replicates {
    let columns = drawn_columns(themes);
    let counts: Vec<u32> = clusters
        .iter()
        .flat_map(|cluster| columns.iter().map(|&column| cluster.get(column)))
        .collect();
    let drawn = clusters
        .iter()
        .zip(counts.chunks_exact(columns.len()))
        .map(|(cluster, counts)| Cluster {
            document: cluster.document,
            counts,
        });
    bootstrap::replicate(drawn, columns.len(), options.replicates, options.seed)
}

/// The median design effect of `sums`: how much more the shares vary than those of independent statements.
/// At least 1.
pub(super) fn typical_design_effect(sums: impl Iterator<Item = RatioSums>) -> f64 {
    let mut effects: Vec<f64> = sums.filter_map(|sums| sums.design_effect()).collect();
    effects.sort_by(f64::total_cmp);
    effects
        .get(effects.len() / 2)
        .copied()
        .unwrap_or(1.0)
        .max(1.0)
}

/// The interval of a share of 0 or 1, where a bootstrap cannot vary: Wilson's on the effective sample size.
///
/// # Source
/// Effective sample size for proportions near 0: Korn and Graubard (1998), Survey Methodology 24.
pub(super) fn edge_interval(sums: &RatioSums, design_effect: f64) -> Option<Interval> {
    let effective = 1.0 / design_effect;
    wilson(sums.count * effective, sums.total * effective)
}

fn estimate(sums: RatioSums, replicates: Vec<Option<f64>>, design_effect: f64) -> Estimate {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sums of counts"
    )]
    let (count, of, clusters) = (
        sums.count as u64,
        sums.total as u64,
        sums.documents as usize,
    );
    let share = sums.share();
    let mut note = None;
    let mut interval = bootstrap::percentile_interval(&replicates, clusters);
    let mut variance = bootstrap::variance(&replicates, clusters);
    if clusters < LEAST_DOCUMENTS {
        note = Some(format!(
            "{clusters} documents: an interval needs {LEAST_DOCUMENTS}"
        ));
    } else if interval.is_none() && share.is_some() {
        interval = edge_interval(&sums, design_effect);
        variance = interval
            .map(|i| ((i.high - i.low) / (2.0 * t_quantile(1.0 - TAIL, f64::INFINITY))).powi(2));
        note = Some("score interval on the effective sample size: all documents agree".to_owned());
    }
    Estimate {
        share: Share {
            count,
            of,
            share,
            interval,
            note,
        },
        replicates,
        variance,
        clusters,
    }
}

/// The estimates of one group for all themes: by statements and by words.
pub(super) struct GroupEstimates {
    pub(super) statements: Vec<Estimate>,
    pub(super) words: Vec<Share>,
    /// Sums over documents for the share of statements, by theme.
    sums: Vec<RatioSums>,
    /// All columns in all replicates.
    drawn: Replicates,
}

/// The estimates of every group.
pub(super) fn estimates(
    groups: &Groups,
    themes: &[Theme],
    options: &Options,
) -> Vec<GroupEstimates> {
    let effect = |count: fn(usize) -> Column, total: Column| -> Vec<f64> {
        themes
            .iter()
            .map(|theme| {
                typical_design_effect(
                    groups
                        .iter()
                        .map(|group| sums(group.clusters.list(), count(theme.column), total)),
                )
            })
            .collect()
    };
    let statement_effects = effect(Column::Theme, Column::Statements);
    let word_effects = effect(Column::ThemeWords, Column::Words);
    groups
        .iter()
        .map(|group| {
            let clusters = group.clusters.list();
            let drawn = replicates(clusters, themes, options);
            let theme_sums: Vec<RatioSums> = themes
                .iter()
                .map(|theme| sums(clusters, Column::Theme(theme.column), Column::Statements))
                .collect();
            let by_statements = |(place, &sums): (usize, &RatioSums)| {
                let (count, total) = drawn_places(place, false);
                estimate(sums, drawn.ratio(count, total), statement_effects[place])
            };
            let by_words = |(place, theme): (usize, &Theme)| {
                let (count, total) = drawn_places(place, true);
                let sums = sums(clusters, Column::ThemeWords(theme.column), Column::Words);
                estimate(sums, drawn.ratio(count, total), word_effects[place]).share
            };
            GroupEstimates {
                statements: theme_sums.iter().enumerate().map(by_statements).collect(),
                words: themes.iter().enumerate().map(by_words).collect(),
                sums: theme_sums,
                drawn,
            }
        })
        .collect()
}

/// Each group against all others together, then each pair of groups; p-values are corrected within each of
/// the two kinds.
pub(super) fn differences(
    groups: &Groups,
    themes: &[Theme],
    estimates: &[GroupEstimates],
) -> Vec<Difference> {
    let others = others(themes, estimates);
    let mut against_others = Vec::new();
    let mut pairs = Vec::new();
    for (place, theme) in themes.iter().enumerate() {
        for (first, group) in groups.iter().enumerate() {
            let own = &estimates[first].statements[place];
            if groups.len() > 2 {
                let rest = &others[first][place];
                against_others.push(difference(&theme.name, (&group.name, own), (None, rest)));
            }
            if groups.len() > MOST_PAIRED_GROUPS {
                continue;
            }
            for (second, other) in groups.iter().enumerate().skip(first + 1) {
                let theirs = &estimates[second].statements[place];
                let other = (Some(other.name.clone()), theirs);
                pairs.push(difference(&theme.name, (&group.name, own), other));
            }
        }
    }
    correct(&mut against_others);
    correct(&mut pairs);
    against_others.append(&mut pairs);
    against_others
}

/// The estimates of all groups but each one, taken together: replicates of the whole without those of the one.
fn others(themes: &[Theme], estimates: &[GroupEstimates]) -> Vec<Vec<Estimate>> {
    let Some((first, rest)) = estimates.split_first() else {
        return Vec::new();
    };
    let mut all = first.drawn.clone();
    for group in rest {
        all.add(&group.drawn);
    }
    let without = |left_out: usize| {
        let drawn = all.without(&estimates[left_out].drawn);
        let of_theme = |place: usize| {
            let mut sums = RatioSums::default();
            for (_, group) in estimates
                .iter()
                .enumerate()
                .filter(|&(group, _)| group != left_out)
            {
                sums.merge(&group.sums[place]);
            }
            let (count, total) = drawn_places(place, false);
            estimate(sums, drawn.ratio(count, total), 1.0)
        };
        (0..themes.len()).map(of_theme).collect()
    };
    (0..estimates.len()).map(without).collect()
}

/// The interval and the p-value share one t statistic: the bootstrap's standard error of the difference,
/// in which documents that both groups share are drawn together, and the degrees of freedom of Welch (1947).
fn difference(
    theme: &str,
    (first, own): (&str, &Estimate),
    (second, other): (Option<String>, &Estimate),
) -> Difference {
    let mut found = Difference {
        theme: theme.to_owned(),
        first: first.to_owned(),
        second,
        difference: None,
        interval: None,
        p: None,
        q: None,
        corrected: None,
    };
    let (Some(a), Some(b)) = (own.share.share, other.share.share) else {
        return found;
    };
    found.difference = Some(a - b);
    if let Some((error, freedom)) = standard_error(own, other)
        && error > 0.0
    {
        let half = t_quantile(1.0 - TAIL, freedom) * error;
        found.interval = Some(Interval::around(a - b, half).clamped(-1.0, 1.0));
        found.p = t_two_sided((a - b) / error, freedom);
    }
    found
}

fn standard_error(own: &Estimate, other: &Estimate) -> Option<(f64, f64)> {
    let (v, w) = (own.variance?, other.variance?);
    let (m, n) = (own.clusters as f64 - 1.0, other.clusters as f64 - 1.0);
    let freedom = (v + w).powi(2) / (v * v / m + w * w / n);
    let joint: Vec<Option<f64>> = own
        .replicates
        .iter()
        .zip(&other.replicates)
        .map(|(a, b)| Some((*a)? - (*b)?))
        .collect();
    // where one share is 0 or 1 its replicates do not vary, and its score interval has to speak for it
    let drawn = bootstrap::variance(&joint, own.clusters.min(other.clusters))?;
    let edge = |e: &Estimate| {
        if e.share.note.is_some() {
            e.variance.unwrap_or(0.0)
        } else {
            0.0
        }
    };
    Some(((drawn + edge(own) + edge(other)).sqrt(), freedom))
}

fn correct(differences: &mut [Difference]) {
    let p_values: Vec<Option<f64>> = differences.iter().map(|d| d.p).collect();
    for (found, q) in differences
        .iter_mut()
        .zip(multiplicity::benjamini_hochberg(&p_values))
    {
        found.q = q;
    }
}
