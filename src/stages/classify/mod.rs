//! From the engine's logits to labels: pooled over a statement's tokens (`pooling`), calibrated and held
//! against the thresholds in force (`thresholds`; [`Classifier`]), and each with the words that it is about (`targets`).
//! Themes that the model has no head for are told by their [`definitions`]; models of others are asked [`questions`].
//! Stances toward targets that the user names ([`named`]) are labels of themes of their names.

pub mod definitions;
mod labels;
pub mod named;
mod pooling;
pub mod questions;
mod targets;
mod thresholds;

pub use labels::Classifier;
pub use named::NamedTargets;
pub use targets::{MOST_CERTAIN, best_run};
pub use thresholds::{Chosen, ClassifierOptions, Threshold};
