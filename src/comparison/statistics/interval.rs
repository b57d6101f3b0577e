//! Intervals of shares.

use serde::Serialize;

use super::distribution::{TAIL, normal_quantile, t_quantile};
use crate::schema::Interval;

/// The score interval of a share of `count` among `total`; `None` if `total` is not positive.
///
/// `total` may be an effective sample size, which need not be whole.
///
/// # Source
/// Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22.
pub fn wilson(count: f64, total: f64) -> Option<Interval> {
    if total <= 0.0 || !(0.0..=total).contains(&count) {
        return None;
    }
    let z = normal_quantile(1.0 - TAIL);
    let share = count / total;
    let scale = 1.0 + z * z / total;
    let centre = (share + z * z / (2.0 * total)) / scale;
    let half = z / scale * (share * (1.0 - share) / total + z * z / (4.0 * total * total)).sqrt();
    let interval = Interval::around(centre, half).clamped(0.0, 1.0);
    // exact at the edges, where rounding would leave a trace
    Some(Interval {
        low: if count > 0.0 { interval.low } else { 0.0 },
        high: if count < total { interval.high } else { 1.0 },
    })
}

/// Sums over documents from which a share and its cluster-robust variance follow; they add over
/// disjoint sets of documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct RatioSums {
    /// Documents.
    pub documents: f64,
    /// Sum of the counts: statements with the theme.
    pub count: f64,
    /// Sum of the totals: statements.
    pub total: f64,
    /// Sum of count squared.
    pub count_squared: f64,
    /// Sum of count times total.
    pub cross: f64,
    /// Sum of total squared.
    pub total_squared: f64,
}

impl RatioSums {
    /// Adds one document.
    pub fn add(&mut self, count: f64, total: f64) {
        self.documents += 1.0;
        self.count += count;
        self.total += total;
        self.count_squared += count * count;
        self.cross += count * total;
        self.total_squared += total * total;
    }

    /// Adds the sums of other documents.
    pub fn merge(&mut self, other: &Self) {
        self.documents += other.documents;
        self.count += other.count;
        self.total += other.total;
        self.count_squared += other.count_squared;
        self.cross += other.cross;
        self.total_squared += other.total_squared;
    }

    /// The share; `None` if there is nothing to divide by.
    pub fn share(&self) -> Option<f64> {
        (self.total > 0.0).then(|| self.count / self.total)
    }

    /// The variance of the share with documents as clusters; `None` under two documents.
    ///
    /// # Source
    /// Taylor linearisation of a ratio: Cochran (1977), Sampling Techniques, 3rd ed., section 6.3.
    pub fn variance(&self) -> Option<f64> {
        let share = self.share()?;
        if self.documents < 2.0 {
            return None;
        }
        let squares =
            self.count_squared - 2.0 * share * self.cross + share * share * self.total_squared;
        let correction = self.documents / (self.documents - 1.0);
        Some((squares.max(0.0) * correction) / (self.total * self.total))
    }

    /// How many times the variance exceeds that of as many independent statements (the design effect);
    /// `None` where the share is 0 or 1 or has no variance.
    pub fn design_effect(&self) -> Option<f64> {
        let share = self.share()?;
        let independent = share * (1.0 - share) / self.total;
        (independent > 0.0).then_some(self.variance()? / independent)
    }

    /// The linearised interval with t quantiles; `None` where [`Self::variance`] is.
    pub fn interval(&self) -> Option<Interval> {
        let half = t_quantile(1.0 - TAIL, self.documents - 1.0) * self.variance()?.sqrt();
        Some(Interval::around(self.share()?, half).clamped(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_agrees_with_the_worked_example_of_newcombe() {
        // Newcombe (1998), Statistics in Medicine 17, Table I, method 3: 81/263 and 0/20
        for (count, total, low, high) in [(81.0, 263.0, 0.2553, 0.3662), (0.0, 20.0, 0.0, 0.1611)] {
            let interval = wilson(count, total).unwrap();
            assert!((interval.low - low).abs() < 5e-5, "{interval:?}");
            assert!((interval.high - high).abs() < 5e-5, "{interval:?}");
        }
        assert_eq!(wilson(0.0, 0.0), None);
    }

    #[test]
    fn variance_of_a_ratio_is_the_textbook_sum_of_residuals() {
        let documents = [(2.0, 10.0), (5.0, 12.0), (1.0, 8.0)];
        let mut sums = RatioSums::default();
        for (count, total) in documents {
            sums.add(count, total);
        }
        let share = 8.0 / 30.0;
        let residuals: f64 = documents
            .iter()
            .map(|(count, total)| (count - share * total).powi(2))
            .sum();
        let expected = 3.0 / 2.0 * residuals / 900.0;
        assert!((sums.variance().unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn one_document_has_a_share_and_no_interval() {
        let mut sums = RatioSums::default();
        assert_eq!(sums.share(), None);
        sums.add(3.0, 4.0);
        assert_eq!(sums.share(), Some(0.75));
        assert_eq!(sums.interval(), None);
    }
}
