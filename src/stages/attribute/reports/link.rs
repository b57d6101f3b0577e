//! Joins tagged spans to attributions: which source and which cue go with which content.

use std::collections::BTreeMap;

use crate::schema::{Attribution, Span};

use super::decode::{Part, Tagged};

/// Attributions with the statements that each touches, in the order of the text.
///
/// Every content and every source goes to the nearest cue of its statement, so that the parts of a broken
/// quotation meet at the cue that breaks it. Content in a statement without a cue goes on with the
/// attribution before it.
pub(in crate::stages::attribute) fn attributions(spans: &[Tagged]) -> Vec<(usize, Attribution)> {
    let mut linked: Vec<(usize, Attribution)> = Vec::new();
    for parts in spans.chunk_by(|a, b| a.statement == b.statement) {
        let statement = parts[0].statement;
        let of = |part: Part| {
            parts
                .iter()
                .filter(move |tagged| tagged.part == part)
                .map(|t| t.span)
        };
        let anchors: Vec<Span> = if of(Part::Cue).next().is_some() {
            of(Part::Cue).collect()
        } else {
            of(Part::Source).collect()
        };
        if anchors.is_empty() {
            for content in of(Part::Content) {
                match linked.last_mut() {
                    Some((at, attribution)) if *at + 1 >= statement => {
                        *at = statement;
                        attribution.content.push(content);
                    }
                    _ => linked.push((
                        statement,
                        Attribution {
                            content: vec![content],
                            ..Attribution::default()
                        },
                    )),
                }
            }
            continue;
        }
        let mut here: BTreeMap<usize, Attribution> = BTreeMap::new();
        for (index, &anchor) in anchors.iter().enumerate() {
            let attribution = here.entry(index).or_default();
            if of(Part::Cue).next().is_some() {
                attribution.cue.push(anchor);
            } else {
                attribution.source.push(anchor);
            }
        }
        if of(Part::Cue).next().is_some() {
            for source in of(Part::Source) {
                let index = nearest(&anchors, source);
                here.entry(index).or_default().source.push(source);
            }
        }
        for content in of(Part::Content) {
            let index = nearest(&anchors, content);
            here.entry(index).or_default().content.push(content);
        }
        linked.extend(
            here.into_values()
                .map(|attribution| (statement, attribution)),
        );
    }
    linked
}

/// The anchor with the fewest bytes between it and `span`; the first of equals.
fn nearest(anchors: &[Span], span: Span) -> usize {
    let gap = |anchor: &Span| {
        anchor
            .start()
            .saturating_sub(span.end())
            .max(span.start().saturating_sub(anchor.end()))
    };
    let best = anchors
        .iter()
        .enumerate()
        .min_by_key(|(_, anchor)| gap(anchor));
    best.map_or(0, |(index, _)| index)
}
