//! Which thresholds a run uses: the model's own, the user's, or those that serve a precision or recall.

use crate::error::{Error, Result};
use crate::model::ModelSpec;
use crate::model::curve::{Aim, Curve, Point};
use crate::schema::{Probability, Taxonomy};

/// What the user may change about the labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassifierOptions {
    /// Thresholds in place of the model's own, by theme (`security`) or label (`security/oppose`).
    pub thresholds: Vec<(String, Probability)>,
    /// The precision or recall that the thresholds of the other themes are chosen for; absent: the model's own.
    pub aim: Option<Aim>,
}

/// A threshold of a theme or label in a run, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The theme or label.
    pub name: String,
    /// From which probability on it is given.
    pub value: Probability,
    /// What was counted at it, where it was chosen for an aim.
    pub chosen: Option<Chosen>,
}

/// A threshold that was chosen for an [`Aim`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen {
    /// What was counted at it.
    pub point: Point,
    /// Statements that carry the theme, of those that were counted.
    pub carried: usize,
    /// Statements that were counted.
    pub statements: usize,
    /// Whether the aim is reached; if not, no threshold comes nearer.
    pub reached: bool,
}

/// The model's description with the thresholds of a run in place of its own, and all of these.
///
/// # Errors
/// [`Error::OutputNotFound`] for a threshold of something that the taxonomy or the model lacks; [`Error::Settings`] for
/// an aim where a theme has no curve or no threshold of its own.
pub(super) fn in_force(
    spec: &ModelSpec,
    options: &ClassifierOptions,
) -> Result<(ModelSpec, Vec<Threshold>)> {
    let mut spec = spec.clone();
    for (name, threshold) in &options.thresholds {
        set(&mut spec, name, *threshold)?;
    }
    let mut thresholds = Vec::new();
    for theme in spec.taxonomy.clone().themes {
        let asked = options
            .thresholds
            .iter()
            .any(|(name, _)| *name == theme.name);
        let aim = options.aim.filter(|_| !asked);
        let chosen = aim.map(|aim| chosen(&spec, &theme.name, aim)).transpose()?;
        if let Some(chosen) = chosen {
            set(&mut spec, &theme.name, chosen.point.threshold)?;
        }
        let score = spec
            .theme_scores
            .iter()
            .find(|score| score.name == theme.name);
        thresholds.extend(score.map(|score| Threshold {
            name: theme.name.clone(),
            value: score.threshold,
            chosen,
        }));
    }
    for key in spec.taxonomy.label_keys() {
        let name = spec.taxonomy.label_name(key);
        thresholds.push(Threshold {
            value: spec.label(&name)?.threshold,
            name,
            chosen: None,
        });
    }
    Ok((spec, thresholds))
}

fn set(spec: &mut ModelSpec, name: &str, threshold: Probability) -> Result<()> {
    let known = spec
        .taxonomy
        .label_keys()
        .map(|key| spec.taxonomy.label_name(key))
        .collect();
    let mut all = spec.labels.iter_mut().chain(&mut spec.theme_scores);
    let label = all.find(|label| label.name == name && is_of(&spec.taxonomy, name));
    let missing = || Error::OutputNotFound {
        wanted: format!("label {name:?} to set a threshold for"),
        known,
    };
    label.ok_or_else(missing)?.threshold = threshold;
    Ok(())
}

/// Whether a theme or label is one of the taxonomy, which may be narrower than the model.
fn is_of(taxonomy: &Taxonomy, name: &str) -> bool {
    let theme = name.split('/').next().unwrap_or_default();
    taxonomy.theme_index(theme).is_some()
}

fn chosen(spec: &ModelSpec, theme: &str, aim: Aim) -> Result<Chosen> {
    let curve = spec.curves.iter().find(|curve| curve.name == theme);
    let choose = |curve: &Curve| {
        let (point, reached) = curve.choose(aim)?;
        Some(Chosen {
            point,
            carried: curve.carried,
            statements: curve.statements,
            reached,
        })
    };
    let apart = spec.heads.themes.as_ref();
    let how = if apart.is_some_and(|head| head.column(theme).is_ok()) {
        "teach it to a model from labelled statements (`plenary train --head-only`)"
    } else {
        "count it on some hundred labelled statements that the model did not learn from (`plenary models thresholds \
         FOLDER GOLD`)"
    };
    curve.and_then(choose).ok_or_else(|| Error::Settings {
        problem: format!(
            "model {:?} does not know at which threshold {theme:?} is how precise: {how}, or set a threshold yourself \
             (`--threshold '{theme}=0.6'`)",
            spec.name
        ),
    })
}
