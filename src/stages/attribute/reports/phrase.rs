//! Noun phrases that can be a source: where they begin and end, and whether they can speak.

use std::ops::Range;

use crate::stages::attribute::words::lexicon::{Cue, CueKind, lexicon};
use crate::stages::attribute::words::piece::{Piece, Shape};

use super::report::Scan;

/// Longest noun phrase that is read as a source, in pieces.
const SOURCE_PIECES: usize = 24;

impl Scan<'_> {
    /// Whether number and form of the verb fit the subject: 'analysts say', 'she says', not 'oil reports'.
    pub(super) fn agrees(&self, source: &Range<usize>, cue: &Cue) -> bool {
        let last = &self.all[source.end - 1];
        let lexicon = lexicon();
        if cue.bare {
            return lexicon.is_plural_speaker(&last.lower) || last.is("they") || last.is("who");
        }
        // 'All the G7 states' are several.
        let several = self.all[source.clone()]
            .iter()
            .any(|p| lexicon.is_several(&p.lower));
        !cue.present
            || !several && last.shape == Shape::Capital
            || ["he", "she", "it", "who", ")"]
                .iter()
                .any(|word| last.is(word))
            || lexicon.is_speaker(&last.lower)
    }

    /// Whether a phrase can be one who speaks.
    pub(super) fn is_source(&self, source: &Range<usize>) -> bool {
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
        // 'That is why our state …': whose state it is, is the one who speaks already.
        let own = words
            .first()
            .is_some_and(|p| lexicon.is_first_person(&p.lower) && !p.shouted);
        // 'For the purposes of said order'.
        let unfinished = words
            .last()
            .is_some_and(|p| p.shape == Shape::Lower && lexicon.is_preposition(&p.lower));
        let inside = source.start > self.range.start
            && ["which", "whom"]
                .iter()
                .any(|word| self.all[source.start - 1].is(word));
        !nobody
            && !own
            && !unfinished
            && !inside
            && (pronoun
                || named(source.start..source.start + head)
                || words[..head]
                    .last()
                    .is_some_and(|p| lexicon.is_speaker(&p.lower))
                || named(source.end - 1..source.end))
    }

    /// The noun phrase that ends before `end`.
    pub(super) fn phrase_before(&self, end: usize) -> Option<Range<usize>> {
        let lexicon = lexicon();
        let floor = self.range.start.max(end.saturating_sub(SOURCE_PIECES));
        let mut start = end;
        while start > floor {
            let piece = &self.all[start - 1];
            let small = piece.shape == Shape::Lower || start - 1 == self.range.start;
            let named = self.context.in_name[start - 1];
            let stops = !named && piece.shape == Shape::Mark && !piece.is("&")
                || small
                    && (lexicon.is_boundary(&piece.lower)
                        || lexicon
                            .cue(&piece.lower)
                            .is_some_and(|c| !c.bare && !c.present && c.kind == CueKind::Say))
                || !named && self.is_quoted(start - 1);
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
        // 'Earlier this month a minister', 'On Monday Ann Lee', 'In Kyiv the minister': the phrase begins after the adverbial.
        if start < end && self.all[start].is("earlier") {
            let article = |p: &Piece| p.is("a") || p.is("an") || p.is("the");
            let skip = self.all[start..end].iter().position(article);
            start += skip.unwrap_or(0);
        }
        while start < end && lexicon.is_preposition(&self.all[start].lower) {
            let skip = self.all[start + 1..end]
                .iter()
                .position(|p| p.shape == Shape::Capital || p.is("the"));
            start = skip.map_or(end, |skip| start + 1 + skip.max(usize::from(skip == 0)));
        }
        (start < end).then_some(start..end)
    }

    /// The noun phrase that starts at `start`.
    pub(super) fn phrase_after(&self, start: usize) -> Option<Range<usize>> {
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
            if stops && !self.context.in_name[end] {
                break;
            }
            end += 1;
        }
        (end > start).then_some(start..end)
    }

    /// The subject at the start of a clause whose verb at `at` stands after a relative clause: 'The mayor who built the
    /// dam that was planned said'.
    pub(super) fn before_relative(&self, at: usize) -> Option<Range<usize>> {
        let relative = |&i: &usize| self.all[i].is("who") && !self.is_quoted(i);
        let who = (self.range.start..at).rev().find(relative)?;
        let told = |p: &Piece| {
            let cue = lexicon().cue(&p.lower);
            p.shape == Shape::Mark || p.is("and") || cue.is_some_and(|c| c.kind == CueKind::Say)
        };
        if self.all[who..at].iter().any(told) {
            return None;
        }
        let source = self.phrase_before(who)?;
        let opens =
            source.start == self.range.start || self.all[source.start - 1].shape == Shape::Mark;
        opens.then_some(source)
    }

    /// The phrase before a bracket or before an apposition that ends at the mark at `mark`.
    pub(super) fn before_parenthesis(&self, mark: usize) -> Option<Range<usize>> {
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
        let inside = open + 1..mark;
        let is_name = !inside.is_empty() && inside.clone().all(|at| self.context.in_name[at]);
        // 'The mayor, Ann Lee, said', but 'Ann Lee, Head of the Mayor's Office, said'.
        // 'Rep. Tom Berg, R-Norland, said': party and place.
        let is_party = |p: &Piece| p.shape == Shape::Capital && lexicon().tells_party(&p.lower);
        let is_role = self.context.in_name[open - 1]
            && self.all[inside.clone()]
                .iter()
                .any(|p| lexicon().is_title(&p.lower) || is_party(p));
        // 'The Norland Ferry Co., Ltd., said'.
        let is_ending = self.all[inside.clone()]
            .iter()
            .all(|p| lexicon().is_shortened(&p.lower));
        if is_name && !is_role && !is_ending && piece.is(",") {
            return Some(inside);
        }
        let source = self.phrase_before(open)?;
        let named = self.all[source.clone()]
            .iter()
            .any(|p| p.shape == Shape::Capital);
        named.then_some(source)
    }

    /// Whether a clause ends before `at`: after '…, said Lee' no verb follows.
    pub(super) fn ends_clause(&self, at: usize) -> bool {
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

/// Where the head of a noun phrase ends: before its first preposition.
pub(in crate::stages::attribute) fn head_end(words: &[Piece]) -> usize {
    let lexicon = lexicon();
    let inside = words
        .iter()
        .skip(1)
        .position(|p| p.shape == Shape::Lower && lexicon.is_preposition(&p.lower));
    inside.map_or(words.len(), |place| place + 1)
}
