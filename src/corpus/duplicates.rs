//! Finds documents that the archive has already: the same words, or nearly the same, as when many papers
//! print one agency report.
//!
//! *Useful for* texts of some twenty words and more. *Not useful for* single sentences, whose nearness
//! says little: shorter texts are compared word for word alone.

use std::collections::HashMap;

use super::Entry;
use crate::resemblance::{MEASURES, Signature, hash, words};
use crate::schema::{Document, Quarantined};

/// What becomes of a document that the archive has already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// Nothing: it is not looked for.
    #[default]
    Keep,
    /// It stays, and its field `duplicate_of` names the first that had its words.
    Mark,
    /// It is quarantined, with the id of the first that had its words.
    Drop,
}

/// The field that names the first document that had the words.
pub const DUPLICATE_OF: &str = "duplicate_of";

/// Finds duplicates in a stream of documents; the first of the same words is the original.
///
/// # Units
/// Some 500 bytes of memory a document of the stream.
#[derive(Debug, Default)]
pub struct DuplicateFinder {
    ids: Vec<String>,
    /// Texts too short for a signature have none.
    signatures: Vec<Option<Signature>>,
    /// The first document with the same words.
    same: HashMap<u64, usize>,
    /// The documents by what one band of their signature holds.
    bands: HashMap<(usize, u32), Vec<u32>>,
}

impl DuplicateFinder {
    /// The id of the first document of these words, or of nearly these; `None` for new ones, which are
    /// remembered under their id.
    pub fn original(&mut self, document: &Document) -> Option<&str> {
        let words: Vec<u64> = words(document.text()).collect();
        let same = hash(&words);
        if let Some(&index) = self.same.get(&same) {
            return self.ids.get(index).map(String::as_str);
        }
        let measure = &MEASURES.documents;
        let is_long = words.len() >= measure.shortest_words;
        let near = is_long.then(|| Signature::of(&words, measure));
        if let Some(index) = near.as_ref().and_then(|signature| self.near(signature)) {
            return self.ids.get(index).map(String::as_str);
        }
        self.remember(document.metadata.id.clone(), same, near);
        None
    }

    fn near(&self, signature: &Signature) -> Option<usize> {
        let is_near = |index: &usize| {
            let other = self.signatures.get(*index).and_then(Option::as_ref);
            other.is_some_and(|other| signature.resemblance(other) >= MEASURES.documents.near)
        };
        (signature.bands().enumerate())
            .filter_map(|band| self.bands.get(&band))
            .flatten()
            .filter_map(|&index| usize::try_from(index).ok())
            .filter(is_near)
            .min()
    }

    fn remember(&mut self, id: String, same: u64, near: Option<Signature>) {
        let index = self.ids.len();
        self.ids.push(id);
        self.same.insert(same, index);
        self.signatures.push(near);
        if let (Some(signature), Ok(index)) = (near, u32::try_from(index)) {
            for band in signature.bands().enumerate() {
                self.bands.entry(band).or_default().push(index);
            }
        }
    }

    /// What becomes of an entry.
    pub fn filter(&mut self, mode: Duplicates, entry: Entry) -> Entry {
        let mut document = match entry {
            Entry::Document(document) if mode != Duplicates::Keep => document,
            other => return other,
        };
        let Some(original) = self.original(&document).map(str::to_owned) else {
            return Entry::Document(document);
        };
        if mode == Duplicates::Mark {
            let fields = &mut document.metadata.fields;
            fields.insert(DUPLICATE_OF.to_owned(), original);
            return Entry::Document(document);
        }
        Entry::Quarantined(Quarantined {
            origin: document.metadata.origin,
            id: Some(document.metadata.id),
            reason: format!("a duplicate of {original}"),
            last: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::document::Metadata;

    const REPORT: &str = "The council voted on Tuesday for the new bridge, which the town has been waiting \
        for since the storm of last winter, and the mayor thanked all who had worked for it over the years. \
        Her opponent said that the town could not afford it and that the ferry had served it well.";

    fn document(id: &str, text: &str) -> Document {
        let metadata = Metadata {
            id: id.to_owned(),
            ..Metadata::default()
        };
        Document::new(metadata, text.to_owned())
    }

    fn originals(texts: &[&str]) -> Vec<Option<String>> {
        let mut finder = DuplicateFinder::default();
        let ids = ["a", "b", "c", "d"];
        ids.iter()
            .zip(texts)
            .map(|(id, text)| finder.original(&document(id, text)).map(str::to_owned))
            .collect()
    }

    #[test]
    fn one_report_in_several_papers_has_one_original() {
        let other_case = REPORT.to_uppercase().replace(", ", " ");
        let with_place = format!("SPRINGFIELD – {REPORT}");
        let another = "The ferry will run every hour from May, its owner said at the harbour on Monday, and \
            tickets will cost as much as they did last year, whatever the price of oil may be by then.";
        assert_eq!(
            originals(&[REPORT, &other_case, &with_place, another]),
            [None, Some("a".to_owned()), Some("a".to_owned()), None]
        );
    }

    #[test]
    fn short_texts_are_compared_word_for_word() {
        assert_eq!(
            originals(&["We agree.", "We agreed.", "we agree", ""]),
            [None, None, Some("a".to_owned()), None]
        );
    }

    #[test]
    fn a_duplicate_is_marked_or_set_aside_and_never_lost() {
        let entries = || [document("a", REPORT), document("b", REPORT)].map(Entry::Document);
        let mut finder = DuplicateFinder::default();
        let [_, marked] = entries().map(|entry| finder.filter(Duplicates::Mark, entry));
        assert!(matches!(marked, Entry::Document(b) if b.metadata.fields[DUPLICATE_OF] == "a"));
        let mut finder = DuplicateFinder::default();
        let [_, dropped] = entries().map(|entry| finder.filter(Duplicates::Drop, entry));
        assert!(matches!(dropped, Entry::Quarantined(b) if b.reason == "a duplicate of a"));
        let mut finder = DuplicateFinder::default();
        assert_eq!(
            entries().map(|entry| finder.filter(Duplicates::Keep, entry)),
            entries()
        );
    }
}
