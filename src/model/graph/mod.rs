//! From a model folder to the graph that `embedded` and `onnxruntime` run, built in memory.
//!
//! All rows of a batch have the same length, so there is neither padding nor a mask. Both engines know
//! some operators of the domain `com.microsoft` that join what BERT needs; where one is faster with
//! another form, [`Dialect`] says so. `bert` is the network, `builder` its layers and constants.

mod bert;
mod builder;

use prost::Message;

use self::bert::Part;
use self::builder::{Builder, MICROSOFT};
use super::config::BertConfig;
use super::folder::ModelFolder;
use super::onnx::{
    Dimension, GraphProto, ModelProto, OperatorSetIdProto, ValueInfoProto, data_type, signed,
};
use super::tensor::Tensor;
use crate::error::Result;

/// The output of a graph made for [`Outputs::Hidden`].
pub const HIDDEN: &str = "last_hidden_state";

/// How the linear layers compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Single precision: what is compared with the reference.
    F32,
    /// Weights in 7 bits a column, activations in 8 bits with fixed ranges: some three times as fast.
    Int8,
}

/// For whom the graph is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// rten.
    Embedded,
    /// ONNX Runtime.
    OnnxRuntime,
}

/// What the graph returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outputs {
    /// One tensor a head.
    Heads,
    /// The encoder's last hidden state, [`HIDDEN`].
    Hidden,
}

/// What graph to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GraphOptions {
    /// How the linear layers compute.
    pub precision: Precision,
    /// For whom.
    pub dialect: Dialect,
    /// What it returns.
    pub outputs: Outputs,
    /// Whether it has an input `token_type_ids`; without it every token is of the first segment.
    pub segments: bool,
}

/// Builds the graph of a model as the bytes of an `.onnx` file.
///
/// # Shapes
/// Inputs: `input_ids` and, if asked for, `token_type_ids`, `[rows, tokens]`, int64. Outputs:
/// `[rows, tokens, columns]`.
///
/// # Errors
/// [`Error::OpenModel`](crate::error::Error::OpenModel) if weights are missing, or int8 is asked for and `plenary.toml` has no ranges.
pub fn onnx(folder: &ModelFolder, options: GraphOptions) -> Result<Vec<u8>> {
    let names = [Part::Embeddings]
        .into_iter()
        .chain((0..folder.config().num_hidden_layers).map(Part::Layer))
        .chain([Part::Heads]);
    let builders: Vec<Result<Builder<'_>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = names
            .map(|part| scope.spawn(move || bert::build(folder, options, part)))
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    });
    let mut graph = GraphProto {
        name: folder.spec().name.clone(),
        input: inputs(options),
        output: outputs(folder, options),
        ..GraphProto::default()
    };
    for builder in builders {
        let builder = builder?;
        graph.node.extend(builder.nodes);
        graph.initializer.extend(builder.constants);
    }
    Ok(ModelProto {
        ir_version: 8,
        producer_name: "plenary".to_owned(),
        graph: Some(graph),
        opset_import: vec![
            OperatorSetIdProto {
                domain: String::new(),
                version: 17,
            },
            OperatorSetIdProto {
                domain: MICROSOFT.to_owned(),
                version: 1,
            },
        ],
    }
    .encode_to_vec())
}

/// The linear layers whose inputs have a range in [`super::ModelSpec::activations`]; in the graph, the
/// input of each is called `<name>.input`. Query, key and value read the same and count as one.
pub fn linear_layers(config: &BertConfig) -> Vec<String> {
    (0..config.num_hidden_layers)
        .flat_map(|layer| {
            [
                "attention.self",
                "attention.output.dense",
                "intermediate.dense",
                "output.dense",
            ]
            .map(|part| format!("encoder.layer.{layer}.{part}"))
        })
        .collect()
}

/// The weights of one of [`linear_layers`]; those of query, key and value one below the other.
///
/// # Shapes
/// `[outputs, inputs]`.
///
/// # Errors
/// [`crate::error::Error::OpenModel`] if a tensor is missing.
pub fn linear_weight(folder: &ModelFolder, layer: &str) -> Result<Tensor> {
    let mut joined = Tensor::default();
    for wanted in folder.config().tensors() {
        let part = wanted.name.strip_prefix(layer).unwrap_or_default();
        if part.ends_with(".weight") && !part.contains("LayerNorm") {
            let tensor = folder.weights().tensor(&wanted)?;
            joined.values.extend(tensor.values);
            match joined.shape.first_mut() {
                Some(outputs) => *outputs += wanted.shape[0],
                None => joined.shape = wanted.shape,
            }
        }
    }
    Ok(joined)
}

fn dimensions(last: Option<usize>) -> Vec<Dimension> {
    let names = ["rows", "tokens"].map(|name| Dimension::Name(name.to_owned()));
    let last = last.map(|size| Dimension::Size(signed(size)));
    names.into_iter().chain(last).collect()
}

fn inputs(options: GraphOptions) -> Vec<ValueInfoProto> {
    let names: &[&str] = if options.segments {
        &["input_ids", "token_type_ids"]
    } else {
        &["input_ids"]
    };
    let input = |name: &&str| ValueInfoProto::tensor(name, data_type::INT64, dimensions(None));
    names.iter().map(input).collect()
}

/// The names of the graph's outputs, in order.
pub fn output_names(folder: &ModelFolder, options: GraphOptions) -> Vec<String> {
    output_columns(folder, options)
        .map(|(name, _)| name)
        .collect()
}

fn output_columns(
    folder: &ModelFolder,
    options: GraphOptions,
) -> impl Iterator<Item = (String, usize)> {
    let hidden = (options.outputs == Outputs::Hidden)
        .then(|| (HIDDEN.to_owned(), folder.config().hidden_size));
    let heads = (options.outputs == Outputs::Heads).then(|| folder.spec().heads.iter());
    let heads = heads.into_iter().flatten();
    let heads = heads.map(|head| (head.output.clone(), head.columns.len()));
    hidden.into_iter().chain(heads)
}

fn outputs(folder: &ModelFolder, options: GraphOptions) -> Vec<ValueInfoProto> {
    let output = |(name, columns): (String, usize)| {
        ValueInfoProto::tensor(&name, data_type::FLOAT, dimensions(Some(columns)))
    };
    output_columns(folder, options).map(output).collect()
}
