//! Archives in: files, folders, globs and standard input as a stream of documents.
//!
//! [`open`] turns what the user named into an [`Archive`], an iterator in a fixed order and bounded
//! memory, read by a thread of its own. `walk` finds the files, `unpack` opens what they are packed in,
//! `encoding` makes text of their bytes, `formats` cuts it into documents, `describe` sorts out what is
//! known of each. What cannot be read becomes
//! [`Entry::Quarantined`] with its place and reason, and everything else goes on.
//!
//! # Text and offsets
//! Spans count in the text that is handed over here. Plain text, JSON Lines and CSV hand over their text
//! exactly as it stands in the file or field (without a byte order mark): HTML entities such as `&nbsp;`
//! are left as they are, so that spans fit what others read from the same archive. Markdown and web
//! pages hand over the plain text that was made of them.
//!
//! # Ids
//! A document's id is the one that its record gives; else the path of its file relative to what the user
//! named (`2024/remarks.txt`), in files of many documents without the ending but with the line
//! (`2024/news#17`). A second document with an id that was there before gets `~2` behind it, a third
//! `~3`: none is lost.

mod archive;
mod describe;
pub mod duplicates;
mod encoding;
mod formats;
mod stream;
mod tables;
mod unpack;
mod walk;
mod wanted;

use std::path::PathBuf;

pub use archive::{Archive, Progress};
pub use describe::fields::FieldNames;
pub(crate) use describe::language::detect_statement;
pub use formats::Format;
pub use unpack::UnpackLimits;
pub(crate) use walk::STDIN_NAME;

use crate::error::Result;
use crate::schema::{Document, Quarantined};

/// How an archive is read.
#[derive(Clone, Debug)]
pub struct CorpusOptions {
    /// The format of every input; `None`: by each file's ending, else by how it begins.
    pub format: Option<Format>,
    /// The encoding of every input; `None`: detected.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Which fields of JSON Lines, CSV and front matter mean what.
    pub fields: FieldNames,
    /// A CSV table that describes the documents by file name, stem or id. Without one a `metadata.csv`
    /// that lies in a given folder or beneath it and names files is taken for what lies there.
    pub metadata: Option<PathBuf>,
    /// The most bytes that one document or record may have.
    pub max_document_bytes: usize,
    /// How far packed files are unpacked.
    pub unpack: UnpackLimits,
    /// Files that are no part of the archive though they may lie in it, or be named: what is written while it is read.
    pub leave_out: Vec<PathBuf>,
}

/// 8 MiB: the longest books have 6. All of a document is in memory at once, and one of nothing but very short
/// sentences takes 100 times its bytes.
const MAX_DOCUMENT_BYTES: usize = 8 << 20;

impl Default for CorpusOptions {
    fn default() -> Self {
        Self {
            format: None,
            encoding: None,
            fields: FieldNames::default(),
            metadata: None,
            max_document_bytes: MAX_DOCUMENT_BYTES,
            unpack: UnpackLimits::default(),
            leave_out: Vec::new(),
        }
    }
}

/// What stands at one place of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every entry is a document"
)]
pub enum Entry {
    /// A document.
    Document(Document),
    /// Something that is none, with the reason.
    Quarantined(Quarantined),
}

/// Opens an archive of files, folders, globs and `-` for standard input, in the order given.
///
/// # Errors
/// [`Error::ReadArchive`](crate::error::Error::ReadArchive) if an input does not exist or there is no file
/// in any; [`Error::ParseDocument`](crate::error::Error::ParseDocument) if the metadata table is not one.
pub fn open(inputs: &[PathBuf], options: &CorpusOptions) -> Result<Archive> {
    Archive::open(inputs, options)
}

/// Opens what was set aside before, for another try: the lines, members and files that are listed, under the
/// ids that they would have had. Of a packed file that ended early everything is read again.
///
/// # Errors
/// [`Error::ParseDocument`](crate::error::Error::ParseDocument) if the metadata table is none. Files that are
/// not there any more are quarantined again.
pub fn open_again(listed: Vec<Quarantined>, options: &CorpusOptions) -> Result<Archive> {
    Archive::open_again(listed, options)
}
