//! From the engine's logits to labels: pooled over a statement's tokens (`pooling`), calibrated and held
//! against the thresholds ([`Classifier`]), and each with the words that it is about (`targets`).

mod labels;
mod pooling;
mod targets;

pub use labels::{Classifier, ClassifierOptions};
pub use targets::{MOST_CERTAIN, best_run};
