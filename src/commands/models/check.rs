//! `plenary models check`: the engines found here, held against `embedded` in f32.

use std::io::{self, Write as _};
use std::path::PathBuf;

use plenary::engine::{self, EngineChoice, EngineOptions, TokenBatch};
use plenary::error::{Error, Result};
use plenary::model::ModelFolder;
use plenary::model::graph::Precision;
use plenary::schema::Probability;

use crate::commands::Status;
use crate::commands::setup::{library_places, model_folder};

/// Issue B, point 3: engines in f32 agree in every probability to 1e-4.
const TOLERANCE: f32 = 1e-4;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The model folder [default: models/default]
    #[arg(value_name = "DIR")]
    model: Option<PathBuf>,

    /// The library of ONNX Runtime, a folder that holds it, or its Python environment
    #[arg(long, value_name = "PATH")]
    onnxruntime: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<Status> {
        let model = ModelFolder::open(&model_folder(self.model.as_deref())?)?;
        let mut out = io::stdout().lock();
        writeln!(out, "{}: all files are there and fit together", model.id())?;
        let rows = rows(&model)?;
        let options = |choice, precision| EngineOptions {
            choice,
            precision,
            library_places: library_places(self.onnxruntime.as_deref()),
            ..EngineOptions::default()
        };
        let exact = options(EngineChoice::Embedded, Precision::F32);
        let reference = probabilities(&model, &exact, &rows)?;
        let mut status = Status::Done;
        for (choice, precision) in kinds(&model) {
            let name = match precision {
                Precision::F32 => "f32",
                Precision::Int8 => "int8",
            };
            let found = match probabilities(&model, &options(choice, precision), &rows) {
                Err(Error::OpenEngine { problem, .. }) => {
                    writeln!(out, "{choice} {name}: not here: {problem}")?;
                    continue;
                }
                found => found?,
            };
            let difference = largest_difference(&found, &reference);
            let verdict = match precision {
                Precision::F32 if difference > TOLERANCE => {
                    status = Status::Quarantined;
                    ", which is too much"
                }
                _ => "",
            };
            writeln!(
                out,
                "{choice} {name}: probabilities within {difference:.1e} of embedded f32{verdict}"
            )?;
        }
        Ok(status)
    }
}

fn kinds(model: &ModelFolder) -> Vec<(EngineChoice, Precision)> {
    let mut kinds = vec![
        (EngineChoice::OnnxRuntime, Precision::F32),
        (EngineChoice::Libtorch, Precision::F32),
    ];
    if !model.spec().activations.is_empty() {
        kinds.push((EngineChoice::Embedded, Precision::Int8));
        kinds.push((EngineChoice::OnnxRuntime, Precision::Int8));
    }
    kinds
}

/// The taxonomy's own sentences, each a batch.
fn rows(model: &ModelFolder) -> Result<Vec<TokenBatch>> {
    let (tokenizer, max_tokens) = (model.tokenizer(), model.spec().max_tokens);
    let themes = model.spec().taxonomy.themes.iter();
    let texts = themes.flat_map(|theme| theme.examples.iter().chain([&theme.definition]));
    texts
        .map(|text| TokenBatch::of_text(text, tokenizer, max_tokens))
        .collect()
}

/// The logistic function of every number that the engine gives.
fn probabilities(
    model: &ModelFolder,
    options: &EngineOptions,
    rows: &[TokenBatch],
) -> Result<Vec<f32>> {
    let mut found = Vec::new();
    for engine in &mut engine::open(model, options)?.engines {
        for row in rows {
            let outputs = engine.run(row)?;
            let logits = outputs.0.values().flat_map(|tensor| &tensor.values);
            found.extend(logits.map(|&logit| Probability::from_logit(logit).value()));
        }
    }
    Ok(found)
}

fn largest_difference(left: &[f32], right: &[f32]) -> f32 {
    let differences = left
        .iter()
        .zip(right)
        .map(|(left, right)| (left - right).abs());
    differences.fold(0.0, f32::max)
}
