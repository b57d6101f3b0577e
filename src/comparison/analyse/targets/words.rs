//! Targets that share most of their words.
//!
//! A target is reduced to its content words without plural endings, in any order, and its head: the last
//! content word before the first function word or punctuation ('the reform *of* the Council' and 'Council
//! reform' are {council, reform} with the head 'reform'). Forms with the same words are one. Then, the most
//! frequent first, a form joins the most similar cluster that has the same head and shares `same-head` of the weight of
//! their words, or another head and `other-head` (`data/targets.toml`); rare words weigh more.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashSet};
use unicode_segmentation::UnicodeSegmentation;

use super::SETTINGS;
use crate::comparison::collect::terms::{function_words, place_number};

/// How many clusters of a head are looked at, the most frequent ones.
const MOST_CANDIDATES: usize = 400;

/// What is left of a target string for comparing it. Words are numbers in the order of the alphabet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Form {
    /// Content words, sorted, once each.
    words: Box<[u32]>,
    /// The word that the others qualify.
    head: u32,
}

/// Without the plural ending.
///
/// # Source
/// The S stemmer: Harman (1991), "How effective is suffixing?", JASIS 42. Stronger stemmers would join
/// 'developed' and 'developing' countries.
fn singular(word: &str) -> String {
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| word.ends_with(suffix));
    match word {
        _ if word.chars().count() < 4 => word.to_owned(),
        _ if ends(&["ies"]) && !ends(&["eies", "aies"]) => {
            format!("{}y", word.strip_suffix("ies").unwrap_or(word))
        }
        _ if ends(&["s"]) && !ends(&["us", "ss", "is"]) => {
            word.strip_suffix('s').unwrap_or(word).to_owned()
        }
        _ => word.to_owned(),
    }
}

/// The content words of a target and which of them is its head; `None` if it has none.
fn content(target: &str, function_words: &FxHashSet<&str>) -> Option<(Vec<String>, String)> {
    let lowercase = target.to_lowercase();
    let mut words = Vec::new();
    let mut head: Option<String> = None;
    let mut head_ended = false;
    for part in lowercase.split_word_bounds() {
        let is_word = part.chars().any(char::is_alphanumeric);
        if !is_word {
            // a hyphen or an apostrophe stands inside a name, a comma ends the first noun phrase
            head_ended |= head.is_some()
                && part
                    .chars()
                    .any(|c| matches!(c, ',' | ';' | ':' | '(' | '–' | '—'));
            continue;
        }
        let stem = part.split(['\'', '’']).next().unwrap_or(part);
        if function_words.contains(stem) {
            head_ended |= head.is_some();
            continue;
        }
        let word = singular(stem);
        if !head_ended {
            head = Some(word.clone());
        }
        words.push(word);
    }
    words.sort_unstable();
    words.dedup();
    head.map(|head| (words, head))
}

/// The forms of some target strings, with the places of the strings that have them, and how many different words
/// there are.
pub(super) fn forms(
    names: &IndexSet<Box<str>, FxBuildHasher>,
    wanted: &dyn Fn(usize) -> bool,
) -> (Vec<(Form, Vec<usize>)>, usize) {
    let function_words = function_words();
    let mut words: IndexSet<String, FxBuildHasher> = IndexSet::default();
    let mut forms: Vec<(Form, usize)> = Vec::new();
    let mut number = |word: String| place_number(words.insert_full(word).0);
    for (place, name) in names.iter().enumerate().filter(|&(place, _)| wanted(place)) {
        if let Some((words, head)) = content(name, &function_words) {
            let form = Form {
                words: words.into_iter().map(&mut number).collect(),
                head: number(head),
            };
            forms.push((form, place));
        }
    }
    // numbers in the order of the alphabet, so that ties go by it
    let mut order: Vec<u32> = (0..place_number(words.len())).collect();
    order.sort_unstable_by_key(|&number| &words[number as usize]);
    let mut rank = vec![0; order.len()];
    for (place, &number) in order.iter().enumerate() {
        rank[number as usize] = place_number(place);
    }
    for (form, _) in &mut forms {
        form.head = rank[form.head as usize];
        for word in &mut form.words {
            *word = rank[*word as usize];
        }
    }
    forms.sort_unstable();
    let alike = forms.chunk_by(|a, b| a.0 == b.0);
    let together = alike.map(|same| {
        let strings = same.iter().map(|&(_, place)| place).collect();
        (same[0].0.clone(), strings)
    });
    (together.collect(), words.len())
}

/// The leader of each form, itself if it is one.
pub(super) fn lead(forms: &[(Form, Vec<usize>)], words: usize) -> Vec<usize> {
    let mut containing = vec![0.0_f64; words];
    for word in forms.iter().flat_map(|(form, _)| &form.words) {
        containing[*word as usize] += 1.0;
    }
    let weight = |word: u32| (1.0 + forms.len() as f64 / containing[word as usize]).ln();
    let mut by_word: Vec<Vec<usize>> = vec![Vec::new(); words];
    let mut leaders = Vec::with_capacity(forms.len());
    for (place, (form, _)) in forms.iter().enumerate() {
        let rarest = form
            .words
            .iter()
            .copied()
            .max_by(|&a, &b| weight(a).total_cmp(&weight(b)));
        let mut candidates: Vec<usize> = [Some(form.head), rarest]
            .into_iter()
            .flatten()
            .flat_map(|word| by_word[word as usize].iter().take(MOST_CANDIDATES).copied())
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let best = candidates
            .into_iter()
            .filter_map(|leader| {
                let other = &forms[leader].0;
                let shared = similarity(form, other, &weight);
                let least = if form.head == other.head {
                    SETTINGS.same_head
                } else {
                    SETTINGS.other_head
                };
                (shared >= least).then_some((leader, shared))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        leaders.push(best.map_or(place, |(leader, _)| leader));
        if best.is_none() {
            for &word in &form.words {
                let led = &mut by_word[word as usize];
                if led.len() < MOST_CANDIDATES {
                    led.push(place);
                }
            }
        }
    }
    leaders
}

/// The weight of shared words by the weight of all words (weighted Jaccard).
fn similarity(a: &Form, b: &Form, weight: &dyn Fn(u32) -> f64) -> f64 {
    let sum = |words: &mut dyn Iterator<Item = &u32>| words.map(|&word| weight(word)).sum::<f64>();
    let shared = sum(&mut a.words.iter().filter(|word| b.words.contains(word)));
    let all = sum(&mut a.words.iter()) + sum(&mut b.words.iter()) - shared;
    if all > 0.0 { shared / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(target: &str) -> String {
        let (words, head) = content(target, &function_words()).unwrap();
        format!("{head} | {}", words.join(" "))
    }

    #[test]
    fn a_target_is_its_content_words_and_its_head() {
        assert_eq!(
            shown("the reform of the Security Council"),
            "reform | council reform security"
        );
        assert_eq!(
            shown("Security Council reform"),
            "reform | council reform security"
        );
        assert_eq!(
            shown("hegemony, power politics, and bullying"),
            "hegemony | bullying hegemony politic power"
        );
        assert_eq!(content("their own", &function_words()), None);
    }

    #[test]
    fn developed_and_developing_countries_stay_apart() {
        assert_ne!(shown("developed countries"), shown("developing countries"));
        assert_eq!(
            shown("developing countries"),
            shown("the developing country")
        );
    }
}
