//! What every command that tags has in common: where the model is, which engine runs it, how many of them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use plenary::engine::{self, Engine, EngineChoice, EngineOptions, Overlap};
use plenary::error::{Error, Result};
use plenary::model::foreign::{self, Foreign};
use plenary::model::graph::Precision;
use plenary::model::{ModelFolder, ModelSpec, Tokenizer};
use plenary::run::{Pipeline, RunOptions, Workers};
use plenary::schema::Taxonomy;
use plenary::stages::classify::named::with_targets;
use plenary::stages::classify::questions::Questions;
use plenary::stages::classify::{Classifier, NamedTargets};
use plenary::stages::segment::{Segmenter, SegmenterOptions, Split};

use super::labels::LabelArguments;
use super::{hub, taxonomy};

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

/// A model on its engines.
pub(super) struct Loaded {
    pub(super) spec: ModelSpec,
    pub(super) tokenizer: Tokenizer,
    pub(super) model_id: String,
    model_sha256: Option<String>,
    pub(super) engines: Vec<Box<dyn Engine>>,
    engine: &'static str,
    note: String,
    told_by: Vec<String>,
    /// Whether it is a model of others, which reads every statement by itself and is asked about targets as about themes.
    foreign: bool,
}

impl ModelArguments {
    /// Opens the model on its engines.
    ///
    /// # Errors
    /// If the model or the engine cannot be had.
    pub(super) fn load(&self, labels: &LabelArguments) -> Result<Loaded> {
        let taxonomy = labels.taxonomy.as_deref();
        let threads = self
            .threads
            .or_else(|| std::thread::available_parallelism().ok());
        let sessions = threads.map_or(1, usize::from);
        let choice = match self.engine {
            EngineArgument::Auto => EngineChoice::Auto,
            EngineArgument::Embedded => EngineChoice::Embedded,
            EngineArgument::Onnxruntime => EngineChoice::OnnxRuntime,
            EngineArgument::Libtorch => EngineChoice::Libtorch,
            EngineArgument::Overlap => return without_weights(taxonomy, sessions),
        };
        let (path, name) = hub::find(&model_folder(self.model.as_deref())?)?;
        if let Some(model) = hub::open(&path, &name)? {
            return self.load_foreign(&model, labels, sessions);
        }
        let folder = ModelFolder::open(&path)?;
        let options = EngineOptions {
            choice,
            precision: self.precision.into(),
            sessions,
            library_places: library_places(self.onnxruntime.as_deref()),
            ..EngineOptions::default()
        };
        let joined = match taxonomy {
            Some(path) => Some(taxonomy::join(
                path,
                &folder,
                (self.encoder.as_deref(), options.precision),
            )?),
            None => None,
        };
        let opened = engine::open(&folder, &options)?;
        if let Some(joined) = joined {
            return Ok(Loaded {
                engines: joined.engines(opened.engines, &options)?,
                tokenizer: folder.tokenizer().clone(),
                model_id: joined.model_id,
                model_sha256: Some(joined.model_sha256),
                spec: joined.spec,
                engine: opened.name,
                note: opened.note,
                told_by: joined.told_by,
                foreign: false,
            });
        }
        Ok(Loaded {
            spec: folder.spec().clone(),
            tokenizer: folder.tokenizer().clone(),
            model_id: folder.id(),
            model_sha256: Some(folder.hash().to_owned()),
            engines: opened.engines,
            engine: opened.name,
            note: opened.note,
            told_by: Vec::new(),
            foreign: false,
        })
    }
}

impl ModelArguments {
    /// A model of others, which rust-bert runs.
    fn load_foreign(
        &self,
        model: &Foreign,
        labels: &LabelArguments,
        sessions: usize,
    ) -> Result<Loaded> {
        if !matches!(self.engine, EngineArgument::Auto | EngineArgument::Libtorch) {
            return Err(Error::Settings {
                problem: format!(
                    "{} is a model of Hugging Face, which runs on libtorch alone; leave out --engine, or make a model \
                     folder of it with `plenary train --base`",
                    model.name
                ),
            });
        }
        let taxonomy = labels.taxonomy.as_deref();
        let mut taxonomy = taxonomy
            .map(|path| taxonomy::read(Some(path)))
            .transpose()?;
        if !labels.targets.is_empty() {
            let themes = taxonomy.map_or_else(Taxonomy::standard, Ok)?;
            taxonomy = Some(with_targets(themes, &labels.targets));
        }
        let questions = Questions::new(model, taxonomy.as_ref())?;
        let opened = engine::open_foreign(model, &questions.columns, sessions)?;
        let by = if questions.by_hypotheses {
            "hypotheses for natural language inference"
        } else {
            "labels of the model"
        };
        Ok(Loaded {
            spec: questions.spec,
            tokenizer: foreign::bytes()?,
            model_id: model.id(),
            model_sha256: Some(model.hash.clone()),
            engines: opened.engines,
            engine: opened.name,
            note: opened.note,
            told_by: vec![format!(
                "themes       by {by}; how good that is nobody measured: see `plenary evaluate`"
            )],
            foreign: true,
        })
    }
}

fn without_weights(taxonomy: Option<&Path>, sessions: usize) -> Result<Loaded> {
    let overlap = Overlap::new(&taxonomy::read(taxonomy)?)?;
    Ok(Loaded {
        spec: overlap.spec().clone(),
        tokenizer: overlap.tokenizer().clone(),
        model_id: overlap.id().to_owned(),
        model_sha256: None,
        engines: overlap.open(sessions),
        engine: "overlap",
        note: "overlap: word overlap with the themes' definitions, no model".to_owned(),
        told_by: Vec::new(),
        foreign: false,
    })
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
