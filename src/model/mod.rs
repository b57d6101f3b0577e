//! The model folder: what it holds, whether it is whole, and the graph that engines run.
//!
//! [`folder`] opens and checks a folder made of [`config`] (`config.json`), [`tokenizer`]
//! (`tokenizer.json`), [`weights`] (`model.safetensors`) and [`spec`] (`plenary.toml`), which may hold a [`curve`] a
//! theme. [`graph`] makes
//! the network of it that engines run, with [`quantize`] in 8 bits, in the format of [`onnx`]; [`rounding`] puts weights on the steps of 8 bits.
//! [`foreign`] is a folder of others' sequence classifiers.

pub mod config;
pub mod curve;
pub mod folder;
pub mod foreign;
pub mod graph;
pub mod onnx;
pub mod quantize;
pub mod rounding;
pub mod spec;
pub mod tensor;
pub mod tokenizer;
pub mod weights;

pub use config::BertConfig;
pub use folder::ModelFolder;
pub use spec::ModelSpec;
pub use tensor::{Stored, Tensor};
pub use tokenizer::{TextToken, Tokenizer};
pub use weights::Weights;
