//! `onnxruntime`: ONNX Runtime by `ort`, its library loaded at run time.
//!
//! Useful for: the most statements a second on a CPU. Not useful for: machines where nothing can be
//! installed.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionInputValue};
use ort::value::Tensor as Value;

use super::{Engine, Outputs, Tensor, TokenBatch, rows};
use crate::error::{Cause, Error, Result};
use crate::model::ModelFolder;
use crate::model::graph::{self, Dialect, GraphOptions};
use crate::model::onnx::signed;

const NAME: &str = "onnxruntime";

/// One session of one thread.
#[derive(Debug)]
pub struct OnnxRuntimeEngine {
    session: Session,
    outputs: Vec<String>,
}

impl OnnxRuntimeEngine {
    /// Opens `sessions` engines with the library at `library`. A process loads one library, the first.
    ///
    /// # Errors
    /// [`Error::OpenEngine`] if the library cannot be loaded or refuses the graph,
    /// [`Error::OpenModel`] if the folder has not what the graph needs.
    pub fn open(
        folder: &ModelFolder,
        options: GraphOptions,
        sessions: usize,
        library: &Path,
    ) -> Result<Vec<Self>> {
        let options = GraphOptions {
            dialect: Dialect::OnnxRuntime,
            ..options
        };
        let failed = |source: Cause| Error::OpenEngine {
            engine: NAME,
            problem: format!("{} does not run the model", library.display()),
            source: Some(source),
        };
        let environment = environment(library).map_err(failed)?;
        let onnx = graph::onnx(folder, options)?;
        let open = |_| session(&environment, &onnx).map_err(|source| failed(source.into()));
        let sessions = (0..sessions).map(open).collect::<Result<Vec<_>>>()?;
        let outputs = graph::output_names(folder, options);
        let engine = |session| Self {
            session,
            outputs: outputs.clone(),
        };
        Ok(sessions.into_iter().map(engine).collect())
    }

    fn run_rows(&mut self, batch: &TokenBatch) -> Result<Outputs, Cause> {
        let shape = [batch.rows(), batch.columns].map(signed);
        let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = Vec::with_capacity(2);
        let names: Vec<String> = self
            .session
            .inputs()
            .iter()
            .map(|input| input.name().to_owned())
            .collect();
        for (name, values) in names.into_iter().zip([&batch.ids, &batch.type_ids]) {
            let mut values: Vec<i64> = values.iter().map(|&value| i64::from(value)).collect();
            values.resize(batch.ids.len(), 0);
            inputs.push((name.into(), Value::from_array((shape, values))?.into()));
        }
        let results = self.session.run(inputs)?;
        let mut outputs = Outputs::default();
        for name in &self.outputs {
            let (shape, values) = results[name.as_str()].try_extract_tensor::<f32>()?;
            let shape = shape
                .iter()
                .map(|&size| usize::try_from(size))
                .collect::<Result<_, _>>()?;
            let values = values.to_vec();
            outputs.0.insert(name.clone(), Tensor { shape, values });
        }
        Ok(outputs)
    }
}

impl Engine for OnnxRuntimeEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run(&mut self, batch: &TokenBatch) -> Result<Outputs> {
        rows::by_length_on(NAME, batch, |batch| self.run_rows(batch))
    }
}

/// The library's environment: a process may have one, so it stays for all engines to come.
fn environment(library: &Path) -> Result<Environment, Cause> {
    static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);
    let mut environment = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*environment {
        return Ok(environment.clone());
    }
    let builder = ort::init_from(library)?
        .with_name("plenary")
        .with_telemetry(false);
    Ok(environment.insert(builder.build()?).clone())
}

/// One thread, and no memory pattern: that is for batches of one shape, ours differ. Operations are joined where that
/// is faster when the graph is built; ONNX Runtime would also join those that are faster apart.
fn session(environment: &Environment, onnx: &[u8]) -> ort::Result<Session> {
    let mut builder = Session::builder(environment)?
        .with_optimization_level(GraphOptimizationLevel::Level1)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .with_memory_pattern(false)?
        .with_deterministic_compute(true)?;
    builder.commit_from_memory(onnx)
}

/// The newest ONNX Runtime library among `places`, the first place that has one counting. A place is the
/// library itself, a folder that holds it, or the root of a Python environment with the package
/// `onnxruntime`.
pub fn find_library(places: &[PathBuf]) -> Option<PathBuf> {
    places.iter().find_map(|place| {
        if place.is_file() {
            return Some(place.clone());
        }
        let mut folders = vec![place.clone(), place.join("onnxruntime/capi")];
        for version in children(&place.join("lib")) {
            for packages in ["site-packages", "dist-packages"] {
                folders.push(version.join(packages).join("onnxruntime/capi"));
            }
        }
        folders
            .iter()
            .filter_map(|folder| library_in(folder))
            .next_back()
    })
}

fn library_in(folder: &Path) -> Option<PathBuf> {
    let is_library = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        let mut parts = name.unwrap_or_default().split('.');
        let stem = parts.next();
        let ending = parts.find(|part| ["so", "dylib", "dll"].contains(part));
        matches!(stem, Some("libonnxruntime" | "onnxruntime")) && ending.is_some()
    };
    children(folder).into_iter().rfind(is_library)
}

/// What is in a folder, sorted; nothing if it cannot be read.
fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths
}
