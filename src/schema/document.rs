//! One article or speech: its text and what is known of it.

use indexmap::IndexMap;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::ops::Range;

use super::span::CodePointIndex;
use super::{CodePoints, Origin, Span};

/// What is known of a document beside its text. Every field but `id` may be absent: archives differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// What tells the document from every other of the archive: a given id, or the path of its file.
    pub id: String,
    /// The outlet or collection that it comes from.
    pub source: Option<String>,
    /// Its headline or title.
    pub title: Option<String>,
    /// The date of publication as far as known, ISO 8601 (`2025`, `2025-07`, `2025-07-16`).
    pub date: Option<String>,
    /// The language of the text, ISO 639-1.
    pub language: Option<String>,
    /// Whose words the whole document is, where the archive says so (a speech, a survey answer).
    pub speaker: Option<String>,
    /// The office or affiliation of that speaker, as the archive gives it.
    pub role: Option<String>,
    /// Further fields of the archive, carried into the records as they are (`country`, `year`, …).
    pub fields: IndexMap<String, String>,
    /// Where in the archive it stands.
    pub origin: Origin,
}

/// A text with its metadata. It alone makes [`Span`]s, so that every span slices the text it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What is known beside the text.
    pub metadata: Metadata,
    text: String,
    index: CodePointIndex,
}

impl Document {
    /// A document of `text`, which never changes afterwards.
    pub fn new(metadata: Metadata, text: String) -> Self {
        let index = CodePointIndex::new(&text);
        Self {
            metadata,
            text,
            index,
        }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the text in UTF-8: enough to notice any change that
    /// was not made to deceive.
    pub fn sha256(&self) -> String {
        let digest = Sha256::digest(self.text.as_bytes());
        digest
            .iter()
            .take(8)
            .fold(String::new(), |mut digits, byte| {
                // Writing to a string cannot fail.
                let _ = write!(digits, "{byte:02x}");
                digits
            })
    }

    /// The span of a byte range; `None` if it is backward, past the end or inside a character.
    pub fn span(&self, range: Range<usize>) -> Option<Span> {
        self.text
            .get(range.clone())
            .map(|_| Span::of_checked(range.start, range.end))
    }

    /// The span of the whole text.
    pub fn whole(&self) -> Span {
        Span::of_checked(0, self.text.len())
    }

    /// The words at `span`; empty for a span of another, longer document (a bug of the caller's).
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start()..span.end()).unwrap_or_default()
    }

    /// `span` without the white space at its ends (empty, at its start, if there is nothing else).
    #[must_use]
    pub fn trim(&self, span: Span) -> Span {
        let words = self.slice(span);
        let start = span.start() + (words.len() - words.trim_start().len());
        Span::of_checked(
            start.min(span.end()),
            (start + words.trim().len()).min(span.end()),
        )
    }

    /// `span` counted in code points, as files give it.
    pub fn code_points(&self, span: Span) -> CodePoints {
        CodePoints(
            self.index.code_point(&self.text, span.start()),
            self.index.code_point(&self.text, span.end()),
        )
    }

    /// The span at a range of code points, as files give it; `None` if it is backward or past the end.
    pub fn span_at(&self, at: CodePoints) -> Option<Span> {
        let start = self.index.byte(&self.text, at.0)?;
        let end = self.index.byte(&self.text, at.1)?;
        (start <= end).then(|| Span::of_checked(start, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::new(Metadata::default(), text.to_owned())
    }

    #[test]
    fn a_span_inside_a_character_is_refused() {
        let document = document("né");
        assert_eq!(document.span(0..2), None);
        assert_eq!(
            document.span(0..3).map(|span| document.slice(span)),
            Some("né")
        );
    }

    #[test]
    fn files_count_code_points() {
        let document = document("“Да,” he said");
        let span = document.span(3..7).unwrap();
        assert_eq!(document.slice(span), "Да");
        assert_eq!(document.code_points(span), CodePoints(1, 3));
        assert_eq!(document.span_at(CodePoints(1, 3)), Some(span));
    }

    #[test]
    fn trimming_white_space_alone_leaves_an_empty_span() {
        let document = document(" \n ");
        assert!(document.trim(document.whole()).is_empty());
    }
}
