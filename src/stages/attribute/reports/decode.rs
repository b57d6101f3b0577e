//! From the tagger's logits to spans of source, cue and content.

use std::sync::LazyLock;

use serde::Deserialize;

use super::edges;
use crate::schema::{Analysis, Span, Statement};
use crate::stages::encode::Encoding;

/// The head that tags attributions.
const HEAD: &str = "attribution_logits";
/// Its columns: O, B-source, I-source, B-cue, I-cue, B-content, I-content.
const COLUMNS: usize = 7;

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
    transitions: [Scores; COLUMNS + 1],
    transition_weight: f32,
    bias: [f32; 4],
    pub(super) edges: Edges,
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
                *score * decoding.transition_weight
            } else {
                f32::NEG_INFINITY
            };
        }
    }
    decoding
});

type Scores = [f32; COLUMNS];

/// A word with the mean log-probabilities of its tokens.
struct Word {
    span: Span,
    statement: usize,
    scores: Scores,
}

/// The spans that the tagger finds; `None` where the model has no such head.
///
/// The best path is found in which a part goes on only where it has begun (Viterbi), over words rather than
/// pieces of words, one paragraph at a time.
pub(in crate::stages::attribute) fn tags(
    analysis: &Analysis<Statement>,
    encoding: &Encoding,
) -> Option<Tags> {
    let words = words(analysis, encoding)?;
    let mut tags = Tags {
        spans: Vec::new(),
        content: vec![0.0; analysis.statements.len()],
    };
    let mut counts = vec![0_usize; analysis.statements.len()];
    let paragraph = |word: &Word| analysis.statements.get(word.statement).map(|s| s.paragraph);
    for run in words.chunk_by(|a, b| paragraph(a) == paragraph(b)) {
        let path = best_path(run);
        for (word, &column) in run.iter().zip(&path) {
            counts[word.statement] += 1;
            tags.content[word.statement] += if column >= 5 { 1.0 } else { 0.0 };
        }
        collect(analysis, run, &path, &mut tags.spans);
    }
    edges::even(&analysis.document, &mut tags.spans);
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

/// The columns of the best path (Viterbi).
fn best_path(words: &[Word]) -> Vec<usize> {
    let decoding = &*DECODING;
    let scores =
        |word: &Word, column: usize| word.scores[column] + decoding.bias[column.div_ceil(2)];
    let Some(first) = words.first() else {
        return Vec::new();
    };
    let mut best: Scores =
        std::array::from_fn(|column| decoding.transitions[COLUMNS][column] + scores(first, column));
    let mut back: Vec<[usize; COLUMNS]> = Vec::with_capacity(words.len());
    for word in words.iter().skip(1) {
        let via =
            |before: usize, column: usize| best[before] + decoding.transitions[before][column];
        let from: [usize; COLUMNS] = std::array::from_fn(|column| {
            (1..COLUMNS).fold(0, |a, b| {
                if via(b, column) > via(a, column) {
                    b
                } else {
                    a
                }
            })
        });
        best = std::array::from_fn(|column| via(from[column], column) + scores(word, column));
        back.push(from);
    }
    let last = (1..COLUMNS).fold(0, |a, b| if best[b] > best[a] { b } else { a });
    let mut path = vec![last];
    for from in back.iter().rev() {
        path.push(from[path[path.len() - 1]]);
    }
    path.reverse();
    path
}

/// Joins the words of a path to spans.
fn collect(
    analysis: &Analysis<Statement>,
    words: &[Word],
    path: &[usize],
    spans: &mut Vec<Tagged>,
) {
    let mut open: Option<Tagged> = None;
    for (word, &column) in words.iter().zip(path) {
        let part = match column {
            1 | 2 => Some(Part::Source),
            3 | 4 => Some(Part::Cue),
            5 | 6 => Some(Part::Content),
            _ => None,
        };
        let begins = column % 2 == 1;
        match (&mut open, part) {
            (Some(tagged), Some(part)) if tagged.part == part && !begins => {
                tagged.span = tagged.span.cover(word.span);
            }
            (before, part) => {
                spans.extend(before.take().and_then(|tagged| trimmed(analysis, tagged)));
                open = part.map(|part| Tagged {
                    part,
                    span: word.span,
                    statement: word.statement,
                });
            }
        }
    }
    spans.extend(open.and_then(|tagged| trimmed(analysis, tagged)));
}

/// A span as `PolNeAR` cuts it: without white space, and content without its sentence's full stop.
fn trimmed(analysis: &Analysis<Statement>, tagged: Tagged) -> Option<Tagged> {
    let document = &analysis.document;
    let span = document.trim(tagged.span);
    let words = document.slice(span);
    let bare = match (tagged.part, words.strip_suffix('.')) {
        (Part::Content, Some(bare)) if !ends_in_initial(bare) => bare,
        _ => words,
    };
    let span = document.span(span.start()..span.start() + bare.len())?;
    bare.contains(char::is_alphanumeric)
        .then_some(Tagged { span, ..tagged })
}

/// Whether words end in a lone letter, whose full stop abbreviates: 'the U.S', 'Ann B'.
fn ends_in_initial(words: &str) -> bool {
    let mut last = words.chars().rev();
    last.next().is_some_and(char::is_uppercase) && last.next().is_none_or(|c| !c.is_alphanumeric())
}
