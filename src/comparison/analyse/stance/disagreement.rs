//! Where two groups take different sides of a target.

use rustc_hash::FxHashMap;

use super::position::Position;
use crate::comparison::analyse::Groups;
use crate::comparison::analyse::targets::Clusters;
use crate::comparison::result::Disagreement;
use crate::comparison::statistics::bootstrap;
use crate::comparison::statistics::distribution::{TAIL, t_quantile, t_two_sided};
use crate::comparison::statistics::multiplicity::Comparisons;
use crate::schema::Interval;

/// Disagreements that are listed.
const SHOWN_DISAGREEMENTS: usize = 60;

/// Of these so many of one target: each pair of a hundred groups may differ on the one that all name.
const MOST_OF_TARGET: usize = 5;

/// How far two groups are apart on a target, all by their places.
pub(super) struct Differing {
    cluster: usize,
    first: usize,
    second: usize,
    nets: [f64; 2],
    difference: f64,
    interval: Option<Interval>,
    p: Option<f64>,
}

/// Each pair of groups with a position on one target.
pub(super) fn among(
    cluster: usize,
    positions: &[(usize, Position)],
) -> impl Iterator<Item = Differing> {
    let pairs = positions
        .iter()
        .enumerate()
        .flat_map(move |(place, first)| {
            positions[place + 1..]
                .iter()
                .map(move |second| (first, second))
        });
    pairs.filter_map(move |(first, second)| differing(cluster, first, second))
}

fn differing(cluster: usize, a: &(usize, Position), b: &(usize, Position)) -> Option<Differing> {
    let (x, y) = (a.1.shares.net?, b.1.shares.net?);
    let (first, second) = if x >= y { (a, b) } else { (b, a) };
    let nets = [x.max(y), x.min(y)];
    let difference = nets[0] - nets[1];
    if difference <= 0.0 {
        return None;
    }
    let tested = standard_error(&first.1, &second.1).filter(|&(error, _)| error > 0.0);
    Some(Differing {
        cluster,
        first: first.0,
        second: second.0,
        nets,
        difference,
        interval: tested.map(|(error, freedom)| {
            Interval::around(difference, t_quantile(1.0 - TAIL, freedom) * error).clamped(-2.0, 2.0)
        }),
        p: tested.and_then(|(error, freedom)| t_two_sided(difference / error, freedom)),
    })
}

/// Those to list, by how far apart they certainly are: by the end of the interval nearer to 0.
pub(super) fn listed(
    mut differing: Vec<Differing>,
    groups: &Groups<'_>,
    clusters: &Clusters<'_>,
) -> Vec<Disagreement> {
    let mut comparisons = Comparisons::default();
    for found in &differing {
        comparisons.add(found.p, 1);
    }
    let adjusted = comparisons.adjusted();
    let certain = |d: &Differing| {
        d.interval
            .map_or(f64::NEG_INFINITY, |interval| interval.low)
    };
    differing.sort_by(|a, b| {
        certain(b)
            .total_cmp(&certain(a))
            .then(b.difference.total_cmp(&a.difference))
    });
    let mut of_target: FxHashMap<usize, usize> = FxHashMap::default();
    let shown = differing.into_iter().filter(|found| {
        let listed = of_target.entry(found.cluster).or_default();
        *listed += 1;
        *listed <= MOST_OF_TARGET
    });
    shown
        .take(SHOWN_DISAGREEMENTS)
        .map(|found| Disagreement {
            target: clusters.label(found.cluster),
            first: groups[found.first].name.clone(),
            second: groups[found.second].name.clone(),
            first_net: found.nets[0],
            second_net: found.nets[1],
            difference: found.difference,
            interval: found.interval,
            p: found.p,
            q: adjusted.of(found.p),
        })
        .collect()
}

/// The standard error of a difference of net stances, and its degrees of freedom (Welch).
fn standard_error(first: &Position, second: &Position) -> Option<(f64, f64)> {
    let (v, w) = (first.variance?, second.variance?);
    let squares = v * v / (first.documents as f64 - 1.0) + w * w / (second.documents as f64 - 1.0);
    let freedom = (v + w).powi(2) / squares;
    if first.unanimous || second.unanimous {
        return Some(((v + w).sqrt(), freedom));
    }
    let joint: Vec<Option<f64>> = first
        .net
        .iter()
        .zip(&second.net)
        .map(|(a, b)| Some((*a)? - (*b)?))
        .collect();
    let drawn = bootstrap::variance(&joint, first.documents.min(second.documents))?;
    Some((drawn.sqrt(), freedom))
}
