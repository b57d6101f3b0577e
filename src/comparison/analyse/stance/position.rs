//! The stance of one group toward one theme or cluster of targets.

use crate::comparison::options::Options;
use crate::comparison::result::{Share, StanceShares};
use crate::comparison::statistics::bootstrap::{self, Cluster, LEAST_DOCUMENTS, Replicates};
use crate::comparison::statistics::distribution::{TAIL, normal_quantile};
use crate::comparison::statistics::interval::wilson;
use crate::schema::Interval;

/// One document's labels: all, support, oppose, neutral.
pub(super) type Counts = [u32; 4];

/// The stance shares of one group toward one thing, with the replicates of support minus oppose.
pub(super) struct Position {
    pub(super) shares: StanceShares,
    pub(super) net: Vec<Option<f64>>,
    pub(super) documents: usize,
    pub(super) variance: Option<f64>,
    /// Whether all labels have one stance, so that replicates do not vary.
    pub(super) unanimous: bool,
}

/// The position that the labels of `documents` take; group, theme, target and evidence are the caller's.
pub(super) fn position(documents: &[(u64, Counts)], options: &Options) -> Position {
    let drawn = bootstrap::replicate(
        documents.iter().map(|(document, counts)| Cluster {
            document: *document,
            counts,
        }),
        4,
        options.replicates,
        options.seed,
    );
    let [support, oppose, neutral] = [1, 2, 3].map(|column| share(documents, &drawn, column));
    let net: Vec<Option<f64>> = drawn
        .ratio(1, 0)
        .into_iter()
        .zip(drawn.ratio(2, 0))
        .map(|(support, oppose)| Some(support? - oppose?))
        .collect();
    let drawn_interval = bootstrap::percentile_interval(&net, documents.len());
    let unanimous = drawn_interval.is_none() && documents.len() >= LEAST_DOCUMENTS;
    let edge = if unanimous {
        edge_net(&support, &oppose)
    } else {
        None
    };
    let variance = match edge {
        Some(edge) => {
            let widths = 2.0 * normal_quantile(1.0 - TAIL);
            Some(((edge.high - edge.low) / widths).powi(2))
        }
        None => bootstrap::variance(&net, documents.len()),
    };
    let shares = StanceShares {
        group: String::new(),
        theme: None,
        target: None,
        labels: support.of,
        net: support
            .share
            .zip(oppose.share)
            .map(|(support, oppose)| support - oppose),
        net_interval: drawn_interval.or(edge),
        support,
        oppose,
        neutral,
        corrected: None,
        evidence: Default::default(),
    };
    Position {
        shares,
        net,
        documents: documents.len(),
        variance,
        unanimous,
    }
}

/// The share of the labels in `column`.
fn share(documents: &[(u64, Counts)], drawn: &Replicates, column: usize) -> Share {
    let sum = |column: usize| {
        documents
            .iter()
            .map(|(_, counts)| u64::from(counts[column]))
            .sum()
    };
    let (count, of): (u64, u64) = (sum(column), sum(0));
    let mut share = Share {
        count,
        of,
        ..Share::default()
    };
    share.share = (of > 0).then(|| count as f64 / of as f64);
    share.interval = bootstrap::percentile_interval(&drawn.ratio(column, 0), documents.len());
    if documents.len() < LEAST_DOCUMENTS {
        let met = documents.len();
        share.note = Some(format!(
            "{met} documents: an interval needs {LEAST_DOCUMENTS}"
        ));
    } else if share.interval.is_none() {
        share.interval = wilson(count as f64, of as f64);
        share.note = Some("score interval: all documents agree".to_owned());
    }
    share
}

/// Where every label has the same stance: the widest that the score intervals of both shares allow.
fn edge_net(support: &Share, oppose: &Share) -> Option<Interval> {
    let (support, oppose) = (support.interval?, oppose.interval?);
    let interval = Interval {
        low: support.low - oppose.high,
        high: support.high - oppose.low,
    };
    Some(interval.clamped(-1.0, 1.0))
}
