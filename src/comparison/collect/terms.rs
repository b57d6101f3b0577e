//! Words and two-word phrases of each group, in bounded memory.

use rustc_hash::{FxHashMap, FxHashSet};
use unicode_segmentation::UnicodeSegmentation;

/// Words that carry grammar rather than content: they begin and end no phrase and are no distinctive word.
const FUNCTION_WORDS: &str = include_str!("../../../data/function-words.txt");

/// Past so many (group, term) entries the rarest are dropped: at 33 bytes each, about 130 MB.
const MOST_ENTRIES: usize = 3_500_000;

/// A term: one word, or two words that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// A word, by its number.
    Word(u32),
    /// Two words in a row.
    Phrase(u32, u32),
}

/// How a group uses a term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// How often.
    pub count: u32,
    /// In how many documents (counted where documents come one after the other).
    pub documents: u32,
    last_document: u32,
}

/// The terms of all groups.
#[derive(Debug)]
pub struct Terms {
    numbers: FxHashMap<Box<str>, u32>,
    words: Vec<Box<str>>,
    is_content: Vec<bool>,
    uses: FxHashMap<(u32, Term), Use>,
    function_words: FxHashSet<&'static str>,
    dropped_below: u32,
    lowercase: String,
}

/// Words that carry grammar rather than content, in lower case.
pub fn function_words() -> FxHashSet<&'static str> {
    let lines = FUNCTION_WORDS.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            numbers: FxHashMap::default(),
            words: Vec::new(),
            is_content: Vec::new(),
            uses: FxHashMap::default(),
            function_words: function_words(),
            dropped_below: 0,
            lowercase: String::new(),
        }
    }
}

impl Terms {
    /// Counts the terms of `text` for `group` and says how many words it has. `document` tells documents
    /// that follow each other apart.
    pub fn add(&mut self, text: &str, group: u32, document: u64) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
        let document = document as u32;
        let mut lowercase = std::mem::take(&mut self.lowercase);
        lowercase.clear();
        lowercase.extend(text.chars().flat_map(char::to_lowercase));
        let mut words = 0;
        let mut before: Option<(u32, usize)> = None;
        for (at, word) in lowercase.unicode_word_indices() {
            words += 1;
            let number = self.number(word);
            let content = self.is_content[number as usize];
            if content {
                self.count(group, Term::Word(number), document);
            }
            // only a space may stand between the words of a phrase
            if let Some((previous, end)) = before
                && content
                && at == end + 1
                && self.is_content[previous as usize]
            {
                self.count(group, Term::Phrase(previous, number), document);
            }
            before = Some((number, at + word.len()));
        }
        self.lowercase = lowercase;
        if self.uses.len() > MOST_ENTRIES {
            self.drop_rare();
        }
        words
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(&number) = self.numbers.get(word) {
            return number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let stem = word.split(['\'', '’']).next().unwrap_or(word);
        let content = word.chars().any(char::is_alphabetic)
            && word.chars().nth(1).is_some()
            && !self.function_words.contains(stem);
        self.numbers.insert(word.into(), number);
        self.words.push(word.into());
        self.is_content.push(content);
        number
    }

    fn count(&mut self, group: u32, term: Term, document: u32) {
        let entry = self.uses.entry((group, term)).or_default();
        if entry.count == 0 || entry.last_document != document {
            entry.documents += 1;
            entry.last_document = document;
        }
        entry.count += 1;
    }

    /// Lossy counting (Manku and Motwani 2002): drops the rarest entries until half the room is free.
    fn drop_rare(&mut self) {
        while self.uses.len() > MOST_ENTRIES / 2 {
            self.dropped_below += 1;
            let least = self.dropped_below;
            self.uses.retain(|_, entry| entry.count > least);
        }
    }

    /// Entries used at most so often may have been dropped; 0 if none were.
    pub fn dropped_below(&self) -> u32 {
        self.dropped_below
    }

    /// All uses, in a fixed order.
    pub fn sorted(&self) -> Vec<(u32, Term, Use)> {
        let mut uses: Vec<(u32, Term, Use)> = self
            .uses
            .iter()
            .map(|(&(group, term), &used)| (group, term, used))
            .collect();
        uses.sort_unstable_by_key(|&(group, term, _)| (term, group));
        uses
    }

    /// The words of a term.
    pub fn name(&self, term: Term) -> String {
        let word = |number: u32| self.words.get(number as usize).map_or("", AsRef::as_ref);
        match term {
            Term::Word(number) => word(number).to_owned(),
            Term::Phrase(first, second) => format!("{} {}", word(first), word(second)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_do_not_cross_punctuation_or_function_words() {
        let mut terms = Terms::default();
        assert_eq!(
            terms.add("Climate change, poverty and the climate change", 0, 1),
            7
        );
        let mut counted: Vec<(String, u32)> = terms
            .sorted()
            .iter()
            .map(|&(_, term, used)| (terms.name(term), used.count))
            .collect();
        counted.sort();
        let expected = [
            ("change", 2),
            ("climate", 2),
            ("climate change", 2),
            ("poverty", 1),
        ];
        assert_eq!(
            counted,
            expected.map(|(name, count)| (name.to_owned(), count))
        );
    }

    #[test]
    fn documents_are_counted_once() {
        let mut terms = Terms::default();
        for (text, document) in [("peace peace", 1), ("peace", 1), ("peace", 2)] {
            terms.add(text, 0, document);
        }
        let used = terms.sorted()[0].2;
        assert_eq!((used.count, used.documents), (4, 2));
    }
}
