//! `embedded`: rten, ONNX in pure Rust.
//!
//! Useful for: running anywhere with nothing installed. Not useful for: the last factor of speed, which
//! `onnxruntime` has.

use std::fmt;
use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, ValueOrView};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::{Engine, Outputs, Tensor, TokenBatch, rows};
use crate::error::{Cause, Error, Result};
use crate::model::ModelFolder;
use crate::model::graph::{self, Dialect, GraphOptions, Precision};

const NAME: &str = "embedded";

/// A loaded graph, shared by all engines that run it.
struct Loaded {
    model: Model,
    inputs: Vec<NodeId>,
    outputs: Vec<(String, NodeId)>,
}

impl Loaded {
    fn new(folder: &ModelFolder, options: GraphOptions) -> Result<Self> {
        let options = GraphOptions {
            dialect: Dialect::Embedded,
            ..options
        };
        let failed = |source: Cause| Error::OpenModel {
            path: folder.path().into(),
            problem: "rten cannot load the graph made of it".to_owned(),
            source: Some(source),
        };
        let onnx = graph::onnx(folder, options)?;
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load(onnx)
            .map_err(|source| failed(source.into()))?;
        let names = graph::output_names(folder, options);
        let outputs = names
            .into_iter()
            .map(|name| Ok((name.clone(), model.node_id(&name)?)))
            .collect::<Result<_, rten::RunError>>()
            .map_err(|source| failed(source.into()))?;
        Ok(Self {
            inputs: model.input_ids().to_vec(),
            outputs,
            model,
        })
    }
}

/// One session of one thread on a graph that it may share with others.
pub struct EmbeddedEngine {
    loaded: Arc<Loaded>,
    pool: Arc<ThreadPool>,
}

impl fmt::Debug for EmbeddedEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedEngine")
            .field("model", &self.loaded.model)
            .finish_non_exhaustive()
    }
}

impl EmbeddedEngine {
    /// Opens `sessions` engines on one copy of the weights.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if the folder has not what the graph needs.
    pub fn open(folder: &ModelFolder, options: GraphOptions, sessions: usize) -> Result<Vec<Self>> {
        let loaded = Arc::new(Loaded::new(folder, options)?);
        Ok((0..sessions).map(|_| Self::session(&loaded)).collect())
    }

    /// Opens an engine that returns the encoder's last hidden state, in single precision.
    ///
    /// # Errors
    /// As [`EmbeddedEngine::open`].
    pub fn open_encoder(folder: &ModelFolder) -> Result<Self> {
        let options = GraphOptions {
            precision: Precision::F32,
            dialect: Dialect::Embedded,
            outputs: graph::Outputs::Hidden,
            segments: false,
        };
        Ok(Self::session(&Arc::new(Loaded::new(folder, options)?)))
    }

    /// Another engine on the same weights.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::session(&self.loaded)
    }

    fn session(loaded: &Arc<Loaded>) -> Self {
        Self {
            loaded: Arc::clone(loaded),
            pool: Arc::new(ThreadPool::with_num_threads(1)),
        }
    }

    /// The values of any tensors of the graph, by name, and the outputs: what calibration measures.
    ///
    /// # Errors
    /// [`Error::Inference`] if the graph has no such tensor or fails.
    pub fn tensors(&self, batch: &TokenBatch, names: &[String]) -> Result<Outputs> {
        let model = &self.loaded.model;
        let nodes: Result<Vec<_>, _> = names
            .iter()
            .map(|name| Ok((name.clone(), model.node_id(name)?)))
            .collect();
        let mut nodes = nodes.map_err(|source: rten::RunError| inference(batch, source.into()))?;
        nodes.extend(self.loaded.outputs.iter().cloned());
        self.run_nodes(batch, &nodes)
    }

    fn run_nodes(&self, batch: &TokenBatch, nodes: &[(String, NodeId)]) -> Result<Outputs> {
        let mut options = RunOptions::default();
        options.thread_pool = Some(Arc::clone(&self.pool));
        let shape = [batch.rows(), batch.columns];
        let mut inputs = Vec::with_capacity(2);
        for (&node, values) in self.loaded.inputs.iter().zip([&batch.ids, &batch.type_ids]) {
            let tensor = if values.is_empty() {
                NdTensor::zeros(shape)
            } else {
                integers(values, shape).map_err(|source| inference(batch, source))?
            };
            inputs.push((node, ValueOrView::from(tensor)));
        }
        let wanted: Vec<NodeId> = nodes.iter().map(|(_, node)| *node).collect();
        let results = self.loaded.model.run(inputs, &wanted, Some(options));
        let results = results.map_err(|source| inference(batch, source.into()))?;
        let mut outputs = Outputs::default();
        for ((name, _), value) in nodes.iter().zip(results) {
            let tensor: rten_tensor::Tensor<f32> = value
                .try_into()
                .map_err(|source: rten::TryFromValueError| inference(batch, source.into()))?;
            outputs.0.insert(
                name.clone(),
                Tensor {
                    shape: tensor.shape().to_vec(),
                    values: tensor.into_data(),
                },
            );
        }
        Ok(outputs)
    }
}

impl Engine for EmbeddedEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run(&mut self, batch: &TokenBatch) -> Result<Outputs> {
        rows::by_length(batch, |batch| self.run_nodes(batch, &self.loaded.outputs))
    }
}

fn inference(batch: &TokenBatch, source: Cause) -> Error {
    Error::Inference {
        engine: NAME,
        rows: batch.rows(),
        columns: batch.columns,
        source,
    }
}

/// Ids are checked against the vocabulary when a model is opened; they are far below 2³¹.
fn integers(values: &[u32], shape: [usize; 2]) -> Result<NdTensor<i32, 2>, Cause> {
    let values: Vec<i32> = values.iter().map(|value| value.cast_signed()).collect();
    Ok(NdTensor::try_from_data(shape, values)?)
}
