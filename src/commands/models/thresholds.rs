//! `plenary models thresholds`: from labelled statements to a model's thresholds and curves.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use plenary::corpus::Entry;
use plenary::error::Result;
use plenary::model::ModelFolder;
use plenary::model::curve::Aim;
use plenary::model::folder::file;
use plenary::model::spec::ModelSpec;
use plenary::run::RunOptions;
use plenary::schema::document::Metadata;
use plenary::schema::record::LabelRecord;
use plenary::schema::{Document, Probability, Record, Stance, Theme};
use plenary::stages::segment::Split;
use plenary::training::gold::{self, LabelledStatement, Labels};
use plenary::training::thresholds::{Judged, fit};

use crate::commands::Status;
use crate::commands::gather::gather;
use crate::commands::labels::LabelArguments;
use crate::commands::reading::sha256;
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
        let labels = Labels::read(&self.gold, &spec.taxonomy)?;
        let [statements] = gold::statements([labels], &self.texts)?;
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
            targets: Vec::new(),
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
        let entries: Vec<Entry> = statements.iter().enumerate().map(document).collect();
        let records = gather(setup, entries.into_iter())?;
        let folds = gold::folds(statements);
        let of_theme = |theme: &Theme| {
            // A statement without words that the model can read has no scores, and says nothing.
            let judged = records.iter().filter_map(|record| {
                let place: usize = record.document.id.parse().ok()?;
                judge(record, &statements[place], (&theme.name, folds[place]))
            });
            (theme.name.clone(), judged.collect())
        };
        Ok(spec.taxonomy.themes.iter().map(of_theme).collect())
    }
}

/// A statement as a document, whose id is its place among the statements.
fn document((place, statement): (usize, &LabelledStatement)) -> Entry {
    let metadata = Metadata {
        id: place.to_string(),
        ..Metadata::default()
    };
    Entry::Document(Document::new(metadata, statement.text.clone()))
}

/// What a record says of a theme beside what gold says; `None` if the record has no score of it.
fn judge(
    record: &Record,
    gold: &LabelledStatement,
    (theme, fold): (&str, usize),
) -> Option<Judged> {
    let mut judged = Judged {
        theme: *record.scores.get(theme)?,
        fold,
        ..Judged::default()
    };
    for (place, stance) in Stance::ALL.into_iter().enumerate() {
        let is_it = |label: &&LabelRecord| label.theme == theme && label.stance == stance;
        let said = record.labels.iter().find(is_it);
        judged.stances[place] = said.and_then(|label| label.probability).unwrap_or_default();
        judged.carried[place] = gold.labels.iter().any(|label| is_it(&label));
    }
    Some(judged)
}

/// Whether `plenary train` made the model with this very file.
fn was_used(spec: &ModelSpec, path: &Path) -> bool {
    let hash = sha256(path);
    let files = spec.training.get("files").and_then(toml::Value::as_table);
    let mut hashes = files.into_iter().flat_map(|files| files.values());
    hash.is_some_and(|hash| hashes.any(|known| known.as_str() == Some(&hash)))
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
