//! Finds what stands in quotation marks, whatever their style and however they are broken.

use std::ops::Range;

use crate::schema::{Analysis, Document, Span, Statement};

/// Words in quotation marks, outermost marks only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::stages::attribute) struct Quotation {
    /// The first byte, the opening mark included.
    pub(in crate::stages::attribute) start: usize,
    /// One past the last byte, the closing mark included.
    pub(in crate::stages::attribute) end: usize,
    /// Whether it surely ends where it ends: a mark was not forgotten.
    pub(in crate::stages::attribute) sure: bool,
}

/// Longest quotation in single marks, in bytes: a longer one is an apostrophe mistaken.
const SINGLE_LIMIT: usize = 600;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Opening,
    Closing,
    /// A straight single mark or ’ that may close.
    SingleOpening,
    SingleClosing,
}

struct Open {
    start: usize,
    depth: usize,
    single: bool,
}

/// The quotations of a document in order, none overlapping another.
pub(in crate::stages::attribute) fn quotations(analysis: &Analysis<Statement>) -> Vec<Quotation> {
    let mut found = Vec::new();
    let mut paragraphs = analysis
        .statements
        .chunk_by(|a, b| a.paragraph == b.paragraph)
        .peekable();
    while let Some(paragraph) = paragraphs.next() {
        let starts: Vec<usize> = paragraph.iter().map(|s| s.span.start()).collect();
        let (Some(first), Some(last)) = (paragraph.first(), paragraph.last()) else {
            continue;
        };
        let range = first.span.start()..last.span.end();
        let before = found.len();
        let unclosed = scan(&analysis.document, range, &starts, &mut found);
        let next = paragraphs.peek().and_then(|next| next.first());
        let goes_on = next.is_some_and(|next| opens(analysis.document.slice(next.span)));
        let last = found
            .get_mut(before..)
            .and_then(<[_]>::last_mut)
            .filter(|_| unclosed);
        let Some(last) = last else {
            continue;
        };
        last.sure = goes_on;
        if !goes_on {
            // Newspapers open every paragraph of a long quotation and close only the last; here nobody closes
            // it: a mark was forgotten, and only its own sentence is surely quoted.
            let opened = starts.partition_point(|&start| start <= last.start);
            last.end = starts.get(opened).map_or(last.end, |&next| {
                end_of_sentence(&starts, next, last.start, &analysis.document)
            });
        }
    }
    found
}

/// Whether a paragraph begins with an opening mark.
fn opens(words: &str) -> bool {
    words.starts_with(['"', '“', '«', '„'])
}

/// Scans one paragraph; returns whether a quotation is open at its end.
fn scan(
    document: &Document,
    range: Range<usize>,
    starts: &[usize],
    found: &mut Vec<Quotation>,
) -> bool {
    let mut open: Option<Open> = None;
    // The quotations that seemed never to be closed.
    let mut unclosed: Vec<usize> = Vec::new();
    for (at, length, mark) in marks(document, range.clone()) {
        let single = matches!(mark, Mark::SingleOpening | Mark::SingleClosing);
        let opens = matches!(mark, Mark::Opening | Mark::SingleOpening);
        // A single mark inside double ones is nested or an apostrophe: either way not the outer mark.
        if single && open.as_ref().is_some_and(|open| !open.single) {
            continue;
        }
        let new = Open {
            start: at,
            depth: 1,
            single,
        };
        match (&mut open, opens) {
            (None, true) => {
                open = Some(new);
            }
            (Some(outer), true) if outer.single && (!single || at - outer.start > SINGLE_LIMIT) => {
                open = Some(new);
            }
            (Some(outer), true) => {
                if starts.binary_search(&at).is_ok() && !outer.single {
                    // A mark that opens a sentence begins a new quotation: the old one was never closed.
                    let end = end_of_sentence(starts, at, outer.start, document);
                    unclosed.push(found.len());
                    found.push(quotation(outer, end, false));
                    *outer = new;
                } else {
                    outer.depth += 1;
                }
            }
            (Some(outer), false) => {
                outer.depth -= 1;
                if outer.depth == 0 {
                    let end = at + length;
                    if !outer.single || end - outer.start <= SINGLE_LIMIT {
                        found.push(quotation(outer, end, true));
                    }
                    open = None;
                }
            }
            // "We asked. "Who?" they said. We go on," she said: the second stands in the first.
            (None, false) if !single => {
                if let Some(outer) = unclosed.pop().and_then(|first| {
                    found.truncate(first + 1);
                    found.last_mut()
                }) {
                    outer.end = at + length;
                    outer.sure = true;
                }
            }
            (None, false) => {}
        }
    }
    match open {
        Some(outer) if !outer.single => {
            found.push(quotation(&outer, range.end, false));
            true
        }
        _ => false,
    }
}

/// Where the sentence before the one that starts at `at` ends.
fn end_of_sentence(starts: &[usize], at: usize, floor: usize, document: &Document) -> usize {
    let previous = starts.partition_point(|&start| start < at).checked_sub(1);
    let from = previous.map_or(floor, |index| starts[index].max(floor));
    let span = document.span(from..at).map(|span| document.trim(span));
    span.map_or(at, Span::end)
}

fn quotation(open: &Open, end: usize, sure: bool) -> Quotation {
    Quotation {
        start: open.start,
        end,
        sure,
    }
}

/// The marks of quotation in `range` with their length in bytes.
fn marks(document: &Document, range: Range<usize>) -> Vec<(usize, usize, Mark)> {
    let offset = range.start;
    let words = document.span(range).map_or("", |span| document.slice(span));
    let mut marks = Vec::new();
    let mut before: Option<char> = None;
    let mut low_nine = false;
    let mut chars = words.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let after = chars.peek().map(|&(_, next)| next);
        let mark = match char {
            '„' => {
                low_nine = true;
                Some(Mark::Opening)
            }
            // German writes „…“, English “…”.
            '“' if low_nine => Some(Mark::Closing),
            '“' | '«' => Some(Mark::Opening),
            '”' | '»' => Some(Mark::Closing),
            '"' => Some(straight(before, after)),
            '‘' if after.is_some_and(char::is_alphanumeric) => Some(Mark::SingleOpening),
            '\'' if opens_word(before, after) => Some(Mark::SingleOpening),
            '\'' | '’' if closes_word(before, after) => Some(Mark::SingleClosing),
            _ => None,
        };
        low_nine &= mark != Some(Mark::Closing);
        marks.extend(mark.map(|mark| (offset + at, char.len_utf8(), mark)));
        before = Some(char);
    }
    marks
}

/// Which way a straight mark looks, by what it touches.
fn straight(before: Option<char>, after: Option<char>) -> Mark {
    let touches_left = before.is_some_and(|c| !c.is_whitespace() && !"([{-–—:;".contains(c));
    let touches_right = after.is_some_and(|c| c.is_alphanumeric() || "$€£[.…'‘“".contains(c));
    let spaced = before.is_some_and(char::is_whitespace) && after.is_some();
    if touches_left || !touches_right && spaced {
        Mark::Closing
    } else {
        Mark::Opening
    }
}

fn opens_word(before: Option<char>, after: Option<char>) -> bool {
    before.is_none_or(|c| c.is_whitespace() || "([\"“".contains(c))
        && after.is_some_and(|c| c.is_alphanumeric() && !c.is_ascii_digit())
}

fn closes_word(before: Option<char>, after: Option<char>) -> bool {
    before.is_some_and(|c| !c.is_whitespace()) && after.is_none_or(|c| !c.is_alphanumeric())
}
