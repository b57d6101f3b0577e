//! How names are written: in full, and without the capitals of a label.

use crate::stages::attribute::words::lexicon::lexicon;
use crate::stages::attribute::words::piece::{Piece, Shape};

/// Longest name, in words: 'Maria Lourdes de la Cruz'.
pub(super) const NAME_WORDS: usize = 5;

/// Whether a name is a full one that ends in `surname`; 'I’m Ann Lee' is none.
pub(super) fn is_full(name: &[Piece], surname: &[&str]) -> bool {
    let words: Vec<&str> = name
        .iter()
        .filter(|p| p.is_word())
        .map(|p| &*p.lower)
        .collect();
    let contracted = |word: &&str| {
        ["'m", "'s", "'ll", "'re", "'ve"]
            .iter()
            .any(|end| word.ends_with(end))
    };
    (2..=NAME_WORDS).contains(&words.len())
        && (words.len() > surname.len() || surname.len() > 1)
        && words.ends_with(surname)
        && !words.iter().any(contracted)
        && name
            .iter()
            .all(|p| p.shape != Shape::Lower || lexicon().is_particle(&p.lower))
}

/// Words joined by single spaces, with their capitals.
pub(super) fn words_of(pieces: &[&Piece]) -> String {
    let words: Vec<String> = pieces.iter().map(|p| p.lower.to_uppercase()).collect();
    words.join(" ")
}

/// 'vice president' as 'Vice President'.
pub(super) fn in_title_case(words: &[&str]) -> String {
    unshout(&words.join(" ").to_uppercase())
}

/// 'JEAN-PIERRE' as a name is written: 'Jean-Pierre'. Names in small letters stay.
pub(super) fn unshout(name: &str) -> String {
    if name.contains(char::is_lowercase) || name.chars().count() < 2 {
        return name.to_owned();
    }
    let mut written = String::with_capacity(name.len());
    let mut word_start = 0;
    for char in name.chars() {
        let word = written.get(word_start..).unwrap_or_default();
        // 'O’NEAL' is O’Neal, 'MCCARTHY' McCarthy.
        let begins = word.is_empty() || word == "Mc";
        if !char.is_alphabetic() {
            written.push(char);
            word_start = written.len();
        } else if begins {
            written.push(char);
        } else {
            written.extend(char.to_lowercase());
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::unshout;

    #[test]
    fn capitals_become_a_name() {
        for (shouted, name) in [
            ("JEAN-LUC BERG", "Jean-Luc Berg"),
            ("O’NEAL", "O’Neal"),
            ("MCLEE", "McLee"),
            ("Ann Lee", "Ann Lee"),
            ("Q", "Q"),
        ] {
            assert_eq!(unshout(shouted), name);
        }
    }
}
