//! What the stance head learns from: texts with a target and the stance toward it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::dataset::Unit;
use super::gold::{LabelledStatement, not_empty};
use crate::error::Result;
use crate::json_lines;
use crate::model::Tokenizer;
use crate::schema::{Stance, TargetedText};
use crate::stages::encode::question;

/// Reads a file of texts with targets and stances.
///
/// # Errors
/// [`Error::ReadArchive`](crate::error::Error::ReadArchive) if it cannot be read;
/// [`Error::ReadRecords`](crate::error::Error::ReadRecords) with the line for what is no such text, and for one that is
/// empty; [`Error::Training`](crate::error::Error::Training) for an empty file.
pub fn read_stances(path: &Path) -> Result<Vec<TargetedText>> {
    let texts = json_lines::read_targeted(path)?;
    not_empty(path, texts.collect::<Result<_>>()?)
}

/// The targets of labelled statements, with the stances toward them; what was given several times counts once.
pub fn of_statements(statements: &[LabelledStatement]) -> Vec<TargetedText> {
    let mut seen = BTreeSet::new();
    let mut texts = Vec::new();
    for statement in statements {
        for label in &statement.labels {
            let Some(target) = &label.target else {
                continue;
            };
            if seen.insert((&statement.text, target)) {
                texts.push(TargetedText {
                    text: statement.text.clone(),
                    target: target.clone(),
                    stance: Some(label.stance),
                });
            }
        }
    }
    texts
}

/// Adds texts with targets that are not at issue in them: to every second one the target of another, which shares a word
/// with the text where there is one, but not all, so that words alone do not tell.
pub fn with_absent(texts: Vec<TargetedText>) -> Vec<TargetedText> {
    let words: Vec<BTreeSet<String>> = texts.iter().map(|text| content(&text.target)).collect();
    let mut by_word: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, words) in words.iter().enumerate() {
        for word in words {
            by_word.entry(word).or_default().push(place);
        }
    }
    let mut absent = Vec::new();
    for text in texts.iter().step_by(2) {
        let draw = |of: usize, turn: u8| drawn(&text.text, turn) % of.max(1);
        let here = content(&text.text);
        let shared = here.iter().filter_map(|word| by_word.get(word.as_str()));
        let shared: Vec<&Vec<usize>> = shared.collect();
        let like = shared
            .get(draw(shared.len(), 0))
            .map(|places| places[draw(places.len(), 1)]);
        let any = draw(texts.len(), 2);
        let fits = |place: &usize| !words[*place].is_empty() && !words[*place].is_subset(&here);
        if let Some(place) = like.into_iter().chain([any]).find(fits) {
            absent.push(TargetedText {
                text: text.text.clone(),
                target: texts[place].target.clone(),
                stance: None,
            });
        }
    }
    texts.into_iter().chain(absent).collect()
}

/// Splits off about a `share` of the texts, all targets of one together, the same whatever the seed.
pub fn hold_out(texts: Vec<TargetedText>, share: f64) -> (Vec<TargetedText>, Vec<TargetedText>) {
    texts
        .into_iter()
        .partition(|text| (drawn(&text.text, 3) % 10_000) as f64 >= share * 10_000.0)
}

/// Units of a text and a target each, as [`question`] joins them.
///
/// # Errors
/// As [`Tokenizer::encode`].
pub fn targeted(
    texts: &[TargetedText],
    tokenizer: &Tokenizer,
    max_tokens: usize,
) -> Result<Vec<Unit>> {
    let unit = |text: &TargetedText| {
        let wanted = |stance: Option<Stance>| if text.stance == stance { 1.0 } else { 0.0 };
        let stances = Stance::ALL.map(|stance| wanted(Some(stance)));
        Ok(Unit {
            ids: question(
                &tokenizer.ids(&text.text)?,
                &tokenizer.ids(&text.target)?,
                tokenizer.end_id(),
                max_tokens,
            ),
            stance: Some([[wanted(None)].as_slice(), &stances].concat()),
            ..Unit::default()
        })
    };
    texts.iter().map(unit).collect()
}

/// Words that carry meaning, by their length.
fn content(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let long = words.filter(|word| word.chars().count() > 3);
    long.map(str::to_lowercase).collect()
}

/// A number that depends on a text and a turn alone.
fn drawn(text: &str, turn: u8) -> usize {
    let digest = Sha256::new().chain_update([turn]).chain_update(text);
    let digest = digest.finalize();
    digest
        .iter()
        .take(4)
        .fold(0, |number, byte| number << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, target: &str) -> TargetedText {
        TargetedText {
            text: text.to_owned(),
            target: target.to_owned(),
            stance: Some(Stance::Oppose),
        }
    }

    #[test]
    fn targets_of_others_that_share_a_word_are_not_at_issue() {
        let things = [
            "blockade", "exercise", "base", "pact", "treaty", "museum", "budget", "parade",
        ];
        let texts: Vec<TargetedText> = things
            .iter()
            .map(|thing| {
                text(
                    &format!("We reject the naval {thing}."),
                    &format!("naval {thing}"),
                )
            })
            .collect();
        let all = with_absent(texts.clone());
        assert_eq!(all[..texts.len()], texts);
        let absent = &all[texts.len()..];
        assert!(!absent.is_empty());
        for TargetedText {
            text,
            target,
            stance,
        } in absent
        {
            assert!(
                stance.is_none() && !text.contains(target.as_str()),
                "{target}: {text}"
            );
            assert!(
                texts.iter().any(|other| other.target == *target),
                "{target}"
            );
        }
    }

    #[test]
    fn all_targets_of_a_text_are_held_out_together() {
        let texts: Vec<TargetedText> = (0..400)
            .map(|number| text(&format!("Text {}.", number / 2), &number.to_string()))
            .collect();
        let (learned, held_out) = hold_out(texts, 0.2);
        assert!((20..=140).contains(&held_out.len()), "{}", held_out.len());
        assert!(
            learned
                .iter()
                .all(|l| held_out.iter().all(|h| h.text != l.text))
        );
    }
}
