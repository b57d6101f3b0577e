//! `plenary models`: what models there are, whether they are whole, and what can be made of them.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use plenary::engine::calibrate::prepare_int8;
use plenary::error::{Error, Result};
use plenary::model::ModelFolder;
use plenary::model::folder::file;
use plenary::model::graph::{self, Dialect, GraphOptions, Outputs};

use super::Status;
use super::setup::{PrecisionArgument, model_folder};

mod check;
mod thresholds;

const EXAMPLES: &str = "\
Examples:
  plenary models list
  plenary models show models/default
  plenary models check                                every engine found here, against embedded in f32
  plenary models export models/mine mine.onnx         for other programs that use ONNX Runtime
  plenary models calibrate models/mine texts.txt      int8 for a model trained elsewhere
  plenary models thresholds models/mine gold.jsonl    thresholds for the best F1, and for --min-precision";

/// List, show, check, export and calibrate models, choose their thresholds
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The model folders in a folder
    List {
        /// The folder
        #[arg(default_value = "models", value_name = "DIR")]
        folder: PathBuf,
    },
    /// What a model is, what it was trained on and how good it is
    Show {
        /// The model folder [default: models/default]
        #[arg(value_name = "DIR")]
        model: Option<PathBuf>,
    },
    /// Whether a model is whole, and whether all engines found here agree on it
    Check(check::Arguments),
    /// Write the model as an ONNX file. Rows of a batch must have one length: there is no mask
    Export {
        /// The model folder
        #[arg(value_name = "DIR")]
        model: PathBuf,
        /// The file to write
        #[arg(value_name = "FILE")]
        output: PathBuf,
        /// The arithmetic
        #[arg(long, value_enum, default_value_t = PrecisionArgument::F32)]
        precision: PrecisionArgument,
    },
    /// Make a model ready for int8: measure on texts which ranges it needs, and round its weights to int8's steps, so
    /// that f32 and int8 have the same weights. Rewrites the model's plenary.toml and model.safetensors
    Calibrate {
        /// The model folder
        #[arg(value_name = "DIR")]
        model: PathBuf,
        /// One text a line, some hundred of the kind that will be tagged
        #[arg(value_name = "FILE")]
        texts: PathBuf,
    },
    /// Choose a model's thresholds on labelled statements that it did not learn from: those of the best F1, and curves
    /// for `plenary tag --min-precision` and `--min-recall`. Rewrites the model's plenary.toml. `plenary train` does so
    /// by itself, on statements that it holds back
    Thresholds(thresholds::Arguments),
}

impl Arguments {
    /// Does what was asked for.
    ///
    /// # Errors
    /// Whatever kept it from doing so.
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        match self.action {
            Action::List { folder } => list(&folder),
            Action::Show { model } => show(&model_folder(model.as_deref())?),
            Action::Check(arguments) => arguments.run(),
            Action::Export {
                model,
                output,
                precision,
            } => export(&model, &output, precision),
            Action::Calibrate { model, texts } => calibrate(&model, &texts),
            Action::Thresholds(arguments) => arguments.run(),
        }
    }
}

fn list(folder: &Path) -> anyhow::Result<Status> {
    let entries = std::fs::read_dir(folder);
    let entries =
        entries.with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.join(file::SPEC).is_file());
    paths.sort();
    let mut out = io::stdout().lock();
    let mut status = Status::Done;
    for path in paths {
        match ModelFolder::open(&path) {
            Ok(model) => {
                let themes = &model.spec().taxonomy.themes;
                let themes: Vec<&str> = themes.iter().map(|theme| theme.name.as_str()).collect();
                writeln!(
                    out,
                    "{}\t{}\t{}",
                    path.display(),
                    model.id(),
                    themes.join(", ")
                )?;
            }
            Err(error) => {
                status = Status::Quarantined;
                writeln!(out, "{}\tnot usable: {error}", path.display())?;
            }
        }
    }
    Ok(status)
}

fn show(path: &Path) -> anyhow::Result<Status> {
    let model = ModelFolder::open(path)?;
    let (spec, config) = (model.spec(), model.config());
    let mut out = io::stdout().lock();
    writeln!(out, "{}", model.id())?;
    writeln!(
        out,
        "encoder    {} layers of {}, {} tokens in the vocabulary, windows of {} tokens",
        config.num_hidden_layers, config.hidden_size, config.vocab_size, spec.max_tokens
    )?;
    let int8 = if spec.activations.is_empty() {
        "f32 alone"
    } else {
        "f32, int8"
    };
    writeln!(out, "precision  {int8}")?;
    for theme in &spec.taxonomy.themes {
        writeln!(
            out,
            "theme      {}: {}",
            theme.name,
            theme.definition.trim()
        )?;
    }
    for head in spec.heads.iter() {
        writeln!(
            out,
            "head       {}: {}",
            head.output,
            head.columns.join(" ")
        )?;
    }
    for (title, table) in [("training", &spec.training), ("scores", &spec.scores)] {
        if !table.is_empty() {
            writeln!(out, "\n[{title}]\n{}", toml::to_string(table)?.trim_end())?;
        }
    }
    Ok(Status::Done)
}

fn export(path: &Path, output: &Path, precision: PrecisionArgument) -> anyhow::Result<Status> {
    let model = ModelFolder::open(path)?;
    let options = GraphOptions {
        precision: precision.into(),
        dialect: Dialect::OnnxRuntime,
        outputs: Outputs::Heads,
        segments: false,
    };
    let onnx = graph::onnx(&model, options)?;
    std::fs::write(output, onnx).map_err(|source| Error::WriteRecords {
        path: output.to_owned(),
        source: source.into(),
    })?;
    Ok(Status::Done)
}

fn calibrate(path: &Path, texts: &Path) -> anyhow::Result<Status> {
    prepare_int8(path, &read_texts(texts)?)?;
    Ok(Status::Done)
}

fn read_texts(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::ReadArchive {
        path: path.to_owned(),
        source: source.into(),
    })?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}
