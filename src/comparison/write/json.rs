//! Everything as one JSON object.

use serde_json::{Number, Value};

use crate::comparison::result::Comparison;

/// Digits kept of a number: more would be noise of the arithmetic, and differ between machines.
const SIGNIFICANT_DIGITS: i32 = 6;

/// The comparison as JSON, numbers rounded to `SIGNIFICANT_DIGITS`.
///
/// # Errors
/// If a number is not finite, which would be a bug.
pub fn value(comparison: &Comparison) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(comparison)?;
    round(&mut value);
    Ok(value)
}

fn round(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(round),
        Value::Object(fields) => fields.values_mut().for_each(round),
        Value::Number(number) if number.is_f64() => {
            if let Some(rounded) = number
                .as_f64()
                .and_then(|exact| Number::from_f64(significant(exact)))
            {
                *number = rounded;
            }
        }
        Value::Number(_) | Value::String(_) | Value::Bool(_) | Value::Null => {}
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
        let mut value =
            serde_json::json!({"p": 0.000_012_345_678, "n": 123_456_789, "s": [1.0 / 3.0, null]});
        round(&mut value);
        let rounded =
            serde_json::json!({"p": 0.000_012_345_7, "n": 123_456_789, "s": [0.333_333, null]});
        assert_eq!(value, rounded);
    }
}
