//! Figures as a table for people and as data.

use std::fmt;

use serde::Serialize;

use super::statistics::{DRAWS, Replicates, SEED, Tally};
use crate::schema::Interval;

/// Figures by name, one column a system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// What was held against what.
    pub title: String,
    /// The systems.
    pub columns: Vec<String>,
    /// The figures.
    pub rows: Vec<Row>,
    /// How the intervals were made, and what else the reader must know.
    pub remarks: Vec<String>,
}

/// One figure of every system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The figure.
    pub name: String,
    /// 0, or 1 for a part of the figure above.
    pub level: usize,
    /// Its value for each system, in the columns' order.
    pub cells: Vec<Cell>,
}

/// A value with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The figure; null where it is undefined.
    pub value: Option<f64>,
    /// Its 95 % interval; null where it is undefined in every draw, and for plain counts.
    pub interval: Option<Interval>,
    /// Of how many.
    pub n: usize,
}

/// What a figure is of a tally; `None` where it is undefined.
type Value<T> = Box<dyn Fn(&T) -> Option<f64>>;

/// A figure of a tally.
pub(super) struct Figure<T> {
    pub(super) name: String,
    pub(super) level: usize,
    pub(super) value: Value<T>,
    pub(super) n: Box<dyn Fn(&T) -> usize>,
}

impl<T> Figure<T> {
    pub(super) fn new(
        name: impl Into<String>,
        value: impl Fn(&T) -> Option<f64> + 'static,
        n: impl Fn(&T) -> usize + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            level: 0,
            value: Box::new(value),
            n: Box::new(n),
        }
    }

    /// A part of the figure above.
    pub(super) fn part(self) -> Self {
        Self { level: 1, ..self }
    }
}

/// The figures of each system, with intervals over `units`.
pub(super) fn table<T: Tally>(
    title: String,
    units: &str,
    systems: &[(String, Replicates<T>)],
    figures: &[Figure<T>],
) -> Table {
    let cell = |figure: &Figure<T>, tallies: &Replicates<T>| Cell {
        value: (figure.value)(&tallies.whole),
        interval: tallies.interval(&figure.value),
        n: (figure.n)(&tallies.whole),
    };
    let row = |figure: &Figure<T>| Row {
        name: figure.name.clone(),
        level: figure.level,
        cells: systems
            .iter()
            .map(|(_, tallies)| cell(figure, tallies))
            .collect(),
    };
    Table {
        title,
        columns: systems.iter().map(|(name, _)| name.clone()).collect(),
        rows: figures.iter().map(row).collect(),
        remarks: vec![format!(
            "brackets: 95 % interval, percentiles of {DRAWS} bootstrap draws over {units}, seed {SEED}; –: undefined"
        )],
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            None => write!(f, "{:5}", "–")?,
            Some(value) => write!(f, "{value:.3}")?,
        }
        match self.interval {
            None => write!(f, "{:16}", "")?,
            Some(interval) => write!(f, "  [{:.3}, {:.3}]", interval.low, interval.high)?,
        }
        write!(f, " {:>6}", self.n)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = |row: &Row| format!("{}{}", "  ".repeat(row.level), row.name);
        let width = self
            .rows
            .iter()
            .map(|row| label(row).chars().count())
            .max()
            .unwrap_or(0);
        writeln!(f, "{}", self.title)?;
        write!(f, "{:width$}", "")?;
        for column in &self.columns {
            write!(f, "  {column:<21} {:>6}", "n")?;
        }
        writeln!(f)?;
        for row in &self.rows {
            write!(f, "{:width$}", label(row))?;
            for cell in &row.cells {
                write!(f, "  {cell}")?;
            }
            writeln!(f)?;
        }
        for remark in &self.remarks {
            writeln!(f, "{remark}")?;
        }
        Ok(())
    }
}
