//! Statements of the random samples that use a word, a phrase or a target.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::exhibits::Exhibits;
use super::targets::Clusters;
use super::{Group, Groups, Theme};
use crate::comparison::collect::Collected;
use crate::comparison::collect::evidence::Exhibit;
use crate::comparison::collect::terms::place_number;
use crate::comparison::result::{Distinctive, FeatureKind, StanceShares, stance_index};
use crate::schema::Stance;

/// More statements of a feature are not looked for.
const ENOUGH: usize = 5;

/// A group's sampled statements by the cluster of a target of theirs, and the stance toward it.
type ByTarget<'a> = BTreeMap<(usize, usize), Vec<&'a Rc<Exhibit>>>;

fn by_target<'a>(
    collected: &Collected,
    group: &Group<'_>,
    clusters: &Clusters<'_>,
    exhibits: &Exhibits<'a>,
) -> ByTarget<'a> {
    let mut found = ByTarget::new();
    for exhibit in exhibits.sample(group.number) {
        for label in &exhibit.labels {
            let target = label
                .target
                .as_deref()
                .and_then(|name| collected.mentions.place(name));
            if let Some(cluster) = target.and_then(|target| clusters.of(place_number(target))) {
                let statements = found
                    .entry((cluster, stance_index(label.stance)))
                    .or_default();
                if statements.len() < ENOUGH {
                    statements.push(exhibit);
                }
            }
        }
    }
    found
}

/// Statements for the stances of each group toward targets.
pub(super) fn of_stances(
    stances: &mut [(usize, StanceShares)],
    (collected, groups, clusters): (&Collected, &Groups<'_>, &Clusters<'_>),
    exhibits: &mut Exhibits<'_>,
) {
    for group in groups {
        let found = by_target(collected, group, clusters, exhibits);
        for (cluster, stances) in stances.iter_mut().filter(|(_, s)| s.group == group.name) {
            for (stance, evidence) in stances.evidence.iter_mut().enumerate() {
                if let Some(statements) = found.get(&(*cluster, stance)) {
                    *evidence = exhibits.of_sample(statements);
                }
            }
        }
    }
}

/// Statements for the distinctive targets of each group.
pub(super) fn of_targets(
    entries: &mut [Distinctive],
    (collected, groups, clusters): (&Collected, &Groups<'_>, &Clusters<'_>),
    exhibits: &mut Exhibits<'_>,
) {
    for group in groups {
        let found = by_target(collected, group, clusters, exhibits);
        for entry in entries.iter_mut().filter(|entry| entry.group == group.name) {
            let of_cluster = found
                .iter()
                .filter(|((cluster, _), _)| clusters.label(*cluster) == entry.feature);
            let statements: Vec<&Rc<Exhibit>> =
                of_cluster.flat_map(|(_, found)| found).copied().collect();
            entry.evidence = exhibits.of_sample(&statements);
        }
    }
}

/// Statements for a theme, or a theme with a stance.
pub(super) fn of_label(
    entry: &Distinctive,
    groups: &Groups<'_>,
    themes: &[Theme],
    exhibits: &mut Exhibits<'_>,
) -> Vec<usize> {
    let (theme, stance) = match entry.feature.rsplit_once('/') {
        Some((theme, stance)) if entry.kind == FeatureKind::Pair => (theme, Some(stance)),
        _ => (entry.feature.as_str(), None),
    };
    let group = groups.iter().find(|group| group.name == entry.group);
    let theme = themes.iter().find(|known| known.name == theme);
    let (Some(group), Some(theme)) = (group, theme) else {
        return Vec::new();
    };
    match Stance::ALL
        .into_iter()
        .find(|known| Some(known.name()) == stance)
    {
        Some(stance) => exhibits.of_pair(group.number, theme.column, stance),
        None => exhibits.of_theme(group.number, theme.column),
    }
}

/// Statements for the distinctive words and phrases of each group.
pub(super) fn of_terms<'a>(
    entries: &mut [Distinctive],
    groups: &Groups<'_>,
    exhibits: &mut Exhibits<'a>,
) {
    for group in groups {
        let mut own: Vec<(&mut Distinctive, String, Vec<&'a Rc<Exhibit>>)> = entries
            .iter_mut()
            .filter(|entry| entry.group == group.name)
            .map(|entry| {
                let feature = entry.feature.to_lowercase();
                (entry, feature, Vec::new())
            })
            .collect();
        for exhibit in exhibits.sample(group.number) {
            let text = exhibit.text.to_lowercase();
            for (_, feature, found) in &mut own {
                if found.len() < ENOUGH && has_words(&text, feature) {
                    found.push(exhibit);
                }
            }
        }
        for (entry, _, found) in own {
            entry.evidence = exhibits.of_sample(&found);
        }
    }
}

/// Whether `words` stand in `text` as whole words.
fn has_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, found)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text
            .get(at + found.len()..)
            .and_then(|text| text.chars().next());
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !inside(before) && !inside(after)
    })
}
