//! What is asked of a model of others: themes as hypotheses for natural language inference, or by its own labels where
//! these name themes.
//!
//! *Useful for* models that are there. *Not useful for* speed: rust-bert reads every statement once for each
//! hypothesis, in single precision. How good such a model is nobody measured here: hold it against labelled statements
//! with `plenary evaluate`.
//!
//! # Source
//! Yin, Hay and Roth (2019), "Benchmarking Zero-shot Text Classification", EMNLP.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::model::ModelSpec;
use crate::model::foreign::{Columns, Foreign, Source};
use crate::model::spec::{Head, Heads, LabelSpec};
use crate::schema::{Probability, Stance, Taxonomy, Theme};

const SETTINGS: &str = include_str!("../../../data/hypotheses.toml");
const THEMES: &str = "theme_logits";
const LABELS: &str = "label_logits";

/// More bytes than a statement has, so that none is cut before the model's own tokenizer does.
const MAX_BYTES: usize = 1 << 20;

/// The logit of what is never so.
const NEVER: f32 = -30.0;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Settings {
    theme: String,
    support: String,
    oppose: String,
    threshold: Probability,
    no_theme: Vec<String>,
    stances: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    support: Vec<String>,
    oppose: Vec<String>,
    neutral: Vec<String>,
}

impl Settings {
    fn shipped() -> Result<Self> {
        toml::from_str(SETTINGS).map_err(|source| Error::Settings {
            problem: format!("data/hypotheses.toml is damaged: {source}"),
        })
    }

    /// The stance that a word of a label names.
    fn stance(&self, word: &str) -> Option<Stance> {
        let Words {
            support,
            oppose,
            neutral,
        } = &self.stances;
        let names = [support, oppose, neutral].into_iter().zip(Stance::ALL);
        let mut found = names.filter(|(words, _)| words.iter().any(|known| known == word));
        found.next().map(|(_, stance)| stance)
    }
}

/// What is asked, and how the answers are to be read.
#[derive(Clone, Debug)]
pub struct Questions {
    /// The outputs of the engine.
    pub columns: Columns,
    /// Heads, thresholds and themes.
    pub spec: ModelSpec,
    /// Whether themes are told by hypotheses.
    pub by_hypotheses: bool,
}

impl Questions {
    /// What to ask of a model for the themes of a taxonomy: the standard one, or those that its labels name, if none is
    /// given.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if its labels name no themes, or not those of the taxonomy.
    pub fn new(model: &Foreign, taxonomy: Option<&Taxonomy>) -> Result<Self> {
        let settings = Settings::shipped()?;
        if model.inference().is_some() {
            let taxonomy =
                taxonomy.map_or_else(Taxonomy::standard, |taxonomy| Ok(taxonomy.clone()))?;
            let asked = |theme: &Theme| hypotheses(&settings, &theme.name);
            let sources = taxonomy.themes.iter().map(asked).collect();
            return Ok(Self::of(model, &settings, (taxonomy, sources), true));
        }
        let labels = model.labels.iter().map(|label| Named::of(label, &settings));
        let labels: Vec<Named> = labels.collect();
        if labels
            .iter()
            .any(|label| label.theme.is_empty() && label.stance.is_some())
        {
            return Err(unknown(
                model,
                "name stances, but toward no theme (security/oppose would)",
            ));
        }
        let taxonomy = taxonomy.map_or_else(|| named_by(&labels, &settings), Clone::clone);
        let mut sources = Vec::new();
        for Theme { name, .. } in &taxonomy.themes {
            let found = by_labels(&labels, name);
            let missing = || unknown(model, &format!("do not name the theme {name:?}"));
            sources.push(found.ok_or_else(missing)?);
        }
        if sources.is_empty() {
            return Err(unknown(model, "name no theme"));
        }
        Ok(Self::of(model, &settings, (taxonomy, sources), false))
    }

    fn of(
        model: &Foreign,
        settings: &Settings,
        (taxonomy, sources): (Taxonomy, Vec<ThemeSources>),
        by_hypotheses: bool,
    ) -> Self {
        let head = |output: &str, columns: Vec<String>| {
            Some(Head {
                output: output.to_owned(),
                columns,
            })
        };
        let spec = |name: String| LabelSpec {
            name,
            threshold: settings.threshold,
            scale: 1.0,
            offset: 0.0,
        };
        let themes: Vec<String> = taxonomy
            .themes
            .iter()
            .map(|theme| theme.name.clone())
            .collect();
        let labels: Vec<String> = taxonomy
            .label_keys()
            .map(|key| taxonomy.label_name(key))
            .collect();
        let (of_themes, of_stances): (Vec<_>, Vec<_>) = sources
            .into_iter()
            .map(|sources| (sources.theme, sources.stances))
            .unzip();
        Self {
            columns: Columns::from([
                (THEMES.to_owned(), of_themes),
                (
                    LABELS.to_owned(),
                    of_stances.into_iter().flatten().collect(),
                ),
            ]),
            spec: ModelSpec {
                heads: Heads {
                    labels: head(LABELS, labels.clone()),
                    themes: head(THEMES, themes.clone()),
                    ..Heads::default()
                },
                labels: labels.into_iter().map(spec).collect(),
                theme_scores: themes.into_iter().map(spec).collect(),
                taxonomy,
                ..ModelSpec::of_encoder(&model.name, MAX_BYTES)
            },
            by_hypotheses,
        }
    }
}

/// What tells a theme and its stances.
struct ThemeSources {
    theme: Source,
    stances: [Source; Stance::ALL.len()],
}

fn hypotheses(settings: &Settings, theme: &str) -> ThemeSources {
    let ask = |template: &str| Source::Hypothesis(template.replace("{}", theme));
    ThemeSources {
        theme: ask(&settings.theme),
        stances: Stance::ALL.map(|stance| match stance {
            Stance::Support => ask(&settings.support),
            Stance::Oppose => ask(&settings.oppose),
            Stance::Neutral => Source::Constant(0.0),
        }),
    }
}

/// A label of a model: the theme and perhaps the stance that it names.
struct Named {
    label: String,
    theme: String,
    stance: Option<Stance>,
}

impl Named {
    fn of(label: &str, settings: &Settings) -> Self {
        let (theme, stance) = label
            .rsplit_once(|c: char| !c.is_alphanumeric())
            .unwrap_or(("", label));
        match settings.stance(&stance.trim().to_lowercase()) {
            Some(stance) => Self {
                label: theme
                    .trim_end_matches(|c: char| !c.is_alphanumeric())
                    .to_owned(),
                theme: folded(theme),
                stance: Some(stance),
            },
            None => Self {
                label: label.trim().to_owned(),
                theme: folded(label),
                stance: None,
            },
        }
    }
}

/// A name without what does not matter: case and marks.
fn folded(name: &str) -> String {
    let words = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// A taxonomy of the themes that labels name, in their order.
fn named_by(labels: &[Named], settings: &Settings) -> Taxonomy {
    let mut themes: Vec<Theme> = Vec::new();
    let of_themes = |label: &&Named| !settings.no_theme.contains(&label.theme);
    for label in labels.iter().filter(of_themes) {
        let name = label.label.replace('/', "-");
        if !themes
            .iter()
            .any(|theme| folded(&theme.name) == folded(&name))
        {
            themes.push(Theme {
                name,
                definition: String::new(),
                examples: Vec::new(),
            });
        }
    }
    Taxonomy { themes }
}

/// What the labels say of a theme; `None` if none names it. Where no label names a stance, the statement is taken to
/// mention the theme.
fn by_labels(labels: &[Named], theme: &str) -> Option<ThemeSources> {
    let theme = folded(theme);
    let of = |wanted: &dyn Fn(&Named) -> bool| -> Vec<usize> {
        let all = labels.iter().enumerate();
        all.filter(|(_, label)| label.theme == theme && wanted(label))
            .map(|(place, _)| place)
            .collect()
    };
    let all = of(&|_| true);
    let named = |stance: Stance| of(&|label| label.stance == Some(stance));
    let any = Stance::ALL.iter().any(|stance| !named(*stance).is_empty());
    let stances = Stance::ALL.map(|stance| match named(stance) {
        places if !places.is_empty() => Source::Labels(places),
        _ if !any && stance == Stance::Neutral => Source::Constant(0.0),
        _ => Source::Constant(NEVER),
    });
    (!all.is_empty()).then_some(ThemeSources {
        theme: Source::Labels(all),
        stances,
    })
}

fn unknown(model: &Foreign, what: &str) -> Error {
    Error::OpenModel {
        path: model.path.clone(),
        problem: format!(
            "its labels {what} (it has: {}); name a taxonomy that fits with --taxonomy, or take a model for natural \
             language inference",
            model.labels.join(", ")
        ),
        source: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn model(labels: &[&str]) -> Foreign {
        Foreign {
            path: PathBuf::from("theirs"),
            weights: PathBuf::new(),
            name: "theirs".to_owned(),
            architecture: "bert".to_owned(),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            several: false,
            hash: "0".repeat(64),
        }
    }

    #[test]
    fn labels_name_themes_and_stances_in_many_ways() {
        let labels = ["Security/oppose", "security: favour", "Sci-Fi", "none"];
        let questions = Questions::new(&model(&labels), None).unwrap();
        let themes: Vec<&str> = questions
            .spec
            .taxonomy
            .themes
            .iter()
            .map(|theme| theme.name.as_str())
            .collect();
        assert_eq!(themes, ["Security", "Sci-Fi"]);
        assert_eq!(
            questions.columns[THEMES],
            [Source::Labels(vec![0, 1]), Source::Labels(vec![2])]
        );
        let [support, oppose, neutral, .., mentioned] = &questions.columns[LABELS][..] else {
            panic!("{:?}", questions.columns)
        };
        assert_eq!(
            (support, oppose),
            (&Source::Labels(vec![1]), &Source::Labels(vec![0]))
        );
        assert_eq!(
            (neutral, mentioned),
            (&Source::Constant(NEVER), &Source::Constant(0.0))
        );
    }

    #[test]
    fn inference_is_asked_of_the_standard_themes() {
        let questions = Questions::new(&model(&["entailment", "contradiction"]), None).unwrap();
        let first = &questions.columns[THEMES][0];
        assert_eq!(
            *first,
            Source::Hypothesis("This example is about security.".to_owned())
        );
        assert_eq!(questions.columns[LABELS].len(), 9);
    }

    #[test]
    fn labels_that_name_no_theme_are_refused() {
        let said = |labels: &[&str], taxonomy: Option<&Taxonomy>| {
            Questions::new(&model(labels), taxonomy)
                .unwrap_err()
                .to_string()
        };
        assert!(said(&["favor", "against", "none"], None).contains("toward no theme"));
        let standard = Taxonomy::standard().unwrap();
        let missing = said(&["security", "sports"], Some(&standard));
        assert!(
            missing.contains("do not name the theme \"development\" (it has: security, sports)"),
            "{missing}"
        );
    }
}
