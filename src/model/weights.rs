//! `model.safetensors`: tensors by name.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::config::TensorShape;
use super::quantize::QuantizedRows;
use super::tensor::{Stored, Tensor};
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

    /// Writes tensors: numbers in half precision, bytes as they are.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if it cannot be written.
    pub fn write(path: &Path, tensors: &BTreeMap<String, Stored>) -> Result<()> {
        let failed = |source: safetensors::SafeTensorError| Error::OpenModel {
            path: path.into(),
            problem: "it cannot be written".to_owned(),
            source: Some(source.into()),
        };
        let parts = tensors.iter().flat_map(|(name, tensor)| match tensor {
            Stored::Numbers(tensor) => vec![Part::halves(name, tensor)],
            Stored::Bytes(rows) => Part::of_rows(name, rows),
        });
        let parts: Vec<Part> = parts.collect();
        let views = parts.iter().map(|part| {
            let view = TensorView::new(part.kind, part.shape.clone(), &part.bytes);
            Ok((part.name.as_str(), view.map_err(failed)?))
        });
        let views = views.collect::<Result<Vec<_>>>()?;
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
    /// As [`Weights::stored`].
    pub fn tensor(&self, wanted: &TensorShape) -> Result<Tensor> {
        Ok(Tensor {
            shape: wanted.shape.clone(),
            values: self.stored(wanted)?.into_numbers(),
        })
    }

    /// The tensor called `name` as the file holds it.
    ///
    /// # Errors
    /// [`Error::OpenModel`] if there is none, or it has another shape or holds neither floating-point numbers nor bytes
    /// with scales.
    pub fn stored(&self, wanted: &TensorShape) -> Result<Stored> {
        let tensors = self.tensors()?;
        let view = self.find(&tensors, wanted)?;
        let values = match view.dtype() {
            Dtype::F32 => numbers(view.data(), f32::from_le_bytes),
            Dtype::F16 => numbers(view.data(), |b| half::f16::from_le_bytes(b).to_f32()),
            Dtype::BF16 => numbers(view.data(), |b| half::bf16::from_le_bytes(b).to_f32()),
            Dtype::I8 => return self.rows(&tensors, wanted, view.data()).map(Stored::Bytes),
            other => {
                return Err(self.failed(format!(
                    "tensor {:?} holds {other:?}; f32, f16, bf16 or i8 are read",
                    wanted.name
                )));
            }
        };
        Ok(Stored::Numbers(Tensor {
            shape: wanted.shape.clone(),
            values,
        }))
    }

    /// The bytes of a matrix with what makes numbers of them.
    fn rows(
        &self,
        tensors: &SafeTensors<'_>,
        wanted: &TensorShape,
        bytes: &[u8],
    ) -> Result<QuantizedRows> {
        let [rows, columns] = [0, 1].map(|at| wanted.shape.get(at).copied().unwrap_or(1));
        let beside = |part: &str, size: usize, kind: Dtype| {
            let wanted = TensorShape {
                name: format!("{}.{part}", wanted.name),
                shape: vec![size],
            };
            let view = self.find(tensors, &wanted)?;
            if view.dtype() == kind {
                return Ok(view);
            }
            let (name, found) = (wanted.name, view.dtype());
            Err(self.failed(format!(
                "tensor {name:?} holds {found:?} instead of {kind:?}"
            )))
        };
        let scales = beside(SCALE, rows, Dtype::F32)?;
        let is_halved = view(tensors, &format!("{}.{HALVINGS}", wanted.name)).is_ok();
        let halvings = is_halved.then(|| beside(HALVINGS, columns, Dtype::U8));
        let halvings = halvings.transpose()?.map(|view| view.data().to_vec());
        Ok(QuantizedRows {
            values: bytes.iter().map(|byte| byte.cast_signed()).collect(),
            scales: numbers(scales.data(), f32::from_le_bytes),
            halvings: halvings.unwrap_or_default(),
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

    fn find<'a>(&self, tensors: &SafeTensors<'a>, wanted: &TensorShape) -> Result<TensorView<'a>> {
        let TensorShape { name, shape } = wanted;
        let view = view(tensors, name).map_err(|source| Error::OpenModel {
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

/// Models with a head of their own carry the encoder under `bert.`.
fn view<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
) -> Result<TensorView<'a>, safetensors::SafeTensorError> {
    let bare = tensors.tensor(name);
    bare.or_else(|_| tensors.tensor(&format!("bert.{name}")))
}

fn numbers<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    bytes
        .as_chunks::<N>()
        .0
        .iter()
        .map(|chunk| number(*chunk))
        .collect()
}

/// What follows the name of a matrix of bytes: the tensor with a scale a row.
const SCALE: &str = "scale";

/// And the tensor that says how often each column is halved.
const HALVINGS: &str = "halvings";

/// A tensor of the file.
struct Part {
    name: String,
    kind: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Part {
    fn halves(name: &str, tensor: &Tensor) -> Self {
        let values = tensor.values.iter();
        Self {
            name: name.to_owned(),
            kind: Dtype::F16,
            shape: tensor.shape.clone(),
            bytes: values
                .flat_map(|&value| half::f16::from_f32(value).to_le_bytes())
                .collect(),
        }
    }

    fn of_rows(name: &str, rows: &QuantizedRows) -> Vec<Self> {
        let count = rows.scales.len();
        let shape = vec![count, rows.values.len() / count.max(1)];
        let bytes = rows
            .values
            .iter()
            .map(|byte| byte.cast_unsigned())
            .collect();
        let scales = rows.scales.iter().flat_map(|scale| scale.to_le_bytes());
        let part = |name: String, kind, shape, bytes| Self {
            name,
            kind,
            shape,
            bytes,
        };
        let mut parts = vec![
            part(name.to_owned(), Dtype::I8, shape, bytes),
            part(
                format!("{name}.{SCALE}"),
                Dtype::F32,
                vec![count],
                scales.collect(),
            ),
        ];
        if !rows.halvings.is_empty() {
            let (name, shape) = (format!("{name}.{HALVINGS}"), vec![rows.halvings.len()]);
            parts.push(part(name, Dtype::U8, shape, rows.halvings.clone()));
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix() -> QuantizedRows {
        QuantizedRows {
            values: vec![1, -2, 64, 0, 7, -64],
            scales: vec![0.1, 0.003],
            halvings: vec![0, 3, 1],
        }
    }

    fn shape(name: &str, shape: &[usize]) -> TensorShape {
        TensorShape {
            name: name.to_owned(),
            shape: shape.to_vec(),
        }
    }

    #[test]
    fn bytes_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let tensors = [("dense.weight".to_owned(), Stored::Bytes(matrix()))];
        Weights::write(&path, &tensors.into()).unwrap();
        let weights = Weights::read(&path).unwrap();
        let wanted = shape("dense.weight", &[2, 3]);
        assert_eq!(weights.stored(&wanted).unwrap(), Stored::Bytes(matrix()));
        let numbers = weights.tensor(&wanted).unwrap().values;
        assert_eq!(numbers[..3], [0.1, -0.2 / 8.0, 6.4 / 2.0]);
    }

    #[test]
    fn bytes_without_scales_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let view = TensorView::new(Dtype::I8, vec![2, 3], &[0; 6]).unwrap();
        safetensors::serialize_to_file([("dense.weight", view)], None, &path).unwrap();
        let weights = Weights::read(&path).unwrap();
        let error = weights
            .tensor(&shape("dense.weight", &[2, 3]))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("no tensor \"dense.weight.scale\""),
            "{error}"
        );
    }
}
