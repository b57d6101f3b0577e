//! Where groups stand: support, oppose and neutral toward themes and targets, and where two disagree.
//!
//! [`position`] is the stance of one group toward one thing, [`disagreement`] compares two.

mod disagreement;
mod position;

use super::exhibits::Exhibits;
use super::targets::Clusters;
use super::{Group, Groups, Theme, examples, places};
use crate::comparison::collect::Collected;
use crate::comparison::collect::clusters::Column;
use crate::comparison::options::Options;
use crate::comparison::result::{Disagreement, StanceShares, stance_index};
use crate::schema::Stance;
use position::{Counts, Position, position};

/// Clusters of targets that are shown, those with the most mentions.
const SHOWN_TARGETS: usize = 60;

/// A cluster is shown for a group that mentions it so often, and compared between two that do.
const LEAST_MENTIONS: usize = 5;

/// Stances toward themes and targets, and where two groups disagree about a target.
pub(super) fn stances(
    collected: &Collected,
    (groups, themes): (&Groups<'_>, &[Theme]),
    clusters: &Clusters<'_>,
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
    let mut shown: Vec<(usize, StanceShares)> = Vec::new();
    let mut differing = Vec::new();
    // one target at a time: the replicates of all would be hundreds of megabytes
    for of_cluster in toward.chunk_by(|a, b| a.cluster == b.cluster) {
        let cluster = of_cluster[0].cluster;
        let mut positions: Vec<(usize, Position)> = Vec::new();
        for of_group in of_cluster.chunk_by(|a, b| a.group == b.group) {
            if of_group.len() < LEAST_MENTIONS {
                continue;
            }
            let group = of_group[0].group;
            let mut position = position(&by_document(of_group), options);
            position.shares.group.clone_from(&groups[group].name);
            position.shares.target = Some(clusters.label(cluster));
            positions.push((group, position));
        }
        differing.extend(disagreement::among(cluster, &positions));
        shown.extend(
            positions
                .into_iter()
                .map(|(_, position)| (cluster, position.shares)),
        );
    }
    let disagreements = disagreement::listed(differing, groups, clusters);
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

/// One label toward one of the targets mentioned most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Toward {
    cluster: usize,
    /// The group's place.
    group: usize,
    /// The hash of the document or of its bin.
    document: u64,
    stance: usize,
}

/// The labels toward the targets mentioned most, by target, group and document.
fn toward_targets(
    collected: &Collected,
    groups: &Groups<'_>,
    clusters: &Clusters<'_>,
) -> Vec<Toward> {
    let places = places(groups);
    let toward = collected.mentions.all().filter_map(|(stance, mention)| {
        let cluster = clusters.of(mention.target)?;
        let group = *places.get(&mention.group)?;
        let bins = groups[group].clusters;
        (cluster < SHOWN_TARGETS).then(|| Toward {
            cluster,
            group,
            document: bins.cluster(mention.document, mention.period),
            stance: stance_index(stance),
        })
    });
    let mut toward: Vec<Toward> = toward.collect();
    toward.sort_unstable();
    toward
}

/// The labels of one group toward one target, counted by document.
fn by_document(toward: &[Toward]) -> Vec<(u64, Counts)> {
    let documents = toward.chunk_by(|a, b| a.document == b.document);
    let counted = documents.map(|of_document| {
        let mut counts = Counts::default();
        for label in of_document {
            counts[0] += 1;
            counts[1 + label.stance] += 1;
        }
        (of_document[0].document, counts)
    });
    counted.collect()
}
