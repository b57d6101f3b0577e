#![doc = include_str!("../ARCHITECTURE.md")]

pub mod columnar;
pub mod comparison;
pub mod corpus;
pub mod engine;
pub mod error;
pub mod evaluation;
pub mod json_lines;
pub mod model;
pub mod output;
pub mod provenance;
pub mod resemblance;
pub mod run;
pub mod schema;
pub mod stages;
pub mod training;
pub mod utterances;

/// Runs the Rust examples of the README with the other examples of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
