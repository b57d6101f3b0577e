//! The model folder: what it holds, whether it is whole, and the graph that engines run.
//!
//! [`folder`] opens and checks a folder made of [`config`] (`config.json`), [`tokenizer`]
//! (`tokenizer.json`), [`weights`] (`model.safetensors`) and [`spec`] (`plenary.toml`).

pub mod config;
pub mod folder;
pub mod spec;
pub mod tokenizer;
pub mod weights;

pub use config::BertConfig;
pub use folder::ModelFolder;
pub use spec::ModelSpec;
pub use tokenizer::{TextToken, Tokenizer};
pub use weights::Weights;
