//! How alike two texts are, from fingerprints of a few bytes.
//!
//! # Source
//! Broder (1997), "On the resemblance and containment of documents"; bands as in Leskovec, Rajaraman and
//! Ullman (2020), *Mining of Massive Datasets*, section 3.4; one byte of each minimum as in Li and König (2010),
//! "b-Bit Minwise Hashing". The hash functions are one hash mixed with odd multipliers instead of random
//! permutations.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::sync::LazyLock;

use serde::Deserialize;

/// From when on two texts are nearly the same; `data/resemblance.toml` says why.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Measure {
    /// Words of a shingle.
    pub shingle_words: usize,
    /// Texts of fewer words are not compared by their shingles.
    pub shortest_words: usize,
    /// The share of equal shingles from which two texts are nearly the same.
    pub near: f64,
}

/// The measures of `data/resemblance.toml`.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Measures {
    /// For whole documents.
    pub documents: Measure,
    /// For quotations.
    pub quotations: Quotations,
}

/// The measure for quotations.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Quotations {
    /// What counts for their words.
    #[serde(flatten)]
    pub measure: Measure,
    /// Who says the same after so many days says it again.
    pub most_days: i32,
}

/// The measures in force.
#[expect(clippy::expect_used, reason = "the file is part of the program")]
pub static MEASURES: LazyLock<Measures> = LazyLock::new(|| {
    toml::from_str(include_str!("../data/resemblance.toml")).expect("data/resemblance.toml: bug")
});

/// Bands and rows of a signature: of texts that share 80 % of their shingles 199 of 200 meet in a band, of those
/// that share half of them one of two, and these are then told apart by the whole signature.
const BANDS: usize = 10;
const ROWS: usize = 4;

/// The fingerprint of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature([u8; BANDS * ROWS]);

impl Signature {
    /// The signature of a text of these words.
    pub fn of(words: &[u64], measure: &Measure) -> Self {
        let mut least = [u32::MAX; BANDS * ROWS];
        for shingle in words.windows(measure.shingle_words.max(1)) {
            let shingle = hash(shingle);
            for (least, multiplier) in least.iter_mut().zip(&*MULTIPLIERS) {
                let [.., a, b, c, d] = shingle.wrapping_mul(*multiplier).to_le_bytes();
                *least = (*least).min(u32::from_le_bytes([a, b, c, d]));
            }
        }
        // The lowest byte of a minimum is as even as that of any number.
        Self(least.map(|least| least.to_le_bytes()[0]))
    }

    /// What its bands hold: two texts that are nearly the same agree in one at least.
    pub fn bands(&self) -> impl Iterator<Item = u32> {
        let (bands, _) = self.0.as_chunks::<ROWS>();
        bands.iter().map(|rows| u32::from_le_bytes(*rows))
    }

    /// An estimate of the share of shingles that two texts have in common.
    pub fn resemblance(&self, other: &Self) -> f64 {
        let rows = self.0.iter().zip(&other.0);
        let equal = rows.filter(|(one, other)| one == other).count();
        equal as f64 / self.0.len() as f64
    }
}

/// The hashes of the words of a text, without case and marks.
pub fn words(text: &str) -> impl Iterator<Item = u64> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| hash(&word.to_lowercase()))
}

/// The same in every run.
pub fn hash<T: std::hash::Hash + ?Sized>(value: &T) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

/// Odd numbers, one a row: the steps of `SplitMix64` (Steele, Lea and Flood 2014).
static MULTIPLIERS: LazyLock<[u64; BANDS * ROWS]> = LazyLock::new(|| {
    let mut step = 0_u64;
    [(); BANDS * ROWS].map(|()| {
        step = step.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = step;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) | 1
    })
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_follows_the_share_of_common_shingles() {
        let measure = Measure {
            shingle_words: 1,
            ..MEASURES.documents
        };
        let of = |words: std::ops::Range<u64>| {
            let words: Vec<u64> = words.map(|word| hash(&word)).collect();
            Signature::of(&words, &measure)
        };
        // Over pairs of texts of 100 words, of which 0 to 100 are common.
        for common in [0, 50, 80, 100_u64] {
            let estimates = (0..50).map(|pair: u64| {
                let start = pair * 1_000;
                let other = start + 100 - common;
                of(start..start + 100).resemblance(&of(other..other + 100))
            });
            let mean = estimates.sum::<f64>() / 50.0;
            let truth = common as f64 / (200 - common) as f64;
            assert!((mean - truth).abs() < 0.05, "{mean} for {truth}");
        }
    }
}
