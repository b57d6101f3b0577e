//! Where two groups take different sides of a target.

use std::collections::BTreeMap;

use super::position::Position;
use crate::comparison::analyse::targets::Clusters;
use crate::comparison::result::Disagreement;
use crate::comparison::statistics::distribution::{TAIL, t_quantile, t_two_sided};
use crate::comparison::statistics::{bootstrap, multiplicity};
use crate::schema::Interval;

/// Disagreements that are listed.
const SHOWN_DISAGREEMENTS: usize = 60;

/// Pairs of groups by how far apart they certainly are: by the end of the interval nearer to 0.
pub(super) fn disagreements(
    clusters: &Clusters,
    positions: &BTreeMap<usize, Vec<Position>>,
) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for (cluster, positions) in positions {
        for (place, first) in positions.iter().enumerate() {
            for second in &positions[place + 1..] {
                found.extend(disagreement(clusters.label(*cluster), first, second));
            }
        }
    }
    let p_values: Vec<Option<f64>> = found.iter().map(|found| found.p).collect();
    for (found, q) in found
        .iter_mut()
        .zip(multiplicity::benjamini_hochberg(&p_values))
    {
        found.q = q;
    }
    let certain = |d: &Disagreement| {
        d.interval
            .map_or(f64::NEG_INFINITY, |interval| interval.low)
    };
    found.sort_by(|a, b| {
        certain(b)
            .total_cmp(&certain(a))
            .then(b.difference.total_cmp(&a.difference))
    });
    found.truncate(SHOWN_DISAGREEMENTS);
    found
}

fn disagreement(target: &str, a: &Position, b: &Position) -> Option<Disagreement> {
    let (x, y) = (a.shares.net?, b.shares.net?);
    let (first, second, sign) = if x >= y { (a, b, 1.0) } else { (b, a, -1.0) };
    let difference = (x - y) * sign;
    if difference <= 0.0 {
        return None;
    }
    let tested = standard_error(first, second).filter(|&(error, _)| error > 0.0);
    Some(Disagreement {
        target: target.to_owned(),
        first: first.shares.group.clone(),
        second: second.shares.group.clone(),
        first_net: first.shares.net?,
        second_net: second.shares.net?,
        difference,
        interval: tested.map(|(error, freedom)| {
            Interval::around(difference, t_quantile(1.0 - TAIL, freedom) * error).clamped(-2.0, 2.0)
        }),
        p: tested.and_then(|(error, freedom)| t_two_sided(difference / error, freedom)),
        q: None,
    })
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
