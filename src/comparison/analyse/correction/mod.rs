//! The classifier's errors, taken out of shares, differences and stances with the checked sample.
//!
//! `gather` brings documents and checked statements together.

mod gather;

use super::{Groups, Theme};
use crate::comparison::collect::Collected;
use crate::comparison::collect::period::Period;
use crate::comparison::result::{
    CorrectedDifference, CorrectedShare, CorrectedStances, Correction, Difference, StanceShares,
    TrendPoint,
};
use crate::comparison::statistics::distribution::{TAIL, t_quantile, t_two_sided};
use crate::comparison::statistics::multiplicity;
use crate::comparison::statistics::prediction_powered::{Corrected, power_tuning};
use crate::schema::{Interval, Stance};
use gather::{Gathered, LEAST_CHECKED, LEAST_DOCUMENTS, Matches, Measure};

/// Where a share can lie.
const SHARE: (f64, f64) = (0.0, 1.0);

/// The corrected shares of all groups and themes.
pub(super) struct Corrector<'a> {
    groups: &'a Groups<'a>,
    themes: &'a [Theme],
    matches: Matches<'a>,
    /// How far estimates lean on the predictions, by theme: shares of statements.
    lean: Vec<f64>,
    /// The same for stances.
    stance_lean: Vec<f64>,
    /// By group, then by theme.
    shares: Vec<Vec<Option<(Corrected, usize)>>>,
    /// The same of all groups but each one.
    others: Vec<Vec<Option<(Corrected, usize)>>>,
}

impl<'a> Corrector<'a> {
    pub(super) fn new(
        collected: &'a Collected,
        groups: &'a Groups<'a>,
        themes: &'a [Theme],
    ) -> Self {
        let mut corrector = Self {
            groups,
            themes,
            matches: Matches::new(collected, groups),
            lean: Vec::new(),
            stance_lean: Vec::new(),
            shares: vec![Vec::new(); groups.len()],
            others: vec![Vec::new(); groups.len()],
        };
        if corrector.matches.total() == 0 {
            return corrector;
        }
        for theme in themes {
            let measure = Measure::Theme(theme.column);
            let lean = corrector.lean(&[measure]);
            let sides = Stance::ALL.map(|stance| Measure::Side(theme.column, stance));
            corrector.lean.push(lean);
            corrector.stance_lean.push(corrector.lean(&sides));
            for place in 0..groups.len() {
                let own = corrector.gather(measure, None, |group| group == place);
                let rest = corrector.gather(measure, None, |group| group != place);
                corrector.shares[place].push(own.corrected(lean));
                corrector.others[place].push(rest.corrected(lean));
            }
        }
        corrector
    }

    /// How far estimates of these shares lean on the predictions.
    fn lean(&self, measures: &[Measure]) -> f64 {
        let population: u64 = self.groups.iter().map(|group| group.statements).sum();
        let gathered: Vec<Gathered> = measures
            .iter()
            .map(|&measure| self.gather(measure, None, |_| true))
            .collect();
        let samples: Vec<_> = gathered.iter().map(|all| all.sample.as_slice()).collect();
        power_tuning(&samples, population as f64)
    }

    fn gather(
        &self,
        measure: Measure,
        period: Option<Period>,
        wanted: impl Fn(usize) -> bool,
    ) -> Gathered {
        Gathered::new((self.groups, &self.matches), measure, period, wanted)
    }

    /// What the result says of the correction.
    pub(super) fn summary(&self) -> Correction {
        let names = || self.themes.iter().map(|theme| theme.name.clone());
        Correction {
            matched: self.matches.total(),
            lean: names().zip(self.lean.iter().copied()).collect(),
            stance_lean: names().zip(self.stance_lean.iter().copied()).collect(),
            ..Correction::default()
        }
    }

    /// The corrected share of a group and theme, by their places.
    pub(super) fn share(&self, group: usize, theme: usize) -> Option<CorrectedShare> {
        let (corrected, checked) = self.shares.get(group)?.get(theme)?.as_ref()?;
        Some(share(corrected, *checked, SHARE))
    }

    /// Fills in what is corrected of the stances toward themes. Those toward targets are not: a sample has too
    /// few statements of each.
    pub(super) fn correct_stances(&self, stances: &mut [StanceShares]) {
        for found in stances {
            found.corrected = found
                .theme
                .as_ref()
                .and_then(|theme| self.stances(&found.group, theme));
        }
    }

    fn stances(&self, group: &str, theme: &str) -> Option<CorrectedStances> {
        let place = self.group(group)?;
        let theme = self.theme(theme)?;
        let (column, lean) = (self.themes[theme].column, *self.stance_lean.get(theme)?);
        let corrected = |measure: Measure| {
            let own = self.gather(measure, None, |group| group == place);
            let (corrected, checked) = own.corrected(lean)?;
            Some(share(&corrected, checked, measure.bounds()))
        };
        let side = |stance| corrected(Measure::Side(column, stance));
        Some(CorrectedStances {
            support: side(Stance::Support)?,
            oppose: side(Stance::Oppose)?,
            neutral: side(Stance::Neutral)?,
            net: corrected(Measure::Net(column))?,
        })
    }

    /// Fills in what is corrected of the shares over time: those of periods that have a share and enough checked
    /// statements of their own.
    pub(super) fn correct_trends(&self, trends: &mut [TrendPoint]) {
        if self.lean.is_empty() {
            return;
        }
        for point in trends {
            if point.share.share.is_none() {
                continue;
            }
            let places = self.group(&point.group).zip(self.theme(&point.theme));
            point.corrected = places.and_then(|(group, theme)| {
                if self.matches.count(group, point.period) < LEAST_CHECKED {
                    return None;
                }
                let measure = Measure::Theme(self.themes[theme].column);
                let own = self.gather(measure, Some(point.period), |place| place == group);
                let (corrected, checked) = own.corrected(self.lean[theme])?;
                Some(share(&corrected, checked, measure.bounds()))
            });
        }
    }

    fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.name == name)
    }

    fn theme(&self, name: &str) -> Option<usize> {
        self.themes.iter().position(|theme| theme.name == name)
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
        let theme = self.theme(&found.theme)?;
        let first = self.group(&found.first)?;
        let (a, _) = self.shares.get(first)?.get(theme)?.as_ref()?;
        let (b, _) = match &found.second {
            Some(second) => self.shares.get(self.group(second)?)?.get(theme)?.as_ref()?,
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

fn share(corrected: &Corrected, checked: usize, (low, high): (f64, f64)) -> CorrectedShare {
    CorrectedShare {
        share: corrected.share,
        interval: corrected.interval(low, high),
        standard_error: corrected.variance.sqrt(),
        freedom: corrected.freedom,
        checked,
    }
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
            "shares of statements, their differences and stances toward themes are corrected for the classifier's \
             errors with {} of {} checked statements, where a group (over time: a group in a period; for stances: a \
             group's labels of the theme) has at least {LEAST_CHECKED} of them from {LEAST_DOCUMENTS} documents; \
             shares of words, stances toward targets, what sets a group apart, and changes are counted from \
             predictions and not corrected (words and phrases need no correction: they are counted in all \
             statements)",
            correction.matched, correction.checked
        ),
    }
}
