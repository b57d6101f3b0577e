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

/// Shortest word in which another letter is a slip of the pen: 'LEE' and 'LEO' are two.
const SLIP_LETTERS: usize = 6;

/// Whether labels are the same but for one letter in one long word: 'MS. ESTEVAN' and 'MS. ESTAVAN'.
pub(super) fn is_slip(a: &[Piece], b: &[Piece]) -> bool {
    let mut unequal = a.iter().zip(b).filter(|(a, b)| a.lower != b.lower);
    let (Some((a_word, b_word)), None) = (unequal.next(), unequal.next()) else {
        return false;
    };
    let a_word: Vec<char> = a_word.lower.chars().collect();
    let b_word: Vec<char> = b_word.lower.chars().collect();
    let same = |(a, b): &(&char, &char)| a == b;
    let head = a_word.iter().zip(&b_word).take_while(same).count();
    let (a_rest, b_rest) = (&a_word[head..], &b_word[head..]);
    let tail = a_rest.iter().rev().zip(b_rest.iter().rev());
    let tail = tail.take_while(same).count();
    a.len() == b.len()
        && a_word.len().min(b_word.len()) >= SLIP_LETTERS
        && a_rest.len().max(b_rest.len()) - tail <= 1
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
