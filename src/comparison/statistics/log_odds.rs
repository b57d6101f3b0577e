//! What sets one group's counts apart from another's: weighted log-odds with a Dirichlet prior.

use super::distribution::normal_two_sided;

/// How strongly a feature (word, theme, target) belongs to the first of two groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogOdds {
    /// The log of the odds ratio, prior included; positive where the first group uses it more.
    pub delta: f64,
    /// `delta` in units of its standard error.
    pub z: f64,
    /// The two-sided p-value of `z`.
    pub p: Option<f64>,
}

/// The feature's counts in the two groups, and the prior's pseudo-counts.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// How often the first group uses the feature.
    pub first: f64,
    /// How often the second does.
    pub second: f64,
    /// The prior's pseudo-count of the feature.
    pub prior: f64,
}

/// The sums of [`Usage`] over all features.
#[derive(Clone, Copy, Debug)]
pub struct Totals {
    /// All uses of any feature by the first group.
    pub first: f64,
    /// All uses by the second.
    pub second: f64,
    /// All pseudo-counts.
    pub prior: f64,
}

/// The weighted log-odds ratio of one feature; `None` where it is not defined: no prior and a count of
/// zero, or a feature that is all there is.
///
/// # Source
/// Monroe, Colaresi and Quinn (2008), "Fightin' Words", Political Analysis 16, equations 16 and 22.
pub fn log_odds(usage: Usage, totals: Totals) -> Option<LogOdds> {
    let with_prior = [usage.first + usage.prior, usage.second + usage.prior];
    let others = [
        totals.first + totals.prior - with_prior[0],
        totals.second + totals.prior - with_prior[1],
    ];
    if with_prior.iter().chain(&others).any(|&count| count <= 0.0) {
        return None;
    }
    let delta = (with_prior[0] / others[0]).ln() - (with_prior[1] / others[1]).ln();
    let variance = 1.0 / with_prior[0] + 1.0 / with_prior[1];
    let z = delta / variance.sqrt();
    let p = normal_two_sided(z);
    Some(LogOdds { delta, z, p })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// convokit sums its counts as 32-bit floats.
    const SINGLE_PRECISION: f64 = 1e-5;

    // border, development, growth, peace, schools, security, trade, troops, war
    const FIRST: [f64; 9] = [2.0, 0.0, 0.0, 4.0, 0.0, 4.0, 0.0, 2.0, 2.0];
    const SECOND: [f64; 9] = [0.0, 2.0, 5.0, 1.0, 3.0, 1.0, 3.0, 0.0, 0.0];

    fn z_scores(prior: [f64; 9]) -> Vec<f64> {
        let totals = Totals {
            first: FIRST.iter().sum(),
            second: SECOND.iter().sum(),
            prior: prior.iter().sum(),
        };
        (0..9)
            .map(|i| {
                let usage = Usage {
                    first: FIRST[i],
                    second: SECOND[i],
                    prior: prior[i],
                };
                log_odds(usage, totals).unwrap().z
            })
            .collect()
    }

    /// convokit 5.0.0, Python 3.11: `FightingWords(cv=CountVectorizer(vocabulary=…), prior=…).fit(…)` on
    /// the utterances "peace security peace troops border", "security troops security peace war",
    /// "border war security peace" against "growth trade schools growth peace", "trade growth development
    /// schools", "development trade growth security schools growth".
    #[test]
    fn z_scores_are_those_of_convokit() {
        let flat = [
            1.005_683, -0.962_241, -1.330_014, 1.518_714, -1.114_007, 1.518_714, -1.114_007,
            1.005_683, 1.005_683,
        ];
        let informative = [
            1.105_907_2,
            -1.040_811_4,
            -1.826_157_5,
            1.277_694_5,
            -1.317_619_1,
            1.277_694_5,
            -1.317_619_1,
            1.105_907_2,
            1.105_907_2,
        ];
        let all: f64 = FIRST.iter().chain(&SECOND).sum();
        let prior = std::array::from_fn(|i| 10.0 * (FIRST[i] + SECOND[i]) / all);
        for (ours, theirs) in [(z_scores([0.1; 9]), flat), (z_scores(prior), informative)] {
            for (ours, theirs) in ours.iter().zip(theirs) {
                assert!((ours - theirs).abs() < SINGLE_PRECISION, "{ours} {theirs}");
            }
        }
    }

    #[test]
    fn a_worked_example_by_hand() {
        // 7 of 12 against 2 of 22, prior 1 of 8: ln(8/12) - ln(3/27) = ln 6; 1/8 + 1/3 = 11/24
        let usage = Usage {
            first: 7.0,
            second: 2.0,
            prior: 1.0,
        };
        let totals = Totals {
            first: 12.0,
            second: 22.0,
            prior: 8.0,
        };
        let odds = log_odds(usage, totals).unwrap();
        assert!((odds.delta - 6.0_f64.ln()).abs() < 1e-12);
        assert!((odds.z - 6.0_f64.ln() / (11.0_f64 / 24.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_feature_that_nobody_uses_has_no_odds() {
        let totals = Totals {
            first: 3.0,
            second: 4.0,
            prior: 0.0,
        };
        let usage = Usage {
            first: 0.0,
            second: 2.0,
            prior: 0.0,
        };
        assert_eq!(log_odds(usage, totals), None);
    }
}
