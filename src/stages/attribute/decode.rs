//! From the tagger's logits to spans of source, cue and content.

use crate::schema::{Analysis, Span, Statement};
use crate::stages::encode::Encoding;

/// The head that tags attributions.
const HEAD: &str = "attribution_logits";
/// Its columns: O, B-source, I-source, B-cue, I-cue, B-content, I-content.
const COLUMNS: usize = 7;

/// The part that a span plays in an attribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Who is reported.
    Source,
    /// The words that report.
    Cue,
    /// What is reported.
    Content,
}

/// A tagged span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tagged {
    /// What it is.
    pub(super) part: Part,
    /// Where it stands.
    pub(super) span: Span,
    /// The statement that it begins in.
    pub(super) statement: usize,
}

/// What the tagger says of a document.
#[derive(Debug, Default)]
pub(super) struct Tags {
    /// The spans in the order of the text.
    pub(super) spans: Vec<Tagged>,
    /// For each statement the share of its tokens that are content, source or cue of nothing but content.
    pub(super) content: Vec<f32>,
}

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
pub(super) fn tags(analysis: &Analysis<Statement>, encoding: &Encoding) -> Option<Tags> {
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
fn may_follow(before: Option<usize>, column: usize) -> bool {
    let goes_on = column > 0 && column.is_multiple_of(2);
    !goes_on || before.is_some_and(|before| before == column || before + 1 == column)
}

/// The columns of the best path (Viterbi).
fn best_path(words: &[Word]) -> Vec<usize> {
    let Some(first) = words.first() else {
        return Vec::new();
    };
    let mut best: Scores = std::array::from_fn(|column| {
        if may_follow(None, column) {
            first.scores[column]
        } else {
            f32::NEG_INFINITY
        }
    });
    let mut back: Vec<[usize; COLUMNS]> = Vec::with_capacity(words.len());
    for word in words.iter().skip(1) {
        let from: [usize; COLUMNS] = std::array::from_fn(|column| {
            let allowed = (0..COLUMNS).filter(|&before| may_follow(Some(before), column));
            allowed.fold(0, |a, b| {
                if best[b] > best[a] || !may_follow(Some(a), column) {
                    b
                } else {
                    a
                }
            })
        });
        best = std::array::from_fn(|column| best[from[column]] + word.scores[column]);
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

/// A span without the marks that `PolNeAR` leaves outside, and with the quotation mark that belongs to it.
fn trimmed(analysis: &Analysis<Statement>, tagged: Tagged) -> Option<Tagged> {
    let document = &analysis.document;
    let marks: &[char] = match tagged.part {
        Part::Content => &[' ', ',', ';', '\n'],
        Part::Source | Part::Cue => &[' ', ',', ';', ':', '\n'],
    };
    let (words, start) = (document.slice(tagged.span), tagged.span.start());
    let tail = words.trim_end_matches(marks);
    let bare = tail.trim_start_matches(marks);
    let from = start + tail.len() - bare.len();
    if !bare.contains(char::is_alphanumeric) {
        return None;
    }
    let mut range = from..from + bare.len();
    if tagged.part == Part::Content {
        let before = document
            .text()
            .get(..range.start)
            .and_then(|t| t.chars().next_back());
        let after = document
            .text()
            .get(range.end..)
            .and_then(|t| t.chars().next());
        for (open, close) in [('“', '”'), ('"', '"'), ('«', '»')] {
            let count = |mark: char| bare.matches(mark).count();
            let (opened, closed) = if open == close {
                let odd = count(open) % 2 == 1;
                let starts = bare.starts_with(open);
                (odd && (starts || after == Some(close)), odd && !starts)
            } else {
                (count(open) > count(close), count(close) > count(open))
            };
            if opened && after == Some(close) {
                range.end += close.len_utf8();
            } else if closed && before == Some(open) {
                range.start -= open.len_utf8();
            }
        }
    }
    let span = document.span(range)?;
    Some(Tagged { span, ..tagged })
}
