//! What can go wrong, named after what was being done, with the place and the next step in the message.

use std::path::PathBuf;

/// The cause below one of our errors, whatever library it comes from.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A result with our [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that the library reports.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder of the archive could not be read.
    #[error("cannot read {}", path.display())]
    ReadArchive {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
    /// An input file holds something that is no document.
    #[error("{}{}: {problem}", path.display(), line.map(|n| format!(", line {n}")).unwrap_or_default())]
    ParseDocument {
        /// The file.
        path: PathBuf,
        /// The line or record, from 1, where the format has lines.
        line: Option<usize>,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The settings or flags contradict each other or name something that does not exist.
    #[error("{problem}")]
    Settings {
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A taxonomy is not usable.
    #[error("taxonomy {}: {problem}", path.display())]
    Taxonomy {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A file of a model folder is missing or damaged.
    #[error("model {}: {problem}", path.display())]
    OpenModel {
        /// The folder or the file in it.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
        /// Why, where there is a deeper cause.
        source: Option<Cause>,
    },
    /// An engine cannot be had here.
    #[error("engine {engine:?} is not available: {problem}")]
    OpenEngine {
        /// Its name.
        engine: &'static str,
        /// What is missing, and how to get it.
        problem: String,
        /// Why, where there is a deeper cause.
        source: Option<Cause>,
    },
    /// A model has no output or column of the name that was asked for.
    #[error("the model has no {wanted} (it has: {})", known.join(", "))]
    OutputNotFound {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: Vec<String>,
    },
    /// An engine failed on a batch.
    #[error("engine {engine:?} failed on a batch of {rows} rows of {columns} tokens")]
    Inference {
        /// Its name.
        engine: &'static str,
        /// Rows of the batch.
        rows: usize,
        /// Tokens a row.
        columns: usize,
        /// Why.
        source: Cause,
    },
    /// Records could not be written.
    #[error("cannot write {}", path.display())]
    WriteRecords {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
    /// Records or gold could not be read.
    #[error("{}, line {line}: {problem}", path.display())]
    ReadRecords {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Training could not go on.
    #[error("training: {problem}")]
    Training {
        /// What is wrong, and what to do.
        problem: String,
        /// Why, where there is a deeper cause.
        source: Option<Cause>,
    },
}
