//! The classifier's errors, taken out of shares and differences with the checked sample.

use super::{Groups, Theme};
use crate::comparison::collect::Collected;
use crate::comparison::collect::clusters::Column;
use crate::comparison::result::{CorrectedDifference, CorrectedShare, Correction, Difference};
use crate::comparison::statistics::distribution::{TAIL, t_quantile, t_two_sided};
use crate::comparison::statistics::multiplicity;
use crate::comparison::statistics::prediction_powered::{
    Checked, Corrected, Predicted, corrected_share, power_tuning,
};
use crate::schema::Interval;

/// A group with fewer checked statements is not corrected: its mean error would be a guess.
const LEAST_CHECKED: usize = 30;

/// A group whose checked statements come from fewer documents is not corrected.
const LEAST_DOCUMENTS: usize = 5;

/// The corrected shares of all groups and themes.
pub(super) struct Corrector {
    matched: usize,
    lean: Vec<(String, f64)>,
    names: Vec<String>,
    themes: Vec<String>,
    /// By group, then by theme.
    shares: Vec<Vec<Option<(Corrected, usize)>>>,
    /// The same of all groups but each one.
    others: Vec<Vec<Option<(Corrected, usize)>>>,
}

impl Corrector {
    pub(super) fn new(collected: &Collected, groups: &Groups<'_>, themes: &[Theme]) -> Self {
        let known = |number: u32| groups.iter().any(|group| group.number == number);
        let matched = collected
            .checked
            .iter()
            .filter(|found| known(found.group))
            .count();
        let mut corrector = Self {
            matched,
            lean: Vec::new(),
            names: groups.iter().map(|group| group.name.clone()).collect(),
            themes: themes.iter().map(|theme| theme.name.clone()).collect(),
            shares: vec![Vec::new(); groups.len()],
            others: vec![Vec::new(); groups.len()],
        };
        for theme in themes {
            let population: u64 = groups.iter().map(|group| group.statements).sum();
            let all = gather(collected, groups, theme, &|_| true);
            let lean = power_tuning(&all.sample, population as f64);
            if matched > 0 {
                corrector.lean.push((theme.name.clone(), lean));
            }
            for place in 0..groups.len() {
                let own = gather(collected, groups, theme, &|group| group == place);
                let rest = gather(collected, groups, theme, &|group| group != place);
                corrector.shares[place].push(own.corrected(lean));
                corrector.others[place].push(rest.corrected(lean));
            }
        }
        corrector
    }

    /// What the result says of the correction.
    pub(super) fn summary(&self) -> Correction {
        Correction {
            matched: self.matched,
            lean: self.lean.clone(),
            ..Correction::default()
        }
    }

    /// The corrected share of a group and theme, by their places.
    pub(super) fn share(&self, group: usize, theme: usize) -> Option<CorrectedShare> {
        let (corrected, checked) = self.shares.get(group)?.get(theme)?.as_ref()?;
        Some(CorrectedShare {
            share: corrected.share,
            interval: corrected.interval,
            standard_error: corrected.variance.sqrt(),
            freedom: corrected.freedom,
            checked: *checked,
        })
    }

    /// Fills in what is corrected of `differences`.
    pub(super) fn correct_differences(&self, differences: &mut [Difference]) {
        for found in differences.iter_mut() {
            found.corrected = self.difference(found);
        }
        for paired in [false, true] {
            let mut same_kind: Vec<&mut CorrectedDifference> = differences
                .iter_mut()
                .filter(|found| found.second.is_some() == paired)
                .filter_map(|found| found.corrected.as_mut())
                .collect();
            let p_values: Vec<Option<f64>> = same_kind.iter().map(|found| found.p).collect();
            let adjusted = multiplicity::benjamini_hochberg(&p_values);
            for (found, q) in same_kind.iter_mut().zip(adjusted) {
                found.q = q;
            }
        }
    }

    fn difference(&self, found: &Difference) -> Option<CorrectedDifference> {
        let group = |name: &str| self.names.iter().position(|known| known == name);
        let theme = self.themes.iter().position(|known| *known == found.theme)?;
        let first = group(&found.first)?;
        let (a, _) = self.shares.get(first)?.get(theme)?.as_ref()?;
        let (b, _) = match &found.second {
            Some(second) => self.shares.get(group(second)?)?.get(theme)?.as_ref()?,
            None => self.others.get(first)?.get(theme)?.as_ref()?,
        };
        let (v, w) = (a.variance, b.variance);
        let freedom = (v + w).powi(2) / (v * v / a.freedom + w * w / b.freedom);
        let error = (v + w).sqrt();
        let difference = a.share - b.share;
        let half = t_quantile(1.0 - TAIL, freedom) * error;
        Some(CorrectedDifference {
            difference,
            interval: Interval::around(difference, half).clamped(-1.0, 1.0),
            p: t_two_sided(difference / error, freedom),
            q: None,
        })
    }
}

/// The documents and the checked statements of some groups.
struct Gathered {
    documents: Vec<Predicted>,
    sample: Vec<Checked>,
}

impl Gathered {
    fn corrected(&self, lean: f64) -> Option<(Corrected, usize)> {
        let mut sampled: Vec<usize> = self.sample.iter().map(|found| found.cluster).collect();
        sampled.sort_unstable();
        sampled.dedup();
        if self.sample.len() < LEAST_CHECKED || sampled.len() < LEAST_DOCUMENTS {
            return None;
        }
        Some((
            corrected_share(&self.documents, &self.sample, lean)?,
            self.sample.len(),
        ))
    }
}

fn gather(
    collected: &Collected,
    groups: &Groups<'_>,
    theme: &Theme,
    wanted: &dyn Fn(usize) -> bool,
) -> Gathered {
    let mut gathered = Gathered {
        documents: Vec::new(),
        sample: Vec::new(),
    };
    if collected.checked.is_empty() {
        return gathered;
    }
    for (_, group) in groups
        .iter()
        .enumerate()
        .filter(|&(place, _)| wanted(place))
    {
        let offset = gathered.documents.len();
        gathered
            .documents
            .extend(group.clusters.list().iter().map(|cluster| Predicted {
                total: f64::from(cluster.get(Column::Statements)),
                count: f64::from(cluster.get(Column::Theme(theme.column))),
            }));
        for found in collected
            .checked
            .iter()
            .filter(|found| found.group == group.number)
        {
            let Some(place) = group.clusters.find(found.document, found.period) else {
                continue;
            };
            let holds = |themes: &[usize]| f64::from(u8::from(themes.contains(&theme.column)));
            gathered.sample.push(Checked {
                cluster: offset + place,
                predicted: holds(&found.predicted),
                truth: holds(&found.truth),
                weight: found.weight,
            });
        }
    }
    gathered
}

/// One line on what is and what is not corrected.
pub(super) fn note(correction: &Correction) -> String {
    match &correction.file {
        None => "shares are counted from the classifier's predictions and not corrected for its errors; \
                 check a random sample of statements by hand and give it with --checked"
            .to_owned(),
        Some(_) if correction.matched == 0 => format!(
            "none of the {} checked statements is among the compared ones (they are matched by document id \
             and statement): nothing is corrected",
            correction.checked
        ),
        Some(_) => format!(
            "shares of statements and their differences are corrected for the classifier's errors with {} of \
             {} checked statements, where a group has at least {LEAST_CHECKED} of them from \
             {LEAST_DOCUMENTS} documents; shares of words, stances, targets, what sets a group apart, trends \
             and changes are counted from predictions and not corrected (words and phrases need no \
             correction: they are counted in all statements)",
            correction.matched, correction.checked
        ),
    }
}
