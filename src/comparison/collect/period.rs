//! Dates and the periods that they fall in.

use serde::Serialize;
use std::fmt;

use crate::comparison::input::row::Row;

/// What one step of the time axis is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Granularity {
    /// A calendar month.
    Month,
    /// A calendar year.
    #[default]
    Year,
}

/// A step of the time axis: the year, or months since year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    granularity: Granularity,
    index: i32,
}

impl Period {
    /// The place on the time axis; consecutive periods have consecutive places.
    pub fn index(self) -> i32 {
        self.index
    }

    /// The period `steps` later.
    #[must_use]
    pub fn plus(self, steps: i32) -> Self {
        Self {
            index: self.index + steps,
            ..self
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.granularity {
            Granularity::Year => write!(f, "{:04}", self.index),
            Granularity::Month => {
                write!(
                    f,
                    "{:04}-{:02}",
                    self.index.div_euclid(12),
                    self.index.rem_euclid(12) + 1
                )
            }
        }
    }
}

impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a record says of its date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dating {
    /// It falls in this period.
    In(Period),
    /// The date is too coarse for the granularity (a year alone, over months).
    Coarse,
    /// There is none.
    Missing,
    /// There is one, but it is no date.
    Malformed,
}

/// The period of a row: from the document's date, else from a field called `year`.
pub fn dating(row: &Row, granularity: Granularity) -> Dating {
    let year = row.document.fields.get("year");
    match row.document.date.as_ref().or(year) {
        None => Dating::Missing,
        Some(date) => parse(date.trim(), granularity),
    }
}

/// Reads `2025`, `2025-07`, `2025-07-16` or a time stamp that begins with the latter.
pub(super) fn parse(date: &str, granularity: Granularity) -> Dating {
    let day = date.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split('-').collect();
    let widths = [4, 2, 2];
    let digits = |(part, width): (&&str, usize)| {
        part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.len() > 3 || !parts.iter().zip(widths).all(digits) {
        return Dating::Malformed;
    }
    let mut numbers = parts
        .iter()
        .map(|part| part.parse::<i32>().unwrap_or_default());
    let (year, month, day) = (
        numbers.next().unwrap_or_default(),
        numbers.next(),
        numbers.next(),
    );
    let in_month = |month| (1..=12).contains(&month);
    if month.is_some_and(|month| !in_month(month))
        || day.is_some_and(|day| !(1..=days(year, month.unwrap_or(1))).contains(&day))
    {
        return Dating::Malformed;
    }
    match (granularity, month) {
        (Granularity::Year, _) => Dating::In(Period {
            granularity,
            index: year,
        }),
        (Granularity::Month, Some(month)) => Dating::In(Period {
            granularity,
            index: year * 12 + month - 1,
        }),
        (Granularity::Month, None) => Dating::Coarse,
    }
}

/// How many days a month of the Gregorian calendar has.
fn days(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_any_precision_fall_in_a_period() {
        let shown = |date, granularity| match parse(date, granularity) {
            Dating::In(period) => period.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(shown("2025-07-16", Granularity::Year), "2025");
        assert_eq!(shown("2025-07-16T10:00:00Z", Granularity::Month), "2025-07");
        assert_eq!(shown("2025-12", Granularity::Month), "2025-12");
        assert_eq!(shown("2025", Granularity::Month), "Coarse");
        for malformed in [
            "16 July 2025",
            "2025-13",
            "2023-02-29",
            "2025-7-1",
            "",
            "20250716",
        ] {
            assert_eq!(
                shown(malformed, Granularity::Year),
                "Malformed",
                "{malformed}"
            );
        }
        assert_eq!(shown("2024-02-29", Granularity::Year), "2024");
    }
}
