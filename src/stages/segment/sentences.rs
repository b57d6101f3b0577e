//! Cuts a block of text into sentences.

use std::sync::LazyLock;

use crate::schema::{Document, Span};

use super::LISTS;

/// Bytes that are given to the segmenter at a time; a sentence longer than this is cut at white space,
/// so that text without a sentence end costs no more than other text.
const CHUNK_BYTES: usize = 16 * 1024;

/// The sentences of the text at `block`, in order; together they cover it but for white space.
pub(super) fn sentences(document: &Document, block: Span, language: &str) -> Vec<Span> {
    let words = document.slice(block);
    let mut ends = Vec::new();
    let mut at = 0;
    while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        let chunk = chunk(rest);
        let found = sentence_ends(chunk, language);
        let last_chunk = chunk.len() == rest.len();
        // The last sentence of a chunk may go on in the next: it is cut again with what follows.
        let kept = match found.as_slice() {
            [.., before_last, _] if !last_chunk => *before_last,
            _ => chunk.len(),
        };
        ends.extend(
            found
                .into_iter()
                .filter(|&end| end < kept)
                .map(|end| at + end),
        );
        ends.push(at + kept);
        at += kept;
    }
    let mut start = 0;
    let mut spans = Vec::with_capacity(ends.len());
    for end in ends {
        let range = block.start() + start..block.start() + end;
        spans.extend(document.span(range).map(|span| document.trim(span)));
        start = end;
    }
    spans.retain(|span| !span.is_empty());
    spans
}

/// The beginning of `rest`, as much as is segmented at a time, cut at white space where there is some.
fn chunk(rest: &str) -> &str {
    if rest.len() <= CHUNK_BYTES {
        return rest;
    }
    let boundary = rest.floor_char_boundary(CHUNK_BYTES);
    let head = rest.get(..boundary).unwrap_or(rest);
    match head
        .rfind(char::is_whitespace)
        .and_then(|end| rest.get(..end))
    {
        Some(cut) if !cut.is_empty() => cut,
        _ => head,
    }
}

/// Where the sentences of `words` end, in bytes, closing marks included.
fn sentence_ends(words: &str, language: &str) -> Vec<usize> {
    let hidden = hide_quotation_marks(words);
    let mut ends: Vec<usize> = Vec::new();
    let bare_len = words.trim_end().len();
    let mut sentence_end = 0;
    // Without line breaks what it gives covers the text.
    for sentence in sentencex::segment(language, &hidden) {
        sentence_end += sentence.len();
        let bare = hidden.get(..sentence_end).map_or("", str::trim_end);
        let end = after_closing_marks(words, bare.len());
        let start = ends.last().copied().unwrap_or_default();
        let next = words.get(end..).unwrap_or_default();
        if words.get(start..end).is_some_and(is_list_number) && end < bare_len
            || ends_inside_name(next)
            || words.get(start..end).is_some_and(ends_in_title) && end < bare_len
        {
            continue;
        }
        if ends.last().is_none_or(|&last| last < end) {
            ends.push(end);
        }
    }
    ends
}

/// For each byte whether it begins a character that may be hidden; no other needs a look.
static MAY_BE_HIDDEN: LazyLock<[bool; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        u8::try_from(byte).map_or(true, |byte| {
            let char = char::from(byte);
            let listed = LISTS.apostrophes.contains(char) || LISTS.quotation_marks.contains(char);
            !byte.is_ascii() || listed || char.is_whitespace() && char != ' '
        })
    })
});

/// `words` with quotation marks and line breaks turned into spaces, byte for byte; apostrophes become letters.
fn hide_quotation_marks(words: &str) -> String {
    let may_be_hidden = &*MAY_BE_HIDDEN;
    let mut hidden = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest
        .bytes()
        .position(|byte| may_be_hidden[usize::from(byte)])
    {
        let (plain, marked) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let mut chars = marked.chars();
        let Some(char) = chars.next() else { break };
        hidden.push_str(plain);
        let before = words.get(..hidden.len()).unwrap_or_default();
        let before = before.chars().next_back();
        rest = chars.as_str();
        let is_apostrophe = LISTS.apostrophes.contains(char)
            && before.is_some_and(char::is_alphanumeric)
            && rest.starts_with(char::is_alphanumeric);
        if is_apostrophe {
            // The segmenter takes two apostrophes for a quotation and does not split between them.
            hidden.extend(std::iter::repeat_n('x', char.len_utf8()));
        } else if char.is_whitespace() || LISTS.quotation_marks.contains(char) {
            // Also inside a word: the page 'a plan"to grow" again' has lost a space.
            hidden.extend(std::iter::repeat_n(' ', char.len_utf8()));
        } else {
            hidden.push(char);
        }
    }
    hidden.push_str(rest);
    hidden
}

/// `end` moved past the marks that close the sentence's quotation or bracket.
fn after_closing_marks(words: &str, end: usize) -> usize {
    let rest = words.get(end..).unwrap_or_default();
    let bare = rest.trim_start_matches(|mark| LISTS.closing_marks.contains(mark));
    let marks = rest.len() - bare.len();
    // A mark that touches the next word opens what follows.
    let opens = marks > 0 && bare.starts_with(char::is_alphanumeric);
    if opens { end } else { end + marks }
}

/// Whether what follows a would-be end of sentence only closes a quoted name: '“Mr. | Bean”, who'.
fn ends_inside_name(next: &str) -> bool {
    let is_word = |char: char| char.is_alphanumeric() || char.is_whitespace();
    let Some(end) = next.find(|char| !is_word(char)) else {
        return false;
    };
    let (name, rest) = next.split_at_checked(end).unwrap_or_default();
    let bare = name.trim();
    rest.starts_with(['"', '”', '»']) && !bare.is_empty() && bare.split_whitespace().count() <= 2
}

/// Whether a would-be sentence ends in what only stands before names: 'said Ms. | Lee.'
fn ends_in_title(words: &str) -> bool {
    let last = words
        .strip_suffix('.')
        .and_then(|words| words.split_whitespace().next_back());
    last.is_some_and(|word| LISTS.titles.iter().any(|title| title == word))
}

/// Whether a would-be sentence only numbers what follows: '2.', '(b)'.
fn is_list_number(words: &str) -> bool {
    let number = words.trim().trim_end_matches(['.', ')']);
    let number = number.trim_start_matches('(');
    number.len() <= 3 && number.chars().all(|char| char.is_ascii_digit())
}
