//! What sets a group apart.

use serde::Serialize;

/// What kind of feature is distinctive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FeatureKind {
    /// A theme.
    Theme,
    /// A theme with a stance.
    Pair,
    /// A cluster of targets.
    Target,
    /// A word.
    Word,
    /// Two words in a row.
    Phrase,
}

impl FeatureKind {
    /// All kinds, in the order of reports.
    pub const ALL: [Self; 5] = [
        Self::Theme,
        Self::Pair,
        Self::Target,
        Self::Word,
        Self::Phrase,
    ];

    /// The word that files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Theme => "theme",
            Self::Pair => "pair",
            Self::Target => "target",
            Self::Word => "word",
            Self::Phrase => "phrase",
        }
    }
}

/// How strongly a feature sets a group apart from the others.
#[derive(Clone, Debug, Serialize)]
pub struct Distinctive {
    /// What kind of feature.
    pub kind: FeatureKind,
    /// The group.
    pub group: String,
    /// The feature.
    pub feature: String,
    /// How often the group uses it, of all features of the kind.
    pub count: u64,
    /// All features of the kind that the group uses.
    pub of: u64,
    /// How often the other groups use it.
    pub others_count: u64,
    /// All features of the kind that the others use.
    pub others_of: u64,
    /// In how many of the group's documents, where that is known.
    pub documents: Option<u32>,
    /// The log of the odds ratio, with an informative Dirichlet prior.
    pub log_odds: f64,
    /// In units of its standard error.
    pub z: f64,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// Corrected for all features of the kind in all groups.
    pub q: Option<f64>,
    /// Statements behind it.
    pub evidence: Vec<usize>,
}
