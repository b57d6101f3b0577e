//! From a document to its statements: lines are joined to blocks (`lines`), blocks are cut into
//! sentences (`sentences`), and what is no statement is kept as furniture.

mod lines;
mod sentences;
#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::furniture::SPACE_OF_HTML;
use crate::schema::{Analysis, Document, Span, Statement};

/// What becomes a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// Every sentence.
    #[default]
    Sentences,
    /// The whole text of a document, whatever it holds: gold sets, survey answers.
    None,
}

/// How to segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmenterOptions {
    /// What becomes a statement.
    pub split: Split,
    /// The language, ISO 639-1, of documents that name none.
    pub language: String,
}

impl Default for SegmenterOptions {
    fn default() -> Self {
        Self {
            split: Split::Sentences,
            language: "en".to_owned(),
        }
    }
}

/// The word lists of `data/segment.toml`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Lists {
    open_endings: Vec<String>,
    titles: Vec<String>,
    bullets: Vec<String>,
    closing_marks: String,
    quotation_marks: String,
    apostrophes: String,
}

#[expect(clippy::expect_used, reason = "the file is part of the program")]
static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/segment.toml")).expect("data/segment.toml: bug")
});

/// Finds the statements of a document.
///
/// *Useful for* running text, one paragraph a line, hard-wrapped lines, and pages whose links stand on
/// lines of their own in the middle of a sentence. *Not useful for* tables and verse.
///
/// # Source
/// Sentence ends inside a block are found by the `sentencex` crate (Wikimedia), with quotation marks
/// hidden so that each sentence of a quotation is a statement of its own.
#[derive(Clone, Debug, Default)]
pub struct Segmenter {
    options: SegmenterOptions,
}

impl Segmenter {
    /// A segmenter that works by `options`.
    pub fn new(options: SegmenterOptions) -> Self {
        Self { options }
    }

    /// The statements of `document`: exact spans without white space at their ends, in order, which with
    /// the furniture cover the text but for white space. Time grows linearly with the text.
    pub fn segment(&self, document: Arc<Document>) -> Analysis<Statement> {
        let mut analysis = Analysis {
            statements: Vec::new(),
            furniture: Vec::new(),
            document,
        };
        let document = Arc::clone(&analysis.document);
        match self.options.split {
            Split::None => add(&mut analysis, document.whole(), 0),
            Split::Sentences => {
                let language = document.metadata.language.as_deref();
                let language = language.unwrap_or(&self.options.language);
                for (paragraph, block) in lines::blocks(&document).into_iter().enumerate() {
                    match block {
                        lines::Block::Furniture(span) => analysis.furniture.push(span),
                        lines::Block::Text(span) => {
                            for sentence in sentences::sentences(&document, span, language) {
                                add(&mut analysis, sentence, paragraph);
                            }
                        }
                    }
                }
            }
        }
        analysis
    }
}

/// Adds what stands at `span`: a statement if it has a letter or a digit, furniture if it has not. HTML's spaces at its
/// ends are left over of a page, too.
fn add(analysis: &mut Analysis<Statement>, span: Span, paragraph: usize) {
    let mut span = analysis.document.trim(span);
    while let Some((space, rest)) = space_of_html(&analysis.document, span) {
        analysis.furniture.push(space);
        span = rest;
    }
    if span.is_empty() {
        return;
    }
    let words = analysis.document.slice(span);
    if words.contains(char::is_alphanumeric) {
        analysis.statements.push(Statement {
            index: analysis.statements.len(),
            span,
            paragraph,
        });
    } else {
        analysis.furniture.push(span);
    }
}

/// A space of HTML at one end of `span`, and what is left without it.
fn space_of_html(document: &Document, span: Span) -> Option<(Span, Span)> {
    let (words, start, end) = (document.slice(span), span.start(), span.end());
    let (space, rest) = if words.starts_with(SPACE_OF_HTML) {
        (
            start..start + SPACE_OF_HTML.len(),
            start + SPACE_OF_HTML.len()..end,
        )
    } else if words.ends_with(SPACE_OF_HTML) {
        (
            end - SPACE_OF_HTML.len()..end,
            start..end - SPACE_OF_HTML.len(),
        )
    } else {
        return None;
    };
    Some((document.span(space)?, document.trim(document.span(rest)?)))
}
