//! Which spans the tagger's scores speak for: not those of the one best path, but those that are likely over all
//! paths together (posterior decoding for the F-measure of whole spans).

use std::collections::BTreeMap;
use std::ops::Range;

use super::decode::{COLUMNS, DECODING, Part, Scores};
use crate::schema::Span;

type Chances = [f64; COLUMNS];

/// A paragraph's words forth and back (the forward-backward algorithm), scaled to one at every word.
struct Passes {
    emitted: Vec<Chances>,
    forth: Vec<Chances>,
    back: Vec<Chances>,
    scale: Vec<f64>,
}

/// Words that may play a part, with how likely they do.
struct Candidate {
    part: Part,
    words: Range<usize>,
    /// All words that are the same span when its edges are evened.
    chance: f64,
    /// The likeliest of them.
    best: f64,
}

/// The spans of words that are likelier than not to be right, as the F-measure counts, none overlapping another.
///
/// `bare` gives the span that is left of some words when the edges are evened: what is the same then is counted
/// together. The words of likely parts weigh besides, lest long spans with an uncertain end are lost.
pub(super) fn likely_spans(
    scores: &[Scores],
    bare: impl Fn(Part, Range<usize>) -> Option<Span>,
) -> Vec<(Part, Range<usize>)> {
    let passes = Passes::new(scores);
    let mut candidates: BTreeMap<(usize, usize, usize), Candidate> = BTreeMap::new();
    for part in [Part::Source, Part::Cue, Part::Content] {
        for (words, chance) in passes.spans(part.begins()) {
            let Some(span) = bare(part, words.clone()) else {
                continue;
            };
            let candidate = candidates
                .entry((span.start(), span.end(), part.begins()))
                .or_insert(Candidate {
                    part,
                    words: words.clone(),
                    chance: 0.0,
                    best: 0.0,
                });
            candidate.chance += chance;
            if chance > candidate.best {
                candidate.best = chance;
                candidate.words = words;
            }
        }
    }
    passes.choose(candidates.into_values())
}

impl Passes {
    fn new(scores: &[Scores]) -> Self {
        let decoding = &*DECODING;
        let emit = |score: &Scores| -> Chances {
            let chance = |column: usize| score[column] + decoding.bias[column.div_ceil(2)];
            std::array::from_fn(|column| f64::from(chance(column)).exp())
        };
        let emitted: Vec<Chances> = scores.iter().map(emit).collect();
        let mut forth: Vec<Chances> = Vec::with_capacity(emitted.len());
        let mut scale = Vec::with_capacity(emitted.len());
        for emitted in &emitted {
            let reach = |column: usize| match forth.last() {
                Some(before) => (0..COLUMNS)
                    .map(|from| before[from] * decoding.transitions[from][column])
                    .sum(),
                None => decoding.transitions[COLUMNS][column],
            };
            let here: Chances = std::array::from_fn(|column| reach(column) * emitted[column]);
            let sum: f64 = here.iter().sum();
            forth.push(here.map(|chance| chance / sum));
            scale.push(sum);
        }
        let mut back = vec![[1.0; COLUMNS]; emitted.len()];
        for at in (1..emitted.len()).rev() {
            let after: Chances =
                std::array::from_fn(|column| emitted[at][column] * back[at][column] / scale[at]);
            back[at - 1] = std::array::from_fn(|from| {
                (0..COLUMNS)
                    .map(|column| decoding.transitions[from][column] * after[column])
                    .sum()
            });
        }
        Self {
            emitted,
            forth,
            back,
            scale,
        }
    }

    /// The words from which a part that begins with a column may reach to which, and how likely.
    fn spans(&self, begins: usize) -> Vec<(Range<usize>, f64)> {
        let (goes_on, transitions) = (begins + 1, &DECODING.transitions);
        let least = DECODING.spans.least;
        let mut found = Vec::new();
        for first in 0..self.forth.len() {
            let mut reach = self.forth[first][begins];
            let mut column = begins;
            for last in first..self.forth.len() {
                if last > first {
                    reach *= transitions[column][goes_on] * self.emitted[last][goes_on]
                        / self.scale[last];
                    column = goes_on;
                }
                if reach * self.back[last][column] < least {
                    break;
                }
                let ends: f64 = match self.emitted.get(last + 1) {
                    None => 1.0,
                    Some(emitted) => {
                        (0..COLUMNS)
                            .filter(|&next| next != goes_on)
                            .map(|next| {
                                transitions[column][next]
                                    * emitted[next]
                                    * self.back[last + 1][next]
                            })
                            .sum::<f64>()
                            / self.scale[last + 1]
                    }
                };
                if reach * ends >= least {
                    found.push((first..last + 1, reach * ends));
                }
            }
        }
        found
    }

    /// The candidates that gain most together, none overlapping another, in the order of the text.
    fn choose(&self, candidates: impl Iterator<Item = Candidate>) -> Vec<(Part, Range<usize>)> {
        let spans = &DECODING.spans;
        let gain = |candidate: &Candidate| {
            let begins = candidate.part.begins();
            let word = |at: usize| {
                let chance = |column: usize| self.forth[at][column] * self.back[at][column];
                chance(begins) + chance(begins + 1) - spans.likely_word
            };
            let words: f64 = candidate.words.clone().map(word).sum();
            candidate.chance - spans.likely + spans.word_weight * words
        };
        let mut ending: Vec<Vec<(f64, Part, usize)>> = vec![Vec::new(); self.forth.len() + 1];
        for candidate in candidates {
            let gain = gain(&candidate);
            if gain > 0.0 {
                let Range { start, end } = candidate.words;
                ending[end].push((gain, candidate.part, start));
            }
        }
        let mut best = vec![0.0; ending.len()];
        let mut taken: Vec<Option<(Part, usize)>> = vec![None; ending.len()];
        for end in 1..ending.len() {
            best[end] = best[end - 1];
            for &(gain, part, start) in &ending[end] {
                if best[start] + gain > best[end] {
                    best[end] = best[start] + gain;
                    taken[end] = Some((part, start));
                }
            }
        }
        let mut chosen = Vec::new();
        let mut end = self.forth.len();
        while end > 0 {
            end = match taken[end] {
                Some((part, start)) => {
                    chosen.push((part, start..end));
                    start
                }
                None => end - 1,
            };
        }
        chosen.reverse();
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Document;
    use crate::schema::document::Metadata;
    use proptest::prelude::*;

    /// A word that is sure to have one of some columns, equally likely each.
    fn word(columns: &[usize]) -> Scores {
        let chance = |column| {
            if columns.contains(&column) {
                1.0
            } else {
                1e-6_f32
            }
        };
        std::array::from_fn(|column| chance(column).ln())
    }

    #[test]
    fn ends_that_come_to_the_same_are_counted_together() {
        // Content whose end is open: its last words may as well belong to nothing.
        let mut scores = vec![word(&[5]), word(&[6]), word(&[0])];
        scores.splice(2..2, std::iter::repeat_n(word(&[0, 6]), 4));
        let document = Document::new(Metadata::default(), "abcdefg".to_owned());
        let alone = likely_spans(&scores, |_, words| document.span(words));
        assert_eq!(alone, [], "no end is likely by itself");
        let to_the_second =
            |_: Part, words: Range<usize>| document.span(words.start..words.end.min(2));
        let together = likely_spans(&scores, to_the_second);
        let starts: Vec<_> = together
            .iter()
            .map(|(part, words)| (*part, words.start))
            .collect();
        assert_eq!(starts, [(Part::Content, 0)]);
        assert_eq!(likely_spans(&scores, |_, _| None), []);
    }

    proptest! {
        #[test]
        fn spans_never_overlap(
            scores in prop::collection::vec(prop::array::uniform7(-9.0_f32..3.0), 0..30),
        ) {
            let document = Document::new(Metadata::default(), "x".repeat(30));
            let spans = likely_spans(&scores, |_, words| document.span(words));
            let mut end = 0;
            for (_, words) in spans {
                prop_assert!(end <= words.start && words.start < words.end);
                end = words.end;
            }
            prop_assert!(end <= scores.len());
        }
    }
}
