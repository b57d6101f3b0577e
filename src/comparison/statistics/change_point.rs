//! Where in time a share changed: a CUSUM statistic judged by permutation of whole documents.

use rand::seq::SliceRandom;

use super::multiplicity::benjamini_hochberg;
use super::seeding::generator;

/// One document's place in time and its counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dated {
    /// The period's place on the time axis.
    pub period: usize,
    /// Statements with the theme.
    pub count: f64,
    /// Statements.
    pub total: f64,
}

/// A change of level, with its evidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// The first period of the new level.
    pub period: usize,
    /// The segment that was split: its first period and one past its last.
    pub segment: (usize, usize),
    /// The share in the segment before the change.
    pub before: f64,
    /// The share from the change on.
    pub after: f64,
    /// How many permutations of the documents over the periods give as large a change, plus one, by how
    /// many were tried, plus one.
    pub p: f64,
}

/// How the search is run.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Permutations of a test.
    pub permutations: usize,
    /// A segment is split further only if its own change has at most this p-value.
    pub level: f64,
    /// Seed of the permutations.
    pub seed: u64,
}

/// Fewer documents than this in a segment are not searched: too few orders to judge by.
const LEAST_DOCUMENTS: usize = 6;

/// The changes of level in `documents`, by binary segmentation: the strongest change first splits the
/// whole, then each part while it is significant. The first test is returned even if it is not, so that a
/// correction for many series counts it.
///
/// # Source
/// Page (1954) for CUSUM, Vostrikova (1981) for binary segmentation, Antoch and Hušková (2001),
/// "Permutation tests in change point analysis", Statistics & Probability Letters 53. Documents are
/// permuted whole, because their statements hang together.
pub fn change_points(documents: &[Dated], search: Search) -> Vec<ChangePoint> {
    let Some(first) = documents.iter().map(|document| document.period).min() else {
        return Vec::new();
    };
    let last = documents
        .iter()
        .map(|document| document.period)
        .max()
        .unwrap_or(first);
    let mut found = Vec::new();
    let mut segments = vec![(first, last + 1)];
    while let Some(segment) = segments.pop() {
        let inside: Vec<Dated> = documents
            .iter()
            .filter(|document| (segment.0..segment.1).contains(&document.period))
            .copied()
            .collect();
        let Some(change) = strongest_change(&inside, segment, search) else {
            continue;
        };
        if change.p <= search.level {
            segments.push((change.period, segment.1));
            segments.push((segment.0, change.period));
        }
        if change.p <= search.level || found.is_empty() {
            found.push(change);
        }
    }
    found.sort_by_key(|change| change.period);
    found
}

fn strongest_change(
    documents: &[Dated],
    segment: (usize, usize),
    search: Search,
) -> Option<ChangePoint> {
    if documents.len() < LEAST_DOCUMENTS {
        return None;
    }
    let mut periods: Vec<usize> = documents.iter().map(|document| document.period).collect();
    let observed = largest_contrast(documents, &periods, segment)?;
    let mut random = generator(search.seed, segment.0 as u64 ^ ((segment.1 as u64) << 32));
    let mut as_large = 0_usize;
    for _ in 0..search.permutations {
        periods.shuffle(&mut random);
        let drawn = largest_contrast(documents, &periods, segment);
        // the tolerance keeps a permutation that changes nothing from losing to rounding
        if drawn.is_some_and(|drawn| drawn.size >= observed.size * (1.0 - 1e-9)) {
            as_large += 1;
        }
    }
    Some(ChangePoint {
        period: observed.period,
        segment,
        before: observed.before,
        after: observed.after,
        p: (as_large + 1) as f64 / (search.permutations + 1) as f64,
    })
}

/// A split, and how large the contrast of its two sides is.
#[derive(Clone, Copy)]
struct Contrast {
    period: usize,
    size: f64,
    before: f64,
    after: f64,
}

/// The split with the largest |share after - share before|, weighed by how many statements each side has.
/// `None` if the share does not vary or there is only one period.
fn largest_contrast(
    documents: &[Dated],
    periods: &[usize],
    segment: (usize, usize),
) -> Option<Contrast> {
    let mut sums = vec![(0.0, 0.0); segment.1 - segment.0];
    for (document, period) in documents.iter().zip(periods) {
        let (count, total) = &mut sums[period - segment.0];
        *count += document.count;
        *total += document.total;
    }
    let (count, total) = sums.iter().fold((0.0, 0.0), |all, period| {
        (all.0 + period.0, all.1 + period.1)
    });
    let mut best: Option<Contrast> = None;
    let (mut count_before, mut total_before) = (0.0, 0.0);
    for (offset, period) in sums.iter().enumerate().skip(1) {
        count_before += sums[offset - 1].0;
        total_before += sums[offset - 1].1;
        let total_after: f64 = total - total_before;
        // a split inside a gap is the split after it
        if total_before <= 0.0 || total_after <= 0.0 || period.1 <= 0.0 {
            continue;
        }
        let before: f64 = count_before / total_before;
        let after = (count - count_before) / total_after;
        let size = (after - before).abs() * (total_before * total_after / total).sqrt();
        if size > best.map_or(0.0, |best| best.size) {
            best = Some(Contrast {
                period: segment.0 + offset,
                size,
                before,
                after,
            });
        }
    }
    best
}

/// The corrected p-values of the changes of many series together.
pub fn corrected(changes: &[ChangePoint]) -> Vec<Option<f64>> {
    let p_values: Vec<Option<f64>> = changes.iter().map(|change| Some(change.p)).collect();
    benjamini_hochberg(&p_values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::statistics::seeding::mix;

    const SEARCH: Search = Search {
        permutations: 499,
        level: 0.05,
        seed: 1,
    };

    /// Four documents a period of 25 statements; the count is about a tenth of `level(period)` percent.
    fn series(periods: usize, salt: u64, level: impl Fn(usize) -> u64) -> Vec<Dated> {
        (0..periods * 4)
            .map(|i| {
                let period = i / 4;
                let noise = mix(salt ^ (i as u64) << 8) % 5;
                Dated {
                    period,
                    count: (level(period) + noise) as f64,
                    total: 25.0,
                }
            })
            .collect()
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        let changes = change_points(
            &series(10, 3, |period| if period < 7 { 3 } else { 9 }),
            SEARCH,
        );
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert_eq!(changes[0].period, 7);
        assert!(changes[0].p <= 0.002_001 && changes[0].after > changes[0].before);
    }

    #[test]
    fn two_steps_are_both_found() {
        let level = |period| if (4..8).contains(&period) { 12 } else { 3 };
        let periods: Vec<usize> = change_points(&series(12, 5, level), SEARCH)
            .iter()
            .map(|c| c.period)
            .collect();
        assert_eq!(periods, [4, 8]);
    }

    #[test]
    fn noise_alone_is_significant_about_one_time_in_twenty() {
        let search = Search {
            permutations: 199,
            ..SEARCH
        };
        let false_alarms = (0..200)
            .filter(|&salt| {
                let changes = change_points(&series(8, mix(salt), |_| 5), search);
                changes.iter().any(|change| change.p <= 0.05)
            })
            .count();
        assert!(false_alarms <= 20, "{false_alarms} of 200");
    }

    #[test]
    fn a_constant_share_and_an_empty_series_have_no_change() {
        let flat = vec![
            Dated {
                period: 0,
                count: 1.0,
                total: 4.0
            };
            9
        ];
        assert_eq!(change_points(&flat, SEARCH), []);
        assert_eq!(change_points(&[], SEARCH), []);
    }
}
