//! What sets each group apart from the other compared groups: themes, pairs, targets, words, phrases.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::examples;
use super::exhibits::Exhibits;
use super::targets::Clusters;
use super::{Groups, Theme, places};
use crate::comparison::collect::Collected;
use crate::comparison::collect::clusters::Column;
use crate::comparison::collect::terms::{Term, TermUses};
use crate::comparison::result::{Distinctive, FeatureKind};
use crate::comparison::statistics::log_odds::{LogOdds, Totals, Usage, log_odds};
use crate::comparison::statistics::multiplicity::{Adjusted, Comparisons};
use crate::schema::Stance;

/// Words, phrases and targets listed for each group.
const LISTED: usize = 20;

/// A feature that all groups together use less often is not tested.
const LEAST_USES: u64 = 5;

/// A listed word or phrase stands in so many documents of its group at least, so that one speech does not
/// decide. Groups with fewer documents must use it in all of them.
const LEAST_DOCUMENTS: u32 = 3;

/// The weight of the prior, as a share of the uses of an average group. Monroe, Colaresi and Quinn leave it
/// to the reader; a twentieth shrinks what is rare and leaves what is frequent.
const PRIOR_SHARE: f64 = 0.05;

/// A feature, and how the groups use it.
struct Feature<F> {
    name: F,
    /// By the group's place; a group that is missing does not use it.
    uses: Vec<Use>,
}

/// How often a group uses a feature, and in how many documents where that is known.
struct Use {
    group: usize,
    count: u32,
    documents: Option<u32>,
}

impl<F> Feature<F> {
    fn count(&self) -> u64 {
        self.uses.iter().map(|used| u64::from(used.count)).sum()
    }
}

/// Everything distinctive, by kind, then by group, the highest z first.
pub(super) fn distinctive(
    collected: &Collected,
    (groups, themes): (&Groups<'_>, &[Theme]),
    clusters: &Clusters<'_>,
    exhibits: &mut Exhibits<'_>,
) -> Vec<Distinctive> {
    if groups.len() < 2 {
        return Vec::new();
    }
    let label = |column: Column| -> Vec<Use> {
        let counts = groups.iter().map(|group| group.clusters.sum(column));
        let uses = counts.enumerate().map(|(group, count)| Use {
            group,
            count: narrow(count),
            documents: None,
        });
        uses.collect()
    };
    let of_themes = || {
        themes.iter().map(|theme| Feature {
            name: theme.name.as_str(),
            uses: label(Column::Theme(theme.column)),
        })
    };
    let of_pairs = || {
        let pairs = themes
            .iter()
            .flat_map(|theme| Stance::ALL.map(|stance| (theme, stance)));
        pairs.map(|(theme, stance)| Feature {
            name: (theme.name.as_str(), stance),
            uses: label(Column::Pair(theme.column, stance)),
        })
    };
    let mut found = score(FeatureKind::Theme, groups, of_themes, |&name| {
        name.to_owned()
    });
    found.extend(score(
        FeatureKind::Pair,
        groups,
        of_pairs,
        |(theme, stance)| format!("{theme}/{stance}"),
    ));
    for entry in &mut found {
        entry.evidence = examples::of_label(entry, groups, themes, exhibits);
    }
    let mentions = mentions(collected, groups, clusters);
    let of_targets = || target_features(&mentions);
    let mut targets = score(FeatureKind::Target, groups, of_targets, |&cluster| {
        clusters.label(cluster)
    });
    examples::of_targets(&mut targets, (collected, groups, clusters), exhibits);
    found.append(&mut targets);
    let places = places(groups);
    let terms = |wanted: fn(Term) -> bool| {
        let places = &places;
        move || term_features(&collected.terms, places).filter(move |found| wanted(found.name))
    };
    let name = |term: &Term| collected.terms.name(*term);
    let words = terms(|term| matches!(term, Term::Word(_)));
    let phrases = terms(|term| matches!(term, Term::Phrase(..)));
    let mut used = score(FeatureKind::Word, groups, words, name);
    used.extend(score(FeatureKind::Phrase, groups, phrases, name));
    examples::of_terms(&mut used, groups, exhibits);
    found.append(&mut used);
    found
}

fn narrow(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The words and the phrases that are used often enough, in the order of the alphabet.
fn term_features<'a>(
    terms: &'a TermUses,
    places: &'a FxHashMap<u32, usize>,
) -> impl Iterator<Item = Feature<Term>> + 'a {
    terms.by_term().filter_map(|uses| {
        let known = uses.iter().filter_map(|used| {
            Some(Use {
                group: *places.get(&used.group)?,
                count: used.count,
                documents: Some(used.documents),
            })
        });
        let feature = Feature {
            name: uses.first()?.term,
            uses: known.collect(),
        };
        (feature.count() >= LEAST_USES).then_some(feature)
    })
}

/// The cluster and the group of every mention of a target that is mentioned often enough, in order.
fn mentions(
    collected: &Collected,
    groups: &Groups<'_>,
    clusters: &Clusters<'_>,
) -> Vec<(usize, usize)> {
    let places = places(groups);
    let mentions = collected.mentions.all().filter_map(|(_, mention)| {
        let cluster = clusters.of(mention.target)?;
        let group = *places.get(&mention.group)?;
        (clusters.mentions(cluster) >= LEAST_USES).then_some((cluster, group))
    });
    let mut mentions: Vec<(usize, usize)> = mentions.collect();
    mentions.sort_unstable();
    mentions
}

fn target_features(mentions: &[(usize, usize)]) -> impl Iterator<Item = Feature<usize>> {
    mentions
        .chunk_by(|a, b| a.0 == b.0)
        .map(|of_cluster| Feature {
            name: of_cluster[0].0,
            uses: of_cluster
                .chunk_by(|a, b| a.1 == b.1)
                .map(|of_group| Use {
                    group: of_group[0].1,
                    count: narrow(of_group.len() as u64),
                    documents: None,
                })
                .collect(),
        })
}

/// All uses of the features of one kind.
struct Uses {
    by_group: Vec<u64>,
    all: u64,
    prior: f64,
}

impl Uses {
    fn of<F>(features: impl Iterator<Item = Feature<F>>, groups: usize) -> Self {
        let mut by_group = vec![0; groups];
        for feature in features {
            for used in &feature.uses {
                by_group[used.group] += u64::from(used.count);
            }
        }
        let all: u64 = by_group.iter().sum();
        Self {
            prior: PRIOR_SHARE * all as f64 / groups as f64,
            all,
            by_group,
        }
    }

    /// The odds of a feature that the group uses `count` times and all groups together `of_feature` times; `None`
    /// if nobody uses it.
    fn odds(&self, group: usize, count: u32, of_feature: u64) -> Option<LogOdds> {
        if of_feature == 0 {
            return None;
        }
        let (own, all) = (self.by_group[group] as f64, self.all as f64);
        let usage = Usage {
            first: f64::from(count),
            second: of_feature as f64 - f64::from(count),
            prior: self.prior * of_feature as f64 / all,
        };
        let totals = Totals {
            first: own,
            second: all - own,
            prior: self.prior,
        };
        log_odds(usage, totals)
    }
}

/// The comparisons of groups that do not use a feature: alike for all features that are used equally often.
#[derive(Default)]
struct Unused {
    /// By how often a feature is used: how many features are, and how many of them each group uses.
    by_count: BTreeMap<u64, (u32, Vec<u32>)>,
}

impl Unused {
    fn count<F>(&mut self, feature: &Feature<F>, groups: usize) {
        let alike = self.by_count.entry(feature.count()).or_default();
        alike.0 += 1;
        alike.1.resize(groups, 0);
        for used in &feature.uses {
            alike.1[used.group] += 1;
        }
    }

    fn add_to(self, comparisons: &mut Comparisons, uses: &Uses) {
        for (of_feature, (features, used)) in self.by_count {
            for (group, used) in used
                .into_iter()
                .enumerate()
                .filter(|(_, used)| *used < features)
            {
                let p = uses.odds(group, 0, of_feature).and_then(|odds| odds.p);
                comparisons.add(p, features - used);
            }
        }
    }
}

/// One feature scored for one group.
struct Scored<F> {
    /// The feature's place.
    place: usize,
    name: F,
    count: u32,
    of_feature: u64,
    documents: Option<u32>,
    odds: LogOdds,
}

/// Scores every feature for every group against the other groups; lists the most distinctive, and all themes
/// and pairs. `features` are gone through twice, so that millions need not be kept.
fn score<F: Copy, I: Iterator<Item = Feature<F>>>(
    kind: FeatureKind,
    groups: &Groups<'_>,
    features: impl Fn() -> I,
    name: impl Fn(&F) -> String,
) -> Vec<Distinctive> {
    let uses = Uses::of(features(), groups.len());
    let most = match kind {
        FeatureKind::Theme | FeatureKind::Pair => None,
        _ => Some(LISTED),
    };
    let (listed, adjusted) = score_all(features(), groups, &uses, most);
    let of_groups = groups.iter().zip(listed).enumerate();
    let entries = of_groups.flat_map(|(place, (group, list))| {
        let (uses, adjusted, name) = (&uses, &adjusted, &name);
        list.into_iter().map(move |scored| Distinctive {
            kind,
            group: group.name.clone(),
            feature: name(&scored.name),
            count: u64::from(scored.count),
            of: uses.by_group[place],
            others_count: scored.of_feature - u64::from(scored.count),
            others_of: uses.all - uses.by_group[place],
            documents: scored.documents,
            log_odds: scored.odds.delta,
            z: scored.odds.z,
            p: scored.odds.p,
            q: adjusted.of(scored.odds.p),
            evidence: Vec::new(),
        })
    });
    entries.collect()
}

/// For every group the `most` distinctive features (all where it is `None`), the highest z first; and the p-values
/// of all features in all groups, corrected.
fn score_all<F: Copy>(
    features: impl Iterator<Item = Feature<F>>,
    groups: &Groups<'_>,
    uses: &Uses,
    most: Option<usize>,
) -> (Vec<Vec<Scored<F>>>, Adjusted) {
    let mut comparisons = Comparisons::default();
    let mut unused = Unused::default();
    let mut listed: Vec<Vec<Scored<F>>> = groups.iter().map(|_| Vec::new()).collect();
    for (place, feature) in features.enumerate() {
        let of_feature = feature.count();
        unused.count(&feature, groups.len());
        for used in &feature.uses {
            let Some(odds) = uses.odds(used.group, used.count, of_feature) else {
                continue;
            };
            comparisons.add(odds.p, 1);
            let telling = odds.z > 0.0 && widespread(used.documents, &groups[used.group]);
            if most.is_some() && !telling {
                continue;
            }
            let list = &mut listed[used.group];
            list.push(Scored {
                place,
                name: feature.name,
                count: used.count,
                of_feature,
                documents: used.documents,
                odds,
            });
            // now and then, so that the list stays short and is seldom sorted
            if let Some(most) = most.filter(|most| list.len() > 8 * most) {
                keep_highest(list, most);
            }
        }
    }
    unused.add_to(&mut comparisons, uses);
    for list in &mut listed {
        keep_highest(list, most.unwrap_or(usize::MAX));
    }
    (listed, comparisons.adjusted())
}

/// Keeps the `most` with the highest z, in that order; ties go by the feature's place.
fn keep_highest<F>(list: &mut Vec<Scored<F>>, most: usize) {
    list.sort_by(|a, b| b.odds.z.total_cmp(&a.odds.z).then(a.place.cmp(&b.place)));
    list.truncate(most);
}

/// Whether a feature is used in documents enough, where that is known.
fn widespread(documents: Option<u32>, group: &super::Group<'_>) -> bool {
    let needed = LEAST_DOCUMENTS.min(narrow(group.clusters.document_count() as u64));
    documents.is_none_or(|documents| documents >= needed)
}
