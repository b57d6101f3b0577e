//! What is known of a document before its speakers are, statement by statement.

use crate::schema::{Analysis, Statement};
use crate::stages::attribute::names::entity::Entities;
use crate::stages::attribute::reports::report::Report;
use crate::stages::attribute::words::lexicon::lexicon;
use crate::stages::attribute::words::piece::{Pieces, Shape};
use crate::stages::attribute::words::quotation::Quotation;

/// What is known of a document before its speakers are.
pub(in crate::stages::attribute) struct Evidence<'d> {
    /// The document and its statements.
    pub(in crate::stages::attribute) analysis: &'d Analysis<Statement>,
    /// Its words.
    pub(in crate::stages::attribute) pieces: &'d Pieces,
    /// Whom it names.
    pub(in crate::stages::attribute) entities: &'d Entities,
    /// What stands in quotation marks.
    pub(in crate::stages::attribute) quotations: &'d [Quotation],
    /// Each statement's reports.
    pub(in crate::stages::attribute) reports: &'d [Vec<Report>],
    /// The share of each statement that the tagger takes for content; `None` without a tagger.
    pub(in crate::stages::attribute) content: Option<&'d [f32]>,
}

/// Whether the quoted words are a title or a term rather than speech: “Declaration on Conduct”.
pub(super) fn is_term(evidence: &Evidence<'_>, quotation: &Quotation) -> bool {
    let all = &evidence.pieces.all;
    let first = all.partition_point(|p| p.start < quotation.start);
    let last = all.partition_point(|p| p.end <= quotation.end);
    let words: Vec<_> = all[first..last.max(first)]
        .iter()
        .filter(|p| p.is_word())
        .collect();
    let lexicon = lexicon();
    let title = words.iter().all(|p| {
        p.shape == Shape::Capital || lexicon.is_preposition(&p.lower) || p.is("the") || p.is("and")
    });
    let ends = all[first..last.max(first)]
        .iter()
        .rev()
        .nth(1)
        .is_some_and(|p| [".", "!", "?", ","].iter().any(|m| p.is(m)));
    title && words.len() <= 8 && !ends
}

/// The share of a statement's letters that stand in quotation marks.
pub(super) fn quoted_share(evidence: &Evidence<'_>, statement: usize) -> f32 {
    let span = evidence.analysis.statements[statement].span;
    let first = evidence
        .quotations
        .partition_point(|q| q.end <= span.start());
    let inside: usize = evidence.quotations[first..]
        .iter()
        .take_while(|q| q.start < span.end())
        .map(|q| q.end.min(span.end()) - q.start.max(span.start()))
        .sum();
    inside as f32 / span.len().max(1) as f32
}

/// Whether a statement is a sentence rather than a headline, a label or a name.
pub(super) fn is_sentence(evidence: &Evidence<'_>, statement: usize) -> bool {
    let range = &evidence.pieces.of_statement[statement];
    let all = &evidence.pieces.all[range.clone()];
    let ends = all.iter().rev().take(3).any(|p| {
        [".", "!", "?", "…", "\"", "”"]
            .iter()
            .any(|mark| p.is(mark))
    });
    ends && all.iter().filter(|p| p.is_word()).count() >= 2
}
