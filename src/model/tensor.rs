//! Numbers with a shape.

use super::quantize::QuantizedRows;

/// Numbers in row-major order with the size of each dimension.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensor {
    /// The size of each dimension, such as `[rows, tokens, columns]`.
    pub shape: Vec<usize>,
    /// The numbers; as many as the sizes' product.
    pub values: Vec<f32>,
}

/// A tensor as a file of weights holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum Stored {
    /// Numbers, in half precision.
    Numbers(Tensor),
    /// A matrix that stands on the steps of int8, byte by byte.
    Bytes(QuantizedRows),
}

impl Stored {
    /// The numbers, in row-major order.
    #[must_use]
    pub fn into_numbers(self) -> Vec<f32> {
        match self {
            Self::Numbers(tensor) => tensor.values,
            Self::Bytes(rows) => rows.numbers(),
        }
    }
}

impl From<Tensor> for Stored {
    fn from(tensor: Tensor) -> Self {
        Self::Numbers(tensor)
    }
}
