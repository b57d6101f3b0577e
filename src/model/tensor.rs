//! Numbers with a shape.

/// Numbers in row-major order with the size of each dimension.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensor {
    /// The size of each dimension, such as `[rows, tokens, columns]`.
    pub shape: Vec<usize>,
    /// The numbers; as many as the sizes' product.
    pub values: Vec<f32>,
}
