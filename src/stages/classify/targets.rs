//! Which words of a statement a label's stance is toward.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::pooling::mean_of;
use crate::error::Result;
use crate::model::ModelSpec;
use crate::model::spec::Head;
use crate::schema::{Document, LabelKey, Span};
use crate::stages::encode::Token;

/// Logits are cut off here, so that one word of which the model is very sure cannot bridge a gap of words
/// that do not belong.
pub const MOST_CERTAIN: f32 = 6.0;

/// Words that targets do not begin or end with, in lower case.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Edges {
    never_first: BTreeSet<String>,
    never_last: BTreeSet<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program")]
static EDGES: LazyLock<Edges> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/target-edges.toml"))
        .expect("data/target-edges.toml: bug")
});

impl Edges {
    /// A run of words without those at its ends that join it to the rest; one word stays.
    fn trimmed<'w>(&self, document: &Document, mut run: &'w [Word]) -> &'w [Word] {
        let is_in = |words: &BTreeSet<String>, word: &Word| {
            words.contains(&document.slice(word.span).to_lowercase())
        };
        while let [rest @ .., last] = run
            && !rest.is_empty()
            && is_in(&self.never_last, last)
        {
            run = rest;
        }
        while let [first, rest @ ..] = run
            && !rest.is_empty()
            && is_in(&self.never_first, first)
        {
            run = rest;
        }
        run
    }
}

/// Finds the target of a label: the run of words with the greatest sum of logits.
#[derive(Clone, Debug)]
pub(super) struct Targets {
    output: String,
    /// The columns of each theme's stances; of several, their mean counts.
    columns: Vec<(LabelKey, Vec<usize>)>,
}

impl Targets {
    /// For a head with a column a label: the logit of 'this token belongs to the label's target'.
    pub(super) fn new(head: &Head, spec: &ModelSpec) -> Result<Self> {
        let columns = |key: LabelKey| {
            let theme = &spec.taxonomy.themes[key.theme_index].name;
            Ok((key, spec.heads.columns(head, theme, key.stance)?))
        };
        // What the user asks about is itself the target.
        let asked = |key: &LabelKey| {
            let name = spec.taxonomy.label_name(*key);
            spec.heads.asked_column(&name).is_some()
        };
        let columns = spec
            .taxonomy
            .label_keys()
            .filter(|key| !asked(key))
            .map(columns)
            .collect::<Result<_>>()?;
        Ok(Self {
            output: head.output.clone(),
            columns,
        })
    }

    pub(super) fn output(&self) -> &str {
        &self.output
    }

    /// The words that the label is about; `None` for a statement without words, and where the user named the target.
    pub(super) fn find(
        &self,
        document: &Document,
        tokens: &[Token],
        (logits, key): (&[&[f32]], LabelKey),
    ) -> Option<Span> {
        let (_, columns) = self.columns.iter().find(|(of, _)| *of == key)?;
        let scored = tokens.iter().zip(logits);
        let scored = scored.map(|(token, row)| (token.span, mean_of(row, columns)));
        let words = words(document, scored);
        let means: Vec<f32> = words.iter().map(Word::mean).collect();
        let run = EDGES.trimmed(document, words.get(best_run(&means))?);
        Some(run.first()?.span.cover(run.last()?.span))
    }
}

/// Tokens that stand together without a space or a mark between them.
struct Word {
    span: Span,
    sum: f32,
    count: usize,
}

impl Word {
    fn mean(&self) -> f32 {
        self.sum / self.count as f32
    }
}

fn words(document: &Document, tokens: impl Iterator<Item = (Span, f32)>) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut joins = false;
    for (span, logit) in tokens {
        let token = document.slice(span);
        let lettered = token.chars().any(char::is_alphanumeric);
        // A hyphen or an apostrophe between letters is part of the word.
        let inner = matches!(token, "-" | "'" | "’");
        let logit = logit.clamp(-MOST_CERTAIN, MOST_CERTAIN);
        match words.last_mut() {
            Some(word) if joins && lettered && word.span.end() == span.start() => {
                (word.span, word.sum, word.count) =
                    (word.span.cover(span), word.sum + logit, word.count + 1);
            }
            Some(word) if inner && word.span.end() == span.start() => {
                // Whether it is inner shows with the next token: until then the word ends before it.
                if let Some(next) = document.span(span.end()..document.text().len())
                    && document.slice(next).starts_with(char::is_alphanumeric)
                {
                    word.span = word.span.cover(span);
                }
            }
            _ if lettered => words.push(Word {
                span,
                sum: logit,
                count: 1,
            }),
            _ => {}
        }
        joins = lettered || inner;
    }
    words
}

/// The run with the greatest sum; never empty unless there is nothing, for a label always is about
/// something.
///
/// # Source
/// Kadane's algorithm, in Bentley (1984), "Programming Pearls: Algorithm design techniques", CACM 27(9).
pub fn best_run(scores: &[f32]) -> std::ops::Range<usize> {
    let (mut best, mut best_sum) = (0..0, f32::NEG_INFINITY);
    let (mut start, mut sum) = (0, 0.0);
    for (index, &score) in scores.iter().enumerate() {
        if sum <= 0.0 {
            (start, sum) = (index, 0.0);
        }
        sum += score;
        if sum > best_sum {
            (best, best_sum) = (start..index + 1, sum);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::document::Metadata;
    use proptest::prelude::*;

    #[test]
    fn the_run_bridges_a_small_gap_and_not_a_wide_one() {
        assert_eq!(best_run(&[-4.0, 3.0, -1.0, 2.0, -9.0, 3.5]), 1..4);
        assert_eq!(best_run(&[-4.0, -1.0, -2.0]), 1..2);
        assert_eq!(best_run(&[]), 0..0);
    }

    #[test]
    fn what_joins_a_target_to_the_rest_is_no_part_of_it() {
        let trimmed = |text: &str| {
            let document = Document::new(Metadata::default(), text.to_owned());
            let mut start = 0;
            let tokens = text.split(' ').map(|word| {
                let span = document.span(start..start + word.len()).unwrap();
                start += word.len() + 1;
                (span, 1.0)
            });
            let words = words(&document, tokens);
            let run = EDGES.trimmed(&document, &words);
            let [first, last] = [run.first(), run.last()].map(Option::unwrap);
            document.slice(first.span.cover(last.span)).to_owned()
        };
        assert_eq!(
            trimmed("of the naval blockade in the"),
            "the naval blockade"
        );
        assert_eq!(trimmed("And the"), "And");
    }

    #[test]
    fn pieces_of_a_word_are_scored_together() {
        let text = "Neo-colonial rule, the people's foe".to_owned();
        let document = Document::new(Metadata::default(), text);
        let pieces = [
            (0, 3),
            (3, 4),
            (4, 8),
            (8, 12),
            (13, 17),
            (17, 18),
            (19, 22),
            (23, 29),
            (29, 30),
            (30, 31),
            (32, 35),
        ];
        let tokens = pieces.map(|(start, end)| (document.span(start..end).unwrap(), 1.0));
        let words = words(&document, tokens.into_iter());
        let words: Vec<&str> = words.iter().map(|word| document.slice(word.span)).collect();
        assert_eq!(words, ["Neo-colonial", "rule", "the", "people's", "foe"]);
    }

    proptest! {
        #[test]
        fn no_other_run_has_a_greater_sum(values in prop::collection::vec(-8i8..8, 1..30)) {
            let values: Vec<f32> = values.into_iter().map(f32::from).collect();
            let sum = |from: usize, to: usize| values[from..to].iter().sum::<f32>();
            let best = best_run(&values);
            for from in 0..values.len() {
                for to in from + 1..=values.len() {
                    prop_assert!(sum(from, to) <= sum(best.start, best.end));
                }
            }
        }
    }
}
