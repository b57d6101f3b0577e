//! Nodes and constants of a part of the graph.

use super::{Dialect, GraphOptions, Precision};
use crate::error::{Error, Result};
use crate::model::config::TensorShape;
use crate::model::folder::{ModelFolder, file};
use crate::model::onnx::{AttributeProto, NodeProto, TensorProto, data_type, signed};
use crate::model::quantize::{ActivationScale, QuantizedRows, factors};
use crate::model::spec::ActivationRange;
use crate::model::tensor::Stored;

/// The domain of ONNX Runtime's own operators, some of which rten knows too.
pub(super) const MICROSOFT: &str = "com.microsoft";

/// A linear map as the weights give it.
pub(super) struct Linear {
    /// `[outputs, inputs]`, row-major.
    pub(super) weight: Stored,
    /// One number an output.
    pub(super) bias: Vec<f32>,
}

/// What a linear layer gave, and the bias that its reader has to add if it was not added yet.
pub(super) struct Product {
    pub(super) name: String,
    pub(super) bias: Option<String>,
}

/// Collects the nodes and constants of one part.
pub(super) struct Builder<'a> {
    pub(super) folder: &'a ModelFolder,
    pub(super) options: GraphOptions,
    pub(super) nodes: Vec<NodeProto>,
    pub(super) constants: Vec<TensorProto>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(folder: &'a ModelFolder, options: GraphOptions) -> Self {
        Self {
            folder,
            options,
            nodes: Vec::new(),
            constants: Vec::new(),
        }
    }

    /// Adds an operation of the standard set and returns the name of its output.
    pub(super) fn node(
        &mut self,
        kind: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<AttributeProto>,
    ) -> String {
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            name: output.to_owned(),
            op_type: kind.to_owned(),
            attribute: attributes,
            domain: String::new(),
        });
        output.to_owned()
    }

    /// Adds an operation of ONNX Runtime's set; an empty input is one that is left out.
    pub(super) fn microsoft(
        &mut self,
        kind: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<AttributeProto>,
    ) -> String {
        let name = self.node(kind, inputs, output, attributes);
        if let Some(node) = self.nodes.last_mut() {
            MICROSOFT.clone_into(&mut node.domain);
        }
        name
    }

    pub(super) fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let mut bytes = Vec::with_capacity(values.len() * 4);
        for value in values {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        self.constant(name, shape, data_type::FLOAT, bytes)
    }

    pub(super) fn int64s(&mut self, name: &str, shape: &[usize], values: &[i64]) -> String {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.constant(name, shape, data_type::INT64, bytes)
    }

    pub(super) fn int8s(&mut self, name: &str, shape: &[usize], values: &[i8]) -> String {
        let bytes = values.iter().map(|value| value.cast_unsigned()).collect();
        self.constant(name, shape, data_type::INT8, bytes)
    }

    fn constant(
        &mut self,
        name: &str,
        shape: &[usize],
        data_type: i32,
        raw_data: Vec<u8>,
    ) -> String {
        self.constants.push(TensorProto {
            dims: shape.iter().map(|&size| signed(size)).collect(),
            data_type,
            name: name.to_owned(),
            raw_data,
        });
        name.to_owned()
    }

    /// A tensor of the weights.
    pub(super) fn stored(&self, name: &str, shape: &[usize]) -> Result<Stored> {
        self.folder.weights().stored(&TensorShape {
            name: name.to_owned(),
            shape: shape.to_vec(),
        })
    }

    /// The numbers of a tensor of the weights.
    pub(super) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        Ok(self.stored(name, shape)?.into_numbers())
    }

    /// A tensor of the weights as a constant of the same name.
    pub(super) fn vector(&mut self, name: &str) -> Result<String> {
        let size = self.folder.config().hidden_size;
        let values = self.values(name, &[size])?;
        Ok(self.floats(name, &[size], &values))
    }

    /// The linear map called `name`.
    pub(super) fn linear(&self, name: &str, outputs: usize, inputs: usize) -> Result<Linear> {
        Ok(Linear {
            weight: self.stored(&format!("{name}.weight"), &[outputs, inputs])?,
            bias: self.values(&format!("{name}.bias"), &[outputs])?,
        })
    }

    /// Multiplies in the precision asked for. The bias is added here where that costs nothing, else by
    /// whatever reads the result.
    pub(super) fn product(&mut self, name: &str, linear: Linear) -> Result<Product> {
        let input = format!("{name}.input");
        let bias = self.floats(&format!("{name}.bias"), &[linear.bias.len()], &linear.bias);
        let output = format!("{name}.product");
        let product = match (self.options.dialect, self.options.precision) {
            (dialect, Precision::F32) => {
                let output = self.matmul(&input, name, linear, &output);
                match dialect {
                    Dialect::Embedded => Product {
                        name: self.add(&output, &bias, name),
                        bias: None,
                    },
                    Dialect::OnnxRuntime => Product {
                        name: output,
                        bias: Some(bias),
                    },
                }
            }
            (Dialect::Embedded, Precision::Int8) => Product {
                name: self.integer_matmul(&input, name, linear, &output)?,
                bias: Some(bias),
            },
            (Dialect::OnnxRuntime, Precision::Int8) => {
                let q = self.quantized(&input, name, linear)?;
                let inputs = [
                    &*q.input,
                    &q.weight,
                    &q.input_scale,
                    &q.weight_scale,
                    &q.input_zero,
                    &q.weight_zero,
                    &bias,
                ];
                self.microsoft("MatMulIntegerToFloat", &inputs, &output, Vec::new());
                Product {
                    name: output,
                    bias: None,
                }
            }
        };
        Ok(product)
    }

    /// `product`, with the bias added in any case.
    pub(super) fn biased_product(&mut self, name: &str, linear: Linear) -> Result<String> {
        let product = self.product(name, linear)?;
        Ok(match product.bias {
            None => product.name,
            Some(bias) => self.add(&product.name, &bias, name),
        })
    }

    /// Multiplies in single precision, without bias.
    pub(super) fn matmul(
        &mut self,
        input: &str,
        name: &str,
        linear: Linear,
        output: &str,
    ) -> String {
        let weight = self.weight(name, linear);
        self.node("MatMul", &[input, &weight], output, Vec::new())
    }

    /// The weights of a linear layer in single precision as a constant, `[inputs, outputs]`.
    pub(super) fn weight(&mut self, name: &str, linear: Linear) -> String {
        let outputs = linear.bias.len();
        let weight = linear.weight.into_numbers();
        let inputs = weight.len() / outputs;
        let weight = transposed(&weight, outputs, inputs);
        self.floats(&format!("{name}.weight"), &[inputs, outputs], &weight)
    }

    fn add(&mut self, input: &str, bias: &str, name: &str) -> String {
        self.node("Add", &[input, bias], &format!("{name}.output"), Vec::new())
    }

    /// The form that rten joins into one operation: integer product, cast, scale.
    fn integer_matmul(
        &mut self,
        input: &str,
        name: &str,
        linear: Linear,
        output: &str,
    ) -> Result<String> {
        let q = self.quantized(input, name, linear)?;
        let scales: Vec<f32> = q
            .scales
            .iter()
            .map(|scale| scale * q.activation.scale)
            .collect();
        let scale = self.floats(&format!("{name}.scale"), &[scales.len()], &scales);
        let inputs = [&*q.input, &q.weight, &q.input_zero, &q.weight_zero];
        let sum = self.node("MatMulInteger", &inputs, &format!("{name}.sum"), Vec::new());
        let to_float = AttributeProto::int("to", i64::from(data_type::FLOAT));
        let cast = self.node("Cast", &[&sum], &format!("{name}.cast"), vec![to_float]);
        Ok(self.node("Mul", &[&cast, &scale], output, Vec::new()))
    }

    /// The 8-bit input and weights of a linear layer, with their scales, as constants.
    pub(super) fn quantized(
        &mut self,
        input: &str,
        name: &str,
        linear: Linear,
    ) -> Result<Quantized> {
        let range = self.activation(name)?;
        let activation = ActivationScale::new(range);
        let outputs = linear.bias.len();
        let rows = match linear.weight {
            Stored::Bytes(rows) if rows.halvings == range.halvings => rows,
            other => {
                let weight = other.into_numbers();
                QuantizedRows::weights(&weight, weight.len() / outputs, &range.halvings)
            }
        };
        let inputs = rows.values.len() / outputs;
        let weight = transposed(&rows.values, outputs, inputs);
        let weight = self.int8s(&format!("{name}.weight.i8"), &[inputs, outputs], &weight);
        let weight_scale = self.floats(&format!("{name}.weight.scale"), &[outputs], &rows.scales);
        let weight_zero = self.int8s(&format!("{name}.weight.zero"), &[], &[0]);
        let input_scale = self.floats(&format!("{name}.input.scale"), &[], &[activation.scale]);
        let zero = vec![activation.zero_point];
        let input_zero = self.constant(&format!("{name}.input.zero"), &[], data_type::UINT8, zero);
        let mut input = input.to_owned();
        if !range.halvings.is_empty() {
            let factors = factors(&range.halvings, inputs);
            let factors: Vec<f32> = factors.iter().map(|factor| factor.recip()).collect();
            let factors = self.floats(&format!("{name}.input.factors"), &[inputs], &factors);
            input = self.node(
                "Mul",
                &[&input, &factors],
                &format!("{name}.input.even"),
                Vec::new(),
            );
        }
        let parts = [&*input, &input_scale, &input_zero];
        let input = self.node(
            "QuantizeLinear",
            &parts,
            &format!("{name}.input.u8"),
            Vec::new(),
        );
        let scales = rows.scales;
        Ok(Quantized {
            input,
            input_scale,
            input_zero,
            weight,
            weight_scale,
            weight_zero,
            scales,
            activation,
        })
    }

    fn activation(&self, name: &str) -> Result<&'a ActivationRange> {
        let range = self.folder.spec().activations.get(name);
        range.ok_or_else(|| Error::OpenModel {
            path: self.folder.path().join(file::SPEC),
            problem: format!(
                "it has no [activations] for {name:?}, which int8 needs; ask for f32, or measure them \
                 with `plenary models calibrate`"
            ),
            source: None,
        })
    }
}

/// The names of the constants of an 8-bit product.
pub(super) struct Quantized {
    pub(super) input: String,
    pub(super) input_scale: String,
    pub(super) input_zero: String,
    pub(super) weight: String,
    pub(super) weight_scale: String,
    pub(super) weight_zero: String,
    scales: Vec<f32>,
    activation: ActivationScale,
}

/// Turns `[rows, columns]` into `[columns, rows]`, in blocks that stay in the cache.
pub(super) fn transposed<T: Copy + Default>(values: &[T], rows: usize, columns: usize) -> Vec<T> {
    const BLOCK: usize = 32;
    let mut result = vec![T::default(); values.len()];
    for first_row in (0..rows).step_by(BLOCK) {
        for first_column in (0..columns).step_by(BLOCK) {
            for row in first_row..rows.min(first_row + BLOCK) {
                for column in first_column..columns.min(first_column + BLOCK) {
                    result[column * rows + row] = values[row * columns + column];
                }
            }
        }
    }
    result
}
