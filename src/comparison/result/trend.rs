//! Shares over time.

use serde::Serialize;

use super::{CorrectedShare, Share};
use crate::comparison::collect::period::Period;
use crate::comparison::statistics::interval::RatioSums;

/// A theme's share in one group and period.
#[derive(Clone, Debug, Serialize)]
pub struct TrendPoint {
    /// The group.
    pub group: String,
    /// The theme.
    pub theme: String,
    /// The period.
    pub period: Period,
    /// The share; without one where the group says nothing or too little in the period.
    pub share: Share,
    /// The share corrected for the classifier's errors; `None` without enough checked statements of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<CorrectedShare>,
    /// Sums over documents, which add over periods: any range of periods has its share and interval.
    pub sums: RatioSums,
    /// Statements behind it.
    pub evidence: Vec<usize>,
}

/// A change of a theme's share in one group.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The group.
    pub group: String,
    /// The theme.
    pub theme: String,
    /// The first period of the new level.
    pub period: Period,
    /// The first and the last period of the stretch in which the change is the strongest.
    pub within: [Period; 2],
    /// The share before, in the stretch.
    pub before: f64,
    /// The share from then on.
    pub after: f64,
    /// The p-value by permutation of documents.
    pub p: f64,
    /// Corrected for all series searched.
    pub q: Option<f64>,
    /// Whether `q` is at most 0.05.
    pub significant: bool,
}
