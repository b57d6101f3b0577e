//! The cluster bootstrap: statements of one document hang together, so documents are drawn, not
//! statements.
//!
//! Every document draws its own weights from its name and the seed, so the replicates of two groups that
//! share documents are those of one draw, and neither the order of the input nor the presence of other
//! groups changes a result.

use rand_chacha::rand_core::RngCore;

use super::distribution::{TAIL, normal_cdf, t_quantile};
use super::seeding::generator;
use crate::schema::Interval;

/// Fewer documents than this give no interval: the draws would have too few different outcomes.
pub const LEAST_DOCUMENTS: usize = 5;

/// What a replicate needs of one document: its hash, and a count for every column, the first of which
/// (or whichever [`Replicates::ratio`] is told) is the total.
#[derive(Clone, Copy, Debug)]
pub struct Cluster<'a> {
    /// The document's [`stable_hash`](super::seeding::stable_hash).
    pub document: u64,
    /// The counts, one a column.
    pub counts: &'a [u32],
}

/// Weighted sums of every column in every replicate.
#[derive(Clone, Debug)]
pub struct Replicates {
    columns: usize,
    sums: Vec<f64>,
}

/// How often a document is drawn in each of `replicates` samples: Poisson frequencies of mean 1.
fn weights(seed: u64, document: u64, replicates: usize) -> impl Iterator<Item = u32> {
    let mut random = generator(seed, document);
    (0..replicates).map(move |_| poisson_of_mean_one(random.next_u32()))
}

/// The Poisson(1) quantile of a uniform 32-bit draw.
fn poisson_of_mean_one(uniform: u32) -> u32 {
    let target = f64::from(uniform) / (f64::from(u32::MAX) + 1.0);
    let mut frequency = 0;
    let mut mass = (-1.0_f64).exp();
    let mut cumulative = mass;
    while target >= cumulative && frequency < 12 {
        frequency += 1;
        mass /= f64::from(frequency);
        cumulative += mass;
    }
    frequency
}

/// Draws `replicates` samples of the documents, all columns at once.
///
/// # Source
/// Field and Welsh (2007), "Bootstrapping clustered data", JRSS B 69; drawn by Poisson frequencies after
/// Hanley and `MacGibbon` (2006), Computer Methods and Programs in Biomedicine 83.
pub fn replicate<'a>(
    clusters: impl IntoIterator<Item = Cluster<'a>>,
    columns: usize,
    replicates: usize,
    seed: u64,
) -> Replicates {
    let mut sums = vec![0.0; columns * replicates];
    for cluster in clusters {
        let used: Vec<(usize, f64)> = cluster
            .counts
            .iter()
            .take(columns)
            .enumerate()
            .filter(|&(_, &count)| count > 0)
            .map(|(column, &count)| (column, f64::from(count)))
            .collect();
        let rows = sums.chunks_exact_mut(columns.max(1));
        for (row, weight) in rows.zip(weights(seed, cluster.document, replicates)) {
            if weight > 0 {
                for &(column, count) in &used {
                    row[column] += f64::from(weight) * count;
                }
            }
        }
    }
    Replicates { columns, sums }
}

impl Replicates {
    /// Adds the sums of other documents, drawn with the same seed.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum += more;
        }
    }

    /// The sums without those of some of the documents.
    #[must_use]
    pub fn without(&self, part: &Self) -> Self {
        let sums = self
            .sums
            .iter()
            .zip(&part.sums)
            .map(|(sum, less)| sum - less)
            .collect();
        Self {
            columns: self.columns,
            sums,
        }
    }

    /// The share of `count` in `total` in every replicate; `None` in one that drew no document.
    pub fn ratio(&self, count: usize, total: usize) -> Vec<Option<f64>> {
        self.sums
            .chunks_exact(self.columns.max(1))
            .map(|row| (row[total] > 0.0).then(|| row[count] / row[total]))
            .collect()
    }
}

/// The percentile interval of `replicates`, widened for few documents; `None` under
/// [`LEAST_DOCUMENTS`] or where the replicates do not vary.
///
/// # Source
/// The expanded percentile interval: Hesterberg (2015), "What Teachers Should Know About the Bootstrap",
/// The American Statistician 69, section 4.3.
pub fn percentile_interval(replicates: &[Option<f64>], documents: usize) -> Option<Interval> {
    if documents < LEAST_DOCUMENTS {
        return None;
    }
    let mut values: Vec<f64> = replicates.iter().copied().flatten().collect();
    values.sort_by(f64::total_cmp);
    let (least, most) = (*values.first()?, *values.last()?);
    if most <= least {
        return None;
    }
    let n = documents as f64;
    let tail = normal_cdf((n / (n - 1.0)).sqrt() * t_quantile(TAIL, n - 1.0));
    Some(Interval {
        low: quantile(&values, tail),
        high: quantile(&values, 1.0 - tail),
    })
}

/// The quantile of sorted values, linear between neighbours (type 7 of Hyndman and Fan 1996).
fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let place = probability * (sorted.len().saturating_sub(1)) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a probability of a length is a place in the slice"
    )]
    let below = (place.floor() as usize).min(sorted.len() - 1);
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// The variance of the replicates, corrected for the documents being few (times n / (n - 1)); `None`
/// under [`LEAST_DOCUMENTS`].
pub fn variance(replicates: &[Option<f64>], documents: usize) -> Option<f64> {
    if documents < LEAST_DOCUMENTS {
        return None;
    }
    let values: Vec<f64> = replicates.iter().copied().flatten().collect();
    let count = values.len() as f64;
    if count < 2.0 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let n = documents as f64;
    Some(squares / (count - 1.0) * n / (n - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::statistics::seeding::mix;

    const REPLICATES: usize = 2000;

    fn clusters(counts: &[[u32; 2]]) -> impl Iterator<Item = Cluster<'_>> {
        counts.iter().enumerate().map(|(index, counts)| Cluster {
            document: mix(index as u64),
            counts,
        })
    }

    #[test]
    fn frequencies_have_mean_and_variance_one() {
        let drawn: Vec<f64> = weights(7, 1, 100_000).map(f64::from).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let variance = drawn.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / 1e5;
        assert!(
            (mean - 1.0).abs() < 0.02 && (variance - 1.0).abs() < 0.03,
            "{mean} {variance}"
        );
    }

    #[test]
    fn the_order_of_documents_does_not_matter() {
        let counts: Vec<[u32; 2]> = (0..40).map(|i| [10 + i % 3, i % 7]).collect();
        let forward = replicate(clusters(&counts), 2, 50, 1).ratio(1, 0);
        let mut reversed: Vec<_> = clusters(&counts).collect();
        reversed.reverse();
        assert_eq!(forward, replicate(reversed, 2, 50, 1).ratio(1, 0));
    }

    #[test]
    fn the_interval_is_near_the_linearised_one_for_many_documents() {
        let counts: Vec<[u32; 2]> = (0..400_u64)
            .map(|i| {
                let draw = u32::try_from(mix(i) % 9).unwrap();
                [20 + draw, draw]
            })
            .collect();
        let replicates = replicate(clusters(&counts), 2, REPLICATES, 1).ratio(1, 0);
        let bootstrap = percentile_interval(&replicates, counts.len()).unwrap();
        let mut sums = crate::comparison::statistics::interval::RatioSums::default();
        for [total, count] in counts {
            sums.add(f64::from(count), f64::from(total));
        }
        let linearised = sums.interval().unwrap();
        let width = linearised.high - linearised.low;
        assert!((bootstrap.low - linearised.low).abs() < 0.08 * width);
        assert!((bootstrap.high - linearised.high).abs() < 0.08 * width);
    }

    #[test]
    fn no_variation_and_few_documents_give_no_interval() {
        let same = replicate(clusters(&[[10, 0]; 8]), 2, 100, 1).ratio(1, 0);
        assert_eq!(percentile_interval(&same, 8), None);
        let few = replicate(clusters(&[[10, 2], [10, 4]]), 2, 100, 1).ratio(1, 0);
        assert_eq!(percentile_interval(&few, 2), None);
        assert_eq!(variance(&few, 2), None);
    }
}
