//! Finds names and roles in running text by their capitals, titles and appositions.

use std::collections::HashSet;
use std::ops::Range;

use super::run::{is_linker, run};
use super::stray;
use crate::stages::attribute::words::lexicon::{Gender, lexicon};
use crate::stages::attribute::words::piece::{Piece, Pieces, Shape};

/// What a capitalised run names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stages::attribute) enum NameKind {
    /// A person for sure: there is a title or an honorific.
    Person,
    /// A body, an event, a thing.
    Organisation,
    /// A country, a capital, an adjective of a country.
    Place,
    /// Most often a person.
    Unknown,
}

/// A name or a role as it stands in the text.
#[derive(Clone, Debug)]
pub(in crate::stages::attribute) struct Named {
    /// The pieces of the whole mention: role, honorific and name.
    pub(in crate::stages::attribute) whole: Range<usize>,
    /// The pieces of the name proper; empty for a role without a name ('the Foreign Minister').
    pub(in crate::stages::attribute) name: Range<usize>,
    /// The pieces of the role, before the name or in apposition after it; empty if there is none.
    pub(in crate::stages::attribute) role: Range<usize>,
    /// The gender that an honorific tells.
    pub(in crate::stages::attribute) gender: Option<Gender>,
    /// What it names.
    pub(in crate::stages::attribute) kind: NameKind,
}

/// Longest apposition that gives a role, in pieces.
const APPOSITION_PIECES: usize = 24;
/// Most words of a role in small letters before a name.
const ROLE_WORDS: usize = 6;

/// All names and capitalised roles of a document, in order.
pub(in crate::stages::attribute) fn names(pieces: &Pieces) -> Vec<Named> {
    let headlines = stray::headlines(pieces);
    let seen = seen_inside(pieces, &headlines);
    let mut found = Vec::new();
    for range in &pieces.of_statement {
        let mut at = range.start;
        while at < range.end {
            match run(&pieces.all, at, range, &seen) {
                Some(end) => {
                    found.push(parse(&pieces.all, at..end, range));
                    at = end;
                }
                None => at += 1,
            }
        }
    }
    stray::drop_headlines(pieces, &headlines, &mut found);
    stray::drop_adjectives(&pieces.all, &mut found);
    found
}

/// Capitalised words that stand inside a sentence: at its start they are names, too.
fn seen_inside<'p>(pieces: &'p Pieces, headlines: &[bool]) -> HashSet<&'p str> {
    let mut seen = HashSet::new();
    for (range, &headline) in pieces.of_statement.iter().zip(headlines) {
        // Headlines in capitals tell nothing.
        if headline {
            continue;
        }
        // 'Ann Mary Lee spoke': three capitals are a name from the first on.
        if let [first, second, third, ..] = &pieces.all[range.clone()]
            && [first, second, third]
                .iter()
                .all(|p| p.shape == Shape::Capital)
            && !lexicon().is_common(&first.lower)
        {
            seen.insert(&*first.lower);
        }
        for pair in pieces.all[range.clone()].windows(2) {
            if pair[0].is_word() && pair[1].shape == Shape::Capital {
                seen.insert(&*pair[1].lower);
            }
        }
    }
    seen
}

/// Splits a run into role and name.
fn parse(all: &[Piece], run: Range<usize>, statement: &Range<usize>) -> Named {
    let lexicon = lexicon();
    let mut named = Named {
        whole: run.clone(),
        name: run.clone(),
        role: run.start..run.start,
        gender: None,
        kind: NameKind::Unknown,
    };
    let linker = run
        .clone()
        .find(|&at| is_linker(&all[at]))
        .unwrap_or(run.end);
    let title = (run.start..linker).rev().find(|&at| {
        // 'Sen Lee' is a senator, 'Tan Sen' is not.
        let closes = at + 1 == run.end && at > run.start;
        lexicon.is_title(&all[at].lower) && !(closes && lexicon.is_abbreviated(&all[at].lower))
    });
    let body = linker > run.start && lexicon.is_organisation(&all[linker - 1].lower);
    match title {
        Some(title) if !body || title + 1 == linker => {
            let role_end = if title + 1 == linker {
                of_phrase_end(all, linker, run.end)
            } else {
                title + 1
            };
            named.role = run.start..role_end;
            named.name = role_end..run.end;
            named.kind = NameKind::Person;
            named.gender = lexicon.honorific_gender(&all[title].lower);
        }
        _ => named.kind = kind(all, &run),
    }
    while named.name.len() > 1 && lexicon.is_honorific(&all[named.name.start].lower) {
        named.gender = named
            .gender
            .or(lexicon.honorific_gender(&all[named.name.start].lower));
        named.kind = NameKind::Person;
        named.name.start += 1;
    }
    if !named.name.is_empty() {
        add_small_role(all, &mut named, statement);
        add_apposition(all, &mut named, statement);
    }
    named
}

fn kind(all: &[Piece], run: &Range<usize>) -> NameKind {
    let lexicon = lexicon();
    let words: Vec<&str> = all[run.clone()].iter().map(|p| &*p.lower).collect();
    if lexicon.country(&words.join(" ")).is_some() {
        NameKind::Place
    } else if words.iter().any(|word| lexicon.is_organisation(word)) {
        NameKind::Organisation
    } else {
        NameKind::Unknown
    }
}

/// Where the role ends whose 'of' stands at `linker`: 'President of the European Commission | Ann Lee'.
fn of_phrase_end(all: &[Piece], linker: usize, end: usize) -> usize {
    let lexicon = lexicon();
    let mut start = linker;
    loop {
        start += 1;
        if all.get(start).is_some_and(|p| p.is("the")) && start < end {
            start += 1;
        }
        let next = (start..end).find(|&at| is_linker(&all[at])).unwrap_or(end);
        if next < end {
            start = next;
            continue;
        }
        let words = &all[start.min(end)..end];
        let body = words
            .iter()
            .rposition(|p| lexicon.is_organisation(&p.lower));
        let place = (1..=words.len().min(4)).rev().find(|&count| {
            let name: Vec<&str> = words[..count].iter().map(|p| &*p.lower).collect();
            lexicon.country(&name.join(" ")).is_some()
        });
        let length = match (body, place) {
            (Some(last), _) => last + 1,
            (None, Some(count)) => count,
            (None, None) if words.len() >= 3 => words.len() - 2,
            (None, None) => words.len(),
        };
        return start.min(end) + length;
    }
}

/// Takes in a role in small letters before the name: 'police official Ann Lee'.
fn add_small_role(all: &[Piece], named: &mut Named, statement: &Range<usize>) {
    let lexicon = lexicon();
    let at = named.whole.start;
    if !named.role.is_empty() || at == statement.start {
        return;
    }
    let before = &all[at - 1];
    if before.shape != Shape::Lower || !lexicon.is_title(&before.lower) {
        return;
    }
    let floor = statement.start.max(at.saturating_sub(ROLE_WORDS));
    let start = (floor..at)
        .rev()
        .take_while(|&i| {
            let piece = &all[i];
            (piece.is_word() || piece.shape == Shape::Genitive)
                && !lexicon.is_boundary(&piece.lower)
                && !lexicon.is_preposition(&piece.lower)
                && !lexicon.is_common(&piece.lower)
                && lexicon.cue(&piece.lower).is_none_or(|cue| cue.bare)
        })
        .last()
        .unwrap_or(at);
    named.role = start..at;
    named.whole.start = start;
    named.kind = NameKind::Person;
}

/// Takes in a role after the name: 'Ann Lee, head of the River Fund, said'.
fn add_apposition(all: &[Piece], named: &mut Named, statement: &Range<usize>) {
    let lexicon = lexicon();
    let comma = named.whole.end;
    if comma >= statement.end || !all[comma].is(",") || named.kind == NameKind::Place {
        return;
    }
    let start = comma + 1;
    let limit = statement.end.min(start + APPOSITION_PIECES);
    let end = (start..limit)
        .find(|&at| {
            let piece = &all[at];
            [",", ".", ";", "\"", "”"].iter().any(|mark| piece.is(mark))
                || lexicon.is_boundary(&piece.lower) && piece.shape == Shape::Lower
        })
        .unwrap_or(limit);
    let words = &all[start..end];
    let Some(title) = words.iter().position(|p| lexicon.is_title(&p.lower)) else {
        return;
    };
    let opens = words.first().is_some_and(|p| {
        p.shape == Shape::Lower
            || lexicon.is_title(&p.lower)
            || lexicon.country(&p.lower).is_some()
            || p.is("the")
    });
    let names_another = words
        .get(title + 1)
        .is_some_and(|p| p.shape == Shape::Capital)
        && !words
            .first()
            .is_some_and(|p| p.is("the") || p.is("a") || p.is("an"));
    let before_preposition = !words[..title]
        .iter()
        .any(|p| lexicon.is_preposition(&p.lower));
    if opens && !names_another && before_preposition && words.len() <= APPOSITION_PIECES {
        if named.role.is_empty() {
            named.role = start..end;
        }
        named.kind = NameKind::Person;
    }
}
