//! Correction for the number of comparisons.

/// Up to this corrected p-value a difference or a change is called significant: of those that are, so many are
/// expected to be none.
pub const FALSE_DISCOVERIES: f64 = 0.05;

/// The p-values of comparisons, equal ones together: where millions are compared, most share theirs with others.
#[derive(Clone, Debug, Default)]
pub struct Comparisons {
    counted: Vec<(f64, u32)>,
    /// When so many are counted, equal ones are put together.
    merge_at: usize,
}

/// Fewer are not worth putting together before the end: 4 MB.
const FEW: usize = 1 << 18;

impl Comparisons {
    /// Adds `times` comparisons with this p-value; one without a p-value is no comparison.
    pub fn add(&mut self, p: Option<f64>, times: u32) {
        if let Some(p) = p.filter(|_| times > 0) {
            self.counted.push((p, times));
            if self.counted.len() >= self.merge_at.max(FEW) {
                self.merge();
                self.merge_at = 2 * self.counted.len();
            }
        }
    }

    /// Puts equal p-values together, the largest first.
    fn merge(&mut self) {
        self.counted.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        self.counted.dedup_by(|later, kept| {
            let same = later.0.total_cmp(&kept.0).is_eq();
            if same {
                kept.1 += later.1;
            }
            same
        });
    }

    /// The false-discovery-adjusted p-values (q-values).
    ///
    /// # Source
    /// Benjamini and Hochberg (1995), "Controlling the False Discovery Rate", JRSS B 57, the step-up procedure.
    pub fn adjusted(mut self) -> Adjusted {
        self.merge();
        let times = self.counted.iter().map(|&(_, times)| u64::from(times));
        let mut at_most: u64 = times.sum();
        let comparisons = at_most as f64;
        let mut least = 1.0_f64;
        let adjusted = self.counted.iter().map(|&(p, times)| {
            least = least.min(p * comparisons / at_most as f64);
            at_most -= u64::from(times);
            (p, least)
        });
        Adjusted {
            falling: adjusted.collect(),
        }
    }
}

/// What p-values are once corrected for the number of comparisons.
#[derive(Clone, Debug)]
pub struct Adjusted {
    /// Each p-value with its q-value, the largest first.
    falling: Vec<(f64, f64)>,
}

impl Adjusted {
    /// The q-value of a p-value that was among the comparisons; `None` for any other.
    pub fn of(&self, p: Option<f64>) -> Option<f64> {
        let p = p?;
        let place = self
            .falling
            .binary_search_by(|(known, _)| p.total_cmp(known));
        place.ok().map(|place| self.falling[place].1)
    }
}

/// The q-values of `p_values`, in their order; `None` stays `None` and does not count as a comparison.
pub fn benjamini_hochberg(p_values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut comparisons = Comparisons::default();
    for &p in p_values {
        comparisons.add(p, 1);
    }
    let adjusted = comparisons.adjusted();
    p_values.iter().map(|&p| adjusted.of(p)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_example_of_the_paper() {
        // Benjamini and Hochberg (1995), section 3.2: 15 p-values, the four smallest are rejected at 0.05
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let q = benjamini_hochberg(&p.map(Some));
        assert_eq!(q.iter().filter(|q| q.unwrap() <= 0.05).count(), 4);
        // R: p.adjust(p, "BH")[4] = 0.035625, [9] = 0.0765
        assert!((q[3].unwrap() - 0.035_625).abs() < 1e-12);
        assert!((q[8].unwrap() - 0.0765).abs() < 1e-12);
    }

    #[test]
    fn equal_p_values_may_be_counted_together() {
        let one_by_one = benjamini_hochberg(&[0.03, 0.2, 0.03, 0.2, 0.2, 0.001].map(Some));
        let mut together = Comparisons::default();
        for (p, times) in [(0.2, 3), (0.03, 2), (0.001, 1)] {
            together.add(Some(p), times);
        }
        let together = together.adjusted();
        assert_eq!(
            [0.03, 0.2, 0.001].map(|p| together.of(Some(p))),
            [one_by_one[0], one_by_one[1], one_by_one[5]]
        );
        assert_eq!(together.of(Some(0.5)), None);
    }

    #[test]
    fn what_has_no_p_value_is_no_comparison() {
        let q = benjamini_hochberg(&[Some(0.04), None, Some(0.01)]);
        assert_eq!(q, [Some(0.04), None, Some(0.02)]);
    }
}
