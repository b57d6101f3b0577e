//! Target strings that mean the same, as far as their words tell (`words`), and an encoder, where one is given
//! (`meaning`).

mod meaning;
mod words;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use serde::Deserialize;
use std::cmp::Reverse;
use std::sync::LazyLock;

use crate::comparison::Meaning;
use crate::comparison::analyse::{Groups, places};
use crate::comparison::collect::mentions::Mentions;
use crate::comparison::collect::terms::place_number;
use crate::comparison::result::TargetCluster;
use crate::error::Result;
use words::{forms, lead};

/// How near two targets have to be; `data/targets.toml` says why.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Settings {
    same_head: f64,
    other_head: f64,
    near: f32,
    like_letters: usize,
    undoing_words: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program")]
static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../data/targets.toml")).expect("data/targets.toml: bug")
});

/// How many strings of a cluster are named.
const NAMED_MEMBERS: usize = 8;

/// The clusters of all targets.
pub(super) struct Clusters<'a> {
    names: &'a IndexSet<Box<str>, FxBuildHasher>,
    /// Mentions of each target string, by its place in the mentions.
    counts: Vec<u64>,
    /// The cluster of each target string; `None` for strings of other groups or without a content word.
    of_target: Vec<Option<u32>>,
    /// The target strings of each cluster, the one with the most mentions first, and all their mentions.
    members: Vec<(Vec<usize>, u64)>,
}

impl Clusters<'_> {
    /// The cluster of a target string.
    pub(super) fn of(&self, target: u32) -> Option<usize> {
        Some(self.of_target.get(target as usize).copied()?? as usize)
    }

    /// The label of a cluster: its string that is used most.
    pub(super) fn label(&self, cluster: usize) -> String {
        let first = self
            .members
            .get(cluster)
            .map_or(0, |(strings, _)| strings[0]);
        self.name(first)
    }

    fn name(&self, target: usize) -> String {
        let name = self.names.get_index(target);
        name.map(ToString::to_string).unwrap_or_default()
    }

    /// All clusters with more than one mention, the most frequent first.
    pub(super) fn summaries(&self) -> Vec<TargetCluster> {
        let told = self
            .members
            .iter()
            .enumerate()
            .take_while(|(_, (_, mentions))| *mentions > 1);
        let summary = |(cluster, (strings, mentions)): (usize, &(Vec<usize>, u64))| TargetCluster {
            label: self.label(cluster),
            mentions: *mentions,
            strings: strings.len(),
            members: strings
                .iter()
                .take(NAMED_MEMBERS)
                .map(|&place| (self.name(place), self.counts[place]))
                .collect(),
        };
        told.map(summary).collect()
    }

    /// How often a cluster is mentioned. Clusters are ordered by their mentions, the most first.
    pub(super) fn mentions(&self, cluster: usize) -> u64 {
        self.members
            .get(cluster)
            .map_or(0, |&(_, mentions)| mentions)
    }
}

/// Clusters the targets of the compared groups, by their words and, if one is given, by an encoder's meaning.
///
/// # Errors
/// Whatever `meaning` reports.
pub(super) fn cluster<'a>(
    mentions: &'a Mentions,
    groups: &Groups<'_>,
    meaning: Option<&Meaning<'_>>,
) -> Result<Clusters<'a>> {
    let compared = places(groups);
    let mut counts = vec![0_u64; mentions.names().len()];
    for (_, mention) in mentions.all() {
        if compared.contains_key(&mention.group) {
            counts[mention.target as usize] += 1;
        }
    }
    let (mut forms, words) = forms(mentions.names(), &|place| counts[place] > 0);
    let count = |strings: &[usize]| strings.iter().map(|&place| counts[place]).sum::<u64>();
    // stable, so ties stay in the order of the alphabet
    forms.sort_by_cached_key(|(_, strings)| Reverse(count(strings)));
    let leaders = lead(&forms, words);
    let name = |place: usize| mentions.names().get_index(place).map_or("", AsRef::as_ref);
    let joined = |sets: Vec<Vec<usize>>, leaders: Vec<usize>| {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); sets.len()];
        for (strings, leader) in sets.into_iter().zip(leaders) {
            members[leader].extend(strings);
        }
        members.retain(|strings| !strings.is_empty());
        for strings in &mut members {
            strings.sort_by(|&a, &b| {
                let (first, second) = (name(a), name(b));
                counts[b]
                    .cmp(&counts[a])
                    .then_with(|| first.len().cmp(&second.len()))
                    .then_with(|| first.cmp(second))
            });
        }
        members.sort_by_cached_key(|strings| Reverse(count(strings)));
        members
    };
    let sets = forms.into_iter().map(|(_, strings)| strings).collect();
    let mut members = joined(sets, leaders);
    if let Some(meaning) = meaning {
        let labels: Vec<String> = members
            .iter()
            .map(|strings| name(strings[0]).to_owned())
            .collect();
        let leaders = meaning::leaders(&labels, meaning)?;
        members = joined(members, leaders);
    }
    let mut of_target = vec![None; counts.len()];
    for (cluster, strings) in members.iter().enumerate() {
        for &place in strings {
            of_target[place] = Some(place_number(cluster));
        }
    }
    let members = members.into_iter().map(|strings| {
        let mentions = count(&strings);
        (strings, mentions)
    });
    Ok(Clusters {
        names: mentions.names(),
        members: members.collect(),
        counts,
        of_target,
    })
}
