//! Which clusters of targets mean the same, though their words differ: 'the conflict in Gaza', 'the war in Gaza'.
//!
//! Clusters are taken in the order of their mentions. Each joins the leader whose vector is nearest, if that is at
//! least `near` (`data/targets.toml`), both name the same (every capitalised word and number of one has its like in the other, 'Russian' that
//! of 'Russia', 'SDGs' those of 'Sustainable Development Goals'), and both undo as much ('terrorism', 'the fight against
//! terrorism').

use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use unicode_segmentation::UnicodeSegmentation;

use super::SETTINGS;
use crate::comparison::Meaning;
use crate::comparison::collect::terms::function_words;
use crate::error::Result;

/// The most clusters that are compared; rarer ones stay as their words group them.
const MOST_COMPARED: usize = 20_000;

/// The most clusters that others join, the most frequent.
const MOST_LEADERS: usize = 4_000;

/// What two targets must agree in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Guard {
    /// Capitalised words in their order, as they stand.
    names: Vec<String>,
    /// Their first letters.
    initials: String,
    numbers: BTreeSet<String>,
    /// How many of its words turn the rest round.
    undoes: usize,
}

impl Guard {
    fn new(target: &str, function_words: &FxHashSet<&str>) -> Self {
        let is_undoing = |word: &str| {
            let mut starts = SETTINGS.undoing_words.iter();
            starts.any(|start| word.starts_with(start))
        };
        let mut guard = Self {
            names: Vec::new(),
            initials: String::new(),
            numbers: BTreeSet::new(),
            undoes: 0,
        };
        for word in target.unicode_words() {
            let word = word.trim_end_matches("’s").trim_end_matches("'s");
            let lowercase = word.to_lowercase();
            if word.chars().any(char::is_numeric) {
                guard.numbers.insert(lowercase);
            } else if is_undoing(&lowercase) {
                guard.undoes += 1;
            } else if word.starts_with(char::is_uppercase) && !function_words.contains(&*lowercase)
            {
                guard.initials.extend(word.chars().next());
                guard.names.push(word.to_owned());
            }
        }
        guard
    }

    fn agrees(&self, other: &Self) -> bool {
        self.undoes == other.undoes
            && self.numbers == other.numbers
            && self.names_all(other)
            && other.names_all(self)
    }

    /// Whether every name of the other has its like here.
    fn names_all(&self, other: &Self) -> bool {
        // All of the other's names are the letters of an abbreviation here, or one is an abbreviation of names here.
        let short = |own: &String| is_abbreviation(own, &other.initials);
        self.names.iter().any(short)
            || other.names.iter().all(|name| {
                let mut own = self.names.iter();
                own.any(|own| is_like(own, name)) || is_abbreviation(name, &self.initials)
            })
    }
}

fn is_like(a: &str, b: &str) -> bool {
    let start = |name: &str| -> String {
        name.to_lowercase()
            .chars()
            .take(SETTINGS.like_letters)
            .collect()
    };
    a.to_lowercase() == b.to_lowercase()
        || start(a) == start(b) && start(a).chars().count() == SETTINGS.like_letters
}

fn is_abbreviation(word: &str, initials: &str) -> bool {
    let letters = word.trim_end_matches('s');
    letters.chars().count() > 1
        && letters.chars().all(char::is_uppercase)
        && initials.contains(letters)
}

/// The leader of each target, itself if it is one. `targets` come in the order of their mentions, the most first.
///
/// # Errors
/// Whatever `meaning` reports.
pub(super) fn leaders(targets: &[String], meaning: &Meaning<'_>) -> Result<Vec<usize>> {
    let compared = &targets[..targets.len().min(MOST_COMPARED)];
    let vectors = meaning(compared)?;
    let function_words = function_words();
    let guards: Vec<Guard> = compared
        .iter()
        .map(|target| Guard::new(target, &function_words))
        .collect();
    let mut leading: Vec<usize> = Vec::new();
    let mut leaders: Vec<usize> = (0..targets.len()).collect();
    for (place, vector) in vectors.iter().enumerate() {
        let near = leading.iter().filter_map(|&leader| {
            let cosine = dot(vector, &vectors[leader]);
            (cosine >= SETTINGS.near && guards[place].agrees(&guards[leader]))
                .then_some((leader, cosine))
        });
        match near.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) {
            Some((leader, _)) => leaders[place] = leader,
            None if leading.len() < MOST_LEADERS => leading.push(place),
            None => {}
        }
    }
    Ok(leaders)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Sums apart, so that the processor adds several at once; their order is fixed, so that the sum is, too.
    let mut sums = [0.0_f32; 16];
    for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest = a.len() - a.len() % 16;
    let rest: f32 = a[rest..].iter().zip(&b[rest..]).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_one(a: &str, b: &str) -> bool {
        // Every text means the same.
        let same = |texts: &[String]| Ok(vec![vec![0.6, 0.8]; texts.len()]);
        leaders(&[a.to_owned(), b.to_owned()], &same).unwrap() == [0, 0]
    }

    #[test]
    fn what_is_near_in_meaning_is_one_where_names_numbers_and_undoing_agree() {
        for (a, b, expected) in [
            ("the war in Sund", "the conflict in Sund", true),
            ("Sundian aggression", "Sundia’s aggression", true),
            ("Sundian aggression", "Norvian aggression", false),
            ("the war in Sund", "the war", false),
            ("terrorism", "terrorist attacks", true),
            ("terrorism", "the fight against terrorism", false),
            ("combating terrorism", "the fight against terrorism", true),
            ("the sanctions", "the lifting of the sanctions", false),
            ("the Sund Harbour Treaty", "the SHT", true),
            ("resolution 12", "resolution 13", false),
            (
                "progress in disarmament",
                "the lack of progress in disarmament",
                false,
            ),
        ] {
            assert_eq!(is_one(a, b), expected, "{a} | {b}");
            assert_eq!(is_one(b, a), expected, "{b} | {a}");
        }
    }

    #[test]
    fn a_sum_does_not_depend_on_its_length_being_round() {
        let numbers: Vec<f32> = (0..21u8).map(f32::from).collect();
        assert_eq!(dot(&numbers, &numbers), 2870.0);
    }
}
