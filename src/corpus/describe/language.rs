//! The language of a text, given or detected.

use std::collections::HashSet;
use std::sync::LazyLock;

use isolang::Language;
use serde::Deserialize;

/// Shorter texts are not guessed at: below some sixty letters trigrams of related languages look alike.
const SHORTEST_BYTES: usize = 60;

/// How much of a text is looked at: more does not change the answer and costs time.
const LOOKED_AT_BYTES: usize = 1_000;

/// The share of words from the list that shows English; no other language comes near it.
const ENGLISH_SHARE: f64 = 0.2;

#[derive(Deserialize)]
struct Words {
    english: HashSet<String>,
}

#[expect(
    clippy::expect_used,
    reason = "the embedded list is checked by the tests"
)]
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/language.toml"))
        .expect("data/language.toml lists words: bug")
});

/// A language as archives write it (`en`, `eng`, `en-GB`, `English`) as ISO 639-1.
///
/// `None` for what is no language or has no two-letter code.
pub(in crate::corpus) fn normalise(written: &str) -> Option<String> {
    let written = written.trim().to_lowercase();
    let code = written.split(['-', '_']).next().unwrap_or_default();
    let language = match code.len() {
        2 => Language::from_639_1(code),
        3 => Language::from_639_3(code),
        _ => Language::from_name_lowercase(&written),
    };
    Some(language?.to_639_1()?.to_owned())
}

/// The language of a text as ISO 639-1; `None` where it is too short to tell or the answer not reliable.
///
/// # Source
/// The crate `whatlang`: trigrams after Cavnar and Trenkle (1994), "N-Gram-Based Text Categorization";
/// before it, for English alone, the share of its commonest words.
pub(in crate::corpus) fn detect(text: &str) -> Option<String> {
    let text = text.trim_start();
    if text.len() < SHORTEST_BYTES {
        return None;
    }
    let looked_at = text.get(..text.floor_char_boundary(LOOKED_AT_BYTES))?;
    if is_english(looked_at) {
        return Some("en".to_owned());
    }
    let found = whatlang::detect(looked_at)?;
    if !found.is_reliable() {
        return None;
    }
    // whatlang says `cmn` for Chinese, the ISO table gives `zh` to the macrolanguage.
    let code = match found.lang() {
        whatlang::Lang::Cmn => "zho",
        language => language.code(),
    };
    Some(Language::from_639_3(code)?.to_639_1()?.to_owned())
}

/// The language of a statement in a document of another one, as ISO 639-1; `None` where it is not certain. One common
/// word of English makes it uncertain: trigrams of a single sentence err more often than those of a document.
pub(crate) fn detect_statement(text: &str) -> Option<String> {
    let has_english = |text: &str| {
        text.split(|c: char| !c.is_alphabetic())
            .any(|word| WORDS.english.contains(word.to_lowercase().as_str()))
    };
    if text.len() < SHORTEST_BYTES || has_english(text) {
        return None;
    }
    detect(text)
}

/// Whether the words are English for certain: the trigrams of all languages take a hundred times as long.
fn is_english(text: &str) -> bool {
    let (mut words, mut english) = (0_u32, 0_u32);
    for word in text.split(|c: char| !c.is_alphabetic()) {
        if !word.is_empty() {
            words += 1;
            english += u32::from(WORDS.english.contains(word));
        }
    }
    f64::from(english) > ENGLISH_SHARE * f64::from(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_languages_come_in_many_spellings() {
        for (written, expected) in [
            ("en", Some("en")),
            ("EN-gb", Some("en")),
            ("eng", Some("en")),
            ("English", Some("en")),
            ("ru_RU", Some("ru")),
            ("none", None),
            ("", None),
        ] {
            assert_eq!(normalise(written).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn a_statement_needs_more_certainty() {
        let german = "Die Sicherheit der Region ist unsere gemeinsame Aufgabe, und wir werden sie nicht aufgeben.";
        assert_eq!(detect_statement(german).as_deref(), Some("de"));
        let quoted = format!("The minister: {german}");
        assert_eq!(detect_statement(&quoted), None);
    }

    #[test]
    fn a_paragraph_is_enough_and_a_word_is_not() {
        let english = "The council met on Tuesday to discuss the new harbour, which the town has been \
                       waiting for since the storm of last winter.";
        let french = "Le conseil s'est réuni mardi pour discuter du nouveau port, que la ville attend \
                      depuis la tempête de l'hiver dernier.";
        let chinese =
            "理事会星期二开会讨论新港口的建设,自去年冬天的风暴以来,这座城市一直在等待这个港口。";
        assert_eq!(detect(english).as_deref(), Some("en"));
        assert_eq!(detect(french).as_deref(), Some("fr"));
        assert_eq!(detect(chinese).as_deref(), Some("zh"));
        assert_eq!(detect("Harbour"), None);
    }
}
