//! Thresholds for the best F1, and how precision and recall go with them, from statements that the model did not
//! learn from.

mod best;

use best::{Found, best, parts};

use super::dataset::{STATES, Unit};
use super::figures::{Prediction, probabilities};
use crate::model::ModelSpec;
use crate::model::curve::Curve;
use crate::model::spec::LabelSpec;
use crate::schema::{Probability, Stance, Theme};

/// What a model says of a theme in a statement, and what is so.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judged {
    /// The calibrated probability of the theme.
    pub theme: Probability,
    /// Those of its stances, in the order of [`Stance::ALL`].
    pub stances: [Probability; Stance::ALL.len()],
    /// Whether the statement carries the theme with each of them.
    pub carried: [bool; Stance::ALL.len()],
    /// The part of the cross-validation that the statement's document is in, below [`FOLDS`](super::gold::FOLDS).
    pub fold: usize,
}

impl Judged {
    /// What logits (of the stances, that of 'absent' being 0) say that were divided by their temperature; `wanted` is
    /// how likely 'absent' and the stances were labelled.
    pub fn of_logits(logits: &[f32], wanted: &[f32], fold: usize) -> Self {
        let likely = probabilities(logits);
        let mut judged = Self {
            theme: Probability::new((1.0 - likely[0]).clamp(0.0, 1.0)).unwrap_or_default(),
            fold,
            ..Self::default()
        };
        for (place, (likely, wanted)) in likely
            .iter()
            .zip(wanted)
            .skip(1)
            .take(STATES - 1)
            .enumerate()
        {
            judged.stances[place] = Probability::new(*likely).unwrap_or_default();
            judged.carried[place] = *wanted > 0.0;
        }
        judged
    }

    fn carries(&self) -> bool {
        self.carried.contains(&true)
    }

    /// The place of the likeliest stance, the first of equals.
    fn likeliest(&self) -> usize {
        let mut best = 0;
        for (place, stance) in self.stances.iter().enumerate() {
            if *stance > self.stances[best] {
                best = place;
            }
        }
        best
    }
}

/// What a model says of labelled statements, each in a part of a cross-validation, theme by theme: from its logits, which
/// its calibration of pairs divides by a temperature.
pub fn judged(
    spec: &ModelSpec,
    predictions: &[Prediction],
    (units, folds): (&[Unit], &[usize]),
) -> Vec<(String, Vec<Judged>)> {
    let stances = STATES - 1;
    let of_theme = |theme: usize| {
        let scales = spec
            .labels
            .iter()
            .skip(theme * stances)
            .map(|label| label.scale);
        let judge = |((prediction, unit), fold): ((&Prediction, &Unit), &usize)| {
            let logits = prediction.labels.iter().skip(theme * stances).take(stances);
            let logits: Vec<f32> = logits
                .zip(scales.clone())
                .map(|(logit, scale)| logit * scale)
                .collect();
            let wanted = unit
                .labels
                .iter()
                .flatten()
                .skip(theme * STATES)
                .take(STATES);
            Judged::of_logits(&logits, &wanted.copied().collect::<Vec<_>>(), *fold)
        };
        predictions
            .iter()
            .zip(units)
            .zip(folds)
            .map(judge)
            .collect()
    };
    let themes = spec.taxonomy.themes.iter().enumerate();
    themes
        .map(|(theme, Theme { name, .. })| (name.clone(), of_theme(theme)))
        .collect()
}

/// Fewer statements than this with any theme choose no threshold: those that are there stay.
const LEAST_CARRIED: usize = 50;

/// Gives the model the thresholds of the best F1 for the themes that were judged and for their stances, and their
/// curves in place of older ones.
///
/// F1 of few statements jumps from threshold to threshold. So what was counted of a theme is joined with what was
/// counted of all together, as if that were of so many more statements with the theme, and F1 is averaged over near
/// thresholds. How much the others count is what cross-validation finds best, or more where that is as good.
pub fn fit(spec: &mut ModelSpec, judged: &[(String, Vec<Judged>)]) {
    add_curves(spec, judged);
    let carried =
        |(_, statements): &(String, Vec<Judged>)| statements.iter().filter(|s| s.carries()).count();
    if judged.iter().map(carried).sum::<usize>() < LEAST_CARRIED {
        return;
    }
    let of_themes: Vec<_> = judged
        .iter()
        .map(|(_, statements)| parts(statements, of_theme))
        .collect();
    for ((theme, _), threshold) in judged.iter().zip(best(&of_themes)) {
        theme_score(spec, theme).threshold = threshold;
    }
    let mut names = Vec::new();
    let mut of_stances = Vec::new();
    for (theme, statements) in judged {
        let from = theme_score(spec, theme).threshold;
        for (place, stance) in Stance::ALL.into_iter().enumerate() {
            names.push(format!("{theme}/{stance}"));
            of_stances.push(parts(statements, |counts, judged| {
                of_stance(counts, judged, (from, place));
            }));
        }
    }
    for (name, threshold) in names.iter().zip(best(&of_stances)) {
        if let Some(label) = spec.labels.iter_mut().find(|label| label.name == *name) {
            label.threshold = threshold;
        }
    }
}

fn add_curves(spec: &mut ModelSpec, judged: &[(String, Vec<Judged>)]) {
    for (theme, statements) in judged {
        spec.curves.retain(|curve| curve.name != *theme);
        let pairs: Vec<_> = statements.iter().map(|s| (s.theme, s.carries())).collect();
        spec.curves.extend(Curve::new(theme, &pairs));
    }
}

/// A model whose labels decided alone gets a threshold of the theme.
fn theme_score<'s>(spec: &'s mut ModelSpec, theme: &str) -> &'s mut LabelSpec {
    let place = spec
        .theme_scores
        .iter()
        .position(|score| score.name == theme);
    let place = place.unwrap_or_else(|| {
        spec.theme_scores.push(LabelSpec {
            name: theme.to_owned(),
            threshold: Probability::from_logit(0.0),
            scale: 1.0,
            offset: 0.0,
        });
        spec.theme_scores.len() - 1
    });
    &mut spec.theme_scores[place]
}

fn of_theme(counts: &mut Found, judged: &Judged) {
    counts.carried += f64::from(u8::from(judged.carries()));
    counts.from(judged.theme, judged.carries());
}

/// The likeliest stance of a theme that passes is given whatever its threshold, another from its own on.
fn of_stance(counts: &mut Found, judged: &Judged, (theme_from, place): (Probability, usize)) {
    let right = judged.carried[place];
    counts.carried += f64::from(u8::from(right));
    if judged.theme >= theme_from {
        let always = Probability::from_logit(f32::INFINITY);
        let likeliest = judged.likeliest() == place;
        counts.from(
            if likeliest {
                always
            } else {
                judged.stances[place]
            },
            right,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Taxonomy;
    use crate::training::gold::FOLDS;

    fn spec(themes: &[&str]) -> ModelSpec {
        let theme = |name: &&str| Theme {
            name: (*name).to_owned(),
            definition: String::new(),
            examples: Vec::new(),
        };
        let taxonomy = Taxonomy {
            themes: themes.iter().map(theme).collect(),
        };
        let labels = taxonomy.label_keys().map(|key| LabelSpec {
            name: taxonomy.label_name(key),
            threshold: Probability::from_logit(0.0),
            scale: 1.0,
            offset: 0.0,
        });
        let labels = labels.collect();
        ModelSpec {
            labels,
            taxonomy,
            ..ModelSpec::of_encoder("test", 32)
        }
    }

    /// Statements of which those at and above `from` of `count` even steps of probability carry the theme.
    fn clean(count: u8, from: f32) -> Vec<Judged> {
        let judged = |number: u8| {
            let theme = f32::from(number) / f32::from(count);
            Judged {
                theme: Probability::new(theme).unwrap(),
                stances: [
                    Probability::new(theme).unwrap(),
                    Probability::default(),
                    Probability::default(),
                ],
                carried: [theme >= from, false, false],
                fold: usize::from(number) % FOLDS,
            }
        };
        (0..count).map(judged).collect()
    }

    fn threshold_of(spec: &ModelSpec, theme: &str) -> f64 {
        spec.label(theme).unwrap().threshold.rounded()
    }

    #[test]
    fn each_theme_gets_the_threshold_that_parts_its_statements() {
        let mut spec = spec(&["peace", "trade"]);
        let judged = [("peace", 0.3), ("trade", 0.7)]
            .map(|(theme, from)| (theme.to_owned(), clean(250, from)));
        fit(&mut spec, &judged);
        for (theme, from) in [("peace", 0.3), ("trade", 0.7)] {
            assert!(
                (threshold_of(&spec, theme) - from).abs() <= 0.04,
                "{theme}: {}",
                threshold_of(&spec, theme)
            );
        }
        let curves: Vec<_> = spec
            .curves
            .iter()
            .map(|curve| (curve.name.as_str(), curve.carried))
            .collect();
        assert_eq!(curves, [("peace", 175), ("trade", 75)]);
    }

    #[test]
    fn a_rare_theme_stays_near_the_others() {
        let mut spec = spec(&["peace", "trade"]);
        // Four statements, which happen to part at 0.9, beside 125 that part at 0.5.
        let mut rare = clean(250, 0.5);
        rare.retain(|judged| judged.theme < Probability::new(0.4).unwrap());
        rare.extend([0.92, 0.94, 0.96, 0.98].map(|p| Judged {
            theme: Probability::new(p).unwrap(),
            carried: [true, false, false],
            ..Judged::default()
        }));
        fit(
            &mut spec,
            &[
                ("peace".to_owned(), clean(250, 0.5)),
                ("trade".to_owned(), rare),
            ],
        );
        assert!(
            threshold_of(&spec, "trade") < 0.6,
            "{}",
            threshold_of(&spec, "trade")
        );
    }

    #[test]
    fn from_few_statements_no_threshold_is_chosen() {
        let mut spec = spec(&["peace"]);
        fit(&mut spec, &[("peace".to_owned(), clean(60, 0.3))]);
        assert_eq!(spec.theme_scores.len(), 0);
        assert_eq!(spec.curves[0].statements, 60);
    }
}
