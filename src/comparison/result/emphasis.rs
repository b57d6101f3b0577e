//! Shares of themes, and how groups differ in them.

use serde::Serialize;

use crate::schema::Interval;

/// A share with its interval.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The share, 0 to 1.
    pub share: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// Why there is no share or interval, or how it was made where not in the usual way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A share corrected for the classifier's errors.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorrectedShare {
    /// The corrected share.
    pub share: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// Its standard error.
    pub standard_error: f64,
    /// Degrees of freedom of the interval.
    pub freedom: f64,
    /// Checked statements of the group.
    pub checked: usize,
}

/// The weight of one theme in one group.
#[derive(Clone, Debug, Serialize)]
pub struct Emphasis {
    /// The group.
    pub group: String,
    /// The theme.
    pub theme: String,
    /// The share of statements.
    pub statements: Share,
    /// The share of words.
    pub words: Share,
    /// The share of statements corrected for the classifier's errors; `None` without enough checked
    /// statements of the group.
    pub corrected: Option<CorrectedShare>,
    /// Statements behind it.
    pub evidence: Vec<usize>,
}

/// The difference of a theme's share between two groups.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// The theme.
    pub theme: String,
    /// The first group.
    pub first: String,
    /// The second; `None` for all other groups together.
    pub second: Option<String>,
    /// First minus second.
    pub difference: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// The p-value of no difference.
    pub p: Option<f64>,
    /// The p-value corrected for all differences of the same kind (Benjamini-Hochberg).
    pub q: Option<f64>,
    /// The difference corrected for the classifier's errors.
    pub corrected: Option<CorrectedDifference>,
}

/// A difference of corrected shares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorrectedDifference {
    /// First minus second.
    pub difference: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// The p-value of no difference.
    pub p: Option<f64>,
    /// Corrected for all differences of the same kind.
    pub q: Option<f64>,
}
