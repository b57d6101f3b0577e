//! One file a format: each turns a stream into documents, or says of a place why it holds none.
//!
//! [`text`], [`markdown`] and [`html`] hold one document a file; [`json`], [`jsonl`], [`csv`], [`mbox`] and
//! [`warc`] one a record.

pub(super) mod csv;
mod html;
mod json;
mod jsonl;
mod markdown;
mod mbox;
mod text;
mod warc;

use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use encoding_rs::Encoding;

use super::CorpusOptions;
use super::describe::value::Value;
use super::encoding;
use super::stream::{Stream, read_whole};
use crate::schema::document::Metadata;

/// The formats of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Plain text, one document.
    Text,
    /// Markdown, with YAML front matter or without, one document.
    Markdown,
    /// A web page, of which the article is taken.
    Html,
    /// JSON: an array of objects or objects one after the other, one document an object.
    Json,
    /// JSON Lines, one document an object.
    Jsonl,
    /// Comma-separated values (or by `;`, tab or `|`), one document a row.
    Csv,
    /// A mailbox or a single message, one document a message.
    Mbox,
    /// A web archive, one document a page.
    Warc,
}

/// Names of the formats with the endings of their files.
const NAMES: [(Format, &str, &[&str]); 8] = [
    (Format::Text, "text", &["txt", "text"]),
    (Format::Markdown, "markdown", &["md", "markdown"]),
    (Format::Html, "html", &["html", "htm", "xhtml"]),
    (Format::Json, "json", &["json"]),
    (Format::Jsonl, "jsonl", &["jsonl", "ndjson"]),
    (Format::Csv, "csv", &["csv", "tsv"]),
    (Format::Mbox, "mbox", &["mbox", "eml"]),
    (Format::Warc, "warc", &["warc", "wet"]),
];

impl Format {
    /// The format that a file's ending says; `None` for other endings.
    pub fn of_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        NAMES
            .iter()
            .find(|(_, _, endings)| endings.contains(&ending.as_str()))
            .map(|(format, ..)| *format)
    }

    /// The format that the beginning of a text looks like; plain text if like nothing else.
    fn of_head(head: &[u8], options: &CorpusOptions) -> Self {
        let text = encoding::decode(head, options.encoding).unwrap_or_default();
        let start = text.trim_start();
        let tag = start
            .get(..start.floor_char_boundary(200))
            .unwrap_or_default();
        let tag = tag.to_ascii_lowercase();
        if start.starts_with('{') {
            Self::Jsonl
        } else if start.starts_with("[{") || start.starts_with("[\n") {
            Self::Json
        } else if tag.starts_with("<!doctype html") || tag.starts_with("<html") {
            Self::Html
        } else if text.starts_with("---\n") || text.starts_with("---\r\n") {
            Self::Markdown
        } else if csv::has_text_column(&text, options) {
            Self::Csv
        } else {
            Self::Text
        }
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = NAMES.iter().find(|(_, known, _)| *known == name);
        known.map(|(format, ..)| *format).ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(_, name, _)| *name).collect();
            format!("unknown format {name:?} (there are: {})", names.join(", "))
        })
    }
}

/// A text with what its own file says of it; ids and dates from elsewhere are not filled in yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) metadata: Metadata,
    pub(super) text: String,
}

/// Why a place holds no document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) id: Option<String>,
    pub(super) reason: String,
    /// Whether it is of a kind that never holds a document: an image, a page that moved.
    pub(super) no_page: bool,
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self {
            id: None,
            reason,
            no_page: false,
        }
    }
}

/// What stands at one place of a file.
#[derive(Debug)]
pub(super) struct Found {
    /// The member of the file, if it is a container.
    pub(super) member: Option<String>,
    /// The line or record, from 1, in formats of many documents.
    pub(super) line: Option<usize>,
    /// Its bytes in the file or member, in formats of many documents, where they can be told.
    pub(super) bytes: Option<Range<u64>>,
    pub(super) draft: Result<Draft, Refusal>,
    /// Whether it was refused, and nothing was read after it.
    pub(super) last: bool,
}

impl Found {
    fn at(line: usize, bytes: Range<u64>, draft: Result<Draft, Refusal>) -> Self {
        Self {
            line: Some(line),
            bytes: Some(bytes),
            ..Self::alone(draft)
        }
    }

    /// In a file of one document, or of none.
    pub(super) fn alone(draft: Result<Draft, Refusal>) -> Self {
        Self {
            member: None,
            line: None,
            bytes: None,
            draft,
            last: false,
        }
    }
}

/// The words of a piece of HTML, without its tags and entities.
///
/// # Errors
/// That its elements are nested too deep.
pub(super) fn html_words(html: &str) -> Result<String, String> {
    html::words(html)
}

/// The documents of a stream in their order.
pub(super) type Records<'a> = Box<dyn Iterator<Item = Found> + 'a>;

/// The documents of a stream that begins with `head`.
///
/// # Errors
/// Why the stream as a whole is no text.
pub(super) fn records<'a>(
    format: Option<Format>,
    head: &[u8],
    stream: Stream<'a>,
    options: &'a CorpusOptions,
) -> Result<Records<'a>, String> {
    if head.is_empty() {
        return Err("the file is empty".to_owned());
    }
    if head.starts_with(b"WARC/") || format == Some(Format::Warc) {
        return Ok(Box::new(warc::Reader::new(stream, options)));
    }
    let encoding = match options.encoding {
        Some(encoding) => encoding,
        None => encoding::of_text(head)?,
    };
    let limit = options.max_document_bytes;
    let json = || jsonl::encoding(encoding, options);
    let format = format.unwrap_or_else(|| Format::of_head(head, options));
    Ok(match format {
        Format::Text => whole(stream, options, text::parse, |_| None),
        Format::Markdown => whole(stream, options, markdown::parse, |_| None),
        Format::Html => whole(stream, options, html::parse, encoding::of_page),
        Format::Json => {
            let values = encoding::transcode(stream, json());
            let values = json::Reader::new(values, limit, &options.fields);
            in_file(values, encoding::skipped(head, json()))
        }
        Format::Jsonl => {
            let lines = encoding::transcode(stream, json());
            let lines = jsonl::Reader::new(lines, limit, &options.fields);
            in_file(lines, encoding::skipped(head, json()))
        }
        Format::Csv => {
            let delimiter = csv::delimiter(encoding.decode(head).0.as_bytes());
            let rows = encoding::transcode(stream, encoding);
            let rows = csv::Reader::new(rows, delimiter, options);
            in_file(rows, encoding::skipped(head, encoding))
        }
        Format::Mbox => Box::new(mbox::Reader::new(stream, limit)),
        Format::Warc => Box::new(warc::Reader::new(stream, options)),
    })
}

/// The documents of rows that were columns: JSON Lines in UTF-8, whatever the user says of other files.
pub(super) fn rows<'a>(stream: Stream<'a>, options: &'a CorpusOptions) -> Records<'a> {
    let limit = options.max_document_bytes;
    in_file(jsonl::Reader::new(stream, limit, &options.fields), None)
}

/// Documents whose bytes were counted from so many `skipped` bytes of the file on; `None` if what was counted is
/// not in the file.
fn in_file<'a>(found: impl Iterator<Item = Found> + 'a, skipped: Option<u64>) -> Records<'a> {
    Box::new(found.map(move |found| {
        let bytes = found.bytes.as_ref().zip(skipped);
        Found {
            bytes: bytes.map(|(bytes, skipped)| bytes.start + skipped..bytes.end + skipped),
            ..found
        }
    }))
}

type Parse = fn(&str, &CorpusOptions) -> Result<Draft, String>;

/// The one document of a stream.
fn whole<'a>(
    stream: Stream<'a>,
    options: &'a CorpusOptions,
    parse: Parse,
    declared: fn(&[u8]) -> Option<&'static Encoding>,
) -> Records<'a> {
    let read = move || -> Result<Draft, String> {
        let bytes = read_whole(stream, options.max_document_bytes)
            .map_err(|error| format!("cannot be read: {error}"))?
            .ok_or_else(|| too_long(None, options.max_document_bytes))?;
        parse_bytes(&bytes, declared(&bytes), options, parse)
    };
    Box::new(std::iter::once_with(move || {
        Found::alone(read().map_err(Refusal::from))
    }))
}

/// The document that bytes hold, in the encoding that the user names, else the one declared, else detected.
fn parse_bytes(
    bytes: &[u8],
    declared: Option<&'static Encoding>,
    options: &CorpusOptions,
    parse: Parse,
) -> Result<Draft, String> {
    let text = encoding::decode(bytes, options.encoding.or(declared))?;
    // The parsers of other people's crates meet the whole of the web here: one page that one of them
    // cannot stand must not end the run.
    std::panic::catch_unwind(AssertUnwindSafe(|| parse(&text, options)))
        .unwrap_or_else(|_| Err("its parser failed on it".to_owned()))
        .and_then(with_words)
}

fn with_words(draft: Draft) -> Result<Draft, String> {
    if draft.text.trim().is_empty() {
        return Err("the document has no words".to_owned());
    }
    Ok(draft)
}

/// The text of a record, or why there is none.
fn text_of(text: Option<Value>, names: &[String]) -> Result<String, String> {
    match text {
        Some(Value::Words(text)) if text.trim().is_empty() => Err("the text is empty".to_owned()),
        Some(Value::Words(text)) => Ok(text),
        Some(Value::Plain(value)) => Err(format!("the text is no string but {value}")),
        Some(Value::Nested) => Err("the text is no string but a list or an object".to_owned()),
        Some(Value::Absent) => Err("the text is null".to_owned()),
        None => Err(format!(
            "no text (fields: {}); name its field with --field text=NAME",
            names.join(", ")
        )),
    }
}

fn too_long(bytes: Option<u64>, limit: usize) -> String {
    let length = bytes.map_or_else(
        || "more than".to_owned(),
        |bytes| format!("{bytes} bytes, more than"),
    );
    format!("too long: {length} {limit} bytes; raise --max-document-bytes if it is one document")
}
