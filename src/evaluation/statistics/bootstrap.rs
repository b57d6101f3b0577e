//! Intervals by drawing the units of a test set again, with replacement.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::schema::Interval;

/// How many times the units are drawn: the number that the reference scorer of the gold uses.
pub const DRAWS: usize = 1000;

/// The seed of the draws: the same input gives the same interval.
pub const SEED: u64 = 1;

/// The part of the draws outside the interval, on each side.
const TAIL: f64 = 0.025;

/// What a unit (a statement, a document) adds to the sums that figures are made of.
pub trait Tally: Clone {
    /// Adds what another unit adds.
    fn add(&mut self, other: &Self);
}

/// The sums over all units, and over each draw of them.
#[derive(Clone, Debug)]
pub struct Replicates<T> {
    /// Over all units, each once.
    pub whole: T,
    draws: Vec<T>,
}

impl<T: Tally> Replicates<T> {
    /// Sums `units` as they are and in [`DRAWS`] draws; `empty` is the sum of no unit.
    pub fn new(units: &[T], empty: &T) -> Self {
        let sum = |units: &mut dyn Iterator<Item = &T>| {
            let mut sum = empty.clone();
            units.for_each(|unit| sum.add(unit));
            sum
        };
        let mut generator = ChaCha8Rng::seed_from_u64(SEED);
        let mut draw = || {
            let mut picks = (0..units.len()).map(|_| generator.random_range(0..units.len()));
            sum(&mut picks.by_ref().map(|pick| &units[pick]))
        };
        Self {
            draws: (0..DRAWS).map(|_| draw()).collect(),
            whole: sum(&mut units.iter()),
        }
    }

    /// The 95 % interval of a figure, by the percentiles of the draws in which it is defined; `None` if it
    /// is defined in none.
    ///
    /// # Source
    /// Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    pub fn interval(&self, figure: impl Fn(&T) -> Option<f64>) -> Option<Interval> {
        let mut values: Vec<f64> = self.draws.iter().filter_map(figure).collect();
        values.sort_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to DRAWS"
        )]
        let outside = (values.len() as f64 * TAIL) as usize;
        Some(Interval {
            low: *values.get(outside)?,
            high: *values.get(values.len().checked_sub(outside + 1)?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::statistics::{Counts, ratio};

    impl Tally for Counts {
        fn add(&mut self, other: &Self) {
            Self::add(self, *other);
        }
    }

    #[test]
    fn the_interval_of_a_share_is_near_the_exact_one() {
        // 80 of 100: the Wilson interval is 0.711 to 0.867; percentiles of 1,000 draws come within 0.02.
        let units: Vec<Counts> = (0..100).map(|index| Counts::of(true, index < 80)).collect();
        let found = Replicates::new(&units, &Counts::default());
        let interval = found.interval(|sum| sum.recall()).unwrap();
        assert_eq!(found.whole.recall(), ratio(80, 100));
        assert!((interval.low - 0.711).abs() < 0.02, "{interval:?}");
        assert!((interval.high - 0.867).abs() < 0.02, "{interval:?}");
    }

    #[test]
    fn without_units_there_is_no_interval() {
        let found = Replicates::new(&[], &Counts::default());
        assert_eq!(found.interval(|sum| sum.f1()), None);
    }
}
