//! The figures: counts and what follows from them, calibration, and intervals by drawing again.

mod bootstrap;
mod calibration;
mod counts;

pub use bootstrap::{DRAWS, Replicates, SEED, Tally};
pub use calibration::{BINS, Calibration};
pub use counts::{Counts, kappa, ratio};
