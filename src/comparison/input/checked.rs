//! The sample of statements that a person has checked.

use std::path::Path;

use rustc_hash::FxHashMap;

use crate::comparison::statistics::seeding::stable_hash;
use crate::error::{Error, Result};
use crate::schema::Stance;

/// What a person found in one statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// The themes that it carries, each with a stance.
    pub labels: Vec<(String, Stance)>,
    /// One over the probability with which it was drawn for checking.
    pub weight: f64,
}

/// The checked statements, by what tells a statement from every other.
#[derive(Clone, Debug, Default)]
pub struct CheckedSample {
    truths: FxHashMap<(u64, usize), Truth>,
}

impl CheckedSample {
    /// Reads `path`: records, or gold lines with `id` and `labels`, each a statement with the labels that a
    /// person gave it; `sampling_probability` where statements were not drawn with equal chances.
    ///
    /// # Errors
    /// [`Error::ReadRecords`] for a damaged line: a sample with holes is no random sample.
    pub fn open(path: &Path) -> Result<Self> {
        let mut sample = Self::default();
        super::read(path, &mut |entry| {
            let row = entry.map_err(|bad| Error::ReadRecords {
                path: bad.path,
                line: bad.line,
                problem: bad.problem,
            })?;
            let chance = row
                .sampling_probability
                .map_or(1.0, |p| f64::from(p.value()));
            if chance <= 0.0 {
                let problem = format!(
                    "{}: a sampling_probability of 0; it is above 0",
                    path.display()
                );
                return Err(Error::Settings { problem });
            }
            let (document, statement) = row.key();
            let key = (stable_hash(document.as_bytes()), statement);
            let labels = row
                .labels
                .into_iter()
                .map(|label| (label.theme, label.stance));
            sample.truths.insert(
                key,
                Truth {
                    labels: labels.collect(),
                    weight: 1.0 / chance,
                },
            );
            Ok(())
        })?;
        if sample.is_empty() {
            let problem = format!("{} holds no checked statement", path.display());
            return Err(Error::Settings { problem });
        }
        Ok(sample)
    }

    /// What a person found in the statement called `key` (see [`Row::key`](super::row::Row::key)).
    pub fn truth(&self, key: (&str, usize)) -> Option<&Truth> {
        self.truths.get(&(stable_hash(key.0.as_bytes()), key.1))
    }

    /// How many statements were checked.
    pub fn len(&self) -> usize {
        self.truths.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.truths.is_empty()
    }
}
