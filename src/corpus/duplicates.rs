//! Finds documents that the archive has already: the same words, or nearly the same, as when many papers
//! print one agency report.
//!
//! *Useful for* texts of some twenty words and more. *Not useful for* single sentences, whose nearness
//! says little: shorter texts are compared word for word alone.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::Entry;
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

/// Words of a shingle: three keep the order of words and stand a changed word in every tenth place.
const SHINGLE_WORDS: usize = 3;

/// Shorter texts have too few shingles to be near to each other.
const SHORTEST_WORDS: usize = 20;

/// Bands and rows of the signature: texts that share 80 % of their shingles meet in a band 19 times of 20,
/// those that share half of them one time of five, and are then told apart by the whole signature.
const BANDS: usize = 8;
const ROWS: usize = 5;

/// The share of equal rows from which two texts are nearly the same.
const NEAR: f64 = 0.8;

type Signature = [u32; BANDS * ROWS];

/// Finds duplicates in a stream of documents; the first of the same words is the original.
///
/// # Units
/// Some 400 bytes of memory a document of the stream.
///
/// # Source
/// Broder (1997), "On the resemblance and containment of documents"; bands as in Leskovec, Rajaraman and
/// Ullman (2020), *Mining of Massive Datasets*, section 3.4. The hash functions are one hash mixed with
/// odd multipliers instead of random permutations.
#[derive(Debug, Default)]
pub struct DuplicateFinder {
    ids: Vec<String>,
    signatures: Vec<Signature>,
    /// The first document with the same words.
    same: HashMap<u64, usize>,
    /// The documents by what one band of their signature holds.
    bands: HashMap<(u8, u32), Vec<u32>>,
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
        let near = (words.len() >= SHORTEST_WORDS).then(|| signature(&words));
        if let Some(index) = near.as_ref().and_then(|signature| self.near(signature)) {
            return self.ids.get(index).map(String::as_str);
        }
        self.remember(document.metadata.id.clone(), same, near);
        None
    }

    fn near(&self, signature: &Signature) -> Option<usize> {
        bands(signature)
            .filter_map(|band| self.bands.get(&band))
            .flatten()
            .filter_map(|&index| usize::try_from(index).ok())
            .filter(|&index| {
                let other = self.signatures.get(index);
                other.is_some_and(|other| resemblance(signature, other) >= NEAR)
            })
            .min()
    }

    fn remember(&mut self, id: String, same: u64, near: Option<Signature>) {
        let index = self.ids.len();
        self.ids.push(id);
        self.same.insert(same, index);
        // Texts too short for a signature keep their place with one that no band leads to.
        self.signatures.push(near.unwrap_or([0; BANDS * ROWS]));
        if let (Some(signature), Ok(index)) = (near, u32::try_from(index)) {
            for band in bands(&signature) {
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

/// The hashes of the words of a text, without case and marks.
fn words(text: &str) -> impl Iterator<Item = u64> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| hash(&word.to_lowercase()))
}

fn hash<T: std::hash::Hash + ?Sized>(value: &T) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

fn signature(words: &[u64]) -> Signature {
    let mut least = [u32::MAX; BANDS * ROWS];
    for shingle in words.windows(SHINGLE_WORDS) {
        let shingle = hash(shingle);
        for (least, multiplier) in least.iter_mut().zip(multipliers()) {
            let mixed = shingle.wrapping_mul(multiplier) >> 32;
            *least = (*least).min(u32::try_from(mixed).unwrap_or(u32::MAX));
        }
    }
    least
}

/// Odd multipliers without end: the steps of `SplitMix64` (Steele, Lea and Flood 2014).
fn multipliers() -> impl Iterator<Item = u64> {
    (1_u64..).map(|step| {
        let mut mixed = step.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) | 1
    })
}

fn bands(signature: &Signature) -> impl Iterator<Item = (u8, u32)> {
    (0_u8..).zip(signature.chunks(ROWS)).map(|(band, rows)| {
        let bytes = hash(rows).to_le_bytes();
        let [a, b, c, d, ..] = bytes;
        (band, u32::from_le_bytes([a, b, c, d]))
    })
}

/// The share of equal rows: an estimate of the share of shingles that two texts have in common.
fn resemblance(one: &Signature, other: &Signature) -> f64 {
    let equal = one
        .iter()
        .zip(other)
        .filter(|(one, other)| one == other)
        .count();
    equal as f64 / one.len() as f64
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
