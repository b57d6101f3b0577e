//! What a comparison compares, and how.

use serde::{Serialize, Serializer};
use std::fmt;

use super::collect::period::Granularity;
use super::input::row::Row;

/// What makes a group of statements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The speaker's name, in all documents the same.
    #[default]
    Speaker,
    /// The speaker's office or affiliation.
    Role,
    /// The outlet or collection.
    Source,
    /// The document itself.
    Document,
    /// A further field of the document, such as `country`.
    Field(String),
}

impl From<&str> for By {
    fn from(name: &str) -> Self {
        match name.trim().to_lowercase().as_str() {
            "speaker" => Self::Speaker,
            "role" => Self::Role,
            "source" => Self::Source,
            "document" => Self::Document,
            _ => Self::Field(name.trim().to_owned()),
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Speaker => "speaker",
            Self::Role => "role",
            Self::Source => "source",
            Self::Document => "document",
            Self::Field(name) => name,
        })
    }
}

impl Serialize for By {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl By {
    /// The group of a row; `None` where the record does not say.
    pub fn group<'a>(&self, row: &'a Row) -> Option<&'a str> {
        let name = match self {
            Self::Speaker => row.known_as.as_deref().or(row.speaker.as_deref()),
            Self::Role => row.role.as_deref(),
            Self::Source => row.document.source.as_deref(),
            Self::Document => Some(row.document.id.as_str()),
            Self::Field(name) => match row.document.fields.get(name) {
                Some(value) => Some(value.as_str()),
                None if name == "language" => row.document.language.as_deref(),
                None if name == "title" => row.document.title.as_deref(),
                None => None,
            },
        };
        name.map(str::trim).filter(|name| !name.is_empty())
    }
}

/// What is compared, and how. Everything here is written into the result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Options {
    /// What makes a group.
    pub by: By,
    /// Whether spellings of a speaker's name stay apart.
    pub exact_names: bool,
    /// Only these groups; empty for the largest ones.
    pub groups: Vec<String>,
    /// At most this many groups, the largest, where none are named.
    pub max_groups: usize,
    /// Only these themes; empty for all.
    pub themes: Vec<String>,
    /// A group or a period with fewer statements gets no share.
    pub min_statements: usize,
    /// Whether there is a trend, and over what.
    pub over: Option<Granularity>,
    /// The seed of every random draw.
    pub seed: u64,
    /// The encoder that says which targets mean the same; none if their words alone do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_encoder: Option<String>,
    /// Samples of the bootstrap.
    pub replicates: usize,
    /// Permutations of a test for a change.
    pub permutations: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            by: By::default(),
            exact_names: false,
            groups: Vec::new(),
            max_groups: 20,
            themes: Vec::new(),
            min_statements: 30,
            over: None,
            seed: 1,
            target_encoder: None,
            replicates: 2000,
            permutations: 999,
        }
    }
}
