//! What the classifier finds in a statement.

use super::{Attributed, LabelKey, Probability, Span};

/// A (theme, stance, target) triple that a statement carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The theme and the stance.
    pub key: LabelKey,
    /// What the stance is toward; `None` if the model tags no target.
    pub target: Option<Span>,
    /// How likely the pair holds, calibrated.
    pub probability: Probability,
}

/// A statement with its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotated {
    /// The statement and who speaks.
    pub attributed: Attributed,
    /// What passed the thresholds, in the taxonomy's order.
    pub labels: Vec<Label>,
    /// How likely each theme of the taxonomy is, in its order; empty where the statement was not scored
    /// (another language).
    pub scores: Vec<Probability>,
}
