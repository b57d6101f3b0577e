//! Transcripts: who has the floor from one turn to the next.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::schema::{Analysis, Statement};

use super::entity::{Entities, Role, text};
use super::lexicon::lexicon;
use super::piece::{Piece, Pieces, Shape};

/// The beginning of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// The statement that it begins with.
    pub(super) statement: usize,
    /// The words before the colon.
    pub(super) label: Range<usize>,
    /// Whether the words are those of a person for sure.
    sure: bool,
}

/// Longest label of a turn, in pieces: 'President of the European Council Ann van der Lee'.
const LABEL_PIECES: usize = 14;
/// Turns that make a transcript.
const TRANSCRIPT_TURNS: usize = 3;

/// The turns of a transcript, in order; none where the document is no transcript.
pub(super) fn turns(
    analysis: &Analysis<Statement>,
    pieces: &Pieces,
    entities: &Entities,
) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for (statement, range) in pieces.of_statement.iter().enumerate() {
        let opens_paragraph = statement == 0
            || analysis.statements[statement].paragraph
                != analysis.statements[statement - 1].paragraph;
        if let Some((label, sure)) = label(&pieces.all, range, opens_paragraph, entities) {
            turns.push(Turn {
                statement,
                label,
                sure,
            });
        }
    }
    // Without an honorific, capitals and a colon are a turn only if they come again ('RECAP:' does not).
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for turn in &turns {
        *counts.entry(pieces.lower(turn.label.clone())).or_default() += 1;
    }
    turns.retain(|turn| turn.sure || counts[&pieces.lower(turn.label.clone())] > 1);
    // An address opens with its one turn; a news release quotes after a colon here and there.
    let opens = turns.first().is_some_and(|turn| turn.statement <= 3);
    if turns.len() >= TRANSCRIPT_TURNS || opens && !turns.is_empty() {
        turns
    } else {
        Vec::new()
    }
}

/// The label of the turn that a statement opens, if it opens one.
fn label(
    all: &[Piece],
    range: &Range<usize>,
    opens_paragraph: bool,
    entities: &Entities,
) -> Option<(Range<usize>, bool)> {
    let lexicon = lexicon();
    let first = all.get(range.start)?;
    let second = all.get(range.start + 1)?;
    let spaced = range.len() > 1 && second.start > first.end && second.is_word();
    if first.is("q")
        && first.shape == Shape::Capital
        && opens_paragraph
        && (second.is(":") || spaced)
    {
        return Some((range.start..range.start + 1, true));
    }
    let colon = range
        .clone()
        .take(LABEL_PIECES)
        .find(|&at| all[at].is(":"))?;
    let words = &all[range.start..colon];
    let after = all.get(colon + 1).filter(|_| colon + 1 < range.end);
    let is_label = !words.is_empty()
        && words.iter().all(|p| {
            p.shape == Shape::Capital
                || p.is(".")
                || p.shape == Shape::Genitive
                || lexicon.is_particle(&p.lower)
                || lexicon.is_preposition(&p.lower)
                || p.is("the")
                || p.is("and")
        })
        && first.shape == Shape::Capital
        && after.is_none_or(|p| {
            p.is_word() && p.shape == Shape::Capital
                || p.shape == Shape::Number
                || p.is("(")
                || p.is("[")
        });
    if !is_label {
        return None;
    }
    let shouted = words.iter().any(|p| p.shouted)
        && words
            .iter()
            .all(|p| p.shouted || p.shape != Shape::Capital || p.lower.len() <= 4);
    let honored = lexicon.is_honorific(&first.lower) || first.is("the");
    let mentions = entities.mentions_in(&(range.start..colon));
    let person = mentions.iter().any(|m| {
        m.pieces.end == colon
            && m.entity
                .is_some_and(|id| entities.is_person(id) && entities.all[id].tokens() >= 2)
    });
    (shouted && (honored || opens_paragraph) || person)
        .then_some((range.start..colon, honored || person))
}

/// The name and the role of the one whom a label names.
pub(super) fn speaker(
    analysis: &Analysis<Statement>,
    pieces: &Pieces,
    entities: &Entities,
    label: &Range<usize>,
) -> (String, Option<String>) {
    let words = &pieces.all[label.clone()];
    let lexicon = lexicon();
    let entity = entities
        .mentions_in(label)
        .iter()
        .rev()
        .find_map(|m| m.entity)
        .filter(|&id| entities.is_person(id))
        .or_else(|| {
            let name = words
                .iter()
                .skip_while(|p| lexicon.is_honorific(&p.lower) || p.is(".") || p.is("the"));
            let tokens: Vec<&Piece> = name.collect();
            entities.named(&tokens)
        })
        .or_else(|| {
            let role = Role::new(&analysis.document, words)?;
            entities.with_role(&role).first().copied()
        });
    if let Some(id) = entity {
        let entity = &entities.all[id];
        let role = entity.roles.first().map(|role| role.text.clone());
        return (unshout(&entity.name), role);
    }
    let name: Vec<Piece> = words
        .iter()
        .filter(|p| !p.is("."))
        .skip_while(|p| lexicon.is_honorific(&p.lower))
        .cloned()
        .collect();
    let words = text(
        &analysis.document,
        if name.is_empty() { words } else { &name },
    );
    (unshout(&words), None)
}

/// 'JEAN-PIERRE' as a name is written: 'Jean-Pierre'. Names in small letters stay.
fn unshout(name: &str) -> String {
    if name.contains(char::is_lowercase) || name.chars().count() < 2 {
        return name.to_owned();
    }
    let mut inside = false;
    name.chars()
        .flat_map(|char| {
            let lower = inside && char.is_alphabetic();
            inside = char.is_alphabetic() || char == '\'' || char == '’';
            let chars: Vec<char> = if lower {
                char.to_lowercase().collect()
            } else {
                vec![char]
            };
            chars
        })
        .collect()
}
