//! Everything as one JSON object.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::comparison::result::Comparison;

/// Digits kept of a number: more would be noise of the arithmetic, and differ between machines.
const SIGNIFICANT_DIGITS: i32 = 6;

/// Writes the comparison as JSON for people and programs, numbers rounded to `SIGNIFICANT_DIGITS`; straight from its
/// parts, because a tree of a hundred groups by month would take a gigabyte.
///
/// # Errors
/// If it cannot be written.
pub fn write(comparison: &Comparison, writer: impl Write) -> serde_json::Result<()> {
    comparison.serialize(&mut Serializer::with_formatter(
        writer,
        Rounded(PrettyFormatter::new()),
    ))
}

/// Writes the comparison as [`write()`] does, without line breaks.
///
/// # Errors
/// If it cannot be written.
pub fn write_compact(comparison: &Comparison, writer: impl Write) -> serde_json::Result<()> {
    comparison.serialize(&mut Serializer::with_formatter(
        writer,
        Rounded(CompactFormatter),
    ))
}

/// A layout in which numbers are rounded.
struct Rounded<F>(F);

impl<F: Formatter> Formatter for Rounded<F> {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        self.0.write_f64(writer, significant(value))
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

fn significant(exact: f64) -> f64 {
    let digits = usize::try_from(SIGNIFICANT_DIGITS - 1).unwrap_or_default();
    // by way of text, which rounds exactly and the same everywhere
    format!("{exact:.digits$e}").parse().unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_six_digits_and_counts_all() {
        let numbers =
            serde_json::json!({"p": 0.000_012_345_678, "n": 123_456_789, "s": [1.0 / 3.0, null]});
        let mut text = Vec::new();
        numbers
            .serialize(&mut Serializer::with_formatter(
                &mut text,
                Rounded(CompactFormatter),
            ))
            .unwrap();
        let rounded: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(
            rounded,
            serde_json::json!({"p": 0.000_012_345_7, "n": 123_456_789, "s": [0.333_333, null]})
        );
    }
}
