//! The flags that say how an archive is read.

use std::path::{Path, PathBuf};

use plenary::corpus::duplicates::{DuplicateFinder, Duplicates};
use plenary::corpus::{self, Archive, CorpusOptions, Entry, FieldNames, Format, Progress};
use plenary::error::{Error, Result};
use plenary::json_lines;
use plenary::output::files_of;
use plenary::schema::Quarantined;
use sha2::{Digest as _, Sha256};

/// The entries of an archive with duplicates treated as asked.
pub(crate) type Entries = Box<dyn Iterator<Item = Entry> + Send>;

/// An archive that is open.
pub(crate) struct Opened {
    pub(crate) entries: Entries,
    pub(crate) progress: Progress,
    /// The tables of metadata that describe its documents.
    pub(crate) tables: Vec<PathBuf>,
}

/// How the archive is read.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadingArguments {
    /// A CSV table with what is known of each document, joined by file name or id [default: a
    /// metadata.csv that lies in the folder, or beneath it, and names files beside it]
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,

    /// Which field of the input is which, such as text=body; may be repeated
    #[arg(long = "field", value_name = "NAME=FIELD")]
    fields: Vec<String>,

    /// text, markdown, html, json, jsonl, csv, mbox or warc [default: by the ending, else by how it begins]
    #[arg(long, value_name = "FORMAT")]
    input_format: Option<Format>,

    /// The encoding of the input, such as windows-1251 [default: detected]
    #[arg(long, value_name = "LABEL")]
    encoding: Option<String>,

    /// What becomes of documents that the archive has already, word for word or nearly
    #[arg(long, value_enum, default_value_t = DuplicatesArgument::Keep)]
    duplicates: DuplicatesArgument,

    #[command(flatten)]
    limits: Limits,
}

/// Bounds for archives that cannot be trusted.
#[derive(Clone, Debug, clap::Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
struct Limits {
    /// Longer documents are quarantined
    #[arg(long, value_name = "N", default_value_t = CorpusOptions::default().max_document_bytes)]
    max_document_bytes: usize,

    /// What one packed file may come to
    #[arg(long, value_name = "N", default_value_t = CorpusOptions::default().unpack.max_bytes)]
    max_unpacked_bytes: u64,

    /// Bytes unpacked for one byte read
    #[arg(long, value_name = "N", default_value_t = CorpusOptions::default().unpack.max_ratio)]
    max_unpack_ratio: u64,

    /// Files in one packed file
    #[arg(long, value_name = "N", default_value_t = CorpusOptions::default().unpack.max_members)]
    max_members: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum DuplicatesArgument {
    /// They are tagged like all others
    Keep,
    /// They are tagged, and their field `duplicate_of` names the first
    Mark,
    /// They are quarantined
    Drop,
}

impl ReadingArguments {
    /// Opens the archive, of which the files of a run that writes `records` are no part.
    ///
    /// # Errors
    /// What [`corpus::open`] says, and [`Error::Settings`] for a flag that means nothing.
    pub(crate) fn open(&self, inputs: &[PathBuf], records: &Path) -> Result<Opened> {
        let options = CorpusOptions {
            leave_out: files_of(records),
            ..self.options()?
        };
        Ok(self.opened(corpus::open(inputs, &options)?))
    }

    /// Opens what the quarantine file of another run names.
    ///
    /// # Errors
    /// As [`open`](Self::open); also if the file cannot be read or names nothing.
    pub(crate) fn open_again(&self, quarantine: &Path) -> Result<Opened> {
        let listed = json_lines::read::<Quarantined>(quarantine)?
            .map(|line| line.map(|(_, quarantined)| quarantined))
            .collect::<Result<Vec<_>>>()?;
        if listed.is_empty() {
            let problem = format!("{} names nothing to try again", quarantine.display());
            return Err(Error::Settings { problem });
        }
        Ok(self.opened(corpus::open_again(listed, &self.options()?)?))
    }

    fn opened(&self, archive: Archive) -> Opened {
        let (progress, tables) = (archive.progress(), archive.tables().to_vec());
        let mode = match self.duplicates {
            DuplicatesArgument::Keep => Duplicates::Keep,
            DuplicatesArgument::Mark => Duplicates::Mark,
            DuplicatesArgument::Drop => Duplicates::Drop,
        };
        let mut finder = DuplicateFinder::default();
        let entries = archive.map(move |entry| finder.filter(mode, entry));
        Opened {
            entries: Box::new(entries),
            progress,
            tables,
        }
    }

    fn options(&self) -> Result<CorpusOptions> {
        let mut options = CorpusOptions {
            format: self.input_format,
            metadata: self.metadata.clone(),
            max_document_bytes: self.limits.max_document_bytes,
            ..CorpusOptions::default()
        };
        options.unpack.max_bytes = self.limits.max_unpacked_bytes;
        options.unpack.max_ratio = self.limits.max_unpack_ratio;
        options.unpack.max_members = self.limits.max_members;
        options.fields = self.field_names()?;
        if let Some(label) = &self.encoding {
            let known = encoding_rs::Encoding::for_label(label.as_bytes());
            options.encoding = Some(known.ok_or_else(|| Error::Settings {
                problem: format!(
                    "unknown encoding {label:?}; use a label of the web, such as utf-8, windows-1252 or gb18030"
                ),
            })?);
        }
        Ok(options)
    }

    /// The table that was given; else what those that were found hold, wherever the archive lies.
    fn metadata_setting(&self, tables: &[PathBuf]) -> serde_json::Value {
        if self.metadata.is_some() || tables.is_empty() {
            return file_setting(self.metadata.as_deref());
        }
        let held: Vec<_> = tables.iter().map(|path| sha256(path)).collect();
        serde_json::json!({"found": held})
    }

    fn field_names(&self) -> Result<FieldNames> {
        let mut names = FieldNames::default();
        for assignment in &self.fields {
            names.assign(assignment)?;
        }
        Ok(names)
    }

    /// What of these flags, and of the `tables` that describe the documents, decides the records.
    pub(crate) fn settings(&self, tables: &[PathBuf]) -> Vec<(String, serde_json::Value)> {
        let limits = &self.limits;
        let format = self.input_format.map(|format| format!("{format:?}"));
        [
            ("metadata", self.metadata_setting(tables)),
            ("field", self.fields.clone().into()),
            (
                "input-format",
                format.map(|name| name.to_lowercase()).into(),
            ),
            ("encoding", self.encoding.clone().into()),
            (
                "duplicates",
                format!("{:?}", self.duplicates).to_lowercase().into(),
            ),
            ("max-document-bytes", limits.max_document_bytes.into()),
            ("max-unpacked-bytes", limits.max_unpacked_bytes.into()),
            ("max-unpack-ratio", limits.max_unpack_ratio.into()),
            ("max-members", limits.max_members.into()),
        ]
        .map(|(name, value): (&str, serde_json::Value)| (name.to_owned(), value))
        .into()
    }
}

/// What a file holds, by its hash; `None` if it cannot be read.
pub(super) fn sha256(path: &Path) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    Some(format!("{:x}", Sha256::digest(bytes)))
}

/// A file that bears on the records, as a setting: its path and what it holds, so that a run does not go on with
/// another table than it began with.
pub(super) fn file_setting(path: Option<&Path>) -> serde_json::Value {
    path.map_or(
        serde_json::Value::Null,
        |path| serde_json::json!({"path": path.display().to_string(), "sha256": sha256(path)}),
    )
}
