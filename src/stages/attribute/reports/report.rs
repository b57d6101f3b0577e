//! Finds who reports what by rule: cue verbs with their subject, 'according to', 'stated by'.

use std::ops::Range;

use crate::schema::Attribution;
use crate::stages::attribute::words::lexicon::{Cue, CueKind, lexicon};
use crate::stages::attribute::words::piece::{Piece, Pieces, Shape};
use crate::stages::attribute::words::quotation::Quotation;

/// Where the content of a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stages::attribute) enum Direction {
    /// After the cue: 'she said that …'.
    Forward,
    /// Before the cue, in the same sentence: '…, she said'.
    Backward,
    /// In the sentences before: 'This was stated by …'.
    Before,
}

/// An act of speech that a rule found.
#[derive(Clone, Debug)]
pub(in crate::stages::attribute) struct Report {
    /// The pieces of who speaks; `None` if it is the subject of the sentence's main report.
    pub(in crate::stages::attribute) source: Option<Range<usize>>,
    /// The pieces of the cue.
    pub(in crate::stages::attribute) cue: Range<usize>,
    /// Where the content stands.
    pub(in crate::stages::attribute) direction: Direction,
    /// How strongly the cue reports.
    pub(in crate::stages::attribute) kind: CueKind,
}

/// Words after a form like 'reports' that show it to be a noun.
const AFTER_NOUNS: [&str; 10] = [
    "is", "are", "was", "were", "have", "had", "has", "will", "would", "and",
];
/// Longest source before the colon or after the dash of a headline, in pieces.
const HEADLINE_PIECES: usize = 8;
/// Fewest pieces of a statement in which a verb can report.
const SENTENCE_PIECES: usize = 4;
/// How far after a cue the words that it needs may stand, in pieces.
const NEEDS_PIECES: usize = 3;

/// How far after 'This was stated' its 'by' may stand, in pieces.
const THIS_PIECES: usize = 10;

/// The statement that is read, with what stands around it.
pub(super) struct Scan<'p> {
    pub(super) all: &'p [Piece],
    pub(super) range: Range<usize>,
    pub(super) context: &'p Context<'p>,
}

/// What is known of a document when its reports are looked for.
pub(in crate::stages::attribute) struct Context<'p> {
    /// Its words.
    pub(in crate::stages::attribute) pieces: &'p Pieces,
    /// What stands in quotation marks.
    pub(in crate::stages::attribute) quotations: &'p [Quotation],
    /// For names followed by a role, where the role ends and the pieces of the name, in order.
    pub(in crate::stages::attribute) appositions: &'p [(usize, Range<usize>)],
    /// Whether a piece belongs to a name.
    pub(in crate::stages::attribute) in_name: &'p [bool],
}

/// The reports of one statement, in the order of the text.
pub(in crate::stages::attribute) fn reports(
    context: &Context<'_>,
    statement: usize,
) -> Vec<Report> {
    let scan = Scan {
        all: &context.pieces.all,
        range: context.pieces.of_statement[statement].clone(),
        context,
    };
    let mut found = Vec::new();
    for at in scan.range.clone() {
        let piece = &scan.all[at];
        let small = piece.shape == Shape::Lower || at == scan.range.start && piece.is_word();
        if !small || scan.is_quoted(at) && !scan.opens_quotation(at) {
            continue;
        }
        if piece.is("according") && scan.all.get(at + 1).is_some_and(|p| p.is("to")) {
            found.extend(scan.according(at));
        } else if lexicon().is_conviction(&piece.lower) {
            found.extend(scan.conviction(at));
        } else if let Some(cue) = lexicon().cue(&piece.lower) {
            found.extend(scan.verb(at, cue));
        }
    }
    if scan.range.len() < SENTENCE_PIECES {
        found.clear();
    }
    if found.is_empty() {
        found.extend(scan.headline());
    }
    found
}

impl Scan<'_> {
    pub(super) fn is_quoted(&self, at: usize) -> bool {
        let byte = self.all[at].start;
        let next = self.context.quotations.partition_point(|q| q.end <= byte);
        self.context
            .quotations
            .get(next)
            .is_some_and(|q| q.sure && q.start <= byte)
    }

    /// Whether the word at `at` is the first of a quotation that goes on with the sentence around it:
    /// 'officials “expressed concern” …'.
    fn opens_quotation(&self, at: usize) -> bool {
        at >= self.range.start + 2
            && self.all[at - 1].shape == Shape::Mark
            && self.all[at - 2].is_word()
    }

    pub(super) fn piece(&self, at: usize) -> Option<&Piece> {
        self.range.contains(&at).then(|| &self.all[at])
    }

    /// 'according to the ministry'.
    fn according(&self, at: usize) -> Option<Report> {
        let source = self.phrase_after(at + 2)?;
        let opens = at == self.range.start;
        Some(Report {
            source: Some(source),
            cue: at..at + 2,
            direction: if opens {
                Direction::Forward
            } else {
                Direction::Backward
            },
            kind: CueKind::Say,
        })
    }

    /// A headline that names its speaker: 'Lee: river plan is sound', 'River plan is sound — Lee'.
    fn headline(&self) -> Option<Report> {
        let last = self.all.get(self.range.end.checked_sub(1)?)?;
        if last.is(".") {
            return None;
        }
        let dash = |at: &usize| ["—", "–", "-"].iter().any(|mark| self.all[*at].is(mark));
        let report = |source, cue: usize, direction| Report {
            source: Some(source),
            cue: cue..cue + 1,
            direction,
            kind: CueKind::Say,
        };
        if let Some(dash) = self.range.clone().rev().take(HEADLINE_PIECES).find(dash) {
            let source = dash + 1..self.range.end;
            let words = &self.all[source.clone()];
            let spaced = words.first().is_some_and(|p| p.start > self.all[dash].end);
            let noun = words.len() <= 3
                && words.iter().all(Piece::is_word)
                && words.last().is_some_and(|p| lexicon().is_speaker(&p.lower));
            let named = !source.is_empty() && source.clone().all(|at| self.context.in_name[at]);
            let headed = dash >= self.range.start + 3;
            return (spaced && headed && (named || noun))
                .then(|| report(source, dash, Direction::Backward));
        }
        let colon = self
            .range
            .clone()
            .take(HEADLINE_PIECES)
            .find(|&at| self.all[at].is(":"))?;
        let source = self.range.start..colon;
        let named = !source.is_empty() && source.clone().all(|at| self.context.in_name[at]);
        (named && colon + 2 < self.range.end).then(|| report(source, colon, Direction::Forward))
    }

    fn verb(&self, at: usize, cue: &Cue) -> Option<Report> {
        if !self.has_needs(at, cue) {
            return None;
        }
        let mut subject_end = at;
        let mut passive = false;
        let mut linked = false;
        while let Some(before) = subject_end.checked_sub(1).and_then(|i| self.piece(i)) {
            let timed = ["on", "in", "at"].iter().any(|word| before.is(word));
            let skipped = subject_end < at && lexicon().is_time(&self.all[subject_end].lower);
            let between = lexicon().is_between(&before.lower) && before.shape == Shape::Lower
                || lexicon().is_time(&before.lower)
                || before.shape == Shape::Number;
            if !(between || timed && skipped) {
                break;
            }
            passive |= lexicon().is_being(&before.lower);
            linked |= before.is("and") || before.is("or");
            if before.is("to") {
                return None;
            }
            subject_end -= 1;
        }
        if self.is_noun(at, cue) {
            return None;
        }
        if cue.gerund {
            let after_mark = at
                .checked_sub(1)
                .and_then(|i| self.piece(i))
                .is_none_or(|p| p.is(",") || !p.is_word());
            return (after_mark || linked).then(|| report(None, at, Direction::Forward, cue));
        }
        // 'Cities named by the Fund' tells nothing of the sentence, 'as noted by the Fund' does.
        let past = !cue.bare && !cue.present && !cue.gerund;
        let by = past && self.piece(at + 1).is_some_and(|p| p.is("by"));
        let confirms = at > self.range.start && self.all[at - 1].is("as");
        if by && !passive && !confirms {
            return None;
        }
        if passive || by {
            return self.passive(at, cue);
        }
        if linked && !cue.bare {
            return Some(report(None, at, Direction::Forward, cue));
        }
        self.active(at, subject_end, cue)
    }

    /// Whether what could be a verb is a noun, by the words around it.
    fn is_noun(&self, at: usize, cue: &Cue) -> bool {
        // 'A number of Norlandish states.'
        let before = at.checked_sub(1).and_then(|i| self.piece(i));
        let qualified = before.is_some_and(|p| lexicon().is_demonym(&p.lower));
        let ends = self.piece(at + 1).is_none_or(|p| p.shape == Shape::Mark);
        if cue.present && qualified && ends {
            return true;
        }
        let next = self.piece(at + 1).filter(|_| cue.bare || cue.present);
        next.is_some_and(|p| {
            let verb = lexicon()
                .cue(&p.lower)
                .is_some_and(|c| !c.bare && !c.gerund);
            // 'It invited all G7 states leaders to come', but 'she says leaders came'.
            let compound = cue.present
                && lexicon().is_plural_speaker(&p.lower)
                && self.piece(at + 2).is_some_and(|p| p.is("to"));
            verb || compound || AFTER_NOUNS.iter().any(|word| p.is(word))
        })
    }

    /// A verb whose source is named after it, behind 'by'.
    fn passive(&self, at: usize, cue: &Cue) -> Option<Report> {
        let this = self.all[self.range.start..at]
            .iter()
            .take(2)
            .any(|p| p.is("this") || p.is("it"));
        // 'This was stated at a fair by the mayor', but 'a plan was praised in a book by the mayor'.
        let reach = if this { THIS_PIECES } else { NEEDS_PIECES };
        let by = (at + 1..self.range.end)
            .take(reach)
            .take_while(|&i| self.all[i].is_word())
            .find(|&i| self.all[i].is("by"))?;
        let source = self.phrase_after(by + 1)?;
        let direction = if this {
            Direction::Before
        } else {
            Direction::Backward
        };
        Some(report(Some(source), at, direction, cue))
    }

    /// A finite verb with a subject before or after it.
    fn active(&self, at: usize, subject_end: usize, cue: &Cue) -> Option<Report> {
        let before = subject_end.checked_sub(1).and_then(|i| self.piece(i));
        // 'She told it on the radio', 'she said this at a fair'.
        let says_this = self
            .piece(at + 1)
            .is_some_and(|p| p.is("this") || p.is("it") && cue.kind == CueKind::Say)
            && self.piece(at + 2).is_none_or(|p| {
                !p.is_word() || lexicon().is_preposition(&p.lower) || p.is("during")
            });
        let forward = if says_this {
            Direction::Before
        } else {
            Direction::Forward
        };
        let Some(before) = before else {
            return self.inverted(at, cue);
        };
        if before.shape == Shape::Mark {
            return self.behind_mark(at, subject_end, forward, cue);
        }
        let speaks = |source: &Range<usize>| self.is_source(source) && self.agrees(source, cue);
        let source = self
            .phrase_before(subject_end)
            .filter(speaks)
            .or_else(|| self.before_relative(at).filter(speaks))?;
        let backward = source.start > self.range.start
            && self.all[source.start - 1].shape == Shape::Mark
            && self.ends_clause(at + 1)
            && cue.kind == CueKind::Say;
        let direction = if backward {
            Direction::Backward
        } else {
            forward
        };
        Some(report(Some(source), at, direction, cue))
    }

    /// A verb whose subject follows: '…, said Ann Lee.'
    fn inverted(&self, at: usize, cue: &Cue) -> Option<Report> {
        // What follows 'that' is what was said, and who follows 'told' was spoken to.
        let clause = self.piece(at + 1).is_some_and(|p| p.is("that"));
        if clause || lexicon().has_hearer(&self.all[at].lower) {
            return None;
        }
        let source = self.phrase_after(at + 1)?;
        let plural = || lexicon().is_plural_speaker(&self.all[source.end - 1].lower);
        let can_invert =
            cue.kind == CueKind::Say && (!cue.bare || plural()) && self.is_source(&source);
        (can_invert && self.ends_clause(source.end))
            .then(|| report(Some(source), at, Direction::Backward, cue))
    }

    /// A verb behind a mark, which closes a quotation or what tells more of the subject: 'Ann Lee, the mayor, said'.
    fn behind_mark(
        &self,
        at: usize,
        subject_end: usize,
        forward: Direction,
        cue: &Cue,
    ) -> Option<Report> {
        let mark = subject_end - 1;
        let appositions = self.context.appositions;
        let apposition = appositions.binary_search_by_key(&mark, |(end, _)| *end);
        if let (true, Ok(index)) = (self.all[mark].is(","), apposition) {
            let name = appositions[index].1.clone();
            return Some(report(Some(name), at, forward, cue));
        }
        let parenthesis = || {
            let source = self.before_parenthesis(mark)?;
            (!cue.bare && self.is_source(&source)).then(|| report(Some(source), at, forward, cue))
        };
        // 'Ann Lee, who keeps the dam, on Monday said Norland must pay': behind a time the subject has been named.
        if subject_end < at {
            parenthesis().or_else(|| self.inverted(at, cue))
        } else {
            self.inverted(at, cue).or_else(parenthesis)
        }
    }

    fn has_needs(&self, at: usize, cue: &Cue) -> bool {
        let after = at + 1..(at + 1 + NEEDS_PIECES).min(self.range.end);
        let undone = self
            .piece(at + 1)
            .is_some_and(|p| cue.unless.iter().any(|word| p.is(word)));
        !undone
            && (cue.needs.is_empty()
                || self.all[after]
                    .iter()
                    .any(|p| cue.needs.iter().any(|need| p.is(need))))
    }
}

/// The report that a tagged attribution makes, with its statement: one whose cue has a verb of the lexicon.
pub(in crate::stages::attribute) fn tagged(
    context: &Context<'_>,
    attribution: &Attribution,
) -> Option<(usize, Report)> {
    let (source, cue) = (attribution.source.first()?, attribution.cue.first()?);
    let mut source = context.pieces.in_span(*source);
    // The comma that closes an apposition is the source's, and nobody's name.
    let marks = context.pieces.all[source.clone()].iter().rev();
    let marks = marks.take_while(|p| p.shape == Shape::Mark && p.is(","));
    source.end -= marks.count();
    // 'Ann Lee, a farmer from Norland': who she is comes after who speaks.
    let apposed = |at: &usize| {
        let next = context.pieces.all.get(at + 1);
        let opens = next.is_some_and(|p| ["a", "an", "the", "who"].iter().any(|word| p.is(word)));
        context.pieces.all[*at].is(",") && opens && context.in_name[at.saturating_sub(1)]
    };
    source.end = source.clone().skip(1).find(apposed).unwrap_or(source.end);
    let cue = context.pieces.in_span(*cue);
    let all = &context.pieces.all;
    if source.is_empty() || cue.is_empty() {
        return None;
    }
    // 'Our state', not 'US officials'.
    let first = &all[source.start];
    let own = lexicon().is_first_person(&first.lower) && !first.shouted;
    let (at, verb) = cue
        .clone()
        .find_map(|at| Some((at, lexicon().cue(&all[at].lower)?)))?;
    // 'Farmers are advised': they listen. 'Farmers are worried', 'are opposed to it' tell what they think.
    let position = verb.kind == CueKind::Act && all.get(at + 1).is_some_and(|p| p.is("to"));
    let thinks = position || verb.gerund || lexicon().is_conviction(&all[at].lower);
    let before = all[source.end.min(at)..at].iter().rev();
    let mut before = before.take_while(|p| lexicon().is_between(&p.lower));
    let passive = before.any(|p| lexicon().is_being(&p.lower));
    if own || passive && !thinks {
        return None;
    }
    let backward = attribution.content.first()?.start() < all[cue.start].start;
    let report = Report {
        source: Some(source),
        cue: cue.clone(),
        direction: if backward {
            Direction::Backward
        } else {
            Direction::Forward
        },
        kind: verb.kind,
    };
    Some((context.pieces.statement_of(cue.start), report))
}

fn report(source: Option<Range<usize>>, at: usize, direction: Direction, cue: &Cue) -> Report {
    Report {
        source,
        cue: at..at + 1,
        direction,
        kind: cue.kind,
    }
}
