//! Labels and theme scores of each statement.

use std::ops::Range;

use super::pooling::{log_sum_exp, mean_of, pooled, rows};
use super::targets::Targets;
use super::thresholds::{ClassifierOptions, Threshold, in_force};
use crate::error::{Error, Result};
use crate::model::ModelSpec;
use crate::model::spec::{LabelActivation, LabelSpec};
use crate::schema::{
    Analysis, Annotated, Attributed, Document, Label, LabelKey, Probability, Stance,
};
use crate::stages::encode::Encoding;

/// The logit of stances toward a target that is not at issue.
const NOT_ASKED: f32 = -30.0;

/// Turns logits into labels with calibrated probabilities.
///
/// A theme that passes its threshold gets its likeliest stance, and every further stance that passes its
/// own; where the model has no thresholds for themes, those of the labels decide alone.
///
/// A theme that is told apart from its stances has its own probability, which these share as the
/// head's themes on the whole do.
///
/// *Useful for* any model folder with a label head. *Not useful for* themes that were neither trained nor joined with
/// the model by their definitions.
#[derive(Clone, Debug)]
pub struct Classifier {
    output: String,
    attention: Option<String>,
    apart: Option<String>,
    /// How many targets the user named; their labels' columns stand behind the head's.
    asked: usize,
    activation: LabelActivation,
    themes: Vec<ThemeColumns>,
    targets: Option<Targets>,
    thresholds: Vec<Threshold>,
}

#[derive(Clone, Debug)]
struct ThemeColumns {
    spec: Option<LabelSpec>,
    labels: Vec<LabelColumn>,
    /// Its column, where it is told apart from its stances.
    apart: Option<usize>,
}

/// What the heads say of a statement.
struct Logits {
    labels: Vec<f32>,
    apart: Vec<f32>,
}

#[derive(Clone, Debug)]
struct LabelColumn {
    key: LabelKey,
    /// Of several, their mean counts.
    columns: Vec<usize>,
    spec: LabelSpec,
}

impl LabelColumn {
    fn logit(&self, logits: &Logits) -> f32 {
        mean_of(&logits.labels, &self.columns)
    }

    fn calibrated(&self, logits: &Logits) -> f32 {
        self.spec.calibrated(self.logit(logits))
    }
}

impl ThemeColumns {
    /// The logit of any of the theme's labels against 'none', whose logit is 0.
    fn any(&self, logits: &Logits) -> f32 {
        log_sum_exp(self.labels.iter().map(|label| label.calibrated(logits)))
    }
}

impl Classifier {
    /// A classifier for the heads that the model folder describes.
    ///
    /// # Errors
    /// [`Error::OutputNotFound`] if a label of the taxonomy or of the options has no column,
    /// [`Error::Settings`] if the model has no label head, or no curve that an aim could be looked up in.
    pub fn new(spec: &ModelSpec, options: &ClassifierOptions) -> Result<Self> {
        let head = spec.heads.labels.as_ref().ok_or_else(|| Error::Settings {
            problem: format!(
                "model {:?} has no label head; choose another model",
                spec.name
            ),
        })?;
        let (spec, thresholds) = &in_force(spec, options)?;
        let apart = spec.heads.themes.as_ref();
        let mut themes: Vec<ThemeColumns> = Vec::new();
        for theme in &spec.taxonomy.themes {
            let spec = spec
                .theme_scores
                .iter()
                .find(|score| score.name == theme.name)
                .cloned();
            themes.push(ThemeColumns {
                spec,
                labels: Vec::new(),
                apart: apart.and_then(|head| head.column(&theme.name).ok()),
            });
        }
        for key in spec.taxonomy.label_keys() {
            let name = spec.taxonomy.label_name(key);
            let theme = &spec.taxonomy.themes[key.theme_index].name;
            themes[key.theme_index].labels.push(LabelColumn {
                key,
                columns: match spec.heads.asked_column(&name) {
                    Some(column) => vec![head.columns.len() + column],
                    None => spec.heads.columns(head, theme, key.stance)?,
                },
                spec: spec.label(&name)?.clone(),
            });
        }
        Ok(Self {
            output: head.output.clone(),
            attention: spec
                .heads
                .label_attention
                .as_ref()
                .map(|head| head.output.clone()),
            apart: apart.map(|head| head.output.clone()),
            asked: (spec.heads.asked.iter())
                .map(|asked| asked.columns.len() / Stance::ALL.len())
                .sum(),
            activation: spec.label_activation,
            themes,
            targets: match &spec.heads.targets {
                Some(head) => Some(Targets::new(head, spec)?),
                None => None,
            },
            thresholds: thresholds.clone(),
        })
    }

    /// The thresholds in force: those of themes that have one, then those of all labels.
    pub fn thresholds(&self) -> &[Threshold] {
        &self.thresholds
    }

    /// Labels every statement of a document.
    ///
    /// A statement without tokens (a document that was not scored) has no labels and no scores.
    ///
    /// # Errors
    /// [`Error::OutputNotFound`] if the engine did not return a head that the model folder names.
    pub fn classify(
        &self,
        analysis: Analysis<Attributed>,
        encoding: &Encoding,
    ) -> Result<Analysis<Annotated>> {
        let Analysis {
            document,
            statements,
            furniture,
        } = analysis;
        let statements = statements.into_iter().map(|attributed| {
            let tokens = encoding.tokens_of(attributed.statement.index);
            if tokens.is_empty() {
                return Ok(Annotated {
                    attributed,
                    labels: Vec::new(),
                    scores: Vec::new(),
                });
            }
            let index = attributed.statement.index;
            let logits = self.pooled(encoding, index, tokens.clone())?;
            let mut labels = self.labels(&logits);
            self.add_targets(&mut labels, &document, (encoding, tokens))?;
            Ok(Annotated {
                attributed,
                labels,
                scores: self.scores(&logits),
            })
        });
        let statements = statements.collect::<Result<_>>()?;
        Ok(Analysis {
            document,
            statements,
            furniture,
        })
    }

    fn pooled(
        &self,
        encoding: &Encoding,
        statement_index: usize,
        tokens: Range<usize>,
    ) -> Result<Logits> {
        let logits = rows(encoding, &self.output, tokens.clone())?;
        let weights = match &self.attention {
            Some(output) => Some(rows(encoding, output, tokens.clone())?),
            None => None,
        };
        let apart = match &self.apart {
            Some(output) => pooled(&rows(encoding, output, tokens)?, None),
            None => Vec::new(),
        };
        let mut labels = pooled(&logits, weights.as_deref());
        for target_index in 0..self.asked {
            let answer = encoding.stances.get(&(statement_index, target_index));
            labels.extend(answer.map_or([NOT_ASKED; Stance::ALL.len()].as_slice(), Vec::as_slice));
        }
        Ok(Logits { labels, apart })
    }

    fn labels(&self, logits: &Logits) -> Vec<Label> {
        let mut found = Vec::new();
        for theme in &self.themes {
            let labels = self.probabilities(theme, logits);
            let likeliest = labels
                .iter()
                .map(|(_, p)| *p)
                .fold(Probability::default(), most);
            let passed = theme
                .spec
                .as_ref()
                .map(|spec| spec.probability(self.theme_logit(theme, logits)) >= spec.threshold);
            let mut chosen = false;
            for (label, probability) in labels {
                // Of stances that are equally likely the first of the fixed order is taken.
                let first = passed == Some(true) && probability >= likeliest && !chosen;
                if first || (passed != Some(false) && probability >= label.spec.threshold) {
                    chosen |= first;
                    found.push(Label {
                        key: label.key,
                        target: None,
                        probability,
                    });
                }
            }
        }
        found
    }

    /// The calibrated probability of each label of a theme.
    fn probabilities<'t>(
        &self,
        theme: &'t ThemeColumns,
        logits: &Logits,
    ) -> Vec<(&'t LabelColumn, Probability)> {
        let any = theme.any(logits);
        let none_or_any = log_sum_exp([0.0, any].into_iter());
        let share = |label: &LabelColumn, of: f32| (label.calibrated(logits) - of).exp().min(1.0);
        let probability = |label: &LabelColumn| match (theme.apart, self.activation) {
            (Some(_), _) => {
                let theme = self.score(theme, logits).value();
                Probability::new(theme * share(label, any)).unwrap_or_default()
            }
            (None, LabelActivation::Sigmoid) => label.spec.probability(label.logit(logits)),
            (None, LabelActivation::Softmax) => {
                Probability::new(share(label, none_or_any)).unwrap_or_default()
            }
        };
        theme
            .labels
            .iter()
            .map(|label| (label, probability(label)))
            .collect()
    }

    /// The logit of 'the statement touches the theme', before the theme's own calibration.
    fn theme_logit(&self, theme: &ThemeColumns, logits: &Logits) -> f32 {
        match (theme.apart, self.activation) {
            (Some(column), _) => logits.apart[column],
            (None, LabelActivation::Softmax) => theme.any(logits),
            // Labels that are scored each on its own are taken as independent.
            (None, LabelActivation::Sigmoid) => {
                let absent =
                    |label: &LabelColumn| 1.0 - label.spec.probability(label.logit(logits)).value();
                let none: f32 = theme.labels.iter().map(absent).product();
                ((1.0 - none).max(f32::MIN_POSITIVE) / none.max(f32::MIN_POSITIVE)).ln()
            }
        }
    }

    fn scores(&self, logits: &Logits) -> Vec<Probability> {
        let themes = self.themes.iter();
        themes.map(|theme| self.score(theme, logits)).collect()
    }

    fn score(&self, theme: &ThemeColumns, logits: &Logits) -> Probability {
        let logit = self.theme_logit(theme, logits);
        let spec = theme.spec.as_ref();
        spec.map_or_else(
            || Probability::from_logit(logit),
            |spec| spec.probability(logit),
        )
    }

    fn add_targets(
        &self,
        labels: &mut [Label],
        document: &Document,
        (encoding, tokens): (&Encoding, Range<usize>),
    ) -> Result<()> {
        let Some(targets) = self.targets.as_ref().filter(|_| !labels.is_empty()) else {
            return Ok(());
        };
        let logits = rows(encoding, targets.output(), tokens.clone())?;
        let tokens = encoding.tokens.get(tokens).unwrap_or_default();
        for label in labels {
            label.target = targets.find(document, tokens, (&logits, label.key));
        }
        Ok(())
    }
}

fn most(a: Probability, b: Probability) -> Probability {
    if b > a { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Stance;

    const SPEC: &str = r#"
format = 1
name = "tiny"
max-tokens = 32
label-activation = "softmax"
[heads.labels]
output = "label_logits"
columns = ["peace/support", "peace/oppose", "peace/neutral"]
[[label]]
name = "peace/support"
threshold = 0.35
scale = 1.0
offset = 0.0
[[label]]
name = "peace/oppose"
threshold = 0.35
scale = 1.0
offset = 0.0
[[label]]
name = "peace/neutral"
threshold = 0.35
scale = 1.0
offset = 0.0
[[theme-score]]
name = "peace"
threshold = 0.5
scale = 1.0
offset = 0.0
[[taxonomy.theme]]
name = "peace"
definition = "An end to fighting."
"#;

    fn of_labels(labels: [f32; 3]) -> Logits {
        Logits {
            labels: labels.to_vec(),
            apart: Vec::new(),
        }
    }

    fn stances(logits: [f32; 3], thresholds: &[(String, Probability)]) -> Vec<Stance> {
        let spec: ModelSpec = toml::from_str(SPEC).unwrap();
        let options = ClassifierOptions {
            thresholds: thresholds.to_vec(),
            aim: None,
        };
        let classifier = Classifier::new(&spec, &options).unwrap();
        let labels = classifier.labels(&of_labels(logits));
        labels.into_iter().map(|label| label.key.stance).collect()
    }

    #[test]
    fn a_theme_that_passes_has_its_likeliest_stance() {
        assert_eq!(stances([-0.2, 0.0, 0.1], &[]), [Stance::Neutral]);
        assert_eq!(stances([-3.0, -3.0, -3.0], &[]), []);
        assert_eq!(
            stances([2.0, 2.0, -3.0], &[]),
            [Stance::Support, Stance::Oppose]
        );
    }

    #[test]
    fn the_probabilities_of_stances_and_none_sum_to_one() {
        let spec: ModelSpec = toml::from_str(SPEC).unwrap();
        let classifier = Classifier::new(&spec, &ClassifierOptions::default()).unwrap();
        let logits = of_labels([1.0, -2.0, 0.5]);
        let labels = classifier.probabilities(&classifier.themes[0], &logits);
        let sum: f32 = labels.iter().map(|(_, p)| p.value()).sum();
        assert!((sum - classifier.scores(&logits)[0].value()).abs() < 1e-6);
    }

    #[test]
    fn a_theme_without_columns_has_its_own_probability_and_the_stances_of_the_others() {
        let mut spec: ModelSpec = toml::from_str(SPEC).unwrap();
        let taxonomy = "[[theme]]\nname = 'tea'\ndefinition = 'A drink.'\n".replace('\'', "\"");
        let taxonomy = crate::schema::Taxonomy::parse(&taxonomy, std::path::Path::new("tea.toml"));
        let definitions = super::super::definitions::Definitions::shipped().unwrap();
        spec = definitions.join(&spec, &taxonomy.unwrap()).unwrap();
        let classifier = Classifier::new(&spec, &ClassifierOptions::default()).unwrap();
        let said = |likeness: f32| Logits {
            labels: vec![-9.0, -2.0, -4.0],
            apart: vec![likeness],
        };
        assert!(classifier.labels(&said(-0.2)).is_empty());
        let labels = classifier.labels(&said(0.4));
        assert_eq!(labels.len(), 1);
        assert_eq!(labels[0].key.stance, Stance::Oppose);
        let score = classifier.scores(&said(0.4))[0];
        assert_eq!(score, spec.label("tea").unwrap().probability(0.4));
        let all: f32 = classifier
            .probabilities(&classifier.themes[0], &said(0.4))
            .iter()
            .map(|(_, p)| p.value())
            .sum();
        assert!((all - score.value()).abs() < 1e-6);
    }

    #[test]
    fn the_user_may_set_a_threshold_for_what_there_is() {
        let strict = [("peace".to_owned(), Probability::new(0.99).unwrap())];
        assert_eq!(stances([2.0, 0.0, 0.0], &strict), []);
        let spec: ModelSpec = toml::from_str(SPEC).unwrap();
        let thresholds = vec![("war/oppose".to_owned(), Probability::default())];
        let options = ClassifierOptions {
            thresholds,
            aim: None,
        };
        let error = Classifier::new(&spec, &options).unwrap_err();
        assert!(
            error.to_string().contains("it has: peace/support"),
            "{error}"
        );
    }
}
