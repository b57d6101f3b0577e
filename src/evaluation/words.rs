//! Words and white space as Python's `re` and `str` see them, so that figures agree with the reference scorer.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// Python's `\w+`: letters, numbers and the low line, but no combining marks.
#[expect(
    clippy::expect_used,
    reason = "the pattern is fixed, and a test compiles it"
)]
static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_]+").expect("pattern: bug"));

/// The different words of `text`, in lower case.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let text = text.to_lowercase();
    WORD.find_iter(&text)
        .map(|word| word.as_str().to_owned())
        .collect()
}

/// The words of a name in order, in lower case, split at the low line too (Python's `[^\W_]+`).
pub(super) fn name_words(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let words = WORD
        .find_iter(&name)
        .flat_map(|word| word.as_str().split('_'));
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Python's `str.isspace`, which takes the four separators of ASCII for space.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// `text` as it is compared whole: without space at its ends, in lower case.
pub(super) fn folded(text: &str) -> String {
    text.trim_matches(is_space).to_lowercase()
}

/// How much of two texts' words is the same, from 0 to 1 (the F1 of their sets of words); 0 of no words.
pub(super) fn overlap(a: &str, b: &str) -> f64 {
    let (a, b) = (words(a), words(b));
    let total = a.len() + b.len();
    if total == 0 {
        return 0.0;
    }
    2.0 * a.intersection(&b).count() as f64 / total as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_as_python_cuts_them() {
        assert_eq!(words("The U.N.'s x_1 – naïve ½").len(), 7);
        // A combining accent is no part of a word in Python.
        assert_eq!(
            words("e\u{301}t"),
            BTreeSet::from(["e".to_owned(), "t".to_owned()])
        );
        assert_eq!(name_words("Jean_Luc O'Neil"), ["jean", "luc", "o", "neil"]);
    }

    #[test]
    fn overlap_is_the_f1_of_the_words() {
        assert!((overlap("armed forces", "the armed forces") - 0.8).abs() < 1e-12);
        assert!(overlap("", "–").abs() < 1e-12);
    }
}
