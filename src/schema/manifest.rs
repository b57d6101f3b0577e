//! What a run was: written beside its records, and at the head of an unfinished run's journal.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::Record;
use super::record::SCHEMA;

/// What decides a run's records. Two runs that agree in this and read the same documents write the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The version of this program.
    pub version: String,
    /// The version of the record format: [`SCHEMA`].
    pub schema: u32,
    /// The model's name and the start of its hash, as in the records.
    pub model: String,
    /// SHA-256 of the model's files, in hexadecimal; absent for an engine without weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_sha256: Option<String>,
    /// SHA-256 of the taxonomy, in hexadecimal.
    pub taxonomy_sha256: String,
    /// The themes, in the taxonomy's order.
    pub themes: Vec<String>,
    /// Every setting in force that bears on the records, by its flag's name.
    pub settings: IndexMap<String, serde_json::Value>,
    /// Which part of the archive this is; absent for the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

/// A part of an archive: every document whose place in the archive, from 0, leaves `index - 1` when divided
/// by `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which part, from 1.
    pub index: usize,
    /// Of how many.
    pub count: usize,
}

impl Shard {
    /// Whether the document at `place` in the archive (from 0, those in quarantine included) is of this part.
    pub fn holds(self, place: usize) -> bool {
        place % self.count == self.index - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(index, count)| {
            Some(Self {
                index: index.parse().ok()?,
                count: count.parse().ok()?,
            })
        });
        parts
            .filter(|shard| (1..=shard.count).contains(&shard.index))
            .ok_or_else(|| "a part is given as 3/16, from 1/16 to 16/16".to_owned())
    }
}

/// What a run read and wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Documents met in the archive.
    pub read: u64,
    /// Documents tagged; each has a record for every statement.
    pub written: u64,
    /// Documents that could not be read or tagged; each has a line in the quarantine.
    pub quarantined: u64,
    /// Statements, one record each.
    pub statements: u64,
    /// Statements with a speaker.
    pub with_speaker: u64,
    /// Labels by `theme/stance`; pairs that never occurred are left out.
    pub labels: BTreeMap<String, u64>,
}

impl Counts {
    /// Counts the records of so many documents.
    pub fn add_records(&mut self, documents: u64, records: &[Record]) {
        self.read += documents;
        self.written += documents;
        self.statements += records.len() as u64;
        self.with_speaker += records.iter().filter(|r| r.speaker.is_some()).count() as u64;
        for label in records.iter().flat_map(|record| &record.labels) {
            let name = format!("{}/{}", label.theme, label.stance);
            *self.labels.entry(name).or_default() += 1;
        }
    }

    /// Counts a document that went into the quarantine.
    pub fn add_quarantined(&mut self) {
        self.read += 1;
        self.quarantined += 1;
    }

    /// Adds what another part of the run counted.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.written += other.written;
        self.quarantined += other.quarantined;
        self.statements += other.statements;
        self.with_speaker += other.with_speaker;
        for (name, count) in &other.labels {
            *self.labels.entry(name.clone()).or_default() += count;
        }
    }

    /// Whether every document that was read is accounted for.
    pub fn balance(&self) -> bool {
        self.read == self.written + self.quarantined
    }
}

/// A finished run. It holds no clock time and no host: the same run gives the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// What decided the records.
    #[serde(flatten)]
    pub run: Run,
    /// What was read and written.
    pub counts: Counts,
    /// For a shard, what each of its documents became, in order: the rows written, or null for one in
    /// quarantine. Merging shards needs it; empty for a whole archive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Option<u64>>,
}

impl Run {
    /// A run of this version of the program, with no setting yet.
    pub fn new(model: String, taxonomy_sha256: String, themes: Vec<String>) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: SCHEMA,
            model,
            model_sha256: None,
            taxonomy_sha256,
            themes,
            settings: IndexMap::new(),
            shard: None,
        }
    }

    /// In what `other` departs from this run, for people: `model: "a", not "b"`.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let (mine, theirs) = (self.fields(), other.fields());
        let names = mine
            .keys()
            .chain(theirs.keys().filter(|k| !mine.contains_key(*k)));
        let shown = |value: Option<&serde_json::Value>| {
            value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
        };
        names
            .filter(|name| mine.get(*name) != theirs.get(*name))
            .map(|name| {
                format!(
                    "{name}: {}, not {}",
                    shown(mine.get(name)),
                    shown(theirs.get(name))
                )
            })
            .collect()
    }

    /// All fields by name, the settings among them.
    fn fields(&self) -> IndexMap<String, serde_json::Value> {
        let mut fields = IndexMap::from([
            ("version".to_owned(), self.version.clone().into()),
            ("schema".to_owned(), self.schema.into()),
            ("model".to_owned(), self.model.clone().into()),
            ("model-sha256".to_owned(), self.model_sha256.clone().into()),
            (
                "taxonomy-sha256".to_owned(),
                self.taxonomy_sha256.clone().into(),
            ),
            ("themes".to_owned(), self.themes.clone().into()),
        ]);
        let shard = self.shard.map(|shard| shard.to_string());
        fields.insert("shard".to_owned(), shard.into());
        fields.extend(
            self.settings
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        fields
    }
}
