//! The statistics, each in a small pure module checked against a worked example.
//!
//! [`seeding`] makes every random draw repeatable; [`distribution`] has quantiles and tails;
//! [`interval`] intervals of shares; [`bootstrap`] the cluster bootstrap by document; [`multiplicity`]
//! the correction for many comparisons; [`log_odds`] distinctiveness; [`change_point`] when a share
//! changed; [`prediction_powered`] the correction for a classifier's errors.

pub mod bootstrap;
pub mod change_point;
pub mod distribution;
pub mod interval;
pub mod log_odds;
pub mod multiplicity;
pub mod prediction_powered;
pub mod seeding;
