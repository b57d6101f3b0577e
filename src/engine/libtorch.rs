//! `libtorch`: rust-bert, the reference that the others must agree with.
//!
//! Useful for: training, and checking the other engines. Not useful for: speed on a CPU, where
//! `onnxruntime` is several times as fast.

use std::fmt;

use tch::{Kind, Tensor as TorchTensor};

use super::network::{Dropout, Network, generator, numbers};
use super::{Engine, Outputs, TokenBatch, rows};
use crate::error::{Cause, Error, Result};
use crate::model::ModelFolder;
use crate::model::graph::{GraphOptions, Outputs as Wanted};
use crate::model::onnx::signed;

const NAME: &str = "libtorch";

/// A network of its own, on one thread, in single precision.
pub struct LibtorchEngine {
    network: Network,
}

impl fmt::Debug for LibtorchEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.network.fmt(f)
    }
}

impl LibtorchEngine {
    /// Opens `sessions` engines, each with its own copy of the weights.
    ///
    /// # Errors
    /// [`Error::OpenEngine`] if something other than the heads on lone texts is asked for,
    /// [`Error::OpenModel`] if a tensor is missing.
    pub fn open(folder: &ModelFolder, options: GraphOptions, sessions: usize) -> Result<Vec<Self>> {
        if options.segments || options.outputs == Wanted::Hidden {
            return Err(Error::OpenEngine {
                engine: NAME,
                problem: "it runs the heads on lone texts only; take embedded or onnxruntime"
                    .to_owned(),
                source: None,
            });
        }
        let open = |_| {
            let heads = folder.spec().heads.iter();
            let _generator = generator();
            let mut network = Network::new(folder.config(), heads, Dropout::default())?;
            network.load_all(folder.weights())?;
            Ok(Self { network })
        };
        (0..sessions).map(open).collect()
    }

    fn run_rows(&self, batch: &TokenBatch) -> Result<Outputs, Cause> {
        // The number of threads is the calling thread's own in libtorch.
        tch::set_num_threads(1);
        let mut whole = Outputs::default();
        // Each row goes alone: MKL adds up in another order where there are more of them.
        for ids in batch.ids.chunks(batch.columns.max(1)) {
            let ids: Vec<i64> = ids.iter().map(|&id| i64::from(id)).collect();
            let ids = TorchTensor::from_slice(&ids)
                .to_kind(Kind::Int64)
                .f_reshape([1, signed(batch.columns)])?;
            let heads = tch::no_grad(|| self.network.forward(&ids, None, false))?;
            for (name, tensor) in heads {
                let row = numbers(&tensor)?;
                let Some(rows) = whole.0.get_mut(&name) else {
                    whole.0.insert(name, row);
                    continue;
                };
                rows.shape[0] += 1;
                rows.values.extend(row.values);
            }
        }
        Ok(whole)
    }
}

impl Engine for LibtorchEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run(&mut self, batch: &TokenBatch) -> Result<Outputs> {
        rows::by_length_on(NAME, batch, |batch| self.run_rows(batch))
    }
}
