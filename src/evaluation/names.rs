//! Whether two names mean one speaker, by the rules of the reference scorer.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::words::name_words;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    ignored: BTreeSet<String>,
    pronouns: BTreeSet<String>,
}

#[expect(
    clippy::expect_used,
    reason = "the file is part of the program, and a test reads it"
)]
static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/evaluation/names.toml")).expect("names.toml: bug")
});

/// The words of a name that tell whose it is.
fn telling_words(name: &str) -> Vec<String> {
    let mut words = name_words(name);
    words.retain(|word| !LISTS.ignored.contains(word));
    words
}

/// Whether `predicted` names the speaker `gold`: the same words, or one's words among the other's with the
/// same last word, unless a lone surname would stand for a fuller one that it does not end.
pub(super) fn same(gold: &str, predicted: &str) -> bool {
    let (a, b) = (telling_words(gold), telling_words(predicted));
    if a.is_empty() || b.is_empty() {
        return gold.to_lowercase() == predicted.to_lowercase();
    }
    let (set_a, set_b): (BTreeSet<_>, BTreeSet<_>) = (a.iter().collect(), b.iter().collect());
    let nested = set_a.is_subset(&set_b) || set_b.is_subset(&set_a);
    a == b || (nested && (a.last() == b.last() || b.len() > 1 || a.len() == 1))
}

/// Whether two names that are not the [`same`] share a word that tells whose they are.
pub(super) fn are_alike(gold: &str, predicted: &str) -> bool {
    let words = telling_words(predicted);
    telling_words(gold).iter().any(|word| words.contains(word))
}

/// Whether a mention is a pronoun.
pub(super) fn is_pronoun(mention: &str) -> bool {
    LISTS.pronouns.contains(&mention.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_given_names_do_not_part_one_person() {
        for (gold, predicted, is_same) in [
            ("Anna Berg", "President Anna Berg", true),
            ("Anna Berg", "Berg", true),
            ("Anna Berg", "Anna", false),
            ("the Ministry of Trade", "Ministry", false),
            ("Berg", "Anna Berg", true),
            ("Anna Berg", "Otto Berg", false),
            ("the President", "The President", true),
            ("the President", "Anna Berg", false),
        ] {
            assert_eq!(same(gold, predicted), is_same, "{gold} – {predicted}");
        }
        assert!(are_alike("Anna Berg", "Otto Berg"));
        assert!(is_pronoun("She"));
    }
}
