//! Target strings that mean the same, as far as their words tell.
//!
//! A target is reduced to its content words without plural endings, in any order, and its head: the last
//! content word before the first function word or punctuation ('the reform *of* the Council' and 'Council
//! reform' are {council, reform} with the head 'reform'). Forms with the same words are one. Then, the most
//! frequent first, a form joins the most similar cluster that has the same head and shares
//! [`SAME_HEAD`] of the weight of their words, or another head and [`OTHER_HEAD`]; rare words weigh more.
//! No model is used, so 'Kyiv' and 'Ukraine' stay apart.

use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use unicode_segmentation::UnicodeSegmentation;

use super::Groups;
use crate::comparison::collect::mentions::Mentions;
use crate::comparison::collect::terms::function_words;
use crate::comparison::result::TargetCluster;

/// How much of the weight of their words two targets of one head share to be one. Chosen by reading the
/// clusters of UN speeches: lower joins 'human rights' and 'sovereign rights'.
const SAME_HEAD: f64 = 0.45;

/// The same for targets of different heads.
const OTHER_HEAD: f64 = 0.75;

/// How many clusters of a head are looked at, the most frequent ones.
const MOST_CANDIDATES: usize = 400;

/// How many strings of a cluster are named.
const NAMED_MEMBERS: usize = 8;

/// What is left of a target string for comparing it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Form {
    /// Content words, sorted, once each.
    words: Vec<String>,
    /// The word that the others qualify.
    head: String,
}

/// The clusters of all targets.
pub(super) struct Clusters {
    /// The cluster of each target string, by its place in the mentions; `None` for strings of other groups
    /// or without a content word.
    of_target: Vec<Option<usize>>,
    summaries: Vec<TargetCluster>,
}

impl Clusters {
    /// The cluster of a target string.
    pub(super) fn of(&self, target: u32) -> Option<usize> {
        self.of_target.get(target as usize).copied().flatten()
    }

    /// The label of a cluster.
    pub(super) fn label(&self, cluster: usize) -> &str {
        self.summaries
            .get(cluster)
            .map_or("", |summary| &summary.label)
    }

    /// All clusters with more than one mention, the most frequent first.
    pub(super) fn summaries(self) -> Vec<TargetCluster> {
        let mut summaries = self.summaries;
        summaries.retain(|summary| summary.mentions > 1);
        summaries
    }

    /// How many clusters there are; they are ordered by their mentions, the most first.
    pub(super) fn len(&self) -> usize {
        self.summaries.len()
    }

    /// How often a cluster is mentioned.
    pub(super) fn mentions(&self, cluster: usize) -> u64 {
        self.summaries
            .get(cluster)
            .map_or(0, |summary| summary.mentions)
    }
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

/// `None` if the target has no content word.
fn form(target: &str, function_words: &FxHashSet<&str>) -> Option<Form> {
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
    head.map(|head| Form { words, head })
}

/// Clusters the targets of the compared groups.
pub(super) fn cluster(mentions: &Mentions, groups: &Groups<'_>) -> Clusters {
    let compared: FxHashSet<u32> = groups.iter().map(|group| group.number).collect();
    let mut counts = vec![0_u64; mentions.names().len()];
    for mention in mentions
        .list()
        .iter()
        .filter(|mention| compared.contains(&mention.group))
    {
        counts[mention.target as usize] += 1;
    }
    let function_words = function_words();
    let mut forms: indexmap::IndexMap<Form, Vec<usize>> = indexmap::IndexMap::new();
    for (place, name) in mentions
        .names()
        .iter()
        .enumerate()
        .filter(|&(place, _)| counts[place] > 0)
    {
        if let Some(form) = form(name, &function_words) {
            forms.entry(form).or_default().push(place);
        }
    }
    let count = |strings: &[usize]| strings.iter().map(|&place| counts[place]).sum::<u64>();
    let mut forms: Vec<(Form, Vec<usize>)> = forms.into_iter().collect();
    forms.sort_by_cached_key(|(form, strings)| {
        (
            Reverse(count(strings)),
            form.words.clone(),
            form.head.clone(),
        )
    });
    let leaders = lead(&forms);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); forms.len()];
    for ((_, strings), leader) in forms.iter().zip(&leaders) {
        members[*leader].extend(strings);
    }
    members.retain(|strings| !strings.is_empty());
    members.sort_by_cached_key(|strings| Reverse(count(strings)));
    let mut of_target = vec![None; counts.len()];
    for (cluster, strings) in members.iter().enumerate() {
        for &place in strings {
            of_target[place] = Some(cluster);
        }
    }
    let summaries = members
        .iter()
        .map(|strings| summary(strings, mentions.names(), &counts))
        .collect();
    Clusters {
        of_target,
        summaries,
    }
}

fn summary(strings: &[usize], names: &[Box<str>], counts: &[u64]) -> TargetCluster {
    let mut members: Vec<(String, u64)> = strings
        .iter()
        .map(|&place| (names[place].to_string(), counts[place]))
        .collect();
    members.sort_by(|a, b| {
        b.1.cmp(&a.1)
            .then_with(|| a.0.len().cmp(&b.0.len()))
            .then_with(|| a.0.cmp(&b.0))
    });
    TargetCluster {
        label: members
            .first()
            .map(|(name, _)| name.clone())
            .unwrap_or_default(),
        mentions: members.iter().map(|&(_, count)| count).sum(),
        strings: members.len(),
        members: members.into_iter().take(NAMED_MEMBERS).collect(),
    }
}

/// The leader of each form, itself if it is one.
fn lead(forms: &[(Form, Vec<usize>)]) -> Vec<usize> {
    let mut containing: FxHashMap<&str, f64> = FxHashMap::default();
    for word in forms.iter().flat_map(|(form, _)| &form.words) {
        *containing.entry(word).or_default() += 1.0;
    }
    let weight =
        |word: &str| (1.0 + forms.len() as f64 / containing.get(word).copied().unwrap_or(1.0)).ln();
    let mut by_word: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    let mut leaders = Vec::with_capacity(forms.len());
    for (place, (form, _)) in forms.iter().enumerate() {
        let rarest = form
            .words
            .iter()
            .max_by(|a, b| weight(a).total_cmp(&weight(b)));
        let mut candidates: Vec<usize> = [Some(&form.head), rarest]
            .into_iter()
            .flatten()
            .filter_map(|word| by_word.get(word.as_str()))
            .flat_map(|list| list.iter().take(MOST_CANDIDATES).copied())
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let best = candidates
            .into_iter()
            .filter_map(|leader| {
                let other = &forms[leader].0;
                let shared = similarity(form, other, &weight);
                let least = if form.head == other.head {
                    SAME_HEAD
                } else {
                    OTHER_HEAD
                };
                (shared >= least).then_some((leader, shared))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        leaders.push(best.map_or(place, |(leader, _)| leader));
        if best.is_none() {
            for word in &form.words {
                by_word.entry(word).or_default().push(place);
            }
        }
    }
    leaders
}

/// The weight of shared words by the weight of all words (weighted Jaccard).
fn similarity(a: &Form, b: &Form, weight: &dyn Fn(&str) -> f64) -> f64 {
    let sum =
        |words: &mut dyn Iterator<Item = &String>| words.map(|word| weight(word)).sum::<f64>();
    let shared = sum(&mut a.words.iter().filter(|word| b.words.contains(word)));
    let all = sum(&mut a.words.iter()) + sum(&mut b.words.iter()) - shared;
    if all > 0.0 { shared / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(target: &str) -> String {
        let form = form(target, &function_words()).unwrap();
        format!("{} | {}", form.head, form.words.join(" "))
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
        assert_eq!(form("their own", &function_words()), None);
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
