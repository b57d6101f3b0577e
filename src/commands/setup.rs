//! What every command that tags has in common: where the model is, which engine runs it, how many of them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use plenary::error::{Error, Result};
use plenary::model::graph::Precision;
use plenary::run::{Pipeline, RunOptions, Workers};
use plenary::schema::Taxonomy;
use plenary::stages::classify::{Classifier, NamedTargets};
use plenary::stages::segment::{Segmenter, SegmenterOptions, Split};

use super::labels::LabelArguments;
use super::loading::Loaded;

/// The default model, as it lies in the repository and beside an installed program.
const DEFAULT_MODEL: &str = "models/default";

/// Which model, on which engine.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArguments {
    /// The model folder [default: models/default, here or beside the program]; or, in a program built with libtorch, any
    /// sequence classifier or model for natural language inference of Hugging Face: its folder, or its id on the hub
    /// (`facebook/bart-large-mnli`) once it is in the local cache
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,

    /// With --taxonomy: the plain encoder that reads definitions [default: .base-model, here or beside the program]
    #[arg(long, value_name = "DIR")]
    pub(crate) encoder: Option<PathBuf>,

    /// The engine that runs it
    #[arg(long, value_enum, default_value_t = EngineArgument::Auto)]
    pub(crate) engine: EngineArgument,

    /// The library of ONNX Runtime, a folder that holds it, or the Python environment that it is
    /// installed in [default: .onnxruntime, .venv and the system's folders]
    #[arg(long, value_name = "PATH")]
    pub(crate) onnxruntime: Option<PathBuf>,

    /// The arithmetic; int8 is about three times as fast as f32
    #[arg(long, value_enum, default_value_t = PrecisionArgument::Int8)]
    pub(crate) precision: PrecisionArgument,

    /// Worker threads, each with an engine of its own [default: one a core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// The most tokens of a batch; more is slower on CPUs and faster on GPUs
    #[arg(long, value_name = "N", default_value_t = RunOptions::default().batch_tokens)]
    pub(crate) batch_tokens: usize,
}

/// The engines by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum EngineArgument {
    /// ONNX Runtime where its library is found, else the embedded one
    Auto,
    /// rten, in the program itself: nothing to install
    Embedded,
    /// ONNX Runtime: the fastest on CPUs (`make onnxruntime`)
    Onnxruntime,
    /// rust-bert on libtorch: the reference (`make libtorch`)
    Libtorch,
    /// Word overlap with the themes' definitions, without a model: a floor to compare with
    Overlap,
}

/// The arithmetic of the linear layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PrecisionArgument {
    /// Single precision
    F32,
    /// Weights and activations in 8 bits
    Int8,
}

impl PrecisionArgument {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }
}

impl From<PrecisionArgument> for Precision {
    fn from(argument: PrecisionArgument) -> Self {
        match argument {
            PrecisionArgument::F32 => Self::F32,
            PrecisionArgument::Int8 => Self::Int8,
        }
    }
}

/// Everything that a run needs, opened and checked.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) pipeline: Pipeline,
    pub(crate) workers: Workers,
    pub(crate) taxonomy: Taxonomy,
    /// The model's name and the start of its hash.
    pub(crate) model: String,
    /// Of its files; absent for an engine without weights.
    pub(crate) model_sha256: Option<String>,
    pub(crate) engine: &'static str,
    /// How the engine came to be chosen, for people.
    pub(crate) note: String,
    /// With a taxonomy of the user's: what tells each theme, and how well, for people.
    pub(crate) told_by: Vec<String>,
}

impl Setup {
    /// Opens the model and the engines.
    ///
    /// # Errors
    /// If the model or the engine cannot be had, or a theme or label is not known.
    pub(crate) fn open(
        model: &ModelArguments,
        labels: &LabelArguments,
        split: Split,
    ) -> Result<Self> {
        let Loaded {
            mut spec,
            tokenizer,
            model_id,
            model_sha256,
            engines,
            engine,
            note,
            told_by,
            foreign,
        } = model.load(labels)?;
        spec.taxonomy = restricted(&spec.taxonomy, &labels.themes)?;
        let mut targets = NamedTargets::default();
        if !foreign {
            targets = NamedTargets::new(&labels.targets, &spec, &tokenizer)?;
            spec = targets.join(spec);
        }
        let segmenter = SegmenterOptions {
            split,
            ..SegmenterOptions::default()
        };
        let mut pipeline = Pipeline::new(&spec, tokenizer)?;
        pipeline.windows.alone = foreign;
        pipeline.segmenter = Segmenter::new(segmenter);
        pipeline.classifier = Classifier::new(&spec, &labels.options())?;
        pipeline.targets = targets;
        if labels.any_language {
            pipeline.languages.clear();
        }
        let options = RunOptions {
            batch_tokens: model.batch_tokens,
            ..RunOptions::default()
        };
        let workers = Workers { engines, options };
        let taxonomy = spec.taxonomy;
        Ok(Self {
            pipeline,
            workers,
            taxonomy,
            model: model_id,
            model_sha256,
            engine,
            note,
            told_by,
        })
    }
}

/// The themes that were asked for, in the taxonomy's order; all if none was.
fn restricted(taxonomy: &Taxonomy, names: &[String]) -> Result<Taxonomy> {
    if let Some(unknown) = names
        .iter()
        .find(|name| taxonomy.theme_index(name).is_none())
    {
        return Err(Error::OutputNotFound {
            wanted: format!("theme {unknown:?}"),
            known: taxonomy
                .themes
                .iter()
                .map(|theme| theme.name.clone())
                .collect(),
        });
    }
    let asked = |name: &String| names.is_empty() || names.contains(name);
    let themes = taxonomy
        .themes
        .iter()
        .filter(|theme| asked(&theme.name))
        .cloned()
        .collect();
    Ok(Taxonomy { themes })
}

/// Where the library of ONNX Runtime may lie.
pub(super) fn library_places(asked: Option<&Path>) -> Vec<PathBuf> {
    if let Some(asked) = asked {
        return vec![asked.to_owned()];
    }
    let mut places: Vec<PathBuf> = near()
        .iter()
        .map(|place| place.join(".onnxruntime"))
        .collect();
    places.extend([".venv", "/usr/local/lib", "/usr/lib", "/usr/local", "/usr"].map(PathBuf::from));
    places
}

/// The working folder, and the folders that the program lies in.
fn near() -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let above = program
        .iter()
        .flat_map(|program| program.ancestors().skip(1).take(4));
    std::iter::once(Path::new(""))
        .chain(above)
        .map(Path::to_owned)
        .collect()
}

/// The folder of this name here or beside the program, if there is one.
pub(super) fn nearby(name: &str) -> Option<PathBuf> {
    let mut folders = near().into_iter().map(|place| place.join(name));
    folders.find(|folder| folder.is_dir())
}

/// The folder that was asked for, or the default model where it lies.
pub(super) fn model_folder(asked: Option<&Path>) -> Result<PathBuf> {
    if let Some(asked) = asked {
        return Ok(asked.to_owned());
    }
    nearby(DEFAULT_MODEL).ok_or_else(|| Error::Settings {
        problem: format!(
            "there is no {DEFAULT_MODEL} here or beside the program; name a model folder with --model"
        ),
    })
}
