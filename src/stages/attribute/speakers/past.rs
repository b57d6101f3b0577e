//! What was read so far, and by which words the way to a speaker leads.

use std::collections::HashMap;

use crate::schema::{Span, Speech};
use crate::stages::attribute::words::settings::settings;

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::stages::attribute) enum Who {
    /// An entity of the document.
    Entity(usize),
    /// Several who say the same: 'Lee and Berg said'.
    Several(Vec<usize>),
    /// Someone without a name, in the words of the text: 'analysts'.
    Words(String),
}

/// A resolved source.
#[derive(Clone, Debug)]
pub(in crate::stages::attribute) struct Resolved {
    /// Who speaks.
    pub(in crate::stages::attribute) who: Who,
    /// The words that lead there.
    pub(in crate::stages::attribute) mention: Option<Span>,
    /// How the words lead there.
    pub(in crate::stages::attribute) way: Way,
}

/// By which words the way to a speaker leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stages::attribute) enum Way {
    /// A full name or a surname.
    Name,
    /// A role: 'the Foreign Minister'.
    Role,
    /// A pronoun.
    Pronoun,
    /// A noun without a name: 'analysts'.
    Noun,
    /// No words: a quotation or a paraphrase goes on.
    GoesOn,
}

impl Way {
    /// How often the way leads to the right speaker, by how the words are given.
    pub(in crate::stages::attribute) fn probability(self, speech: Speech) -> f32 {
        let certainty = &settings().certainty;
        let [direct, mixed, indirect] = match self {
            Self::Name => certainty.name,
            Self::Role => certainty.role,
            Self::Pronoun => certainty.pronoun,
            Self::Noun => certainty.noun,
            Self::GoesOn => certainty.goes_on,
        };
        match speech {
            Speech::Direct => direct,
            Speech::Mixed => mixed,
            Speech::Indirect | Speech::None => indirect,
        }
    }
}

/// What was read so far: pronouns and roles look back on it.
#[derive(Debug, Default)]
pub(in crate::stages::attribute) struct Past {
    /// Who spoke or was the subject, newest last, with the statement.
    seen: Vec<(usize, Who)>,
    /// Who spoke last, with the statement.
    pub(in crate::stages::attribute) speaker: Option<(usize, Who)>,
    /// How often each entity spoke.
    pub(super) times: HashMap<usize, usize>,
}

/// How many statements back a pronoun may reach.
const PRONOUN_REACH: usize = 12;

impl Past {
    /// Notes that `who` spoke in a statement.
    pub(in crate::stages::attribute) fn spoke(&mut self, statement: usize, who: &Who) {
        if let Who::Entity(id) = who {
            *self.times.entry(*id).or_default() += 1;
        }
        self.seen.push((statement, who.clone()));
        self.speaker = Some((statement, who.clone()));
    }

    /// Notes that `who` was the subject of a statement.
    pub(in crate::stages::attribute) fn acted(&mut self, statement: usize, who: Who) {
        self.seen.push((statement, who));
    }

    /// Who was the subject of a statement.
    pub(super) fn subject_of(&self, statement: usize) -> Option<&Who> {
        let mut here = self.seen.iter().rev().skip_while(|(at, _)| *at > statement);
        here.next()
            .filter(|(at, _)| *at == statement)
            .map(|(_, who)| who)
    }

    pub(super) fn recent(&self, statement: usize) -> impl Iterator<Item = &Who> {
        self.seen
            .iter()
            .rev()
            .take_while(move |(at, _)| statement.saturating_sub(*at) <= PRONOUN_REACH)
            .map(|(_, who)| who)
    }
}
