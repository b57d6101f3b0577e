//! From the tagger's logits to spans of source, cue and content.

use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{chances, edges};
use crate::schema::{Analysis, Document, Span, Statement};
use crate::stages::encode::Encoding;

/// The head that tags attributions.
const HEAD: &str = "attribution_logits";
/// Its columns: O, B-source, I-source, B-cue, I-cue, B-content, I-content.
pub(super) const COLUMNS: usize = 7;

/// The part that a span plays in an attribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stages::attribute) enum Part {
    /// Who is reported.
    Source,
    /// The words that report.
    Cue,
    /// What is reported.
    Content,
}

impl Part {
    /// The column of a word that begins the part; the one of a word that goes on with it is the next.
    pub(super) fn begins(self) -> usize {
        match self {
            Self::Source => 1,
            Self::Cue => 3,
            Self::Content => 5,
        }
    }
}

/// A tagged span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stages::attribute) struct Tagged {
    /// What it is.
    pub(in crate::stages::attribute) part: Part,
    /// Where it stands.
    pub(in crate::stages::attribute) span: Span,
    /// The statement that it begins in.
    pub(in crate::stages::attribute) statement: usize,
}

/// What the tagger says of a document.
#[derive(Debug, Default)]
pub(in crate::stages::attribute) struct Tags {
    /// The spans in the order of the text.
    pub(in crate::stages::attribute) spans: Vec<Tagged>,
    /// For each statement the share of its tokens that are content, source or cue of nothing but content.
    pub(in crate::stages::attribute) content: Vec<f32>,
}

/// `data/attribution.toml`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Decoding {
    /// Read as log-probabilities, kept as how much they weigh: none where a part goes on that has not begun.
    pub(super) transitions: [[f64; COLUMNS]; COLUMNS + 1],
    transition_weight: f64,
    pub(super) bias: [f32; 4],
    pub(super) spans: Spans,
    pub(super) edges: Edges,
}

/// Its part on which spans are taken.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Spans {
    /// Spans less likely than this are not looked at.
    pub(super) least: f64,
    /// The chance from which on a span is worth taking.
    pub(super) likely: f64,
    /// The chance from which on it is good that a word is in a span of the part.
    pub(super) likely_word: f64,
    /// How much such a word weighs beside the chance of the whole span.
    pub(super) word_weight: f64,
}

/// Its part on where spans begin and end.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Edges {
    /// Prepositions between cue and content that belong to the cue.
    pub(super) cue_prepositions: Vec<String>,
    /// Words that no content ends with.
    pub(super) not_last_in_content: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program")]
pub(super) static DECODING: LazyLock<Decoding> = LazyLock::new(|| {
    let mut decoding: Decoding = toml::from_str(include_str!("../../../../data/attribution.toml"))
        .expect("data/attribution.toml: bug");
    for (before, row) in decoding.transitions.iter_mut().enumerate() {
        for (column, score) in row.iter_mut().enumerate() {
            *score = if may_follow(before, column) {
                (*score * decoding.transition_weight).exp()
            } else {
                0.0
            };
        }
    }
    decoding
});

pub(super) type Scores = [f32; COLUMNS];

/// A word with the mean log-probabilities of its tokens.
struct Word {
    span: Span,
    statement: usize,
    scores: Scores,
}

/// The spans that the tagger finds; `None` where the model has no such head.
///
/// They are told by all ways in which a paragraph can be read so that a part goes on only where it has begun, over
/// words rather than pieces of words.
pub(in crate::stages::attribute) fn tags(
    analysis: &Analysis<Statement>,
    encoding: &Encoding,
) -> Option<Tags> {
    let words = words(analysis, encoding)?;
    let document = &analysis.document;
    let mut tags = Tags {
        spans: Vec::new(),
        content: vec![0.0; analysis.statements.len()],
    };
    let mut counts = vec![0_usize; analysis.statements.len()];
    let paragraph = |word: &Word| analysis.statements.get(word.statement).map(|s| s.paragraph);
    for run in words.chunk_by(|a, b| paragraph(a) == paragraph(b)) {
        let scores: Vec<Scores> = run.iter().map(|word| word.scores).collect();
        let span = |words: &Range<usize>| run[words.start].span.cover(run[words.end - 1].span);
        let bare = |part: Part, words: Range<usize>| {
            let trimmed = trimmed(document, part, span(&words))?;
            Some(edges::bare(document, part, trimmed)).filter(|bare| !bare.is_empty())
        };
        for word in run {
            counts[word.statement] += 1;
        }
        for (part, words) in chances::likely_spans(&scores, bare) {
            if part == Part::Content {
                for word in &run[words.clone()] {
                    tags.content[word.statement] += 1.0;
                }
            }
            let statement = run[words.start].statement;
            tags.spans
                .extend(trimmed(document, part, span(&words)).map(|span| Tagged {
                    part,
                    span,
                    statement,
                }));
        }
    }
    edges::even(document, &mut tags.spans);
    for (share, count) in tags.content.iter_mut().zip(counts) {
        *share /= count.max(1) as f32;
    }
    Some(tags)
}

/// The words of a document with their scores: pieces that touch inside a word are one.
fn words(analysis: &Analysis<Statement>, encoding: &Encoding) -> Option<Vec<Word>> {
    let rows = encoding.rows(HEAD, 0..encoding.tokens.len())?;
    let document = &analysis.document;
    let mut words: Vec<Word> = Vec::new();
    let mut pieces = 1.0;
    for (token, row) in encoding.tokens.iter().zip(rows) {
        let logits: Scores = row.try_into().ok()?;
        let scores = log_softmax(logits);
        let inside = words.last().is_some_and(|word| {
            word.span.end() == token.span.start()
                && word.statement == token.statement_index
                && document.slice(word.span).ends_with(char::is_alphanumeric)
                && document
                    .slice(token.span)
                    .starts_with(char::is_alphanumeric)
        });
        if let Some(word) = words.last_mut().filter(|_| inside) {
            pieces += 1.0;
            word.span = word.span.cover(token.span);
            // The rest of a word can only continue it.
            for (column, score) in word.scores.iter_mut().enumerate() {
                let goes_on = column + usize::from(column % 2 == 1);
                *score += (scores[goes_on] - *score) / pieces;
            }
        } else {
            pieces = 1.0;
            words.push(Word {
                span: token.span,
                statement: token.statement_index,
                scores,
            });
        }
    }
    words.retain(|word| word.statement < analysis.statements.len());
    Some(words)
}

fn log_softmax(logits: Scores) -> Scores {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    logits.map(|logit| logit - most - sum.ln())
}

/// Whether a column may follow another: a part goes on only where it has begun.
fn may_follow(before: usize, column: usize) -> bool {
    let goes_on = column > 0 && column.is_multiple_of(2);
    !goes_on || before == column || before + 1 == column
}

/// A span as `PolNeAR` cuts it: without white space, and content without its sentence's full stop.
fn trimmed(document: &Document, part: Part, span: Span) -> Option<Span> {
    let span = document.trim(span);
    let words = document.slice(span);
    let bare = match (part, words.strip_suffix('.')) {
        (Part::Content, Some(bare)) if !ends_in_initial(bare) => bare,
        _ => words,
    };
    let span = document.span(span.start()..span.start() + bare.len())?;
    bare.contains(char::is_alphanumeric).then_some(span)
}

/// Whether words end in a lone letter, whose full stop abbreviates: 'the U.S', 'Ann B'.
fn ends_in_initial(words: &str) -> bool {
    let mut last = words.chars().rev();
    last.next().is_some_and(char::is_uppercase) && last.next().is_none_or(|c| !c.is_alphanumeric())
}
