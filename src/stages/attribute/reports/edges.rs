//! Where tagged spans begin and end: evened out to how annotators cut them, which the tagger leaves to chance.

use super::decode::{DECODING, Part, Tagged};
use crate::schema::{Document, Span};

/// Evens the edges of spans in the order of the text; takes out what is nothing but edge.
pub(super) fn even(document: &Document, spans: &mut Vec<Tagged>) {
    let ends: Vec<usize> = spans.iter().skip(1).map(|next| next.span.start()).collect();
    let ends = ends.into_iter().chain([document.text().len()]);
    for (tagged, next) in spans.iter_mut().zip(ends) {
        let rest = document.text().get(tagged.span.end()..next);
        tagged.span = match tagged.part {
            Part::Source => source(document, tagged.span, rest.unwrap_or_default()),
            part => bare(document, part, tagged.span),
        };
    }
    spans.retain(|tagged| !tagged.span.is_empty());
    move_prepositions(document, spans);
    join_that(document, spans);
    add_colons(document, spans);
}

/// A span without what never ends its part.
pub(super) fn bare(document: &Document, part: Part, span: Span) -> Span {
    let words = document.slice(span);
    let kept = match part {
        Part::Source | Part::Cue => words.trim_end_matches([',', ' ']),
        Part::Content => content(words),
    };
    let start = span.start() + words.find(kept).unwrap_or_default();
    document.span(start..start + kept.len()).unwrap_or(span)
}

/// What is reported, without the comma before or after it and the word that leads to what comes next: 'he paid,
/// and'.
fn content(words: &str) -> &str {
    let mut kept = words.trim_start_matches([',', ' ']);
    loop {
        let bare = kept.trim_end_matches([',', ' ']);
        let shorter = DECODING.edges.not_last_in_content.iter().find_map(|last| {
            let rest = bare.strip_suffix(last.as_str())?;
            rest.ends_with(char::is_whitespace).then(|| rest.trim_end())
        });
        match shorter {
            Some(shorter) => kept = shorter,
            None => return bare,
        }
    }
}

/// A source with the comma that closes its apposition ('Ann Lee, the mayor,'), and without any other at its end.
fn source(document: &Document, span: Span, rest: &str) -> Span {
    let bare = bare(document, Part::Source, span);
    let closes = span.end() > bare.end() || rest.starts_with(',');
    let comma = usize::from(closes && document.slice(bare).contains(','));
    document
        .span(span.start()..bare.end() + comma)
        .unwrap_or(span)
}

/// Gives the preposition between cue and content to the cue: 'complained about | the rain'.
fn move_prepositions(document: &Document, spans: &mut [Tagged]) {
    for at in 1..spans.len() {
        let (cue, content) = (spans[at - 1], spans[at]);
        if cue.part != Part::Cue || content.part != Part::Content {
            continue;
        }
        let Some(between) = document.span(cue.span.end()..content.span.start()) else {
            continue;
        };
        let is_preposition = |word: &str| DECODING.edges.cue_prepositions.iter().any(|p| p == word);
        let between = document.slice(between);
        let first = document.slice(content.span).split_whitespace().next();
        let first = first.filter(|first| between.trim().is_empty() && is_preposition(first));
        let end = match first {
            Some(first) => content.span.start() + first.len(),
            None if is_preposition(between.trim()) => cue.span.end() + between.trim_end().len(),
            None => continue,
        };
        let rest = document.span(end.max(content.span.start())..content.span.end());
        if let (Some(cue), Some(rest)) = (document.span(cue.span.start()..end), rest) {
            let rest = document.trim(rest);
            if !rest.is_empty() {
                spans[at - 1].span = cue;
                spans[at].span = rest;
            }
        }
    }
}

/// Joins a lone 'that' with the quotation after it: 'said that, “we go”'.
fn join_that(document: &Document, spans: &mut Vec<Tagged>) {
    let mut at = 1;
    while at < spans.len() {
        let (that, quotation) = (spans[at - 1], spans[at]);
        let contents = that.part == Part::Content && quotation.part == Part::Content;
        let between = document.span(that.span.end()..quotation.span.start());
        let near =
            between.is_some_and(|span| document.slice(span).trim_matches([',', ' ']).is_empty());
        if contents && near && document.slice(that.span) == "that" {
            spans[at - 1].span = that.span.cover(quotation.span);
            spans.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Takes the colon after a source for its cue where its statement has no other: 'LEE: We go.'
fn add_colons(document: &Document, spans: &mut Vec<Tagged>) {
    let mut at = 0;
    while at < spans.len() {
        let Tagged {
            part,
            span,
            statement,
        } = spans[at];
        let colon = document.span(span.end()..span.end() + 1);
        let colon = colon.filter(|&colon| part == Part::Source && document.slice(colon) == ":");
        let has_cue = || {
            let of_statement = spans.iter().filter(|other| other.statement == statement);
            of_statement
                .into_iter()
                .any(|other| other.part == Part::Cue)
        };
        if let Some(colon) = colon.filter(|_| !has_cue()) {
            let cue = Tagged {
                part: Part::Cue,
                span: colon,
                statement,
            };
            spans.insert(at + 1, cue);
        }
        at += 1;
    }
}
