//! A model with its description, on the engine that was asked for.

use std::path::Path;

use plenary::engine::{self, Engine, EngineChoice, EngineOptions, Overlap};
use plenary::error::{Error, Result};
use plenary::model::foreign::{self, Foreign};
use plenary::model::{ModelFolder, ModelSpec, Tokenizer};
use plenary::schema::Taxonomy;
use plenary::stages::classify::named::with_targets;
use plenary::stages::classify::questions::Questions;

use super::labels::LabelArguments;
use super::setup::{EngineArgument, ModelArguments, library_places, model_folder};
use super::{hub, taxonomy};

/// A model on its engines.
pub(super) struct Loaded {
    pub(super) spec: ModelSpec,
    pub(super) tokenizer: Tokenizer,
    pub(super) model_id: String,
    pub(super) model_sha256: Option<String>,
    pub(super) engines: Vec<Box<dyn Engine>>,
    pub(super) engine: &'static str,
    pub(super) note: String,
    pub(super) told_by: Vec<String>,
    /// Whether it is a model of others, which reads every statement by itself and is asked about targets as about themes.
    pub(super) foreign: bool,
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
