//! The words that open a turn: 'MS. LEE:', 'Q', 'President of Norland Ann Lee:'.

use std::ops::Range;

use crate::stages::attribute::names::name::{NameKind, Named};
use crate::stages::attribute::words::lexicon::lexicon;
use crate::stages::attribute::words::piece::{Piece, Shape};

use super::Floor;

/// What a label looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One who has no name in it: 'Q', 'Moderator'.
    Part,
    /// Capitals: 'MS. LEE', 'THE PRESIDENT', 'BERG'.
    Shouted,
    /// A full name as it is written: 'Ann Lee', 'President of Norland Ann Lee'.
    Person,
}

/// A label.
#[derive(Clone, Debug)]
pub(super) struct Label {
    /// Its words, the colon left out.
    pub(super) words: Range<usize>,
    /// What it looks like.
    pub(super) kind: Kind,
    /// Whether an office, an honorific or an article shows that it is a person's.
    pub(super) titled: bool,
}

/// Longest label, in pieces: 'President of the European Council Ann van der Lee'.
const LABEL_PIECES: usize = 14;

/// The label of the turn that a statement opens, if it opens one.
pub(super) fn label(floor: &Floor<'_>, statement: usize) -> Option<Label> {
    let all = &floor.pieces.all;
    let whole = &floor.pieces.of_statement[statement];
    let marks = all[whole.clone()]
        .iter()
        .take_while(|p| p.shape == Shape::Mark)
        .count();
    let range = whole.start + marks..whole.end;
    let first = all.get(range.start).filter(|_| !range.is_empty())?;
    let opens_paragraph = statement == 0
        || floor.analysis.statements[statement].paragraph
            != floor.analysis.statements[statement - 1].paragraph;
    if opens_paragraph && asks(all, &range) {
        return Some(Label {
            words: range.start..range.start + 1,
            kind: Kind::Part,
            titled: true,
        });
    }
    let colon = range
        .clone()
        .take(LABEL_PIECES + 1)
        .find(|&at| all[at].is(":"));
    let opening = colon
        .filter(|&colon| colon > range.start && first.shape == Shape::Capital)
        .filter(|&colon| is_followed(all, colon, range.end))
        .filter(|&colon| all[range.start..colon].iter().all(can_stand_in))
        .and_then(|colon| of_words(floor, range.start..colon, opens_paragraph));
    opening.or_else(|| run_on(floor, &range))
}

/// Whether a statement begins with 'Q' and what is asked.
fn asks(all: &[Piece], range: &Range<usize>) -> bool {
    let first = &all[range.start];
    let Some(second) = all.get(range.start + 1).filter(|_| range.len() > 1) else {
        return false;
    };
    let spaced = second.start > first.end && (second.is_word() || breaks_in(second));
    first.is("q") && first.shape == Shape::Capital && (second.is(":") || spaced)
}

/// Whether what is said follows the colon: a sentence of its own, not a quotation.
fn is_followed(all: &[Piece], colon: usize, end: usize) -> bool {
    all.get(colon + 1)
        .filter(|_| colon + 1 < end)
        .is_none_or(|p| p.shape == Shape::Capital || p.shape == Shape::Number || breaks_in(p))
}

/// Whether a stenographer's mark begins what is said: words that are cut off, or not understood.
fn breaks_in(piece: &Piece) -> bool {
    ["—", "–", "(", "["].iter().any(|mark| piece.is(mark))
}

/// Whether a word can stand in a label.
fn can_stand_in(piece: &Piece) -> bool {
    let lexicon = lexicon();
    matches!(piece.shape, Shape::Capital | Shape::Genitive)
        || [".", "the", "and"].iter().any(|word| piece.is(word))
        || lexicon.is_particle(&piece.lower)
        || lexicon.is_preposition(&piece.lower)
}

/// The label that the words before a colon at the beginning of a statement are.
fn of_words(floor: &Floor<'_>, words: Range<usize>, opens_paragraph: bool) -> Option<Label> {
    let lexicon = lexicon();
    let words = once(&floor.pieces.all, words);
    let pieces = &floor.pieces.all[words.clone()];
    let first = pieces.first()?;
    let label = |kind, titled| {
        Some(Label {
            words: words.clone(),
            kind,
            titled,
        })
    };
    if words.len() <= 2 && pieces.iter().any(|p| lexicon.is_part(&p.lower)) {
        return label(Kind::Part, true);
    }
    let named = pieces
        .iter()
        .any(|p| p.is_word() && !lexicon.is_honorific(&p.lower));
    let shouted = named
        && pieces.iter().any(|p| p.shouted)
        && pieces
            .iter()
            .all(|p| p.shouted || p.shape != Shape::Capital || p.lower.len() <= 4);
    if shouted {
        let honored = lexicon.is_honorific(&first.lower) || first.is("the");
        let titled = honored || pieces.iter().any(|p| lexicon.is_title(&p.lower));
        return (titled || opens_paragraph).then(|| label(Kind::Shouted, titled))?;
    }
    let named = person_in(floor, &words)?;
    label(
        Kind::Person,
        !named.role.is_empty() || named.gender.is_some(),
    )
}

/// A label in the middle of a statement, where line breaks were lost: 'Speech at the forum President of
/// Norland Ann Lee: Friends, …'.
fn run_on(floor: &Floor<'_>, range: &Range<usize>) -> Option<Label> {
    let all = &floor.pieces.all;
    let colons = range.clone().filter(|&at| all[at].is(":"));
    colons
        .filter(|&colon| is_followed(all, colon, range.end))
        .find_map(|colon| {
            let named = floor.names.iter().find(|n| n.whole.end == colon)?;
            let before = named.whole.start.checked_sub(1).map(|at| &all[at])?;
            let lexicon = lexicon();
            let governed = before.shape != Shape::Capital
                && (lexicon.is_preposition(&before.lower)
                    || lexicon.is_boundary(&before.lower)
                    || lexicon
                        .cue(&before.lower)
                        .is_some_and(|cue| !cue.bare && !cue.present)
                    || [",", "and", "the"].iter().any(|word| before.is(word)));
            let full = !named.role.is_empty()
                && named.role.end <= named.name.start
                && named.name.len() >= 2;
            (full && !governed && named.whole.start >= range.start).then(|| Label {
                words: named.whole.clone(),
                kind: Kind::Person,
                titled: true,
            })
        })
}

/// The person whose name the label ends with.
fn person_in<'f>(floor: &'f Floor<'_>, words: &Range<usize>) -> Option<&'f Named> {
    let is_person = |named: &&Named| matches!(named.kind, NameKind::Person | NameKind::Unknown);
    let named = floor.named_at(words).find(is_person)?;
    let name = &floor.pieces.all[named.name.start..words.end];
    (name.iter().filter(|p| p.is_word()).count() >= 2).then_some(named)
}

/// A label without what a page repeats of it: 'Ann Lee Ann Lee, mayor' is 'Ann Lee'.
fn once(all: &[Piece], words: Range<usize>) -> Range<usize> {
    let repeats = |at: &usize| {
        let piece = &all[*at];
        piece.shape == Shape::Capital
            && all[words.start..*at]
                .iter()
                .any(|p| p.shape == Shape::Capital && p.lower == piece.lower)
    };
    let end = (words.start..words.end).find(repeats).unwrap_or(words.end);
    words.start..end
}
