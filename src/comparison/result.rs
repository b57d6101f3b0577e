//! What a comparison finds: plain data, written as JSON, as tables and as pictures.
//!
//! A number that is not defined is `None` (null), never 0; `note` says why where it is not plain.

use std::rc::Rc;

use serde::Serialize;

use super::collect::Tally;
use super::collect::evidence::Exhibit;
use super::collect::period::Period;
use super::input::Quarantined;
use super::options::Options;
use super::statistics::Interval;
use super::statistics::interval::RatioSums;
use crate::schema::Stance;

/// The version of this format.
pub const SCHEMA: u32 = 1;

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The version of this format: [`SCHEMA`].
    pub schema: u32,
    /// The program and its version.
    pub program: String,
    /// The settings in force.
    pub options: Options,
    /// What was read.
    pub input: Input,
    /// The themes, in the taxonomy's order.
    pub themes: Vec<String>,
    /// The groups compared, the one with the most statements first.
    pub groups: Vec<GroupSummary>,
    /// The groups that are not compared, and why.
    pub left_out: LeftOut,
    /// How much of what each group says is about each theme.
    pub emphasis: Vec<Emphasis>,
    /// Differences of these shares between groups.
    pub differences: Vec<Difference>,
    /// What sets a group apart from the others.
    pub distinctive: Vec<Distinctive>,
    /// Where groups stand, by theme and by target.
    pub stances: Vec<StanceShares>,
    /// Clusters of target strings.
    pub targets: Vec<TargetCluster>,
    /// Targets on which two groups differ most, the most certain difference first.
    pub disagreements: Vec<Disagreement>,
    /// Shares by period.
    pub trends: Vec<TrendPoint>,
    /// When shares changed.
    pub changes: Vec<Change>,
    /// Whether and how the classifier's errors are corrected.
    pub correction: Correction,
    /// What a reader should know before quoting a number.
    pub notes: Vec<String>,
    /// Statements that numbers refer to by their place here.
    #[serde(serialize_with = "shared")]
    pub statements: Vec<Rc<Exhibit>>,
}

fn shared<S: serde::Serializer>(
    statements: &[Rc<Exhibit>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(statements.iter().map(AsRef::as_ref))
}

/// What was read.
#[derive(Clone, Debug, Serialize)]
pub struct Input {
    /// The files.
    pub files: Vec<String>,
    /// Counts.
    #[serde(flatten)]
    pub tally: Tally,
    /// The first lines that were set aside.
    pub quarantined_lines: Vec<Quarantined>,
}

/// One group.
#[derive(Clone, Debug, Serialize)]
pub struct GroupSummary {
    /// Its name.
    pub name: String,
    /// Statements.
    pub statements: u64,
    /// Their words.
    pub words: u64,
    /// Documents with a statement of the group.
    pub documents: usize,
    /// How many of its statements are in the random sample from which examples are taken.
    pub sampled: usize,
    /// The first and the last period.
    pub periods: Option<[Period; 2]>,
}

/// Groups that are not compared.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LeftOut {
    /// Groups with fewer statements than asked for.
    pub too_small: usize,
    /// Groups past the largest ones.
    pub past_limit: usize,
    /// The largest of both: name and statements.
    pub largest: Vec<(String, u64)>,
    /// Groups that were asked for and of which there is no statement.
    pub not_found: Vec<String>,
}

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
    /// Statements behind each stance: support, oppose, neutral.
    pub evidence: [Vec<usize>; 3],
}

/// Target strings that mean the same, as far as words tell.
#[derive(Clone, Debug, Serialize)]
pub struct TargetCluster {
    /// The string that is used most.
    pub label: String,
    /// Mentions in all groups.
    pub mentions: u64,
    /// How many different strings.
    pub strings: usize,
    /// The most frequent strings, with their mentions.
    pub members: Vec<(String, u64)>,
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

/// Whether and how the classifier's errors are corrected.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Correction {
    /// The checked file.
    pub file: Option<String>,
    /// Checked statements in it.
    pub checked: usize,
    /// Those met among the compared statements.
    pub matched: usize,
    /// How far the estimate of each theme leans on the predictions, 0 to 1.
    pub lean: Vec<(String, f64)>,
}

/// A stance with its place among [`Stance::ALL`].
pub fn stance_index(stance: Stance) -> usize {
    Stance::ALL
        .iter()
        .position(|&known| known == stance)
        .unwrap_or_default()
}
