//! What sets each group apart from the other compared groups: themes, pairs, targets, words, phrases.

use super::examples;
use super::exhibits::Exhibits;
use super::targets::Clusters;
use super::{Groups, Theme};
use crate::comparison::collect::Collected;
use crate::comparison::collect::clusters::Column;
use crate::comparison::collect::terms::Term;
use crate::comparison::result::{Distinctive, FeatureKind};
use crate::comparison::statistics::log_odds::{LogOdds, Totals, Usage, log_odds};
use crate::comparison::statistics::multiplicity::benjamini_hochberg;
use crate::schema::Stance;

/// Words, phrases and targets listed for each group.
const LISTED: usize = 20;

/// A feature that all groups together use less often is not tested.
const LEAST_USES: u32 = 5;

/// A listed word or phrase stands in so many documents of its group at least, so that one speech does not
/// decide. Groups with fewer documents must use it in all of them.
const LEAST_DOCUMENTS: u32 = 3;

/// The weight of the prior, as a share of the uses of an average group. Monroe, Colaresi and Quinn leave it
/// to the reader; a twentieth shrinks what is rare and leaves what is frequent.
const PRIOR_SHARE: f64 = 0.05;

/// One feature: how often each group uses it, and in how many documents where that is known.
struct Feature<F> {
    name: F,
    counts: Vec<u32>,
    documents: Vec<Option<u32>>,
}

/// Everything distinctive, by kind, then by group, the highest z first.
pub(super) fn distinctive(
    collected: &Collected,
    (groups, themes): (&Groups<'_>, &[Theme]),
    clusters: &Clusters,
    exhibits: &mut Exhibits<'_>,
) -> Vec<Distinctive> {
    if groups.len() < 2 {
        return Vec::new();
    }
    let theme_features = theme_features(groups, themes);
    let pair_features = pair_features(groups, themes);
    let (words, phrases) = term_features(collected, groups);
    let target_features = target_features(collected, groups, clusters);
    let mut found = score(FeatureKind::Theme, &theme_features, groups, |name| {
        (*name).to_owned()
    });
    found.extend(score(
        FeatureKind::Pair,
        &pair_features,
        groups,
        Clone::clone,
    ));
    for entry in &mut found {
        entry.evidence = examples::of_label(entry, groups, themes, exhibits);
    }
    let terms = |term: &Term| collected.terms.name(*term);
    let mut targets = score(FeatureKind::Target, &target_features, groups, |&cluster| {
        clusters.label(cluster).to_owned()
    });
    examples::of_targets(&mut targets, (collected, groups, clusters), exhibits);
    found.append(&mut targets);
    let mut used = score(FeatureKind::Word, &words, groups, terms);
    used.extend(score(FeatureKind::Phrase, &phrases, groups, terms));
    examples::of_terms(&mut used, groups, exhibits);
    found.append(&mut used);
    found
}

fn theme_features<'t>(groups: &Groups<'_>, themes: &'t [Theme]) -> Vec<Feature<&'t str>> {
    let feature = |theme: &'t Theme| Feature {
        name: theme.name.as_str(),
        counts: groups
            .iter()
            .map(|g| narrow(g.clusters.sum(Column::Theme(theme.column))))
            .collect(),
        documents: vec![None; groups.len()],
    };
    themes.iter().map(feature).collect()
}

fn pair_features(groups: &Groups<'_>, themes: &[Theme]) -> Vec<Feature<String>> {
    let pairs = themes
        .iter()
        .flat_map(|theme| Stance::ALL.map(|stance| (theme, stance)));
    let feature = |(theme, stance): (&Theme, Stance)| Feature {
        name: format!("{}/{stance}", theme.name),
        counts: groups
            .iter()
            .map(|g| narrow(g.clusters.sum(Column::Pair(theme.column, stance))))
            .collect(),
        documents: vec![None; groups.len()],
    };
    pairs.map(feature).collect()
}

fn narrow(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The words and the phrases that are used often enough.
fn term_features(
    collected: &Collected,
    groups: &Groups<'_>,
) -> (Vec<Feature<Term>>, Vec<Feature<Term>>) {
    let mut features: Vec<Feature<Term>> = Vec::new();
    for (group, term, used) in collected.terms.sorted() {
        let Some(place) = groups.iter().position(|known| known.number == group) else {
            continue;
        };
        if features.last().is_none_or(|last| last.name != term) {
            features.push(Feature {
                name: term,
                counts: vec![0; groups.len()],
                documents: vec![Some(0); groups.len()],
            });
        }
        if let Some(feature) = features.last_mut() {
            feature.counts[place] = used.count;
            feature.documents[place] = Some(used.documents);
        }
    }
    features.retain(|feature| feature.counts.iter().sum::<u32>() >= LEAST_USES);
    // ties go by the alphabet, not by the order of the input
    features.sort_by_cached_key(|feature| collected.terms.name(feature.name));
    features
        .into_iter()
        .partition(|feature| matches!(feature.name, Term::Word(_)))
}

fn target_features(
    collected: &Collected,
    groups: &Groups<'_>,
    clusters: &Clusters,
) -> Vec<Feature<usize>> {
    let mut counts = vec![vec![0_u32; groups.len()]; clusters.len()];
    for mention in collected.mentions.list() {
        let group = groups
            .iter()
            .position(|group| group.number == mention.group);
        if let (Some(group), Some(cluster)) = (group, clusters.of(mention.target)) {
            counts[cluster][group] += 1;
        }
    }
    counts
        .into_iter()
        .enumerate()
        .filter(|(cluster, _)| clusters.mentions(*cluster) >= u64::from(LEAST_USES))
        .map(|(name, counts)| Feature {
            name,
            counts,
            documents: vec![None; groups.len()],
        })
        .collect()
}

/// All uses of the features of one kind.
struct Uses {
    by_group: Vec<f64>,
    all: f64,
}

/// One feature scored for one group, by their places.
struct Scored {
    group: usize,
    feature: usize,
    odds: LogOdds,
    q: Option<f64>,
}

/// Scores every feature for every group against the other groups; lists the most distinctive, and all themes
/// and pairs.
fn score<F>(
    kind: FeatureKind,
    features: &[Feature<F>],
    groups: &Groups<'_>,
    name: impl Fn(&F) -> String,
) -> Vec<Distinctive> {
    let sum = |group: usize| {
        features
            .iter()
            .map(|f| f64::from(f.counts[group]))
            .sum::<f64>()
    };
    let by_group: Vec<f64> = (0..groups.len()).map(sum).collect();
    let uses = Uses {
        all: by_group.iter().sum(),
        by_group,
    };
    let mut scored = score_all(features, &uses);
    let listed_of_all = matches!(kind, FeatureKind::Theme | FeatureKind::Pair);
    let mut listed = vec![0; groups.len()];
    scored.retain(|scored| {
        let (group, feature) = (scored.group, &features[scored.feature]);
        let keep = listed_of_all
            || (scored.odds.z > 0.0
                && listed[group] < LISTED
                && widespread(feature.documents[group], &groups[group]));
        listed[group] += usize::from(keep);
        keep
    });
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sums of counts"
    )]
    let entry = |scored: Scored| {
        let (group, feature) = (scored.group, &features[scored.feature]);
        let count = u64::from(feature.counts[group]);
        Distinctive {
            kind,
            group: groups[group].name.clone(),
            feature: name(&feature.name),
            count,
            of: uses.by_group[group] as u64,
            others_count: feature.counts.iter().map(|&c| u64::from(c)).sum::<u64>() - count,
            others_of: (uses.all - uses.by_group[group]) as u64,
            documents: feature.documents[group],
            log_odds: scored.odds.delta,
            z: scored.odds.z,
            p: scored.odds.p,
            q: scored.q,
            evidence: Vec::new(),
        }
    };
    scored.into_iter().map(entry).collect()
}

/// Every feature for every group, by group and falling z.
fn score_all<F>(features: &[Feature<F>], uses: &Uses) -> Vec<Scored> {
    let prior = PRIOR_SHARE * uses.all / uses.by_group.len() as f64;
    let mut scored = Vec::new();
    for (place, feature) in features.iter().enumerate() {
        let of_feature: f64 = feature.counts.iter().copied().map(f64::from).sum();
        for (group, &count) in feature.counts.iter().enumerate() {
            let (first, own) = (f64::from(count), uses.by_group[group]);
            let usage = Usage {
                first,
                second: of_feature - first,
                prior: prior * of_feature / uses.all,
            };
            let totals = Totals {
                first: own,
                second: uses.all - own,
                prior,
            };
            if let Some(odds) = log_odds(usage, totals) {
                scored.push(Scored {
                    group,
                    feature: place,
                    odds,
                    q: None,
                });
            }
        }
    }
    let p_values: Vec<Option<f64>> = scored.iter().map(|scored| scored.odds.p).collect();
    for (scored, q) in scored.iter_mut().zip(benjamini_hochberg(&p_values)) {
        scored.q = q;
    }
    scored.sort_by(|a, b| {
        let by_z = b.odds.z.total_cmp(&a.odds.z);
        a.group
            .cmp(&b.group)
            .then(by_z)
            .then(a.feature.cmp(&b.feature))
    });
    scored
}

/// Whether a feature is used in documents enough, where that is known.
fn widespread(documents: Option<u32>, group: &super::Group<'_>) -> bool {
    let needed = LEAST_DOCUMENTS.min(narrow(group.clusters.document_count() as u64));
    documents.is_none_or(|documents| documents >= needed)
}
