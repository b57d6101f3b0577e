//! Runs of capitalised words: where a name or a role begins and ends.

use std::collections::HashSet;
use std::ops::Range;

use crate::stages::attribute::words::lexicon::lexicon;
use crate::stages::attribute::words::piece::{Piece, Shape};

/// The end of the capitalised run that starts at `at`, if one does.
pub(super) fn run(
    all: &[Piece],
    at: usize,
    range: &Range<usize>,
    seen: &HashSet<&str>,
) -> Option<usize> {
    let lexicon = lexicon();
    let first = &all[at];
    let names = |at: usize| is_name(&all[at..range.end]);
    let honorific = first.shape == Shape::Capital && lexicon.is_honorific(&first.lower);
    if !names(at) && !honorific {
        return None;
    }
    let mut end = at + 1;
    let mut has_head = is_head(first);
    while end < range.end {
        let piece = &all[end];
        let next_capital = |from: usize| from < range.end && names(from);
        if names(end) {
            has_head |= is_head(piece);
            end += 1;
        } else if piece.shape == Shape::Lower && lexicon.is_particle(&piece.lower) {
            let particles = all[end..range.end]
                .iter()
                .take_while(|p| lexicon.is_particle(&p.lower))
                .count();
            if !next_capital(end + particles) {
                break;
            }
            end += particles + 1;
        } else if has_head && is_linker(piece) {
            let article = all.get(end + 1).is_some_and(|p| p.is("the"));
            let from = end + 1 + usize::from(article);
            if !next_capital(from) || !links(&all[at..end], piece, &all[from..range.end]) {
                break;
            }
            end = from;
        } else if is_nickname(&all[end..range.end]) {
            end += 4;
        } else if piece.is("&") && next_capital(end + 1)
            || piece.shape == Shape::Genitive
                && has_head
                && all
                    .get(end + 1)
                    .is_some_and(|p| p.shape == Shape::Capital && lexicon.is_organisation(&p.lower))
        {
            end += 2;
        } else {
            break;
        }
    }
    let initial = at == range.start || all[at - 1].shape == Shape::Mark && !all[at - 1].is(",");
    let lone = end == at + 1;
    let known = seen.contains(&*first.lower) || is_known(first, all.get(end));
    (!initial || !lone || known || first.shouted).then_some(end)
}

/// Whether the first of the pieces belongs to a name or a role: 'Lee', and 'First' in 'First Lady of Norland', 'First
/// Deputy Minister', but not by itself.
fn is_name(pieces: &[Piece]) -> bool {
    let lexicon = lexicon();
    let [piece, rest @ ..] = pieces else {
        return false;
    };
    let office = |p: &Piece| lexicon.is_title(&p.lower) || lexicon.changes_office(&p.lower);
    let ranks = || {
        let next = rest.first();
        lexicon.is_rank(&piece.lower)
            && next.is_some_and(|next| next.shape == Shape::Capital && office(next))
    };
    piece.shape == Shape::Capital && (!lexicon.is_common(&piece.lower) || ranks())
}

/// Whether one capitalised word at the beginning of a sentence is a name, by itself or by what follows.
fn is_known(word: &Piece, next: Option<&Piece>) -> bool {
    let lexicon = lexicon();
    lexicon.country(&word.lower).is_some()
        || next.is_some_and(|p| {
            let verb = lexicon
                .cue(&p.lower)
                .is_some_and(|cue| !cue.bare && !cue.gerund);
            p.shape == Shape::Genitive || verb && !lexicon.is_speaker(&word.lower)
        })
}

/// Whether the pieces begin with a name in quotation marks and another name: '“Kit” Lee'.
fn is_nickname(pieces: &[Piece]) -> bool {
    let [opens, nickname, closes, next, ..] = pieces else {
        return false;
    };
    let mark = |p: &Piece| ["“", "”", "\""].iter().any(|mark| p.is(mark));
    mark(opens)
        && mark(closes)
        && opens.end == nickname.start
        && nickname.shape == Shape::Capital
        && next.shape == Shape::Capital
}

fn is_head(piece: &Piece) -> bool {
    let lexicon = lexicon();
    lexicon.is_title(&piece.lower) || lexicon.is_organisation(&piece.lower)
}

/// Whether the word may join capitalised words of one name or role.
pub(super) fn is_linker(piece: &Piece) -> bool {
    lexicon().is_linker(&piece.lower)
}

/// Whether a linker between a run and the capitalised words after it makes them one role.
fn links(run: &[Piece], linker: &Piece, after: &[Piece]) -> bool {
    let lexicon = lexicon();
    let is_title = |p: &Piece| lexicon.is_title(&p.lower);
    let office = run.last().is_some_and(is_title);
    // The offices of another begin soon: '… and Prime Minister Ann Lee'.
    let mut capitals = after
        .iter()
        .take_while(|p| p.shape == Shape::Capital)
        .take(3);
    let titled = capitals.any(is_title);
    match &*linker.lower {
        "and" => in_of_phrase(run) && !titled,
        // 'Director at Norland Rail', 'Head of Trains at Norland Rail'.
        "at" => {
            let before = run.len().checked_sub(2).map(|at| &run[at]);
            office || in_of_phrase(run) && before.is_some_and(|p| p.is("of") || p.is("for"))
        }
        "in" => {
            office
                && after
                    .first()
                    .is_some_and(|p| lexicon.country(&p.lower).is_some())
        }
        // 'Deputy Prime Minister - Minister for Trade Ann Lee'.
        "-" | "–" => office && after.first().is_some_and(is_title),
        _ => true,
    }
}

/// Whether 'and' may join words of one name here: 'Ministry of Trade and …'.
fn in_of_phrase(run: &[Piece]) -> bool {
    let lexicon = lexicon();
    run.iter().any(|p| p.is("of") || p.is("for"))
        && run
            .first()
            .is_some_and(|p| is_head(p) || lexicon.is_organisation(&p.lower))
        && run.iter().all(|p| lexicon.country(&p.lower).is_none())
}
