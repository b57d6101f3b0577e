//! Targets that share their words.
//!
//! A target is reduced to its content words without plural endings, in any order, and its head: the last
//! content word before the first function word or punctuation ('the reform *of* the Council' and 'Council
//! reform' are {council, reform} with the head 'reform'). Forms with the same words are one. Then, the most
//! frequent first, a form joins the most similar leader with which it agrees ([`Guard`]) and which has all its words and
//! more, or some of them, and the same head; or nearly the same words. One shared word is not enough: 'the scourge
//! of war' is not 'the scourge of hunger', and 'a threat' could be any.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};
use unicode_segmentation::UnicodeSegmentation;

use super::guard::{Agreement, Guard, Lexicon};
use super::settings::SETTINGS;
use crate::comparison::collect::terms::place_number;

/// How many leaders with a word are looked at, the most frequent ones.
const MOST_CANDIDATES: usize = 400;

/// A part of a target.
#[derive(Clone, Copy, Debug)]
pub(super) enum Word<'t> {
    /// A word without what follows its apostrophe.
    Of { stem: &'t str, possessive: bool },
    /// What ends a noun phrase.
    Break,
}

/// The words of a target.
pub(super) fn words(target: &str) -> impl Iterator<Item = Word<'_>> {
    target.split_word_bounds().filter_map(|part| {
        if part.contains(char::is_alphanumeric) {
            let (stem, possessive) = match part.split_once(['\'', '’']) {
                Some((stem, ending)) => (stem, ending == "s"),
                None => (part, false),
            };
            return Some(Word::Of { stem, possessive });
        }
        // a hyphen or an apostrophe stands inside a name
        part.contains([',', ';', ':', '(', '–', '—'])
            .then_some(Word::Break)
    })
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

/// The content words of a target, sorted, once each, and which of them is its head; `None` if it has none.
fn content(target: &str, lexicon: &Lexicon) -> Option<(Vec<String>, String)> {
    let shouted = !target.contains(char::is_lowercase);
    let mut content = Vec::new();
    let mut head: Option<String> = None;
    let mut head_ended = false;
    for word in words(target) {
        let Word::Of { stem, .. } = word else {
            head_ended |= head.is_some();
            continue;
        };
        let lowercase = stem.to_lowercase();
        if lexicon.is_function_word(stem, &lowercase, shouted) {
            head_ended |= head.is_some();
            continue;
        }
        let word = singular(&lowercase);
        if !head_ended {
            head = Some(word.clone());
        }
        content.push(word);
    }
    content.sort_unstable();
    content.dedup();
    head.map(|head| (content, head))
}

/// A noun phrase of two parts with its parts the other way round: 'the expansion of NATO' for 'NATO expansion', 'veto
/// use' for 'the use of the veto'; `None` for anything else.
pub(super) fn in_other_order(target: &str, lexicon: &Lexicon) -> Option<String> {
    let shouted = !target.contains(char::is_lowercase);
    let mut before: Vec<&str> = Vec::new();
    let mut behind: Vec<&str> = Vec::new();
    let mut has_of = false;
    // an article at the start, or behind the 'of', falls away
    let mut at_start = true;
    for word in words(target) {
        let Word::Of { stem, .. } = word else {
            return None;
        };
        if lexicon.is_function_word(stem, &stem.to_lowercase(), shouted) {
            if !at_start && (has_of || stem != "of") {
                return None;
            }
            has_of |= stem == "of";
            at_start = true;
            continue;
        }
        at_start = false;
        if has_of { &mut behind } else { &mut before }.push(stem);
    }
    if has_of {
        let parts = !before.is_empty() && !behind.is_empty();
        return parts.then(|| format!("{} {}", behind.join(" "), before.join(" ")));
    }
    let head = before.pop().filter(|_| !before.is_empty())?;
    Some(format!("the {head} of {}", before.join(" ")))
}

/// What is left of a target string for comparing it. Words are numbers in the order of the alphabet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    /// Content words, sorted, once each.
    words: Box<[u32]>,
    /// The word that the others qualify.
    head: u32,
    /// [`Guard::direction`].
    direction: Box<str>,
}

/// Strings with the same words.
struct Form {
    key: Key,
    guard: Guard,
    /// Their places, the one with the most mentions first.
    strings: Vec<usize>,
    mentions: u64,
}

/// The forms of the strings that are mentioned, the most frequent first, and how many different words there are.
fn forms(
    names: &IndexSet<Box<str>, FxBuildHasher>,
    counts: &[u64],
    lexicon: &Lexicon,
) -> (Vec<Form>, usize) {
    let mut words: IndexSet<String, FxBuildHasher> = IndexSet::default();
    let mut number = |word: String| place_number(words.insert_full(word).0);
    let mut by_key: FxHashMap<Key, Vec<usize>> = FxHashMap::default();
    for (place, name) in names
        .iter()
        .enumerate()
        .filter(|&(place, _)| counts[place] > 0)
    {
        if let Some((words, head)) = content(name, lexicon) {
            let key = Key {
                words: words.into_iter().map(&mut number).collect(),
                head: number(head),
                direction: Guard::new(name, lexicon).direction().into(),
            };
            by_key.entry(key).or_default().push(place);
        }
    }
    // numbers in the order of the alphabet, so that ties go by it
    let mut order: Vec<u32> = (0..place_number(words.len())).collect();
    order.sort_unstable_by_key(|&number| &words[number as usize]);
    let mut rank = vec![0; order.len()];
    for (place, &number) in order.iter().enumerate() {
        rank[number as usize] = place_number(place);
    }
    let ranked = |key: Key| {
        let mut words: Vec<u32> = key.words.iter().map(|&word| rank[word as usize]).collect();
        words.sort_unstable();
        Key {
            words: words.into(),
            head: rank[key.head as usize],
            direction: key.direction,
        }
    };
    let mut forms: Vec<Form> = by_key
        .into_iter()
        .map(|(key, mut strings)| {
            super::sort_by_mentions(&mut strings, names, counts);
            Form {
                key: ranked(key),
                guard: Guard::new(
                    names.get_index(strings[0]).map_or("", AsRef::as_ref),
                    lexicon,
                ),
                mentions: strings.iter().map(|&place| counts[place]).sum(),
                strings,
            }
        })
        .collect();
    forms.sort_unstable_by(|a, b| b.mentions.cmp(&a.mentions).then_with(|| a.key.cmp(&b.key)));
    (forms, words.len())
}

/// The places of the strings that are one by their words; `counts` has the mentions of each.
pub(super) fn grouped(
    names: &IndexSet<Box<str>, FxBuildHasher>,
    counts: &[u64],
    lexicon: &Lexicon,
) -> Vec<Vec<usize>> {
    let (forms, words) = forms(names, counts, lexicon);
    let leaders = lead(&forms, words);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); forms.len()];
    for (form, leader) in forms.into_iter().zip(leaders) {
        members[leader].extend(form.strings);
    }
    members.retain(|strings| !strings.is_empty());
    members
}

/// The leader of each form, itself if it is one.
fn lead(forms: &[Form], words: usize) -> Vec<usize> {
    let mut containing = vec![0.0_f64; words];
    for word in forms.iter().flat_map(|form| &form.key.words) {
        containing[*word as usize] += 1.0;
    }
    let weights: Vec<f64> = containing
        .iter()
        .map(|containing| (1.0 + forms.len() as f64 / containing).ln())
        .collect();
    let weight = |word: u32| weights[word as usize];
    let mut by_word: Vec<Vec<usize>> = vec![Vec::new(); words];
    let mut leaders = Vec::with_capacity(forms.len());
    for (place, form) in forms.iter().enumerate() {
        let rarest = form
            .key
            .words
            .iter()
            .copied()
            .max_by(|&a, &b| weight(a).total_cmp(&weight(b)));
        let mut candidates: Vec<usize> = [Some(form.key.head), rarest]
            .into_iter()
            .flatten()
            .flat_map(|word| by_word[word as usize].iter().copied())
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let best = candidates
            .into_iter()
            .filter_map(|leader| {
                let other = &forms[leader];
                let shared = shared(&form.key, &other.key, weight)?;
                let agree = form.guard.agrees(&other.guard, Agreement::Within);
                agree.then_some((leader, shared))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        leaders.push(best.map_or(place, |(leader, _)| leader));
        if best.is_none() {
            for &word in &form.key.words {
                let led = &mut by_word[word as usize];
                if led.len() < MOST_CANDIDATES {
                    led.push(place);
                }
            }
        }
    }
    leaders
}

/// The share of their words that two forms have in common, by number or by weight, whichever is less; `None` if that is
/// too little to be one.
fn shared(a: &Key, b: &Key, weight: impl Fn(u32) -> f64) -> Option<f64> {
    let (mut count, mut common, mut all) = (0, 0.0, 0.0);
    for &word in &a.words {
        let weight = weight(word);
        all += weight;
        if b.words.contains(&word) {
            count += 1;
            common += weight;
        }
    }
    if count == 0 {
        return None;
    }
    all += b.words.iter().map(|&word| weight(word)).sum::<f64>() - common;
    let words = a.words.len() + b.words.len() - count;
    let share = (common / all).min(count as f64 / words as f64);
    let within = count == a.words.len().min(b.words.len()) && a.head == b.head;
    let near = &SETTINGS.near;
    let is_enough =
        share >= near.words || (within && count >= near.least_shared && share >= near.words_within);
    is_enough.then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        Lexicon::of(["security", "council"].into_iter())
    }

    fn shown(target: &str) -> String {
        let (words, head) = content(target, &lexicon()).unwrap();
        format!("{head} | {}", words.join(" "))
    }

    /// How the targets are grouped; the first are mentioned most.
    fn groups(targets: &[&str]) -> Vec<Vec<usize>> {
        let names = targets.iter().map(|&target| target.into()).collect();
        let counts: Vec<u64> = (0..targets.len() as u64)
            .rev()
            .map(|count| count + 1)
            .collect();
        let lexicon = Lexicon::of(targets.iter().copied());
        let mut groups = grouped(&names, &counts, &lexicon);
        groups.sort();
        groups
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
        assert_eq!(shown("US sanctions"), "sanction | sanction us");
        assert_eq!(content("their own", &lexicon()), None);
    }

    #[test]
    fn two_parts_have_another_order() {
        let turned = |target| in_other_order(target, &lexicon());
        assert_eq!(
            turned("Sund’s growth").as_deref(),
            Some("the growth of Sund")
        );
        assert_eq!(
            turned("the use of the harbour").as_deref(),
            Some("harbour use")
        );
        for none in [
            "harbours",
            "the war in Sund",
            "peace and trade",
            "of use",
            "towns, roads",
        ] {
            assert_eq!(turned(none), None, "{none}");
        }
    }

    #[test]
    fn developed_and_developing_countries_stay_apart() {
        assert_ne!(shown("developed countries"), shown("developing countries"));
        assert_eq!(
            shown("developing countries"),
            shown("the developing country")
        );
    }

    #[test]
    fn targets_are_one_where_one_has_the_words_of_the_other_and_no_name_more() {
        assert_eq!(
            groups(&["the arms race", "a new arms race", "The arms races"]),
            [[0, 2, 1]]
        );
        for apart in [
            ["the scourge of war", "the scourge of hunger"],
            ["a threat", "the threat of floods"],
            ["aggression", "Arland’s aggression"],
            ["territorial waters", "the territorial waters of Arland"],
            ["the path of peace", "the path of development"],
            ["Arland’s siege of Norv", "Norv’s siege of Arland"],
        ] {
            assert_eq!(groups(&apart).len(), 2, "{apart:?}");
        }
        let treaty = ["the Harbour Treaty", "the Harbour Treaty of Norv"];
        assert_eq!(groups(&treaty).len(), 1);
    }
}
