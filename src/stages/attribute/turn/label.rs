//! The words that open a turn: 'MS. LEE:', 'Q', 'President of Norland Ann Lee:'.

use std::ops::Range;

use crate::stages::attribute::names::entity::text;
use crate::stages::attribute::names::name::NameKind;
use crate::stages::attribute::words::lexicon::lexicon;
use crate::stages::attribute::words::piece::{Piece, Shape};

use super::spelling::NAME_WORDS;
use super::title::Title;
use super::{Floor, Holder};

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
    /// Whom a [`Kind::Person`] names.
    pub(super) person: Option<Holder>,
}

/// Longest label, in pieces: 'President of the European Council Ann van der Lee', and what a page repeats of it.
const LABEL_PIECES: usize = 24;

/// The label of the turn that a statement opens, if it opens one.
pub(super) fn label(floor: &Floor<'_>, statement: usize) -> Option<Label> {
    let all = &floor.pieces.all;
    let whole = &floor.pieces.of_statement[statement];
    let range = after_marks(all, whole.clone());
    let first = all.get(range.start).filter(|_| !range.is_empty())?;
    let opens_paragraph = statement == 0
        || floor.analysis.statements[statement].paragraph
            != floor.analysis.statements[statement - 1].paragraph;
    if opens_paragraph && asks(all, &range) {
        return Some(Label {
            words: range.start..range.start + 1,
            kind: Kind::Part,
            titled: true,
            person: None,
        });
    }
    let colon = range
        .clone()
        .take(LABEL_PIECES + 1)
        .find(|&at| all[at].is(":"));
    let opening = colon
        .filter(|&colon| colon > range.start && first.shape == Shape::Capital)
        .filter(|&colon| is_followed(all, colon, range.end))
        .map(|colon| range.start..before_remark(all, colon))
        .filter(|words| !words.is_empty())
        .filter(|words| all[words.clone()].iter().all(can_stand_in))
        .and_then(|words| of_words(floor, words, opens_paragraph));
    opening.or_else(|| run_on(floor, &range))
}

/// A statement without the marks at its beginning and without a stage direction: '(Laughter.) Ann Lee: …'.
fn after_marks(all: &[Piece], statement: Range<usize>) -> Range<usize> {
    let marks = |from: usize| {
        let pieces = all[from..statement.end].iter();
        from + pieces.take_while(|p| p.shape == Shape::Mark).count()
    };
    let start = marks(statement.start);
    let opened = start > statement.start && all[start - 1].is("(");
    let closed = (start..statement.end.min(start + NAME_WORDS)).find(|&at| all[at].is(")"));
    let start = closed.filter(|_| opened).map_or(start, marks);
    start..statement.end
}

/// Where a label ends that says in brackets how its holder speaks: 'Ann Lee (retranslated):'.
fn before_remark(all: &[Piece], colon: usize) -> usize {
    let closed = colon.checked_sub(1).filter(|&at| all[at].is(")"));
    let opened = closed.and_then(|at| {
        (at.saturating_sub(NAME_WORDS)..at)
            .rev()
            .find(|&i| all[i].is("("))
    });
    opened.unwrap_or(colon)
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
    ["—", "–", "…", "(", "["].iter().any(|mark| piece.is(mark))
}

/// Whether a word can stand in a label.
fn can_stand_in(piece: &Piece) -> bool {
    let lexicon = lexicon();
    matches!(piece.shape, Shape::Capital | Shape::Genitive)
        || [".", ",", "&", "the", "and"]
            .iter()
            .any(|word| piece.is(word))
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
            person: None,
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
    of_person(floor, words.clone()).or_else(|| {
        // 'Ann Lee, River Works, Aram:' says where she is from.
        let comma = words.clone().find(|&at| floor.pieces.all[at].is(","))?;
        of_person(floor, words.start..comma)
    })
}

/// The label that the full name of a person is, alone or after a role: 'President of Norland, Ann Lee'.
fn of_person(floor: &Floor<'_>, words: Range<usize>) -> Option<Label> {
    let label = Title::new(&text(
        &floor.analysis.document,
        &floor.pieces.all[words.clone()],
    ));
    let all = &label.pieces.all;
    let named = label.names.iter().find(|named| {
        matches!(named.kind, NameKind::Person | NameKind::Unknown)
            && named.whole.end == all.len()
            && named.name.end == all.len()
    })?;
    let name_words = all[named.name.clone()].iter().filter(|p| p.is_word());
    let comma = named.whole.start.checked_sub(1);
    let before = 0..comma.filter(|&at| all[at].is(",")).unwrap_or(0);
    let is_office = all[before.clone()]
        .iter()
        .any(|p| lexicon().is_title(&p.lower));
    let office = if !named.role.is_empty() {
        named.role.clone()
    } else if is_office {
        before
    } else {
        0..0
    };
    (name_words.count() >= 2).then(|| Label {
        words,
        kind: Kind::Person,
        titled: !office.is_empty() || named.gender.is_some(),
        person: Some(Holder {
            name: label.text(named.name.clone()),
            role: (!office.is_empty()).then(|| label.text(office)),
        }),
    })
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
            let full = !named.role.is_empty()
                && named.role.end <= named.name.start
                && named.name.len() >= 2;
            if !full || named.whole.start < range.start {
                return None;
            }
            let before = named.whole.start.checked_sub(1).map(|at| &all[at])?;
            let start = if is_governed(before) {
                second_office(all, named.role.clone())?
            } else {
                named.whole.start
            };
            of_person(floor, once(all, start..colon))
        })
}

/// Whether the word before a name makes it a part of its sentence: 'he told Ann Lee: …'.
fn is_governed(before: &Piece) -> bool {
    let lexicon = lexicon();
    before.shape != Shape::Capital
        && (lexicon.is_preposition(&before.lower)
            || lexicon.is_boundary(&before.lower)
            || lexicon
                .cue(&before.lower)
                .is_some_and(|cue| !cue.bare && !cue.present)
            || [",", "and", "the"].iter().any(|word| before.is(word)))
}

/// Where a second office begins that ran into the first: 'Talks with Mayor of Aram Tom Berg | President of
/// Norland Ann Lee: Welcome'.
fn second_office(all: &[Piece], role: Range<usize>) -> Option<usize> {
    let is_office = |at: &usize| {
        lexicon().is_title(&all[*at].lower)
            && all[*at - 1].shape == Shape::Capital
            && all.get(*at + 1).is_some_and(|p| p.is("of"))
    };
    (role.start + 1..role.end).rev().find(is_office)
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
