//! A document's title, read as its text is.

use std::ops::Range;
use std::sync::Arc;

use crate::schema::Document;
use crate::stages::attribute::names::entity::text;
use crate::stages::attribute::names::name::{self, Named};
use crate::stages::attribute::words::lexicon::{Gender, lexicon};
use crate::stages::attribute::words::piece::{Pieces, Shape};

use super::spelling::{NAME_WORDS, is_full};

/// A title with the names in it.
pub(super) struct Title {
    document: Arc<Document>,
    pub(super) pieces: Pieces,
    pub(super) names: Vec<Named>,
}

impl Title {
    /// Reads a title.
    pub(super) fn new(title: &str) -> Self {
        let (document, pieces) = Pieces::of_text(title);
        let names = name::names(&pieces);
        Self {
            document,
            pieces,
            names,
        }
    }

    /// All of it.
    pub(super) fn whole(&self) -> &str {
        self.document.text()
    }

    /// The words of some of its pieces.
    pub(super) fn text(&self, pieces: Range<usize>) -> String {
        text(&self.document, &self.pieces.all[pieces])
    }

    /// The names that follow an office: 'Berg' of 'Remarks by Vice President Berg' for 'vice president'.
    pub(super) fn after_office(&self, office: &[&str]) -> Vec<Range<usize>> {
        let all = &self.pieces.all;
        let starts = (0..all.len().saturating_sub(office.len())).filter(|&at| {
            let before = at.checked_sub(1);
            let higher = before.is_some_and(|i| lexicon().changes_office(&all[i].lower));
            !higher && office.iter().zip(&all[at..]).all(|(word, p)| p.is(word))
        });
        starts
            .map(|at| self.name_at(self.after_place(at + office.len())))
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// The full name that ends in a surname, with the naming that it stands in: a title writes other words
    /// with capitals, too ('Talk by Ann Lee Aboard a Ferry').
    pub(super) fn ending_in(
        &self,
        surname: &[&str],
        gender: Option<Gender>,
    ) -> Option<(&Named, Range<usize>)> {
        let all = &self.pieces.all;
        let is_whole_shouted = all.iter().filter(|p| p.is_word()).all(|p| p.shouted);
        self.names.iter().find_map(|named| {
            let fits = gender.is_none() || named.gender.is_none_or(|known| Some(known) == gender);
            let acronyms = all[named.name.clone()]
                .iter()
                .rposition(|p| p.shouted && !is_whole_shouted && !surname.contains(&&*p.lower));
            let start = named.name.start + acronyms.map_or(0, |last| last + 1);
            let end = (start..named.name.end)
                .map(|last| last + 1)
                .find(|&end| is_full(&all[start..end], surname))?;
            fits.then_some((named, start..end))
        })
    }

    /// The piece after 'of the Republic of Norland' at `at`.
    fn after_place(&self, mut at: usize) -> usize {
        let all = &self.pieces.all;
        while all.get(at).is_some_and(|p| p.is("of")) {
            at += 1;
            at += usize::from(all.get(at).is_some_and(|p| p.is("the")));
            let place = (1..=4).rev().find(|&count| {
                let words: Vec<&str> = all[at.min(all.len())..]
                    .iter()
                    .take(count)
                    .map(|p| &*p.lower)
                    .collect();
                words.len() == count && lexicon().country(&words.join(" ")).is_some()
            });
            at += place.unwrap_or(1);
        }
        at
    }

    /// The name at the piece `at`; empty if there is none.
    pub(super) fn name_at(&self, at: usize) -> Range<usize> {
        let lexicon = lexicon();
        let all = &self.pieces.all;
        let length = all[at.min(all.len())..]
            .iter()
            .take(NAME_WORDS)
            .take_while(|p| {
                let name = p.shape == Shape::Capital
                    && !lexicon.is_common(&p.lower)
                    && !lexicon.is_title(&p.lower)
                    && !lexicon.is_preposition(&p.lower)
                    && !lexicon.is_boundary(&p.lower)
                    && !p.lower.ends_with("ing")
                    && lexicon.cue(&p.lower).is_none();
                name || p.shape == Shape::Lower && lexicon.is_particle(&p.lower)
            })
            .count();
        at..at + length
    }
}
