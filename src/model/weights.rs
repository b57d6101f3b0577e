//! `model.safetensors`: tensors by name.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::config::TensorShape;
use super::tensor::Tensor;
use crate::error::{Error, Result};

/// The bytes of a safetensors file whose header was found to be sound.
pub struct Weights {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl fmt::Debug for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Weights")
            .field("path", &self.path)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

impl Weights {
    /// Reads a safetensors file.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if it is missing, truncated or otherwise damaged.
    pub fn read(path: &Path) -> Result<Self> {
        let weights = Self {
            path: path.into(),
            bytes: super::folder::read(path)?,
        };
        weights.tensors()?;
        Ok(weights)
    }

    /// Writes tensors in half precision: what `model.safetensors` of a shipped model holds.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if it cannot be written.
    pub fn write(path: &Path, tensors: &BTreeMap<String, Tensor>) -> Result<()> {
        let failed = |source: safetensors::SafeTensorError| Error::OpenModel {
            path: path.into(),
            problem: "it cannot be written".to_owned(),
            source: Some(source.into()),
        };
        let halves: Vec<Vec<u8>> = tensors
            .values()
            .map(|tensor| half_bytes(&tensor.values))
            .collect();
        let mut views = Vec::with_capacity(tensors.len());
        for ((name, tensor), bytes) in tensors.iter().zip(&halves) {
            let view = TensorView::new(Dtype::F16, tensor.shape.clone(), bytes).map_err(failed)?;
            views.push((name.as_str(), view));
        }
        safetensors::serialize_to_file(views, None, path).map_err(failed)
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tensor called `name` in single precision, whatever the file holds.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if there is none, or it has another shape or holds no floating-point numbers.
    pub fn tensor(&self, wanted: &TensorShape) -> Result<Tensor> {
        let tensors = self.tensors()?;
        let view = self.find(&tensors, wanted)?;
        let values = match view.dtype() {
            Dtype::F32 => numbers(view.data(), f32::from_le_bytes),
            Dtype::F16 => numbers(view.data(), |b| half::f16::from_le_bytes(b).to_f32()),
            Dtype::BF16 => numbers(view.data(), |b| half::bf16::from_le_bytes(b).to_f32()),
            other => {
                return Err(self.failed(format!(
                    "tensor {:?} holds {other:?}; f32, f16 or bf16 are read",
                    wanted.name
                )));
            }
        };
        Ok(Tensor {
            shape: wanted.shape.clone(),
            values,
        })
    }

    /// Checks that tensors are there and of the right shapes, without converting them.
    ///
    /// # Errors
    /// [`Error::OpenModel`] naming the first that is not.
    pub fn check<'a>(&self, wanted: impl IntoIterator<Item = &'a TensorShape>) -> Result<()> {
        let tensors = self.tensors()?;
        wanted
            .into_iter()
            .try_for_each(|shape| self.find(&tensors, shape).map(|_| ()))
    }

    /// Models with a head of their own carry the encoder under `bert.`.
    fn find<'a>(&self, tensors: &SafeTensors<'a>, wanted: &TensorShape) -> Result<TensorView<'a>> {
        let TensorShape { name, shape } = wanted;
        let view = tensors
            .tensor(name)
            .or_else(|_| tensors.tensor(&format!("bert.{name}")))
            .map_err(|source| Error::OpenModel {
                path: self.path.clone(),
                problem: format!(
                    "it has no tensor {name:?}; config.json or plenary.toml belong to other weights"
                ),
                source: Some(source.into()),
            })?;
        if view.shape() == shape {
            Ok(view)
        } else {
            Err(self.failed(format!(
                "tensor {name:?} has the shape {:?}, config.json and plenary.toml ask for {shape:?}",
                view.shape()
            )))
        }
    }

    fn tensors(&self) -> Result<SafeTensors<'_>> {
        SafeTensors::deserialize(&self.bytes).map_err(|source| Error::OpenModel {
            path: self.path.clone(),
            problem: format!(
                "its {} bytes are not whole safetensors; copy or download it again",
                self.bytes.len()
            ),
            source: Some(source.into()),
        })
    }

    fn failed(&self, problem: String) -> Error {
        Error::OpenModel {
            path: self.path.clone(),
            problem,
            source: None,
        }
    }
}

fn numbers<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    bytes
        .as_chunks::<N>()
        .0
        .iter()
        .map(|chunk| number(*chunk))
        .collect()
}

fn half_bytes(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|&value| half::f16::from_f32(value).to_le_bytes())
        .collect()
}
