//! What people labelled, and the records of the same documents.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::json_lines;
use crate::schema::record::{AttributionRecord, LabelRecord};
use crate::schema::{Record, Speech};

/// A line of a gold file. Fields beyond those named may stand there and do not matter.
pub trait Gold: DeserializeOwned {
    /// Tells it from every other; records have it as their document's id.
    fn id(&self) -> &str;
}

/// A statement with its labels.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct LabelledStatement {
    /// Tells it from every other.
    pub id: String,
    /// Its labels; empty if it touches no theme.
    pub labels: Vec<LabelRecord>,
}

/// An article with the speaker of every sentence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SpokenArticle {
    /// Tells it from every other.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Its sentences, in order.
    pub sentences: Vec<SpokenSentence>,
}

/// A sentence with its speaker.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SpokenSentence {
    /// Where it starts, in code points of the article's text.
    pub start: usize,
    /// One past where it ends, in code points.
    pub end: usize,
    /// Who speaks, by the fullest name in the article; null for the journalist.
    pub speaker: Option<String>,
    /// How.
    pub speech: Speech,
}

/// An article with every act of reported speech.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AttributedArticle {
    /// Tells it from every other.
    pub id: String,
    /// Its text.
    pub text: String,
    /// The acts of reported speech.
    pub attributions: Vec<AttributionRecord>,
}

impl Gold for LabelledStatement {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Gold for SpokenArticle {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Gold for AttributedArticle {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Reads a gold file.
///
/// # Errors
/// [`Error::ReadArchive`] if it cannot be opened; [`Error::ReadRecords`] with the line for what is no such
/// gold, for an id that is there twice, and for an empty file.
pub fn read<G: Gold>(path: &Path) -> Result<Vec<G>> {
    let wrong = |line, problem| Error::ReadRecords {
        path: path.to_owned(),
        line,
        problem,
    };
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    let mut gold = Vec::new();
    for found in json_lines::read::<G>(path)? {
        let (line, one) = found?;
        if let Some(first) = lines.insert(one.id().to_owned(), line) {
            let problem = format!(
                "id {:?} is in line {first} already; keep one of them",
                one.id()
            );
            return Err(wrong(line, problem));
        }
        gold.push(one);
    }
    if gold.is_empty() {
        return Err(wrong(
            1,
            "the file is empty; gold has one JSON object a line".to_owned(),
        ));
    }
    Ok(gold)
}

/// The records of the documents of a gold set, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Predictions {
    /// Records by document; a document without records is not there.
    pub documents: BTreeMap<String, Vec<Record>>,
    /// How many documents have records but are not in gold.
    pub others: usize,
    /// The model that made the records; empty if there are none.
    pub model: String,
}

impl Predictions {
    /// Reads the records of the documents in `gold`.
    ///
    /// # Errors
    /// As [`json_lines::read_records`] and [`gather`](Self::gather).
    pub fn read<G: Gold>(path: &Path, gold: &[G]) -> Result<Self> {
        let records = json_lines::read_records(path)?;
        Self::gather(records.map(|record| record.map(|(_, record)| record)), gold)
    }

    /// Takes those of `records` that are of the documents in `gold`.
    ///
    /// # Errors
    /// [`Error::Settings`] if there are records, but of other documents alone; what the records give.
    pub fn gather<G: Gold>(
        records: impl Iterator<Item = Result<Record>>,
        gold: &[G],
    ) -> Result<Self> {
        let wanted: BTreeSet<&str> = gold.iter().map(Gold::id).collect();
        let mut others = BTreeSet::new();
        let mut found = Self {
            model: "no records".to_owned(),
            ..Self::default()
        };
        for record in records {
            let record = record?;
            found.model.clone_from(&record.model);
            let id = &record.document.id;
            if wanted.contains(id.as_str()) {
                found.documents.entry(id.clone()).or_default().push(record);
            } else {
                others.insert(id.clone());
            }
        }
        if let (true, Some(other), Some(one)) =
            (found.documents.is_empty(), others.first(), wanted.first())
        {
            let problem = format!(
                "no record is of a document in gold: records have ids such as {other:?}, gold such as {one:?}; tag the gold file itself"
            );
            return Err(Error::Settings { problem });
        }
        found.others = others.len();
        Ok(found)
    }

    /// The records of a document.
    pub fn of(&self, id: &str) -> &[Record] {
        self.documents.get(id).map_or(&[], Vec::as_slice)
    }

    /// What the reader of a report must know of how gold and records match; empty if they match in full.
    pub fn remarks<G: Gold>(&self, gold: &[G]) -> Vec<String> {
        let name = format!("records of {}", self.model);
        let mut missing = gold
            .iter()
            .map(Gold::id)
            .filter(|id| self.of(id).is_empty());
        let mut remarks = Vec::new();
        if let Some(first) = missing.next() {
            let count = 1 + missing.count();
            remarks.push(format!(
                "{name}: nothing of {count} of {} in gold, such as {first:?}, which counts as nothing found",
                gold.len()
            ));
        }
        if self.others > 0 {
            remarks.push(format!(
                "{name}: {} documents that gold lacks are left out",
                self.others
            ));
        }
        remarks
    }

    /// Says so if records are of another text than gold: their spans would mean nothing in it.
    ///
    /// # Errors
    /// [`Error::Settings`] naming the first record that differs.
    pub fn check_text(&self, id: &str, text: &str) -> Result<()> {
        let starts: Vec<usize> = text
            .char_indices()
            .map(|(byte, _)| byte)
            .chain([text.len()])
            .collect();
        let words = |record: &Record| {
            let (start, end) = (starts.get(record.span.0)?, starts.get(record.span.1)?);
            text.get(*start..*end)
        };
        match self
            .of(id)
            .iter()
            .find(|record| words(record) != Some(record.text.as_str()))
        {
            None => Ok(()),
            Some(record) => {
                let (statement, at) = (record.statement, record.span);
                let problem = format!(
                    "statement {statement} of document {id:?} is not in gold's text at [{}, {}]: the records are of another text; tag the gold file itself",
                    at.0, at.1
                );
                Err(Error::Settings { problem })
            }
        }
    }
}
