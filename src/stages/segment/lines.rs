//! Joins the lines of a text to blocks: a block is what a reader would see as one paragraph or headline.

use crate::schema::{Document, Span};

use crate::stages::furniture::is_furniture;

use super::LISTS;

/// A run of text that no statement leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// Lines that belong together.
    Text(Span),
    /// A line that is no part of the article.
    Furniture(Span),
}

/// A line that is not blank.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    words: &'a str,
    span: Span,
    /// Whether the line before it in the text is blank.
    after_blank: bool,
}

/// Longest line, in code points, that a typist or a mail program would wrap at.
const WRAP_LIMIT: usize = 130;
/// Shortest width that counts as wrapping: narrower ones are lists and headlines.
const WRAP_FLOOR: usize = 40;
/// Words of a line that can be a sentence's beginning by itself.
const SENTENCE_WORDS: usize = 8;
/// Words of a line that can be a link in the middle of a sentence.
const LINK_WORDS: usize = 6;

/// The blocks of a document, in order.
pub(super) fn blocks(document: &Document) -> Vec<Block> {
    let lines = lines(document);
    let width = wrap_width(&lines);
    let mut blocks = Vec::new();
    let mut open: Option<(Span, &Line<'_>)> = None;
    for (index, line) in lines.iter().enumerate() {
        if is_furniture(line.words) {
            blocks.extend(open.take().map(|(span, _)| Block::Text(span)));
            blocks.push(Block::Furniture(line.span));
            continue;
        }
        let next = lines.get(index + 1);
        open = Some(match open {
            Some((span, previous)) if goes_on(span, previous, line, next, width) => {
                (span.cover(line.span), line)
            }
            before => {
                blocks.extend(before.map(|(span, _)| Block::Text(span)));
                (line.span, line)
            }
        });
    }
    blocks.extend(open.map(|(span, _)| Block::Text(span)));
    blocks
}

fn lines(document: &Document) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let (mut at, mut after_blank) = (0, true);
    for raw in document.text().split_inclusive('\n') {
        let span = document
            .span(at..at + raw.len())
            .map(|span| document.trim(span));
        at += raw.len();
        match span {
            Some(span) if !span.is_empty() => {
                lines.push(Line {
                    words: document.slice(span),
                    span,
                    after_blank,
                });
                after_blank = false;
            }
            _ => after_blank = true,
        }
    }
    lines
}

/// The width at which the text is hard-wrapped; `None` if its lines are paragraphs.
///
/// In wrapped text the first word of a line would not have fitted on the line before.
fn wrap_width(lines: &[Line<'_>]) -> Option<usize> {
    let mut lengths: Vec<usize> = lines.iter().map(|line| chars(line.words)).collect();
    let place = lengths.len().checked_sub(1)? * 19 / 20;
    let width = *lengths.select_nth_unstable(place).1;
    if !(WRAP_FLOOR..=WRAP_LIMIT).contains(&width) {
        return None;
    }
    let pairs = || lines.windows(2).filter(|pair| !pair[1].after_blank);
    let count = pairs().count();
    let full = pairs()
        .filter(|pair| is_full(&pair[0], &pair[1], width))
        .count();
    (count >= 3 && full * 5 >= count * 3).then_some(width)
}

fn is_full(line: &Line<'_>, next: &Line<'_>, width: usize) -> bool {
    let first_word = next.words.split_whitespace().next().map_or(0, chars);
    chars(line.words) + 1 + first_word > width
}

/// Whether `line` goes on with the block at `span`, whose last line is `previous`.
fn goes_on(
    span: Span,
    previous: &Line<'_>,
    line: &Line<'_>,
    next: Option<&Line<'_>>,
    width: Option<usize>,
) -> bool {
    if line.after_blank || is_bullet(line.words) {
        return false;
    }
    if width.is_some_and(|width| is_full(previous, line, width)) {
        return true;
    }
    if ends_sentence(previous.words) {
        return false;
    }
    let starts_anew = |line: &Line<'_>| !line.after_blank && starts_inside(line.words);
    if starts_inside(line.words) {
        // A lone lower-case word before a headline is the name of a section ('business').
        let section = words(line.words) == 1
            && line.words.starts_with(char::is_alphabetic)
            && !ends_sentence(line.words)
            && !next.is_some_and(starts_anew);
        return !section || is_open(previous.words);
    }
    let long = span != previous.span || words(previous.words) >= SENTENCE_WORDS;
    is_open(previous.words)
        || long && words(line.words) <= LINK_WORDS && next.is_some_and(starts_anew)
}

/// Whether a line begins as only the inside of a sentence does.
fn starts_inside(words: &str) -> bool {
    let mut chars = words.chars();
    match chars.next() {
        Some('.') => chars.next() != Some('.'),
        Some(',' | ';' | ':' | ')' | '%' | '’' | '”') => true,
        Some('\'') => chars.next() == Some('s'),
        Some(first) => first.is_lowercase() && !words.starts_with("http"),
        None => false,
    }
}

fn ends_sentence(words: &str) -> bool {
    let bare = words.trim_end_matches(|mark| LISTS.closing_marks.contains(mark));
    bare.ends_with(['.', '!', '?', '…', ':', ';', '。'])
}

/// Whether a line ends as no sentence and no headline does: 'brought by the', 'in Hanoi,'.
fn is_open(words: &str) -> bool {
    let last = words.rsplit(char::is_whitespace).next().unwrap_or(words);
    let shouted = last.chars().count() > 1 && !last.contains(char::is_lowercase);
    let last = last.trim_start_matches(|mark: char| !mark.is_alphanumeric());
    words.ends_with(',')
        || !shouted
            && LISTS
                .open_endings
                .iter()
                .any(|open| last.eq_ignore_ascii_case(open))
}

/// Whether a line is an item of a list: '- More trade', '2. Fewer tariffs', '(a) The river'.
fn is_bullet(words: &str) -> bool {
    let first = words.split_whitespace().next().unwrap_or_default();
    let number = first.trim_start_matches('(').trim_end_matches(['.', ')']);
    first != words && LISTS.bullets.iter().any(|bullet| bullet == first)
        || number.len() < first.len()
            && chars(number) <= 3
            && !number.is_empty()
            && (number.chars().all(|c| c.is_ascii_digit()) || chars(number) == 1)
            && number.chars().all(char::is_alphanumeric)
}

fn chars(words: &str) -> usize {
    words.chars().count()
}

fn words(line: &str) -> usize {
    line.split_whitespace().count()
}
