//! Whether probabilities mean what they say.

use super::Tally;

/// The number of bins of equal width. Guo et al. use 15 for tens of thousands of predictions; gold sets here
/// have hundreds, and 10 keep some dozens in each.
pub const BINS: usize = 10;

/// Predicted probabilities by bin, with how often they came true.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    bins: [Bin; BINS],
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bin {
    count: usize,
    probability: f64,
    came_true: usize,
}

impl Calibration {
    /// Adds something that was given `probability` (0 to 1), and whether it is so.
    pub fn observe(&mut self, probability: f64, is_so: bool) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to BINS"
        )]
        let index = ((probability * BINS as f64) as usize).min(BINS - 1);
        let bin = &mut self.bins[index];
        bin.count += 1;
        bin.probability += probability;
        bin.came_true += usize::from(is_so);
    }

    /// How many probabilities were observed.
    pub fn count(&self) -> usize {
        self.bins.iter().map(|bin| bin.count).sum()
    }

    /// By how much probabilities and frequencies differ, on average over what was observed; `None` if
    /// nothing was.
    ///
    /// # Source
    /// Naeini, Cooper and Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian
    /// Binning", AAAI; Guo et al. (2017), "On Calibration of Modern Neural Networks", ICML.
    pub fn expected_error(&self) -> Option<f64> {
        let gap = |bin: &Bin| (bin.probability - bin.came_true as f64).abs();
        let count = self.count();
        (count > 0).then(|| self.bins.iter().map(gap).sum::<f64>() / count as f64)
    }
}

impl Tally for Calibration {
    fn add(&mut self, other: &Self) {
        for (bin, other) in self.bins.iter_mut().zip(&other.bins) {
            bin.count += other.count;
            bin.probability += other.probability;
            bin.came_true += other.came_true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_the_gap_weighted_by_bin() {
        let mut calibration = Calibration::default();
        assert_eq!(calibration.expected_error(), None);
        // Four at 0.75 of which two came true (gap 0.25), one at 1.0 that did (gap 0): 4/5 of 0.25.
        for is_so in [true, true, false, false] {
            calibration.observe(0.75, is_so);
        }
        calibration.observe(1.0, true);
        assert!((calibration.expected_error().unwrap() - 0.2).abs() < 1e-12);
    }
}
