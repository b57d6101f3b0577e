//! Where groups stand: support, oppose and neutral toward themes and targets, and where two disagree.
//!
//! [`position`] is the stance of one group toward one thing, [`disagreement`] compares two.

mod disagreement;
mod position;

use std::collections::BTreeMap;

use super::exhibits::Exhibits;
use super::targets::Clusters;
use super::{Group, Groups, Theme, examples};
use crate::comparison::collect::Collected;
use crate::comparison::collect::clusters::Column;
use crate::comparison::options::Options;
use crate::comparison::result::{Disagreement, StanceShares, stance_index};
use crate::schema::Stance;
use position::{Counts, Position, position};

/// Clusters of targets that are shown, those with the most mentions.
const SHOWN_TARGETS: usize = 60;

/// A cluster is shown for a group that mentions it so often, and compared between two that do.
const LEAST_MENTIONS: u32 = 5;

/// Stances toward themes and targets, and where two groups disagree about a target.
pub(super) fn stances(
    collected: &Collected,
    (groups, themes): (&Groups<'_>, &[Theme]),
    clusters: &Clusters,
    options: &Options,
    exhibits: &mut Exhibits<'_>,
) -> (Vec<StanceShares>, Vec<Disagreement>) {
    let mut stances = Vec::new();
    for group in groups {
        for theme in themes {
            let mut position = position(&by_theme(group, theme), options);
            position.shares.group.clone_from(&group.name);
            position.shares.theme = Some(theme.name.clone());
            position.shares.evidence =
                Stance::ALL.map(|stance| exhibits.of_pair(group.number, theme.column, stance));
            stances.push(position.shares);
        }
    }
    let toward = toward_targets(collected, groups, clusters);
    let mut positions: BTreeMap<usize, Vec<Position>> = BTreeMap::new();
    for ((cluster, group), documents) in &toward {
        let mut position = position(documents, options);
        position.shares.group.clone_from(&groups[*group].name);
        position.shares.target = Some(clusters.label(*cluster).to_owned());
        positions.entry(*cluster).or_default().push(position);
    }
    let disagreements = disagreement::disagreements(clusters, &positions);
    let of_cluster = |(cluster, positions): (usize, Vec<Position>)| {
        positions
            .into_iter()
            .map(move |position| (cluster, position.shares))
    };
    let mut shown: Vec<(usize, StanceShares)> =
        positions.into_iter().flat_map(of_cluster).collect();
    examples::of_stances(&mut shown, (collected, groups, clusters), exhibits);
    stances.extend(shown.into_iter().map(|(_, shares)| shares));
    (stances, disagreements)
}

fn by_theme(group: &Group<'_>, theme: &Theme) -> Vec<(u64, Counts)> {
    group
        .clusters
        .list()
        .iter()
        .map(|cluster| {
            let [support, oppose, neutral] =
                Stance::ALL.map(|stance| cluster.get(Column::Pair(theme.column, stance)));
            (
                cluster.document,
                [support + oppose + neutral, support, oppose, neutral],
            )
        })
        .filter(|(_, counts)| counts[0] > 0)
        .collect()
}

type Toward = BTreeMap<(usize, usize), Vec<(u64, Counts)>>;

/// For the targets mentioned most, each group's labels by document.
fn toward_targets(collected: &Collected, groups: &Groups<'_>, clusters: &Clusters) -> Toward {
    let mut counts: BTreeMap<(usize, usize, u64), Counts> = BTreeMap::new();
    for mention in collected.mentions.list() {
        let group = groups
            .iter()
            .position(|group| group.number == mention.group);
        let cluster = clusters
            .of(mention.target)
            .filter(|&cluster| cluster < SHOWN_TARGETS);
        if let (Some(group), Some(cluster)) = (group, cluster) {
            let document = groups[group]
                .clusters
                .cluster(mention.document, mention.period);
            let counts = counts.entry((cluster, group, document)).or_default();
            counts[0] += 1;
            counts[1 + stance_index(mention.stance)] += 1;
        }
    }
    let mut toward = Toward::new();
    for ((cluster, group, document), counts) in counts {
        toward
            .entry((cluster, group))
            .or_default()
            .push((document, counts));
    }
    toward.retain(|_, documents| {
        documents.iter().map(|(_, counts)| counts[0]).sum::<u32>() >= LEAST_MENTIONS
    });
    toward
}
