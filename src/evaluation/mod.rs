//! Records held against gold: how right they are, and how sure that is.
//!
//! [`gold`] reads what people labelled; [`labels`], [`speakers`], [`attributions`] and [`stances`] count what the records
//! have of it, one tally a statement or document; [`statistics`] turns tallies into figures with intervals;
//! a [`Table`] shows them. The figures agree with the gold's own reference scorer, down to what it takes for
//! a word.

pub mod attributions;
pub mod gold;
pub mod labels;
mod names;
mod report;
pub mod speakers;
pub mod stances;
pub mod statistics;
mod words;

pub use report::{Cell, Row, Table};
