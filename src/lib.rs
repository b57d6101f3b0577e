//! Who says what, about which themes, and where do they stand?
pub mod comparison;
pub mod corpus;
pub mod engine;
pub mod error;
pub mod evaluation;
pub mod json_lines;
pub mod model;
pub mod output;
pub mod schema;
pub mod stages;
pub mod training;
