//! From a name to running engines.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::{EmbeddedEngine, Engine};
use crate::error::{Error, Result};
use crate::model::ModelFolder;
use crate::model::foreign::{Columns, Foreign};
use crate::model::graph::{Dialect, GraphOptions, Outputs, Precision};

/// Which engine to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EngineChoice {
    /// `onnxruntime` where its library is found, else `embedded`.
    #[default]
    Auto,
    /// rten, in the program itself.
    Embedded,
    /// ONNX Runtime, from a library on this machine.
    OnnxRuntime,
    /// rust-bert on libtorch, if the program was built with it.
    Libtorch,
}

impl EngineChoice {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Auto,
        Self::Embedded,
        Self::OnnxRuntime,
        Self::Libtorch,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Embedded => "embedded",
            Self::OnnxRuntime => "onnxruntime",
            Self::Libtorch => "libtorch",
        }
    }
}

impl fmt::Display for EngineChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EngineChoice {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|choice| choice.name() == name);
        found.ok_or_else(|| Error::Settings {
            problem: format!(
                "there is no engine {name:?} (there are: {})",
                Self::ALL.map(Self::name).join(", ")
            ),
        })
    }
}

/// How engines are opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// Which engine.
    pub choice: EngineChoice,
    /// How it computes; `libtorch` computes in single precision whatever is asked for.
    pub precision: Precision,
    /// How many single-threaded sessions.
    pub sessions: usize,
    /// The heads, or the encoder's last hidden state.
    pub outputs: Outputs,
    /// Whether batches say of which segment a token is.
    pub segments: bool,
    /// Where to look for the library of ONNX Runtime, best first: the library, a folder that holds it, or
    /// the root of a Python environment.
    pub library_places: Vec<PathBuf>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            choice: EngineChoice::Auto,
            precision: Precision::Int8,
            sessions: 1,
            outputs: Outputs::Heads,
            segments: false,
            library_places: Vec::new(),
        }
    }
}

impl EngineOptions {
    fn graph(&self) -> GraphOptions {
        GraphOptions {
            precision: self.precision,
            dialect: Dialect::Embedded,
            outputs: self.outputs,
            segments: self.segments,
        }
    }
}

/// Engines that run the same model, one a thread.
pub struct Opened {
    /// As many as were asked for.
    pub engines: Vec<Box<dyn Engine>>,
    /// Their name.
    pub name: &'static str,
    /// How they came to be chosen, for the user: `onnxruntime from /usr/lib/libonnxruntime.so.1`.
    pub note: String,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("note", &self.note)
            .finish_non_exhaustive()
    }
}

/// Opens engines on a model.
///
/// # Errors
/// [`Error::OpenEngine`] if the engine asked for cannot be had here, with how to get it;
/// [`Error::OpenModel`] if the folder lacks what the engine needs.
pub fn open(folder: &ModelFolder, options: &EngineOptions) -> Result<Opened> {
    match options.choice {
        EngineChoice::Embedded => embedded(folder, options, "embedded".to_owned()),
        EngineChoice::OnnxRuntime => onnxruntime(folder, options),
        EngineChoice::Libtorch => libtorch(folder, options),
        EngineChoice::Auto => match onnxruntime(folder, options) {
            Err(Error::OpenEngine { problem, .. }) => embedded(
                folder,
                options,
                format!("embedded (onnxruntime: {problem})"),
            ),
            other => other,
        },
    }
}

fn embedded(folder: &ModelFolder, options: &EngineOptions, note: String) -> Result<Opened> {
    let engines = EmbeddedEngine::open(folder, options.graph(), options.sessions)?;
    Ok(opened("embedded", note, engines))
}

#[cfg(feature = "onnxruntime")]
fn onnxruntime(folder: &ModelFolder, options: &EngineOptions) -> Result<Opened> {
    let places = &options.library_places;
    let library = super::onnxruntime::find_library(places).ok_or_else(|| Error::OpenEngine {
        engine: "onnxruntime",
        problem: "its library was not found; run `make onnxruntime`, or name it with --onnxruntime"
            .to_owned(),
        source: None,
    })?;
    let sessions = options.sessions;
    let engines = super::OnnxRuntimeEngine::open(folder, options.graph(), sessions, &library)?;
    let note = format!("onnxruntime from {}", library.display());
    Ok(opened("onnxruntime", note, engines))
}

#[cfg(not(feature = "onnxruntime"))]
fn onnxruntime(_folder: &ModelFolder, _options: &EngineOptions) -> Result<Opened> {
    Err(Error::OpenEngine {
        engine: "onnxruntime",
        problem: "this program was built without it; build with --features onnxruntime".to_owned(),
        source: None,
    })
}

#[cfg(feature = "libtorch")]
fn libtorch(folder: &ModelFolder, options: &EngineOptions) -> Result<Opened> {
    let engines = super::LibtorchEngine::open(folder, options.graph(), options.sessions)?;
    Ok(opened("libtorch", "libtorch, in f32".to_owned(), engines))
}

#[cfg(not(feature = "libtorch"))]
fn libtorch(_folder: &ModelFolder, _options: &EngineOptions) -> Result<Opened> {
    Err(without_libtorch())
}

/// Opens engines on a model of others, which rust-bert runs.
///
/// # Errors
/// [`Error::OpenEngine`] in a program without libtorch; [`Error::OpenModel`] if rust-bert cannot run the model.
#[cfg(feature = "libtorch")]
pub fn open_foreign(model: &Foreign, columns: &Columns, sessions: usize) -> Result<Opened> {
    let engines = super::foreign::ForeignEngine::open(model, columns, sessions)?;
    let note = format!("libtorch: rust-bert runs {} in f32", model.name);
    Ok(opened("libtorch", note, engines))
}

/// Opens engines on a model of others: not in this program, which was built without libtorch.
///
/// # Errors
/// Always [`Error::OpenEngine`], which says how to build one that can.
#[cfg(not(feature = "libtorch"))]
pub fn open_foreign(_model: &Foreign, _columns: &Columns, _sessions: usize) -> Result<Opened> {
    Err(without_libtorch())
}

#[cfg(not(feature = "libtorch"))]
fn without_libtorch() -> Error {
    Error::OpenEngine {
        engine: "libtorch",
        problem: "this program was built without it; run `make libtorch` and build with \
                  `--features libtorch`"
            .to_owned(),
        source: None,
    }
}

fn opened<E: Engine + 'static>(name: &'static str, note: String, engines: Vec<E>) -> Opened {
    let boxed = |engine| Box::new(engine) as Box<dyn Engine>;
    Opened {
        engines: engines.into_iter().map(boxed).collect(),
        name,
        note,
    }
}
