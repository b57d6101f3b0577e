//! Eight bits: weights by row, activations by fixed ranges.

use super::spec::ActivationRange;

/// Weights use 7 of the 8 bits: x86 processors without VNNI add two products of an unsigned and a signed
/// byte in 16 bits, and `2 × 255 × 64` is the most that fits.
const WEIGHT_LIMIT: f32 = 64.0;

/// Rows of bytes, each with its own scale.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QuantizedRows {
    /// As many numbers as came in.
    pub(crate) values: Vec<i8>,
    /// What the bytes of a row are multiplied with.
    pub(crate) scales: Vec<f32>,
}

impl QuantizedRows {
    /// For products with activations, so that they are right on every processor.
    pub(crate) fn weights(values: &[f32], columns: usize) -> Self {
        Self::new(values, columns, WEIGHT_LIMIT)
    }

    /// For tables that are only looked up.
    pub(crate) fn embeddings(values: &[f32], columns: usize) -> Self {
        Self::new(values, columns, 127.0)
    }

    fn new(values: &[f32], columns: usize, limit: f32) -> Self {
        let mut rows = Self {
            values: Vec::with_capacity(values.len()),
            scales: Vec::with_capacity(values.len() / columns),
        };
        for row in values.chunks_exact(columns) {
            let largest = row
                .iter()
                .fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
            let scale = largest / limit;
            rows.values
                .extend(row.iter().map(|value| byte(value / scale)));
            rows.scales.push(scale);
        }
        rows
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the limit keeps it within a byte"
)]
fn byte(value: f32) -> i8 {
    value.round_ties_even() as i8
}

/// How the numbers that go into a linear layer become bytes: `round(x / scale) + zero_point`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ActivationScale {
    /// The step from byte to byte.
    pub(crate) scale: f32,
    /// The byte that stands for 0.
    pub(crate) zero_point: u8,
}

impl ActivationScale {
    /// The bytes cover the range.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a range spans 0, so its low end is from 0 to 255 steps below"
    )]
    pub(crate) fn new(range: ActivationRange) -> Self {
        let scale = (range.high - range.low) / 255.0;
        Self {
            scale,
            zero_point: (-range.low / scale).round() as u8,
        }
    }
}
