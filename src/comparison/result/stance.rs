//! Which side a group takes.

use serde::Serialize;

use super::{CorrectedShare, Share};
use crate::schema::{Interval, Stance};

/// Support, oppose and neutral of one group toward one theme or cluster of targets.
#[derive(Clone, Debug, Serialize)]
pub struct StanceShares {
    /// The group.
    pub group: String,
    /// The theme, where the shares are of a theme.
    pub theme: Option<String>,
    /// The cluster of targets, where they are of one.
    pub target: Option<String>,
    /// Labels: (statement, stance) pairs.
    pub labels: u64,
    /// The share that supports.
    pub support: Share,
    /// The share that opposes.
    pub oppose: Share,
    /// The share that does neither.
    pub neutral: Share,
    /// Support minus oppose, -1 to 1.
    pub net: Option<f64>,
    /// Its 95 % interval.
    pub net_interval: Option<Interval>,
    /// The shares corrected for the classifier's errors; `None` of targets, and without enough checked statements
    /// with the theme.
    pub corrected: Option<CorrectedStances>,
    /// Statements behind each stance: support, oppose, neutral.
    pub evidence: [Vec<usize>; 3],
}

impl StanceShares {
    /// Support, oppose and neutral, and support minus oppose with its interval: corrected where they are.
    pub fn best(&self) -> ([Option<f64>; 3], Option<f64>, Option<Interval>) {
        match &self.corrected {
            Some(c) => (
                [&c.support, &c.oppose, &c.neutral].map(|side| Some(side.share)),
                Some(c.net.share),
                Some(c.net.interval),
            ),
            None => (
                [&self.support, &self.oppose, &self.neutral].map(|side| side.share),
                self.net,
                self.net_interval,
            ),
        }
    }
}

/// Stance shares corrected for the classifier's errors; the three sum to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorrectedStances {
    /// The share that supports.
    pub support: CorrectedShare,
    /// The share that opposes.
    pub oppose: CorrectedShare,
    /// The share that does neither.
    pub neutral: CorrectedShare,
    /// Support minus oppose.
    pub net: CorrectedShare,
}

/// Target strings that mean the same, as far as words tell, or an encoder, where one is given.
#[derive(Clone, Debug, Serialize)]
pub struct TargetCluster {
    /// The string that is used most, of those that meaning did not join.
    pub label: String,
    /// Mentions in all groups.
    pub mentions: u64,
    /// All its strings, the most frequent first.
    pub wordings: Vec<Wording>,
}

/// One of the strings that count as one target.
#[derive(Clone, Debug, Serialize)]
pub struct Wording {
    /// As it stands in the records.
    pub text: String,
    /// Mentions in all groups.
    pub mentions: u64,
    /// How near an encoder finds it, or what shares its words, to the target that it joined, 0 to 1; `None` where
    /// words alone make it one of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cosine: Option<f64>,
}

/// A target on which two groups take different sides.
#[derive(Clone, Debug, Serialize)]
pub struct Disagreement {
    /// The cluster of targets.
    pub target: String,
    /// The group that supports it more.
    pub first: String,
    /// The group that supports it less.
    pub second: String,
    /// Support minus oppose of the first.
    pub first_net: f64,
    /// Support minus oppose of the second.
    pub second_net: f64,
    /// First minus second, 0 to 2.
    pub difference: f64,
    /// Its 95 % interval; `None` where too few documents tell.
    pub interval: Option<Interval>,
    /// The p-value of no difference.
    pub p: Option<f64>,
    /// Corrected for all disagreements tested.
    pub q: Option<f64>,
}

/// A stance with its place among [`Stance::ALL`].
pub fn stance_index(stance: Stance) -> usize {
    Stance::ALL
        .iter()
        .position(|&known| known == stance)
        .unwrap_or_default()
}
