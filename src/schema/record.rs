//! What is written: one JSON line a statement, schema 1.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{CodePoints, Origin, Probability, Speech, Stance};

/// The version of the record format that this program writes.
pub const SCHEMA: u32 = 1;

/// One statement with all that is known of it. Offsets count code points of the document's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The version of the format: [`SCHEMA`].
    pub schema: u32,
    /// The document that the statement stands in.
    pub document: DocumentRecord,
    /// The statement's place in the document, from 0.
    pub statement: usize,
    /// Where it stands in the document's text.
    pub span: CodePoints,
    /// Exactly the document's text at `span`.
    pub text: String,
    /// Who speaks; null for the journalist's own narration.
    pub speaker: Option<SpeakerRecord>,
    /// How the words are given.
    pub speech: Speech,
    /// The acts of reported speech that touch the statement.
    #[serde(default)]
    pub attributions: Vec<AttributionRecord>,
    /// What passed the thresholds.
    pub labels: Vec<LabelRecord>,
    /// The calibrated probability of every theme, in the taxonomy's order.
    #[serde(default)]
    pub scores: IndexMap<String, Probability>,
    /// How many documents print the utterance, where `plenary utterances` found more than one; they have no
    /// record of their own for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub printings: Option<u64>,
    /// The model's name and the start of its hash.
    pub model: String,
}

/// The document's fields in a record; absent ones are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// Tells it from every other of the archive.
    pub id: String,
    /// The outlet or collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The headline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// ISO 8601, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// ISO 639-1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The first 16 hexadecimal digits of the SHA-256 of its text in UTF-8; absent in records of other programs
    /// and in those of before this field was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Where in the archive it stands; absent where the id is its file's path, and nothing more is to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Further fields of the archive, by their own names.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub fields: IndexMap<String, String>,
}

/// The speaker in a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpeakerRecord {
    /// The fullest name that the document gives, or the one that the table of aliases has for it.
    pub name: String,
    /// The name that the document gives, where the table of aliases has another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The name under which the same speaker is known in all documents, where it is another; absent where the
    /// program does not know the speaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_as: Option<String>,
    /// The words that lead to the name at this statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mention: Option<String>,
    /// Office or affiliation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// How likely this is the speaker; absent where the archive itself says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Probability>,
}

/// One act of reported speech in a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributionRecord {
    /// Who is reported.
    pub source: Vec<CodePoints>,
    /// The words that report.
    pub cue: Vec<CodePoints>,
    /// What is reported.
    pub content: Vec<CodePoints>,
}

/// A label in a record or in a gold file (which has only theme, stance and target).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelRecord {
    /// The theme's name.
    pub theme: String,
    /// The stance.
    pub stance: Stance,
    /// The words that name what the stance is toward; null if the model tags no target.
    #[serde(default)]
    pub target: Option<String>,
    /// Where they stand in the document's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_span: Option<CodePoints>,
    /// How likely the pair holds; absent in gold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Probability>,
}
