//! `plenary models thresholds`: from labelled statements to a model's thresholds and curves.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use plenary::corpus::Entry;
use plenary::error::{Error, Result};
use plenary::model::ModelFolder;
use plenary::model::curve::Aim;
use plenary::model::folder::file;
use plenary::model::spec::ModelSpec;
use plenary::run::{self, Finished, RunOptions, Sink};
use plenary::schema::document::Metadata;
use plenary::schema::{Analysis, Annotated, Document, Probability, Stance};
use plenary::stages::segment::Split;
use plenary::training::gold::{self, LabelledStatement};
use plenary::training::thresholds::{Judged, fit};
use sha2::{Digest as _, Sha256};

use crate::commands::Status;
use crate::commands::labels::LabelArguments;
use crate::commands::setup::{EngineArgument, ModelArguments, PrecisionArgument, Setup};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The model folder
    #[arg(value_name = "DIR")]
    model: PathBuf,

    /// Labelled statements, as `plenary train` takes them; some hundred, which the model did not learn from
    #[arg(required = true, value_name = "GOLD")]
    gold: Vec<PathBuf>,

    /// Archives with the texts of labels that give `document` and `span` in place of `text`; may be repeated
    #[arg(long, value_name = "PATH")]
    texts: Vec<PathBuf>,
}

/// The shares whose thresholds are shown.
const SHOWN: [f32; 3] = [0.8, 0.9, 0.95];

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<Status> {
        let folder = ModelFolder::open(&self.model)?;
        let mut spec = folder.spec().clone();
        let mut statements = Vec::new();
        for path in &self.gold {
            statements.extend(gold::read_labels(path, &spec.taxonomy, &self.texts)?);
        }
        let mut err = io::stderr().lock();
        for path in self.gold.iter().filter(|path| was_used(&spec, path)) {
            writeln!(
                err,
                "warning: {} is among the files that the model was made with; if it learned from it, precision and \
                 recall are promised too high",
                path.display()
            )?;
        }
        let judged = self.judge(&spec, &statements)?;
        fit(&mut spec, &judged);
        spec.write(&self.model.join(file::SPEC))?;
        show(&spec, statements.len())?;
        Ok(Status::Done)
    }

    /// What the model, on the engine that `plenary tag` would choose, says of each statement.
    fn judge(
        &self,
        spec: &ModelSpec,
        statements: &[LabelledStatement],
    ) -> Result<Vec<(String, Vec<Judged>)>> {
        let model = ModelArguments {
            model: Some(self.model.clone()),
            encoder: None,
            engine: EngineArgument::Auto,
            onnxruntime: None,
            precision: if spec.activations.is_empty() {
                PrecisionArgument::F32
            } else {
                PrecisionArgument::Int8
            },
            threads: None,
            batch_tokens: RunOptions::default().batch_tokens,
        };
        let all = spec.labels.iter().chain(&spec.theme_scores);
        let labels = LabelArguments {
            taxonomy: None,
            themes: Vec::new(),
            thresholds: all
                .map(|label| (label.name.clone(), Probability::default()))
                .collect(),
            min_precision: None,
            min_recall: None,
            any_language: true,
        };
        let setup = Setup::open(&model, &labels, Split::None)?;
        let folds = gold::folds(statements);
        let mut judging = Judging {
            statements: statements.iter().zip(folds).collect(),
            judged: spec
                .taxonomy
                .themes
                .iter()
                .map(|theme| (theme.name.clone(), Vec::new()))
                .collect(),
        };
        let entries: Vec<Entry> = statements.iter().map(document).collect();
        run::run(
            entries.into_iter(),
            &setup.pipeline,
            setup.workers,
            &mut judging,
            &AtomicBool::new(false),
        )?;
        Ok(judging.judged)
    }
}

fn document(statement: &LabelledStatement) -> Entry {
    let metadata = Metadata {
        id: statement.id.clone(),
        ..Metadata::default()
    };
    Entry::Document(Document::new(metadata, statement.text.clone()))
}

/// Takes what is said of the statements, in their order.
struct Judging<'s> {
    statements: std::collections::VecDeque<(&'s LabelledStatement, usize)>,
    judged: Vec<(String, Vec<Judged>)>,
}

impl Sink for Judging<'_> {
    fn take(&mut self, finished: Finished) -> Result<()> {
        match (finished, self.statements.pop_front()) {
            (Finished::Document(analysis), Some((statement, fold))) => {
                self.judge(&analysis, statement, fold);
                Ok(())
            }
            (Finished::Quarantined(quarantined), _) => Err(Error::Settings {
                problem: format!("gold cannot be tagged: {quarantined}"),
            }),
            (Finished::Document(_), None) => Ok(()),
        }
    }
}

impl Judging<'_> {
    fn judge(&mut self, analysis: &Analysis<Annotated>, gold: &LabelledStatement, fold: usize) {
        // A statement without words the model can read has nothing to say, and no line here.
        let Some(found) = analysis
            .statements
            .first()
            .filter(|found| !found.scores.is_empty())
        else {
            return;
        };
        for (theme_index, (theme, judged)) in self.judged.iter_mut().enumerate() {
            let mut of_theme = Judged {
                theme: found.scores[theme_index],
                fold,
                ..Judged::default()
            };
            for (place, stance) in Stance::ALL.into_iter().enumerate() {
                let label = found
                    .labels
                    .iter()
                    .find(|l| l.key.theme_index == theme_index && l.key.stance == stance);
                of_theme.stances[place] = label.map(|label| label.probability).unwrap_or_default();
                of_theme.carried[place] = gold
                    .labels
                    .iter()
                    .any(|l| l.theme == *theme && l.stance == stance);
            }
            judged.push(of_theme);
        }
    }
}

/// Whether `plenary train` made the model with this very file.
fn was_used(spec: &ModelSpec, path: &Path) -> bool {
    let hash = std::fs::read(path).map(|bytes| format!("{:x}", Sha256::digest(bytes)));
    let files = spec.training.get("files").and_then(toml::Value::as_table);
    let mut hashes = files.into_iter().flat_map(|files| files.values());
    hash.is_ok_and(|hash| hashes.any(|known| known.as_str() == Some(&hash)))
}

fn show(spec: &ModelSpec, statements: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{statements} statements")?;
    for label in spec.theme_scores.iter().chain(&spec.labels) {
        writeln!(out, "{}  from {:.2}", label.name, label.threshold.value())?;
    }
    for theme in &spec.taxonomy.themes {
        let Some(curve) = spec.curves.iter().find(|curve| curve.name == theme.name) else {
            writeln!(out, "{}: too few statements for a curve", theme.name)?;
            continue;
        };
        for share in SHOWN.into_iter().filter_map(Probability::new) {
            if let Some((point, true)) = curve.choose(Aim::Precision(share)) {
                writeln!(
                    out,
                    "{}: precision {:.2} and recall {:.2} from {:.4} on",
                    theme.name,
                    point.precision(),
                    point.right as f64 / curve.carried.max(1) as f64,
                    point.threshold.value()
                )?;
            }
        }
    }
    Ok(())
}
