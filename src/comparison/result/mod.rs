//! What a comparison finds: plain data, written as JSON, as tables and as pictures.
//!
//! A number that is not defined is `None` (null), never 0; `note` says why where it is not plain.
//! [`emphasis`] has shares and their differences, [`stance`] sides and targets, [`distinctive`] what sets a
//! group apart, [`trend`] shares over time.

pub mod distinctive;
pub mod emphasis;
pub mod stance;
pub mod trend;

use std::rc::Rc;

use serde::Serialize;

use super::collect::Tally;
use super::collect::evidence::Exhibit;
use super::collect::period::Period;
use super::input::Quarantined;
use super::options::Options;

pub use distinctive::{Distinctive, FeatureKind};
pub use emphasis::{CorrectedDifference, CorrectedShare, Difference, Emphasis, Share};
pub use stance::{
    CorrectedStances, Disagreement, StanceShares, TargetCluster, Wording, stance_index,
};
pub use trend::{Change, TrendPoint};

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
    /// The same of the stances toward each theme.
    pub stance_lean: Vec<(String, f64)>,
}
