//! `plenary.toml`: what belongs to the weights and is not in them: the taxonomy, the heads with the
//! names of their columns, thresholds, calibration, ranges of activations, origin and scores.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::curve::Curve;
use crate::error::{Error, Result};
use crate::schema::{Probability, Stance, Taxonomy};

/// The version of `plenary.toml` that this program reads and writes.
pub const FORMAT: u32 = 1;

/// The whole of `plenary.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ModelSpec {
    /// The version of this file's format: [`FORMAT`].
    pub format: u32,
    /// The model's name, as records give it: `plenary-minilm-1`.
    pub name: String,
    /// The longest window that the model was trained on, in tokens, `[CLS]` and `[SEP]` included.
    pub max_tokens: usize,
    /// How the label head's logits become probabilities.
    #[serde(default)]
    pub label_activation: LabelActivation,
    /// The heads, by what they are for.
    pub heads: Heads,
    /// Threshold and calibration of each column of the label head.
    #[serde(rename = "label", default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelSpec>,
    /// Threshold and calibration of each theme's probability. A statement that passes carries at least
    /// the theme's likeliest stance; empty if the labels' own thresholds decide alone.
    #[serde(rename = "theme-score", default, skip_serializing_if = "Vec::is_empty")]
    pub theme_scores: Vec<LabelSpec>,
    /// How precision and recall of each theme go with its threshold; empty if nobody counted.
    #[serde(rename = "curve", default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curve>,
    /// What the logits of the stance head are multiplied with.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub stance_scale: f32,
    /// What the labels mean.
    pub taxonomy: Taxonomy,
    /// The range of what goes into each linear layer, for static int8, by the layer's name; empty if
    /// it was not measured, and then there is no int8.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub activations: BTreeMap<String, ActivationRange>,
    /// Where the weights come from: base, recipe, seed, hashes of the data.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub training: toml::Table,
    /// What was measured, by data set.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub scores: toml::Table,
}

/// How label logits become probabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelActivation {
    /// Each label on its own: the logistic function.
    #[default]
    Sigmoid,
    /// The stances of a theme against each other and against 'none', whose logit is 0.
    Softmax,
}

/// The heads of a model, by what they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Heads {
    /// One logit a label, `theme/stance`.
    pub labels: Option<Head>,
    /// How much each token counts for each column of `labels` (a softmax over a statement's tokens);
    /// absent: all the same.
    pub label_attention: Option<Head>,
    /// Which tokens begin and continue a target.
    pub targets: Option<Head>,
    /// Which tokens begin and continue a source, a cue and a content.
    pub attribution: Option<Head>,
    /// At `[CLS]` of a row of a text and a target: the stance toward the target (`support`, `oppose`, `neutral`), against
    /// 'not at issue', whose logit is 0.
    pub stances: Option<Head>,
    /// Labels toward targets that a user names (`NATO/oppose`), as told by `stances`: three columns a target, which
    /// stand behind those of `labels`.
    #[serde(skip)]
    pub asked: Option<Head>,
    /// What another model, which a run joins with the weights or runs in their place, says of themes apart from their
    /// stances: a column a theme, of which the mean over a statement's tokens counts.
    #[serde(skip)]
    pub themes: Option<Head>,
}

impl Heads {
    /// The heads that the weights have.
    pub fn iter(&self) -> impl Iterator<Item = &Head> {
        let all = [
            &self.labels,
            &self.label_attention,
            &self.targets,
            &self.attribution,
            &self.stances,
        ];
        all.into_iter().flatten()
    }

    /// The place of a label toward a target that the user names among the columns of `asked`; `None` for any other label.
    pub fn asked_column(&self, label: &str) -> Option<usize> {
        self.asked.as_ref()?.column(label).ok()
    }

    /// The columns of `head` whose mean is a label's: its own, or those of its stance of all themes where the theme is
    /// told apart from its stances and has none.
    ///
    /// # Errors
    /// [`Error::OutputNotFound`] if there is none.
    pub fn columns(&self, head: &Head, theme: &str, stance: Stance) -> Result<Vec<usize>> {
        let own = head.column(&format!("{theme}/{stance}"));
        let apart = |head: &Head| head.column(theme).is_ok();
        if own.is_ok() || !self.themes.as_ref().is_some_and(apart) {
            return Ok(vec![own?]);
        }
        let of_stance = |column: &String| {
            let of = column.rsplit_once('/').map(|(_, of)| of);
            of == Some(stance.name())
        };
        let columns = head.columns.iter().enumerate();
        let columns = columns.filter(|(_, column)| of_stance(column));
        let columns: Vec<usize> = columns.map(|(place, _)| place).collect();
        if columns.is_empty() {
            // Says which there are.
            own?;
        }
        Ok(columns)
    }
}

/// One linear map of a token's last hidden state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Head {
    /// The output's name; the weights hold `<output>.weight` and `<output>.bias`.
    pub output: String,
    /// What each column stands for, in order.
    pub columns: Vec<String>,
}

impl Head {
    /// The place of the column called `name`.
    ///
    /// # Errors
    /// [`Error::OutputNotFound`] if there is none.
    pub fn column(&self, name: &str) -> Result<usize> {
        let found = self.columns.iter().position(|column| column == name);
        found.ok_or_else(|| Error::OutputNotFound {
            wanted: format!("column {name:?} in {:?}", self.output),
            known: self.columns.clone(),
        })
    }
}

/// From the logit of a label or theme to its probability and to yes or no.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LabelSpec {
    /// The column's name: `security/oppose`; for a theme `security`.
    pub name: String,
    /// From which calibrated probability on it is given.
    pub threshold: Probability,
    /// What the logit is multiplied with.
    pub scale: f32,
    /// What is then added.
    pub offset: f32,
}

impl LabelSpec {
    /// The calibrated probability of a logit.
    ///
    /// # Source
    /// Platt (1999), "Probabilistic Outputs for Support Vector Machines": a logistic function whose
    /// scale and offset are fitted on held-out data.
    pub fn probability(&self, logit: f32) -> Probability {
        Probability::from_logit(self.calibrated(logit))
    }

    /// The calibrated logit.
    pub fn calibrated(&self, logit: f32) -> f32 {
        self.scale.mul_add(logit, self.offset)
    }
}

const fn one() -> f32 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_one(scale: &f32) -> bool {
    (*scale - 1.0).abs() < f32::EPSILON
}

/// How often a channel may be halved: to a 64th.
pub const MOST_HALVINGS: u8 = 6;

/// The range of numbers that 8 bits cover; what lies outside is cut off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ActivationRange {
    /// The lowest number; at most 0.
    pub low: f32,
    /// The highest number; at least 0.
    pub high: f32,
    /// How often each channel's numbers are halved before they become bytes, while its weights are doubled as often;
    /// empty where none is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub halvings: Vec<u8>,
}

impl ModelSpec {
    /// The description of an encoder alone, without heads.
    pub fn of_encoder(name: &str, max_tokens: usize) -> Self {
        Self {
            format: FORMAT,
            name: name.to_owned(),
            max_tokens,
            label_activation: LabelActivation::Softmax,
            heads: Heads::default(),
            labels: Vec::new(),
            theme_scores: Vec::new(),
            taxonomy: Taxonomy { themes: Vec::new() },
            curves: Vec::new(),
            stance_scale: 1.0,
            activations: BTreeMap::new(),
            training: toml::Table::new(),
            scores: toml::Table::new(),
        }
    }

    /// Reads and checks a `plenary.toml`.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if it is missing, is not of this format, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |problem: String, source| Error::OpenModel {
            path: path.into(),
            problem,
            source,
        };
        let bytes = super::folder::read(path)?;
        let text = String::from_utf8(bytes)
            .map_err(|source| failed("it is not UTF-8".to_owned(), Some(source.into())))?;
        let spec: Self = toml::from_str(&text).map_err(|source| {
            failed(
                "it does not describe a model".to_owned(),
                Some(source.into()),
            )
        })?;
        match spec.problem() {
            None => Ok(spec),
            Some(problem) => Err(failed(problem, None)),
        }
    }

    /// Writes it to `path`.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let failed = |source| Error::OpenModel {
            path: path.into(),
            problem: "it cannot be written".to_owned(),
            source: Some(source),
        };
        let text = toml::to_string(self).map_err(|source| failed(source.into()))?;
        std::fs::write(path, text).map_err(|source| failed(source.into()))
    }

    /// The threshold and calibration of the label or theme called `name`.
    ///
    /// # Errors
    /// [`Error::OutputNotFound`] if there is none.
    pub fn label(&self, name: &str) -> Result<&LabelSpec> {
        let all = || self.labels.iter().chain(&self.theme_scores);
        let found = all().find(|label| label.name == name);
        found.ok_or_else(|| Error::OutputNotFound {
            wanted: format!("label {name:?}"),
            known: all().map(|label| label.name.clone()).collect(),
        })
    }

    fn problem(&self) -> Option<String> {
        if self.format != FORMAT {
            return Some(format!(
                "format is {}, this program reads {FORMAT}; use a model made for this version",
                self.format
            ));
        }
        if self.max_tokens < 8 {
            return Some(format!("max-tokens is {}; at least 8", self.max_tokens));
        }
        self.taxonomy
            .problem()
            .or_else(|| self.heads_problem())
            .or_else(|| self.labels_problem())
            .or_else(|| self.activations_problem())
            .or_else(|| self.curves.iter().find_map(Curve::problem))
    }

    fn heads_problem(&self) -> Option<String> {
        for (index, head) in self.heads.iter().enumerate() {
            let output = &head.output;
            if head.columns.is_empty() {
                return Some(format!("head {output:?} has no columns"));
            }
            if self
                .heads
                .iter()
                .skip(index + 1)
                .any(|other| other.output == *output)
            {
                return Some(format!("two heads have the output {output:?}"));
            }
        }
        match (&self.heads.labels, &self.heads.label_attention) {
            (Some(labels), Some(attention)) if labels.columns != attention.columns => {
                Some("the heads labels and label-attention must have the same columns".to_owned())
            }
            (None, Some(_)) => Some("there is a head label-attention but none labels".to_owned()),
            _ => None,
        }
    }

    /// Every label of the taxonomy has a column and a calibration, and no calibration is left over.
    fn labels_problem(&self) -> Option<String> {
        let head = self.heads.labels.as_ref()?;
        for key in self.taxonomy.label_keys() {
            let name = self.taxonomy.label_name(key);
            if !head.columns.contains(&name) {
                return Some(format!("head {:?} has no column {name:?}", head.output));
            }
            if !self.labels.iter().any(|label| label.name == name) {
                return Some(format!("there is no [[label]] called {name:?}"));
            }
        }
        let known = |name: &String| {
            head.columns.contains(name) || self.taxonomy.theme_index(name).is_some()
        };
        for label in self.labels.iter().chain(&self.theme_scores) {
            if !known(&label.name) {
                return Some(format!("no head has a column {:?}", label.name));
            }
            if !(label.scale.is_finite() && label.offset.is_finite()) {
                return Some(format!("the calibration of {:?} is not finite", label.name));
            }
        }
        None
    }

    fn activations_problem(&self) -> Option<String> {
        let bad = |range: &ActivationRange| {
            let spans = range.low <= 0.0 && range.high >= 0.0;
            let small = range.halvings.iter().all(|&times| times <= MOST_HALVINGS);
            !(spans && (range.high - range.low).is_normal() && small)
        };
        let (name, range) = self.activations.iter().find(|(_, range)| bad(range))?;
        Some(format!(
            "activations of {name:?} must span 0, not {} to {}, and be halved at most {MOST_HALVINGS} times",
            range.low, range.high
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"
format = 1
name = "tiny"
max-tokens = 32

[heads.labels]
output = "label_logits"
columns = ["peace/support", "peace/oppose", "peace/neutral"]

[[label]]
name = "peace/support"
threshold = 0.5
scale = 2.0
offset = -1.0

[[label]]
name = "peace/oppose"
threshold = 0.5
scale = 1.0
offset = 0.0

[[label]]
name = "peace/neutral"
threshold = 0.5
scale = 1.0
offset = 0.0

[[taxonomy.theme]]
name = "peace"
definition = "An end to fighting."

[activations]
"encoder.layer.0.output.dense" = { low = -0.2, high = 4.0 }

[training]
seed = 7
"#;

    #[test]
    fn what_is_written_reads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plenary.toml");
        std::fs::write(&path, SPEC).unwrap();
        let spec = ModelSpec::read(&path).unwrap();
        spec.write(&path).unwrap();
        assert_eq!(ModelSpec::read(&path).unwrap(), spec);
        let halfway = spec.label("peace/support").unwrap().probability(0.5);
        assert_eq!(Probability::new(0.5), Some(halfway));
    }

    #[test]
    fn contradictions_are_named() {
        for (from, to, expected) in [
            ("format = 1", "format = 9", "format is 9"),
            ("max-tokens = 32", "max-tokens = 1", "max-tokens is 1"),
            ("\"peace/oppose\", ", "", "no column \"peace/oppose\""),
            (
                "name = \"peace/neutral\"",
                "name = \"war/neutral\"",
                "no [[label]] called",
            ),
            ("low = -0.2", "low = 0.2", "must span 0"),
            ("scale = 2.0", "scale = nan", "is not finite"),
        ] {
            let spec: ModelSpec = toml::from_str(&SPEC.replacen(from, to, 1)).unwrap();
            let problem = spec.problem().unwrap_or_default();
            assert!(problem.contains(expected), "{from} → {to}: {problem:?}");
        }
    }
}
