//! Transcripts and addresses: `label` reads who opens a turn, `holder` names the one who has the floor, in the
//! `spelling` of a name; `byline` finds the one whose address the whole document is.

mod byline;
mod holder;
mod label;
mod spelling;
mod title;

use std::collections::BTreeMap;

use crate::schema::{Analysis, Attributed, Probability, Speaker, Speech, Statement};

use crate::stages::attribute::names::name::Named;
use crate::stages::attribute::words::lexicon::lexicon;
use crate::stages::attribute::words::piece::Pieces;
use crate::stages::attribute::words::quotation::Quotation;
use crate::stages::attribute::words::settings::settings;

use label::{Kind, Label};
use title::Title;

/// What is known of a document when its turns are looked for.
pub(super) struct Floor<'d> {
    /// The document and its statements.
    pub(super) analysis: &'d Analysis<Statement>,
    /// Its words.
    pub(super) pieces: &'d Pieces,
    /// Whom it names, and where.
    pub(super) names: &'d [Named],
    /// What stands in quotation marks.
    pub(super) quotations: &'d [Quotation],
}

/// The beginning of a turn.
#[derive(Clone, Debug)]
struct Turn {
    /// The statement that it begins with.
    statement: usize,
    /// Who begins it.
    label: Label,
}

/// Gives the statements of a transcript, an address or a letter the one who has the floor; leaves those of
/// other documents as they are.
pub(super) fn take_floor(floor: &Floor<'_>, statements: &mut [Attributed]) {
    let title = floor
        .analysis
        .document
        .metadata
        .title
        .as_deref()
        .map(Title::new);
    let turns = floor.turns();
    let certainty = &settings().certainty;
    if !turns.is_empty() {
        let holders = holder::holders(floor, title.as_ref(), &turns);
        let ends = turns.iter().skip(1).map(|turn| turn.statement);
        let ends = ends.chain([statements.len()]);
        for ((turn, end), holder) in turns.iter().zip(ends).zip(&holders) {
            for statement in turn.statement..end {
                statements[statement] = floor.spoken(statement, statements, holder, certainty.turn);
            }
        }
    } else if let Some(holder) = byline::author(floor, title.as_ref()) {
        for statement in 0..statements.len() {
            statements[statement] = floor.spoken(statement, statements, &holder, certainty.author);
        }
    }
}

/// One who has the floor.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Holder {
    name: String,
    role: Option<String>,
}

impl Floor<'_> {
    /// A statement in the turn of `holder`; stage directions are nobody's words.
    fn spoken(
        &self,
        statement: usize,
        statements: &[Attributed],
        holder: &Holder,
        certainty: f32,
    ) -> Attributed {
        let words = self
            .analysis
            .document
            .slice(self.analysis.statements[statement].span);
        let aside = is_aside(words);
        Attributed {
            speaker: (!aside).then(|| Speaker {
                name: holder.name.clone(),
                given_name: None,
                known_as: None,
                mention: None,
                role: holder.role.clone(),
                probability: Probability::new(certainty),
            }),
            speech: if aside { Speech::None } else { Speech::Direct },
            ..statements[statement].clone()
        }
    }

    /// The turns of a transcript, in order; none where the document is no transcript.
    ///
    /// A line that looks like a label proves nothing by itself: there must be others, or the words after it
    /// must be somebody's own.
    fn turns(&self) -> Vec<Turn> {
        let mut turns: Vec<Turn> = (0..self.analysis.statements.len())
            .filter_map(|statement| {
                let label = label::label(self, statement)?;
                Some(Turn { statement, label })
            })
            .collect();
        self.drop_unproved(&mut turns);
        let Some(first) = turns.first() else {
            return turns;
        };
        let asks = turns.iter().any(|turn| turn.label.kind == Kind::Part);
        let shouted = turns.iter().filter(|turn| turn.is_shouted()).count();
        let proved = shouted > 1 || asks && turns.len() > 1 && turns.iter().any(|t| !t.is_part());
        if proved || self.own_words(first.statement) >= settings().own_words {
            turns
        } else {
            Vec::new()
        }
    }

    /// Leaves the labels that are somebody's for sure, those that come again ('RECAP:' may, but then it is the
    /// only one) or repeat the name of a sure one, and, among others like them, names that come once.
    fn drop_unproved(&self, turns: &mut Vec<Turn>) {
        // A transcript writes its labels in one way: 'Senator Ann Lee: “Bridges …”' among labels in capitals is read
        // out by one of them.
        let shouted = turns.iter().filter(|turn| turn.is_shouted()).count();
        turns.retain(|turn| shouted < 2 || turn.label.kind != Kind::Person);
        let words = |turn: &Turn| self.pieces.lower(turn.label.words.clone());
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for turn in turns.iter() {
            *counts.entry(words(turn)).or_default() += 1;
        }
        let again = counts.values().filter(|&&count| count > 1).count();
        let sure: Vec<String> = turns
            .iter()
            .filter(|turn| turn.label.titled)
            .map(words)
            .collect();
        turns.retain(|turn| {
            let words = words(turn);
            turn.label.titled
                || counts[&words] > 1 && (again > 1 || !sure.is_empty())
                || turn.label.kind == Kind::Person && again + usize::from(!sure.is_empty()) > 1
                || turn.label.kind == Kind::Shouted && shouted > 1
                || sure.iter().any(|sure| sure.ends_with(&words))
        });
        if turns.iter().all(Turn::is_part) {
            turns.clear();
        }
    }

    /// The share of statements from `first` on that are in the first person outside quotation marks.
    fn own_words(&self, first: usize) -> f32 {
        let ranges = self.pieces.of_statement.get(first..).unwrap_or_default();
        let own = ranges.iter().filter(|range| {
            self.pieces.all[(*range).clone()].iter().any(|piece| {
                lexicon().is_first_person(&piece.lower) && !self.is_quoted(piece.start)
            })
        });
        own.count() as f32 / ranges.len().max(1) as f32
    }

    fn is_quoted(&self, byte: usize) -> bool {
        let next = self.quotations.partition_point(|q| q.end <= byte);
        self.quotations.get(next).is_some_and(|q| q.start <= byte)
    }
}

impl Turn {
    /// Whether it is opened by a title in capitals: 'MS. LEE'.
    fn is_shouted(&self) -> bool {
        self.label.kind == Kind::Shouted && self.label.titled
    }

    /// Whether it is opened by one who only has a part in the talk: 'Q', 'Moderator'.
    fn is_part(&self) -> bool {
        self.label.kind == Kind::Part
    }
}

/// Whether words are about the talk rather than of it: '(Applause.)', 'END 3:15 P.M.'.
fn is_aside(words: &str) -> bool {
    let bare = words.trim_end_matches('.');
    let bracketed = [('(', ')'), ('[', ']'), ('<', '>')]
        .iter()
        .any(|&(open, close)| {
            bare.strip_prefix(open)
                .and_then(|rest| rest.strip_suffix(close))
                .is_some_and(|inside| !inside.contains(open))
        });
    let ends = words.strip_prefix("END").is_some_and(|rest| {
        !rest.contains(char::is_lowercase) && !rest.starts_with(char::is_alphabetic)
    });
    bracketed || ends
}
