//! Whether records still say what the archive says: each leads back to a document by its id, to that document's
//! place by its file, member, line and bytes, to its text by its hash, and to its words by their span.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::path::Path;

use indexmap::IndexMap;

use crate::corpus::{Entry, STDIN_NAME};
use crate::error::{Error, Result};
use crate::json_lines;
use crate::schema::{CodePoints, Document, Origin, Record};

/// What was held against the archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Records whose words stand in the archive as they stand in the record.
    pub records: u64,
    /// The documents that they come from.
    pub documents: u64,
}

/// The first record that does not lead back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its line or row, from 1.
    pub line: usize,
    /// Its document's id.
    pub document: String,
    /// Its place in the document, from 0.
    pub statement: usize,
    /// What does not fit.
    pub problem: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (line, document, statement) = (self.line, &self.document, self.statement);
        write!(
            f,
            "line {line}: statement {statement} of {document}: {}",
            self.problem
        )
    }
}

/// The records of one document, as little of them as the check needs.
#[derive(Debug, Default)]
struct OfDocument {
    sha256: Option<String>,
    origin: Option<Origin>,
    statements: Vec<Statement>,
    /// Whether the archive has had it.
    is_found: bool,
}

#[derive(Debug)]
struct Statement {
    line: usize,
    index: usize,
    words: Words,
    targets: Vec<Words>,
}

/// Words by their hash, and where they ought to stand.
#[derive(Debug)]
struct Words {
    at: CodePoints,
    hash: u64,
}

impl Words {
    fn new(at: CodePoints, words: &str) -> Self {
        Self {
            at,
            hash: hash(words),
        }
    }

    /// What stands there instead.
    fn problem(&self, document: &Document) -> Option<String> {
        let CodePoints(start, end) = self.at;
        let Some(span) = document.span_at(self.at) else {
            return Some(format!("the text ends before [{start}, {end}]"));
        };
        let there = document.slice(span);
        (hash(there) != self.hash).then(|| format!("at [{start}, {end}] stands {there:?}"))
    }
}

fn hash(words: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(words)
}

/// Holds the records at `path` against the archive's `entries`; the first record in the file that does not lead
/// back to the same words is the `Err` of the inner result.
///
/// # Units
/// Some 100 bytes of memory a record; the archive is read once, as a stream.
///
/// # Errors
/// As [`json_lines::read_records`]; [`Error::Settings`] if the file holds no records.
pub fn verify(
    path: &Path,
    entries: impl Iterator<Item = Entry>,
) -> Result<std::result::Result<Verified, Broken>> {
    let mut documents: IndexMap<String, OfDocument> = IndexMap::new();
    let mut verified = Verified::default();
    for found in json_lines::read_records(path)? {
        let (line, record) = found?;
        verified.records += 1;
        remember(&mut documents, line, record);
    }
    if documents.is_empty() {
        let problem = format!(
            "{} holds no records, so there is nothing to verify; name what `plenary tag` wrote",
            path.display()
        );
        return Err(Error::Settings { problem });
    }
    verified.documents = documents.len() as u64;
    let mut first: Option<Broken> = None;
    for entry in entries {
        let Entry::Document(document) = entry else {
            continue;
        };
        if let Some(expected) = documents.get_mut(&document.metadata.id) {
            expected.is_found = true;
            keep_first(&mut first, broken(expected, &document));
        }
    }
    for (id, expected) in &documents {
        let Some(statement) = expected.statements.first().filter(|_| !expected.is_found) else {
            continue;
        };
        let problem = "the archive has no document of this id".to_owned();
        keep_first(&mut first, Some(statement.broken(id, problem)));
    }
    Ok(first.map_or(Ok(verified), Err))
}

fn remember(documents: &mut IndexMap<String, OfDocument>, line: usize, record: Record) {
    let of_document = documents.entry(record.document.id).or_default();
    of_document.sha256 = of_document.sha256.take().or(record.document.sha256);
    of_document.origin = of_document.origin.take().or(record.document.origin);
    let targets = record
        .labels
        .iter()
        .filter_map(|label| Some(Words::new(label.target_span?, label.target.as_deref()?)));
    of_document.statements.push(Statement {
        line,
        index: record.statement,
        words: Words::new(record.span, &record.text),
        targets: targets.collect(),
    });
}

fn broken(expected: &OfDocument, document: &Document) -> Option<Broken> {
    let id = &document.metadata.id;
    // Where the words have changed, they say more than the hash.
    let words = expected.statements.iter().find_map(|statement| {
        let mut all = std::iter::once(&statement.words).chain(&statement.targets);
        let problem = all.find_map(|words| words.problem(document))?;
        Some(statement.broken(id, problem))
    });
    let changed = || {
        let (then, now) = (expected.sha256.as_ref()?, document.sha256());
        let problem = format!("the document has changed elsewhere (sha256 {now}, not {then})");
        let first = expected.statements.first().filter(|_| now != *then)?;
        Some(first.broken(id, problem))
    };
    let moved = || {
        let (then, now) = (expected.origin.as_ref()?, &document.metadata.origin);
        let problem = moved(then, now)?;
        Some(expected.statements.first()?.broken(id, problem))
    };
    words.or_else(changed).or_else(moved)
}

/// In what the place of a document differs from the one that its records give. Paths count within what the user
/// named, for the archive may lie elsewhere now; what came through a pipe had none.
fn moved(then: &Origin, now: &Origin) -> Option<String> {
    let [was, is] = [then.within(), now.within()];
    if was != is && was != STDIN_NAME {
        return Some(format!("the document stands in {is:?}, not {was:?}"));
    }
    if then.member != now.member {
        let member = |of: &Origin| of.member.clone().unwrap_or_default();
        return Some(format!(
            "the document stands in member {:?}, not {:?}",
            member(now),
            member(then)
        ));
    }
    if let (Some(then), Some(now)) = (then.line, now.line)
        && then != now
    {
        return Some(format!("the document stands on line {now}, not {then}"));
    }
    if let (Some(then), Some(now)) = (then.bytes, now.bytes)
        && then != now
    {
        return Some(format!(
            "the document has bytes [{}, {}], not [{}, {}]",
            now.0, now.1, then.0, then.1
        ));
    }
    None
}

impl Statement {
    fn broken(&self, document: &str, problem: String) -> Broken {
        Broken {
            line: self.line,
            document: document.to_owned(),
            statement: self.index,
            problem,
        }
    }
}

fn keep_first(first: &mut Option<Broken>, broken: Option<Broken>) {
    if let Some(broken) = broken
        && first.as_ref().is_none_or(|first| broken.line < first.line)
    {
        *first = Some(broken);
    }
}
