//! Offices and callings: in so far as they tell one person from another.

use std::collections::HashSet;

use crate::schema::Document;
use crate::stages::attribute::words::lexicon::{Office, lexicon};
use crate::stages::attribute::words::piece::{Piece, Pieces};

use super::entity::text;

/// A role as far as it tells one person from another.
#[derive(Clone, Debug)]
pub(in crate::stages::attribute) struct Role {
    /// Its words as the text has them.
    pub(in crate::stages::attribute) text: String,
    /// The office: 'minister' of 'Foreign Minister of Russia'.
    pub(super) head: String,
    /// All words that tell it apart, countries by their code.
    words: HashSet<String>,
}

impl Role {
    /// The role that some words by themselves give.
    pub(super) fn read(role: &str) -> Option<Self> {
        let (document, pieces) = Pieces::of_text(role);
        Self::new(&document, &pieces.all)
    }

    /// The role that the words give; `None` if none of them can be an office or a calling.
    pub(in crate::stages::attribute) fn new(document: &Document, words: &[Piece]) -> Option<Self> {
        let lexicon = lexicon();
        let before = words
            .iter()
            .position(|p| lexicon.is_preposition(&p.lower))
            .unwrap_or(words.len());
        let is_title = |p: &&Piece| lexicon.is_title(&p.lower) || p.is("state");
        let head = words[..before]
            .iter()
            .rfind(|p| lexicon.is_title(&p.lower))
            .or_else(|| words.iter().find(is_title))?;
        let mut key: HashSet<String> = HashSet::new();
        let mut countries: HashSet<String> = HashSet::new();
        let mut phrase: Vec<&str> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let place = (1..=3.min(words.len() - at)).rev().find_map(|count| {
                let name: Vec<&str> = words[at..at + count].iter().map(|p| &*p.lower).collect();
                lexicon.country(&name.join(" ")).map(|code| (count, code))
            });
            if let Some((count, code)) = place {
                key.insert(code.to_owned());
                countries.insert(code.to_owned());
                at += count;
                continue;
            }
            let piece = &words[at];
            if !piece.is("the") {
                phrase.push(&piece.lower);
            }
            if piece.is_word()
                && !lexicon.is_preposition(&piece.lower)
                && !lexicon.is_common(&piece.lower)
            {
                key.insert(piece.lower.to_string());
            }
            at += 1;
        }
        while phrase.pop_if(|last| lexicon.is_preposition(last)).is_some() {}
        // The head of a state is its president or king: the office is told by the whole phrase.
        let phrase = phrase.join(" ").replace(" 's", "'s");
        let (head, words_key) = if matches!(lexicon.office(&phrase), Office::Group(_)) {
            (phrase, countries)
        } else {
            (head.lower.to_string(), key)
        };
        Some(Self {
            text: text(document, words),
            head,
            words: words_key,
        })
    }

    /// Whether a known office is of the kind that this reference names: a president is no vice president.
    pub(super) fn is_of_kind(&self, known: &Self) -> bool {
        let same = office_key(&self.head) == office_key(&known.head);
        let lower = |word: &String| lexicon().changes_office(word);
        same && !known.words.difference(&self.words).any(lower)
    }

    /// Whether this is an office of the same kind elsewhere.
    pub(super) fn is_another_than(&self, known: &Self) -> bool {
        self.is_of_kind(known) && self.fit(known, false).is_none()
    }

    /// Whether this reference by itself means a known office: all that it says is known of that, and it says more than
    /// what kind of office it is.
    pub(super) fn means(&self, known: &Self) -> bool {
        self.is_of_kind(known) && self.fit(known, false).is_some_and(|shared| shared > 0)
    }

    /// How many words of this reference the known role shares; `None` if it lacks one.
    pub(super) fn fit(&self, known: &Self, counterpart: bool) -> Option<usize> {
        let mut shared = 0;
        for word in self.words.iter().filter(|word| **word != self.head) {
            if known.words.contains(word) {
                shared += 1;
            } else {
                return None;
            }
        }
        (!counterpart || shared > 0).then_some(shared)
    }
}

/// What stands for an office in look-ups.
pub(super) fn office_key(head: &str) -> String {
    match lexicon().office(head) {
        Office::Group(group) => format!("#{group}"),
        Office::Word(word) => word.to_owned(),
    }
}
