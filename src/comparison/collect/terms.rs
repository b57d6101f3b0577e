//! Words and two-word phrases of each group, in bounded memory.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use unicode_segmentation::UnicodeSegmentation;

/// Words that carry grammar rather than content: they begin and end no phrase and are no distinctive word.
const FUNCTION_WORDS: &str = include_str!("../../../data/function-words.txt");

/// Past so many (group, term) entries the rarest are dropped: at 33 bytes each, about 130 MB.
const MOST_ENTRIES: usize = 3_500_000;

/// Past so many different words the rarest are dropped, too: names, numbers and misspellings have no end. At
/// some 70 bytes each, about 70 MB.
const MOST_WORDS: usize = 1_000_000;

/// A term: one word, or two words that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// A word, by its number.
    Word(u32),
    /// Two words in a row.
    Phrase(u32, u32),
}

impl Term {
    /// The numbers of its first and its last word.
    fn numbers(self) -> (u32, u32) {
        match self {
            Self::Word(word) => (word, word),
            Self::Phrase(first, second) => (first, second),
        }
    }

    /// The same words under other numbers.
    fn with(self, number: impl Fn(u32) -> u32) -> Self {
        match self {
            Self::Word(word) => Self::Word(number(word)),
            Self::Phrase(first, second) => Self::Phrase(number(first), number(second)),
        }
    }
}

/// The place of a word as its number; there are never so many that it does not fit.
pub fn place_number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// How a group uses a term, while it is counted.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    count: u32,
    documents: u32,
    last_document: u32,
}

/// The terms of all groups.
#[derive(Debug)]
pub struct Terms {
    words: IndexSet<Box<str>, FxBuildHasher>,
    is_content: Vec<bool>,
    uses: FxHashMap<(u32, Term), Use>,
    function_words: FxHashSet<&'static str>,
    dropped_below: u32,
    lowercase: String,
    most_entries: usize,
    most_words: usize,
}

/// Words that carry grammar rather than content, in lower case.
pub fn function_words() -> FxHashSet<&'static str> {
    let lines = FUNCTION_WORDS.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            words: IndexSet::default(),
            is_content: Vec::new(),
            uses: FxHashMap::default(),
            function_words: function_words(),
            dropped_below: 0,
            lowercase: String::new(),
            most_entries: MOST_ENTRIES,
            most_words: MOST_WORDS,
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
        if self.uses.len() > self.most_entries || self.words.len() > self.most_words {
            self.drop_rare();
        }
        words
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(place) = self.words.get_index_of(word) {
            return place_number(place);
        }
        let stem = word.split(['\'', '’']).next().unwrap_or(word);
        let content = word.chars().any(char::is_alphabetic)
            && word.chars().nth(1).is_some()
            && !self.function_words.contains(stem);
        self.is_content.push(content);
        place_number(self.words.insert_full(word.into()).0)
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
        while self.uses.len() > self.most_entries / 2 || self.words.len() > self.most_words / 2 {
            self.dropped_below += 1;
            let least = self.dropped_below;
            self.uses.retain(|_, entry| entry.count > least);
            self.forget_unused_words();
        }
    }

    /// Keeps the words of the entries that are left, in their order, and numbers them anew.
    fn forget_unused_words(&mut self) {
        let mut used = vec![false; self.words.len()];
        self.uses.keys().for_each(|&(_, term)| {
            let (first, second) = term.numbers();
            used[first as usize] = true;
            used[second as usize] = true;
        });
        let mut renumbered = vec![0_u32; self.words.len()];
        let mut is_content = Vec::new();
        let mut words = IndexSet::default();
        for (place, word) in std::mem::take(&mut self.words).into_iter().enumerate() {
            if used[place] {
                renumbered[place] = place_number(words.insert_full(word).0);
                is_content.push(self.is_content[place]);
            }
        }
        self.words = words;
        self.is_content = is_content;
        let number = |number: u32| renumbered[number as usize];
        self.uses = std::mem::take(&mut self.uses)
            .into_iter()
            .map(|((group, term), entry)| ((group, term.with(number)), entry))
            .collect();
    }

    /// All that was counted, in the order of the alphabet.
    pub fn finish(self) -> TermUses {
        let mut words: Vec<(Box<str>, u32)> = self.words.into_iter().zip(0..).collect();
        words.sort_unstable();
        let mut rank = vec![0_u32; words.len()];
        for (place, (_, number)) in words.iter().enumerate() {
            rank[*number as usize] = place_number(place);
        }
        let mut uses: Vec<TermUse> = self
            .uses
            .into_iter()
            .map(|((group, term), used)| TermUse {
                term: term.with(|number| rank[number as usize]),
                group,
                count: used.count,
                documents: used.documents,
            })
            .collect();
        uses.sort_unstable_by_key(|used| (used.term, used.group));
        TermUses {
            words: words.into_iter().map(|(word, _)| word).collect(),
            uses,
            dropped_below: self.dropped_below,
        }
    }
}

/// How a group uses a term, when all is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermUse {
    /// The term.
    pub term: Term,
    /// The group's number.
    pub group: u32,
    /// How often.
    pub count: u32,
    /// In how many documents (counted where documents come one after the other).
    pub documents: u32,
}

/// The terms of all groups, counted.
#[derive(Debug, Default)]
pub struct TermUses {
    words: Vec<Box<str>>,
    uses: Vec<TermUse>,
    dropped_below: u32,
}

impl TermUses {
    /// The uses term by term, words before phrases, each in the order of the alphabet, its groups by number.
    pub fn by_term(&self) -> impl Iterator<Item = &[TermUse]> {
        self.uses.chunk_by(|a, b| a.term == b.term)
    }

    /// Entries used at most so often may have been dropped; 0 if none were.
    pub fn dropped_below(&self) -> u32 {
        self.dropped_below
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
        let terms = terms.finish();
        let counted: Vec<(String, u32)> = terms
            .by_term()
            .map(|uses| (terms.name(uses[0].term), uses[0].count))
            .collect();
        let expected = [
            ("change", 2),
            ("climate", 2),
            ("poverty", 1),
            ("climate change", 2),
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
        let terms = terms.finish();
        let used = terms.by_term().next().unwrap()[0];
        assert_eq!((used.count, used.documents), (4, 2));
    }

    #[test]
    fn words_without_end_are_bounded_and_frequent_ones_keep_their_counts() {
        let mut terms = Terms {
            most_words: 500,
            ..Terms::default()
        };
        for document in 0..4000_u64 {
            terms.add(&format!("clean water for village{document}"), 0, document);
        }
        assert!(terms.words.len() <= 500 && terms.dropped_below > 0);
        assert_eq!(terms.words.len(), terms.is_content.len());
        let terms = terms.finish();
        let count = |name: &str| {
            let mut found = terms.by_term().map(|uses| uses[0]);
            let named = found.find(|used| terms.name(used.term) == name);
            named.map(|used| (used.count, used.documents))
        };
        for frequent in ["clean", "water", "clean water"] {
            assert_eq!(count(frequent), Some((4000, 4000)), "{frequent}");
        }
        assert_eq!(count("for"), None);
    }
}
