//! Who speaks: the parts of reported speech, and the speaker they lead to.

use serde::{Deserialize, Serialize};

use super::{Probability, Span, Statement};

/// One act of reported speech: who (source), the words that report it (cue), what is reported (content).
///
/// Each part is a list of spans, for a quotation can be broken by its cue; a part can be absent (empty).
///
/// # Source
/// Newell, Margolin and Ruths (2018), "An Attribution Relations Corpus for Political News", LREC (`PolNeAR`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attribution {
    /// Who is reported: 'Lavrov', 'the ministry', 'he'.
    pub source: Vec<Span>,
    /// The words that report: 'said', 'according to', 'called for'.
    pub cue: Vec<Span>,
    /// What is reported.
    pub content: Vec<Span>,
}

/// How a statement gives its speaker's words.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Speech {
    /// In quotation marks, or in a transcript, a speech or an essay.
    Direct,
    /// As a paraphrase.
    Indirect,
    /// Partly in quotation marks.
    Mixed,
    /// The journalist's own narration: there is no speaker.
    #[default]
    None,
}

/// The one whose words or position a statement reports.
#[derive(Clone, Debug, PartialEq)]
pub struct Speaker {
    /// The fullest name that the document gives: 'Sergey Lavrov'.
    pub name: String,
    /// The name that the document gives, where the user's table of aliases has another for it.
    pub given_name: Option<String>,
    /// The name under which the same speaker is known in all documents, where it is another: 'Sergey Lavrov'
    /// for 'Sergei Lavrov'; absent where the program does not know the speaker.
    pub known_as: Option<String>,
    /// The words that lead to the name at this statement ('he'); absent where the speaker is known from
    /// the document's metadata or from a turn of a transcript.
    pub mention: Option<Span>,
    /// The office or affiliation that the document gives: 'Foreign Minister of Russia'.
    pub role: Option<String>,
    /// How likely this is the speaker; absent where the archive itself says so.
    pub probability: Option<Probability>,
}

/// A statement of which is known who speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributed {
    /// The statement.
    pub statement: Statement,
    /// Who speaks; `None` for the journalist's own narration and where it is not known.
    pub speaker: Option<Speaker>,
    /// How.
    pub speech: Speech,
    /// The acts of reported speech that touch the statement, in the order of the text.
    pub attributions: Vec<Attribution>,
}
