//! Names as they are compared: spellings of one name are one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// `data/spelling.toml`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Spelling {
    letters: BTreeMap<char, String>,
    silent: String,
    endings: String,
    shortest: usize,
    shortest_initial: usize,
    shortest_in_any_order: usize,
    honorifics: BTreeSet<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program")]
static SPELLING: LazyLock<Spelling> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/spelling.toml")).expect("data/spelling.toml: bug")
});

/// What all spellings of a name have in common: in small letters, without accents and honorifics,
/// transliterations evened out; two long words in alphabetical order, for some put the family name first.
///
/// # Units
/// Two names of one person have the same key; that two people share one is rare, and possible.
pub fn key(name: &str) -> String {
    let spelling = &*SPELLING;
    let name = name.to_lowercase();
    let words = name.split(|c: char| c.is_whitespace() || "-‐–".contains(c));
    let mut words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .skip_while(|word| spelling.honorifics.contains(word.trim_end_matches('.')))
        .map(fold)
        .collect();
    let long = |word: &String| word.chars().count() >= spelling.shortest_in_any_order;
    if words.len() == 2 && words.iter().all(long) {
        words.sort();
    }
    if words.is_empty() {
        name
    } else {
        words.join(" ")
    }
}

/// One word of a name as it is compared.
pub fn fold(word: &str) -> String {
    let spelling = &*SPELLING;
    let bare: Vec<char> = word
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|&c| !is_combining_mark(c) && !spelling.silent.contains(c))
        .collect();
    if bare.len() < spelling.shortest {
        return bare.into_iter().collect();
    }
    let initial =
        usize::from(bare.len() >= spelling.shortest_initial && bare.starts_with(&['y', 'e']));
    let endings = bare
        .iter()
        .rev()
        .take_while(|&&c| spelling.endings.contains(c));
    let stem = bare.len() - endings.count();
    let stem = &bare[initial.min(stem)..stem];
    let ending = if initial + stem.len() < bare.len() {
        "i"
    } else {
        ""
    };
    let mut folded = String::with_capacity(word.len());
    let mut push = |char: char| {
        if !folded.ends_with(char) || !char.is_alphabetic() {
            folded.push(char);
        }
    };
    for &char in stem {
        match spelling.letters.get(&char) {
            Some(letters) => letters.chars().for_each(&mut push),
            None => push(char),
        }
    }
    ending.chars().for_each(push);
    folded
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn spellings_of_a_name_are_one_and_names_are_many() {
        for spellings in [
            &["Sergei Lavrov", "Sergey Lavrov", "Mr. Sergey  Lavrov"][..],
            &[
                "Volodymyr Zelenskyy",
                "Volodymyr Zelensky",
                "Volodymyr Zelenskiy",
                "VOLODYMYR ZELENSKYI",
            ],
            &["Alexei Navalny", "Aleksey Navalnyy", "Alexey Navalny"],
            &["Andrej Plenković", "Andrej Plenkovic"],
            &["Viktor Orbán", "Orban Viktor"],
            &["Jean-Pierre Lacroix", "Jean Pierre Lacroix"],
            &["Yelena Popova", "Elena Popova"],
            &["the White House", "White House"],
        ] {
            for spelling in spellings {
                assert_eq!(key(spelling), key(spellings[0]), "{spelling}");
            }
        }
        for (one, other) in [
            ("Wei Li", "Li Wei"),
            ("Wang Yi", "Wang Xi"),
            ("Ann Lee", "Anne Lee"),
            ("Imran Khan", "Imran Han"),
            ("Maria Berg", "Marie Berg"),
            ("Donald Trump", "Donald Trump Jr."),
            ("", "the"),
        ] {
            assert_ne!(key(one), key(other), "{one}");
        }
    }
}
