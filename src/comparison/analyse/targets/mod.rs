//! Target strings that mean the same, as far as their words tell, and an encoder, where one is given.
//!
//! `words` groups those that share their words; `meaning` joins groups whose words differ, if there is an encoder;
//! `guard` keeps apart what must not be one.

mod guard;
mod meaning;
mod settings;
mod words;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::comparison::Meaning;
use crate::comparison::analyse::{Groups, places};
use crate::comparison::collect::mentions::Mentions;
use crate::comparison::collect::terms::place_number;
use crate::comparison::result::{TargetCluster, Wording};
use crate::error::Result;
use guard::Lexicon;

/// The clusters of all targets.
pub(super) struct Clusters<'a> {
    names: &'a IndexSet<Box<str>, FxBuildHasher>,
    /// Mentions of each target string, by its place in the mentions.
    counts: Vec<u64>,
    /// How near each string's group was to the cluster that it joined, where meaning joined it.
    cosines: Vec<Option<f32>>,
    /// The cluster of each target string; `None` for strings of other groups or without a content word.
    of_target: Vec<Option<u32>>,
    /// The clusters, the one with the most mentions first.
    members: Vec<Members>,
    not_compared: NotCompared,
}

/// The strings of a cluster.
struct Members {
    /// The string that names it: of those that meaning did not join the one with the most mentions.
    label: usize,
    /// All of them, the one with the most mentions first.
    strings: Vec<usize>,
    mentions: u64,
}

/// The groups that share their words and were too rare to be compared by meaning.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NotCompared {
    pub(super) groups: u64,
    pub(super) mentions: u64,
}

impl Clusters<'_> {
    /// The cluster of a target string.
    pub(super) fn of(&self, target: u32) -> Option<usize> {
        Some(self.of_target.get(target as usize).copied()?? as usize)
    }

    /// The label of a cluster: its string that is used most.
    pub(super) fn label(&self, cluster: usize) -> String {
        let label = self.members.get(cluster).map_or(0, |found| found.label);
        name(self.names, label).to_owned()
    }

    /// All clusters with more than one mention, the most frequent first.
    pub(super) fn summaries(&self) -> Vec<TargetCluster> {
        let told = self
            .members
            .iter()
            .enumerate()
            .take_while(|(_, found)| found.mentions > 1);
        let wording = |&place: &usize| Wording {
            text: name(self.names, place).to_owned(),
            mentions: self.counts[place],
            cosine: self.cosines[place].map(f64::from),
        };
        let summary = |(cluster, found): (usize, &Members)| TargetCluster {
            label: self.label(cluster),
            mentions: found.mentions,
            wordings: found.strings.iter().map(wording).collect(),
        };
        told.map(summary).collect()
    }

    /// How often a cluster is mentioned. Clusters are ordered by their mentions, the most first.
    pub(super) fn mentions(&self, cluster: usize) -> u64 {
        self.members.get(cluster).map_or(0, |found| found.mentions)
    }

    /// What meaning did not see.
    pub(super) fn not_compared(&self) -> NotCompared {
        self.not_compared
    }
}

fn name(names: &IndexSet<Box<str>, FxBuildHasher>, place: usize) -> &str {
    names.get_index(place).map_or("", AsRef::as_ref)
}

/// The string with the most mentions first; of two the shorter one.
fn sort_by_mentions(
    strings: &mut [usize],
    names: &IndexSet<Box<str>, FxBuildHasher>,
    counts: &[u64],
) {
    strings.sort_by(|&a, &b| {
        let (first, second) = (name(names, a), name(names, b));
        counts[b]
            .cmp(&counts[a])
            .then_with(|| first.len().cmp(&second.len()))
            .then_with(|| first.cmp(second))
    });
}

/// Clusters the targets of the compared groups, by their words and, if one is given, by an encoder's meaning.
///
/// # Errors
/// As [`Meaning`].
pub(super) fn cluster<'a>(
    mentions: &'a Mentions,
    groups: &Groups<'_>,
    meaning: Option<&Meaning<'_>>,
) -> Result<Clusters<'a>> {
    let compared = places(groups);
    let names = mentions.names();
    let mut counts = vec![0_u64; names.len()];
    for (_, mention) in mentions.all() {
        if compared.contains_key(&mention.group) {
            counts[mention.target as usize] += 1;
        }
    }
    let mentioned = (0..names.len()).filter(|&place| counts[place] > 0);
    let lexicon = Lexicon::of(mentioned.map(|place| name(names, place)));
    let mut members = words::grouped(names, &counts, &lexicon);
    sort(&mut members, names, &counts);
    let count = |strings: &[usize]| strings.iter().map(|&place| counts[place]).sum::<u64>();
    let mut cosines = vec![None; names.len()];
    let mut not_compared = NotCompared::default();
    if let Some(meaning) = meaning {
        let labels: Vec<&str> = members
            .iter()
            .map(|strings| name(names, strings[0]))
            .collect();
        let joined = meaning::joined(&labels, &lexicon, meaning)?;
        for strings in &members[joined.compared..] {
            not_compared.groups += 1;
            not_compared.mentions += count(strings);
        }
        let mut led: Vec<Vec<usize>> = vec![Vec::new(); members.len()];
        for (strings, (leader, cosine)) in members.into_iter().zip(joined.leaders) {
            for &place in &strings {
                cosines[place] = cosine;
            }
            led[leader].extend(strings);
        }
        led.retain(|strings| !strings.is_empty());
        members = led;
        sort(&mut members, names, &counts);
    }
    let mut of_target = vec![None; names.len()];
    for (cluster, strings) in members.iter().enumerate() {
        for &place in strings {
            of_target[place] = Some(place_number(cluster));
        }
    }
    let members = members.into_iter().map(|strings| Members {
        label: *strings
            .iter()
            .find(|&&place| cosines[place].is_none())
            .unwrap_or(&strings[0]),
        mentions: count(&strings),
        strings,
    });
    let members = members.collect();
    Ok(Clusters {
        names,
        counts,
        cosines,
        of_target,
        members,
        not_compared,
    })
}

/// The clusters with the most mentions first, and so their strings.
fn sort(members: &mut [Vec<usize>], names: &IndexSet<Box<str>, FxBuildHasher>, counts: &[u64]) {
    for strings in &mut *members {
        sort_by_mentions(strings, names, counts);
    }
    // stable, so ties stay in the order in which they came
    members.sort_by_cached_key(|strings| {
        let mentions: u64 = strings.iter().map(|&place| counts[place]).sum();
        std::cmp::Reverse(mentions)
    });
}
