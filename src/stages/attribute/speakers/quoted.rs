//! Who speaks in a quotation, from its other sentences and from what stands around it.

use super::evidence::{is_sentence, is_term};
use super::past::{Resolved, Way, Who};
use super::voice::Assigner;
use crate::schema::Speech;
use crate::stages::attribute::words::quotation::Quotation;
use crate::stages::attribute::words::settings::settings;

impl Assigner<'_, '_> {
    /// Who speaks in the quotation that the statement belongs to.
    pub(super) fn of_quotation(&self, statement: usize) -> Option<Resolved> {
        if self.quoted[statement] < settings().quoted_share
            || !is_sentence(self.evidence, statement)
        {
            return None;
        }
        let quotation = self.quotation_of(statement)?;
        if is_term(self.evidence, quotation) {
            return None;
        }
        let continued = |who: &Who| Resolved {
            who: who.clone(),
            mention: None,
            way: Way::GoesOn,
        };
        let statements = &self.evidence.analysis.statements;
        let place = |byte: usize| {
            let after = statements.partition_point(|s| s.span.start() < byte);
            after.saturating_sub(1)
        };
        let (first, last) = (place(quotation.start + 1), place(quotation.end));
        // The cue stands where the quotation ends ('…,' he said) or, failing that, where it begins.
        if last > statement
            && let Some((_, resolved)) = self.own(last)
        {
            return Some(resolved);
        }
        let (_, who) = self.past.speaker.as_ref()?;
        // 'The mayor also saw the harbour. “I am glad.”': the narrator has just given the word to another.
        let introduced = first
            .checked_sub(1)
            .filter(|&before| self.voices[before].is_none());
        let introduced = introduced
            .and_then(|before| self.past.subject_of(before))
            .filter(|who| self.is_person(who));
        Some(continued(introduced.unwrap_or(who)))
    }

    /// The first quotation that ends in the statement or behind it.
    fn quotation_of(&self, statement: usize) -> Option<&Quotation> {
        let span = self.evidence.analysis.statements[statement].span;
        let quotations = self.evidence.quotations;
        quotations.get(quotations.partition_point(|q| q.end <= span.start()))
    }

    /// Who speaks in the sentences before, if one quotation reaches from them into the statement and ends there.
    pub(super) fn of_same_quotation(&self, statement: usize) -> Option<Resolved> {
        let span = self.evidence.analysis.statements[statement].span;
        let open = |q: &&Quotation| q.sure && q.start < span.start() && q.end <= span.end();
        self.quotation_of(statement).filter(open)?;
        let before = self.voices[statement.checked_sub(1)?].as_ref()?;
        (before.speech == Speech::Direct).then(|| before.resolved.clone())
    }
}
