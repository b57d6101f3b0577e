//! Finds who reports what by rule: cue verbs with their subject, 'according to', 'stated by'.

use std::ops::Range;

use super::lexicon::{Cue, CueKind, lexicon};
use super::piece::{Piece, Pieces, Shape};
use super::quotation::Quotation;
use crate::schema::Attribution;

/// Where the content of a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// After the cue: 'she said that …'.
    Forward,
    /// Before the cue, in the same sentence: '…, she said'.
    Backward,
    /// In the sentences before: 'This was stated by …'.
    Before,
}

/// An act of speech that a rule found.
#[derive(Clone, Debug)]
pub(super) struct Report {
    /// The pieces of who speaks; `None` if it is the subject of the sentence's main report.
    pub(super) source: Option<Range<usize>>,
    /// The pieces of the cue.
    pub(super) cue: Range<usize>,
    /// Where the content stands.
    pub(super) direction: Direction,
    /// How strongly the cue reports.
    pub(super) kind: CueKind,
}

/// Longest noun phrase that is read as a source, in pieces.
const SOURCE_PIECES: usize = 24;
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

/// The statement that is read, with what stands around it.
struct Scan<'p> {
    all: &'p [Piece],
    range: Range<usize>,
    context: &'p Context<'p>,
}

/// What is known of a document when its reports are looked for.
pub(super) struct Context<'p> {
    /// Its words.
    pub(super) pieces: &'p Pieces,
    /// What stands in quotation marks.
    pub(super) quotations: &'p [Quotation],
    /// For names followed by a role, where the role ends and the pieces of the name, in order.
    pub(super) appositions: &'p [(usize, Range<usize>)],
    /// Whether a piece belongs to a name.
    pub(super) in_name: &'p [bool],
}

/// The reports of one statement, in the order of the text.
pub(super) fn reports(context: &Context<'_>, statement: usize) -> Vec<Report> {
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
    fn is_quoted(&self, at: usize) -> bool {
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

    fn piece(&self, at: usize) -> Option<&Piece> {
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
            passive |= ["is", "are", "was", "were", "been", "be", "being"]
                .iter()
                .any(|w| before.is(w));
            linked |= before.is("and") || before.is("or");
            if before.is("to") {
                return None;
            }
            subject_end -= 1;
        }
        let noun = (cue.bare || cue.present)
            && self.piece(at + 1).is_some_and(|p| {
                let verb = lexicon()
                    .cue(&p.lower)
                    .is_some_and(|c| !c.bare && !c.gerund);
                verb || AFTER_NOUNS.iter().any(|word| p.is(word))
            });
        if noun {
            return None;
        }
        if cue.gerund {
            let after_mark = at
                .checked_sub(1)
                .and_then(|i| self.piece(i))
                .is_none_or(|p| p.is(",") || !p.is_word());
            return (after_mark || linked).then(|| report(None, at, Direction::Forward, cue));
        }
        if passive {
            let by = (at + 1..at + 3).find(|&i| self.piece(i).is_some_and(|p| p.is("by")))?;
            let source = self.phrase_after(by + 1)?;
            let this = self.all[self.range.start..at]
                .iter()
                .take(2)
                .any(|p| p.is("this") || p.is("it"));
            let direction = if this {
                Direction::Before
            } else {
                Direction::Backward
            };
            return Some(report(Some(source), at, direction, cue));
        }
        if linked && !cue.bare {
            return Some(report(None, at, Direction::Forward, cue));
        }
        self.active(at, subject_end, cue)
    }

    /// A finite verb with a subject before or after it.
    fn active(&self, at: usize, subject_end: usize, cue: &Cue) -> Option<Report> {
        let before = subject_end.checked_sub(1).and_then(|i| self.piece(i));
        let says_this = self.piece(at + 1).is_some_and(|p| p.is("this"))
            && self.piece(at + 2).is_none_or(|p| {
                !p.is_word() || lexicon().is_preposition(&p.lower) || p.is("during")
            });
        let forward = if says_this {
            Direction::Before
        } else {
            Direction::Forward
        };
        let inverted = || {
            let source = self.phrase_after(at + 1)?;
            let plural = || lexicon().is_plural_speaker(&self.all[source.end - 1].lower);
            let can_invert =
                cue.kind == CueKind::Say && (!cue.bare || plural()) && self.is_source(&source);
            (can_invert && self.ends_clause(source.end))
                .then(|| report(Some(source), at, Direction::Backward, cue))
        };
        let Some(before) = before else {
            return inverted();
        };
        if before.shape == Shape::Mark {
            let apposition = self
                .context
                .appositions
                .binary_search_by_key(&(subject_end - 1), |(end, _)| *end);
            if let (true, Ok(index)) = (before.is(","), apposition) {
                return Some(report(
                    Some(self.context.appositions[index].1.clone()),
                    at,
                    forward,
                    cue,
                ));
            }
            return inverted().or_else(|| {
                let source = self.before_parenthesis(subject_end - 1)?;
                (!cue.bare && self.is_source(&source))
                    .then(|| report(Some(source), at, forward, cue))
            });
        }
        let source = self.phrase_before(subject_end)?;
        if !self.is_source(&source) || !self.agrees(&source, cue) {
            return None;
        }
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

    /// Whether number and form of the verb fit the subject: 'analysts say', 'she says', not 'oil reports'.
    fn agrees(&self, source: &Range<usize>, cue: &Cue) -> bool {
        let last = &self.all[source.end - 1];
        let lexicon = lexicon();
        if cue.bare {
            return lexicon.is_plural_speaker(&last.lower) || last.is("they") || last.is("who");
        }
        !cue.present
            || last.shape == Shape::Capital
            || ["he", "she", "it", "who", ")"]
                .iter()
                .any(|word| last.is(word))
            || lexicon.is_speaker(&last.lower)
    }

    /// Whether a phrase can be one who speaks.
    fn is_source(&self, source: &Range<usize>) -> bool {
        let lexicon = lexicon();
        let words = &self.all[source.clone()];
        let head = head_end(words);
        let named = |range: Range<usize>| range.into_iter().any(|at| self.context.in_name[at]);
        let pronoun = words[..head]
            .iter()
            .any(|p| matches!(&*p.lower, "he" | "she" | "they" | "it" | "who"));
        let nobody = words
            .first()
            .is_some_and(|p| p.is("no") || p.is("nobody") || p.is("neither"));
        let inside = source.start > self.range.start
            && ["which", "whom"]
                .iter()
                .any(|word| self.all[source.start - 1].is(word));
        !nobody
            && !inside
            && (pronoun
                || named(source.start..source.start + head)
                || words[..head]
                    .last()
                    .is_some_and(|p| lexicon.is_speaker(&p.lower))
                || named(source.end - 1..source.end))
    }

    /// The noun phrase that ends before `end`.
    fn phrase_before(&self, end: usize) -> Option<Range<usize>> {
        let lexicon = lexicon();
        let floor = self.range.start.max(end.saturating_sub(SOURCE_PIECES));
        let mut start = end;
        while start > floor {
            let piece = &self.all[start - 1];
            let small = piece.shape == Shape::Lower || start - 1 == self.range.start;
            let stops = piece.shape == Shape::Mark && !piece.is("&")
                || small
                    && (lexicon.is_boundary(&piece.lower)
                        || lexicon
                            .cue(&piece.lower)
                            .is_some_and(|c| !c.bare && !c.present && c.kind == CueKind::Say))
                || self.is_quoted(start - 1);
            if stops {
                break;
            }
            start -= 1;
        }
        // A pronoun is a phrase by itself, and 'and' before it joins clauses.
        let pronoun = self.all[start..end]
            .iter()
            .rposition(|p| matches!(&*p.lower, "he" | "she" | "they" | "it" | "i" | "we"));
        if let Some(place) = pronoun {
            start += place;
        }
        while start < end && (self.all[start].is("and") || self.all[start].is("or")) {
            start += 1;
        }
        // 'On Monday Ann Lee', 'In Kyiv the minister': the phrase begins after the adverbial.
        while start < end && lexicon.is_preposition(&self.all[start].lower) {
            let skip = self.all[start + 1..end]
                .iter()
                .position(|p| p.shape == Shape::Capital || p.is("the"));
            start = skip.map_or(end, |skip| start + 1 + skip.max(usize::from(skip == 0)));
        }
        (start < end).then_some(start..end)
    }

    /// The noun phrase that starts at `start`.
    fn phrase_after(&self, start: usize) -> Option<Range<usize>> {
        let lexicon = lexicon();
        let limit = self.range.end.min(start + SOURCE_PIECES);
        let mut end = start;
        while end < limit {
            let piece = &self.all[end];
            let pronoun = matches!(
                &*piece.lower,
                "he" | "she" | "they" | "it" | "him" | "her" | "them"
            );
            if pronoun && end == start {
                return Some(start..end + 1);
            }
            let lower_stop = piece.shape == Shape::Lower
                && end > start
                && (lexicon.is_boundary(&piece.lower)
                    || matches!(&*piece.lower, "in" | "on" | "at" | "to" | "with" | "and")
                        && !self
                            .all
                            .get(end + 1)
                            .is_some_and(|p| p.shape == Shape::Capital && piece.is("and")));
            let stops = !(piece.is_word()
                || piece.is("&")
                || piece.shape == Shape::Genitive
                || piece.shape == Shape::Number)
                || lower_stop
                || self.is_quoted(end);
            if stops {
                break;
            }
            end += 1;
        }
        (end > start).then_some(start..end)
    }

    /// The phrase before a bracket or before an apposition that ends at the mark at `mark`.
    fn before_parenthesis(&self, mark: usize) -> Option<Range<usize>> {
        let piece = self.piece(mark)?;
        let floor = self.range.start.max(mark.saturating_sub(SOURCE_PIECES));
        let opening = if piece.is(")") {
            "("
        } else {
            piece.is(",").then_some(",")?
        };
        let open = (floor..mark).rev().find(|&at| self.all[at].is(opening))?;
        if self.is_quoted(open) || open == self.range.start {
            return None;
        }
        if (open + 1..mark).all(|at| self.context.in_name[at]) && open + 1 < mark && piece.is(",") {
            return Some(open + 1..mark);
        }
        let source = self.phrase_before(open)?;
        let named = self.all[source.clone()]
            .iter()
            .any(|p| p.shape == Shape::Capital);
        named.then_some(source)
    }

    /// Whether a clause ends before `at`: after '…, said Lee' no verb follows.
    fn ends_clause(&self, at: usize) -> bool {
        self.piece(at).is_none_or(|p| {
            p.shape == Shape::Mark
                || [
                    "in", "on", "at", "during", "after", "while", "as", "to", "when", "with",
                    "from", "who", "before",
                ]
                .iter()
                .any(|word| p.is(word))
        })
    }
}

/// The report that a tagged attribution makes, with its statement: one whose cue has a verb of the lexicon.
pub(super) fn tagged(context: &Context<'_>, attribution: &Attribution) -> Option<(usize, Report)> {
    let (source, cue) = (attribution.source.first()?, attribution.cue.first()?);
    let source = context.pieces.in_span(*source);
    let cue = context.pieces.in_span(*cue);
    let all = &context.pieces.all;
    if source.is_empty() || cue.is_empty() {
        return None;
    }
    let verb = all[cue.clone()]
        .iter()
        .find_map(|p| lexicon().cue(&p.lower))?;
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

/// Where the head of a noun phrase ends: before its first preposition.
pub(super) fn head_end(words: &[Piece]) -> usize {
    let lexicon = lexicon();
    let inside = words
        .iter()
        .skip(1)
        .position(|p| p.shape == Shape::Lower && lexicon.is_preposition(&p.lower));
    inside.map_or(words.len(), |place| place + 1)
}
