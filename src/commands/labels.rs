//! Which labels a run gives: themes, thresholds, and the precision or recall that these are chosen for.

use std::path::PathBuf;

use plenary::comparison::statistics::interval::wilson;
use plenary::model::curve::Aim;
use plenary::schema::{Probability, Run};
use plenary::stages::classify::{Chosen, ClassifierOptions, Threshold};

/// What is tagged, and from when on a label is given.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Labels")]
pub(crate) struct LabelArguments {
    /// Themes of your own: a file with a name, a definition and, if you like, examples of each. Those that the model
    /// knows by name have its heads, others are told by their definitions, which needs MiniLM-L6 (`make base-model`)
    #[arg(long, value_name = "FILE")]
    pub(crate) taxonomy: Option<PathBuf>,

    /// Something that you want stances toward, such as 'NATO enlargement': where a statement has all its words (but for
    /// their endings), the model says whether it supports, opposes or only mentions it, as labels of a theme of that name.
    /// Other wordings may follow: 'NATO enlargement|NATO expansion|NATO'. May be repeated
    #[arg(long = "target", value_name = "NAME")]
    pub(crate) targets: Vec<String>,

    /// Only these themes of the taxonomy, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) themes: Vec<String>,

    /// A threshold in place of the model's own, as `security/oppose=0.6`; may be repeated
    #[arg(long = "threshold", value_name = "LABEL=P", value_parser = threshold)]
    pub(crate) thresholds: Vec<(String, Probability)>,

    /// Give a theme only where so sure that at least this share of what is given is right, such as 0.9, as counted on
    /// statements that the model did not learn from
    #[arg(long, value_name = "SHARE", value_parser = probability, conflicts_with = "min_recall")]
    pub(crate) min_precision: Option<Probability>,

    /// Give a theme so freely that at least this share of the statements with it is found
    #[arg(long, value_name = "SHARE", value_parser = probability)]
    pub(crate) min_recall: Option<Probability>,

    /// Score documents in languages that the model was not trained on, too
    #[arg(long)]
    pub(crate) any_language: bool,
}

impl LabelArguments {
    pub(crate) fn options(&self) -> ClassifierOptions {
        let precision = self.min_precision.map(Aim::Precision);
        ClassifierOptions {
            thresholds: self.thresholds.clone(),
            aim: precision.or(self.min_recall.map(Aim::Recall)),
        }
    }

    /// What of it decides a run's records.
    pub(crate) fn describe(&self, run: &mut Run, thresholds: &[Threshold]) {
        let mut set =
            |name: &str, value: serde_json::Value| run.settings.insert(name.to_owned(), value);
        let given: Vec<String> = (self.thresholds.iter())
            .map(|(label, threshold)| format!("{label}={}", threshold.rounded()))
            .collect();
        set("threshold", given.into());
        if !self.targets.is_empty() {
            set("target", self.targets.clone().into());
        }
        for (name, aim) in [
            ("min-precision", self.min_precision),
            ("min-recall", self.min_recall),
        ] {
            if let Some(aim) = aim {
                set(name, aim.rounded().into());
            }
        }
        let in_force = thresholds.iter().map(|threshold| {
            let value = threshold.value.rounded().into();
            (threshold.name.clone(), value)
        });
        set("thresholds", serde_json::Value::Object(in_force.collect()));
        set("any-language", self.any_language.into());
    }

    /// The thresholds in force, for people: those of themes, or of labels where the model has none for themes; with
    /// what was counted at them where they were chosen for a precision or recall.
    pub(crate) fn in_words(&self, thresholds: &[Threshold]) -> Vec<String> {
        let of_themes = thresholds
            .iter()
            .any(|threshold| !threshold.name.contains('/'));
        let shown: Vec<&Threshold> = thresholds
            .iter()
            .filter(|threshold| of_themes != threshold.name.contains('/'))
            .collect();
        let (word, asked) = match (self.min_precision, self.min_recall) {
            (Some(share), _) => ("precision", share),
            (None, Some(share)) => ("recall", share),
            (None, None) => {
                let each = shown
                    .iter()
                    .map(|t| format!("{} {:.2}", t.name, t.value.value()));
                return vec![format!(
                    "thresholds   {}",
                    each.collect::<Vec<_>>().join(", ")
                )];
            }
        };
        let mut lines = vec![format!(
            "thresholds   for a {word} of {} or more",
            asked.rounded()
        )];
        let width = shown
            .iter()
            .map(|t| t.name.chars().count())
            .max()
            .unwrap_or_default();
        for threshold in shown {
            let what = match &threshold.chosen {
                Some(chosen) => counted(chosen),
                None => "as given by --threshold".to_owned(),
            };
            let beyond = match &threshold.chosen {
                Some(chosen) if !chosen.reached => {
                    format!(
                        " WARNING: a {word} of {} is out of reach, this is the nearest",
                        asked.rounded()
                    )
                }
                _ => String::new(),
            };
            let (name, value) = (&threshold.name, threshold.value.value());
            lines.push(format!("  {name:width$}  {value:.4}  {what}{beyond}"));
        }
        lines
    }
}

/// What was counted at a threshold. The share that carries the theme belongs to it: where fewer do, precision is lower.
fn counted(chosen: &Chosen) -> String {
    let Chosen {
        point,
        carried,
        statements,
        ..
    } = *chosen;
    let share = |part: usize, whole: usize| {
        let (part, whole) = (part as f64, whole as f64);
        let interval = wilson(part, whole);
        let interval = interval.map(|i| format!(" [{:.2}, {:.2}]", i.low, i.high));
        format!(
            "{:.2}{}",
            part / whole.max(1.0),
            interval.unwrap_or_default()
        )
    };
    format!(
        "precision {}, recall {} on {statements} statements, {:.0} % of them with it",
        share(point.right, point.found),
        share(point.right, carried),
        100.0 * carried as f64 / statements.max(1) as f64
    )
}

fn threshold(assignment: &str) -> Result<(String, Probability), String> {
    let (label, value) = assignment
        .split_once('=')
        .ok_or_else(|| "write LABEL=P, such as security/oppose=0.6".to_owned())?;
    Ok((label.to_owned(), probability(value)?))
}

pub(super) fn probability(value: &str) -> Result<Probability, String> {
    let value = value.parse().ok().and_then(Probability::new);
    value.ok_or_else(|| "give a number from 0 to 1".to_owned())
}
