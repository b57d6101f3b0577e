//! The state of a training on disk, from which it goes on as if it had not stopped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::figures::Figures;
use super::optimizer::AdamW;
use crate::engine::network::Network;
use crate::error::{Cause, Error, Result};

/// How far a training is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    /// The figures on the dev set after each pass.
    figures: Vec<Figures>,
    /// Steps of the optimiser so far.
    steps: i32,
    /// Tells the training from every other: data, recipe, seed.
    fingerprint: String,
}

impl State {
    /// Passes that are done.
    pub(super) fn epochs(&self) -> usize {
        self.figures.len()
    }

    /// Takes in the figures of another pass; whether none before was better. Of equals the later counts: its
    /// weights are surer of the same answers.
    pub(super) fn add(&mut self, figures: Figures) -> bool {
        let best = self
            .figures
            .iter()
            .all(|before| before.overall() <= figures.overall());
        self.figures.push(figures);
        best
    }

    /// Whether so many passes brought nothing better than the one before them.
    pub(super) fn is_over(&self, patience: usize) -> bool {
        let mut best = (0, f64::NEG_INFINITY);
        for (epoch, figures) in self.figures.iter().enumerate() {
            if figures.overall() > best.1 {
                best = (epoch, figures.overall());
            }
        }
        patience > 0 && self.epochs() > best.0 + patience
    }

    /// The figures after each pass.
    pub(super) fn into_figures(self) -> Vec<Figures> {
        self.figures
    }
}

/// A folder with the state of a training.
#[derive(Clone, Debug)]
pub(super) struct Checkpoint {
    folder: PathBuf,
    fingerprint: String,
}

impl Checkpoint {
    /// A checkpoint in `folder` of the training with this fingerprint (of data, recipe and seed).
    pub(super) fn new(folder: &Path, fingerprint: &str) -> Self {
        Self {
            folder: folder.into(),
            fingerprint: fingerprint.into(),
        }
    }

    /// Brings network and optimiser to where they were; `None` if there is nothing to go on from.
    ///
    /// # Errors
    /// [`Error::Training`] if it is damaged or of another training.
    pub(super) fn load(&self, network: &Network, optimizer: &mut AdamW) -> Result<Option<State>> {
        let path = self.folder.join("state.json");
        if !path.exists() {
            return Ok(None);
        }
        let bytes = std::fs::read(&path).map_err(|source| self.damaged(source.into()))?;
        let state: State =
            serde_json::from_slice(&bytes).map_err(|source| self.damaged(source.into()))?;
        if state.fingerprint != self.fingerprint {
            return Err(Error::Training {
                problem: format!(
                    "the checkpoint in {} is of other data, another recipe or another seed; train with \
                     those, or remove the folder to begin anew",
                    self.folder.display()
                ),
                source: None,
            });
        }
        let saved = self.tensors("state.safetensors")?;
        super::fine_tune::restore(network, &saved);
        optimizer.resume(&saved, state.steps);
        Ok(Some(state))
    }

    /// The best weights so far, if any were saved.
    ///
    /// # Errors
    /// [`Error::Training`] if they are damaged.
    pub(super) fn best(&self) -> Result<Option<BTreeMap<String, Tensor>>> {
        let there = self.folder.join("best.safetensors").exists();
        there.then(|| self.tensors("best.safetensors")).transpose()
    }

    /// Saves where a training is. The state is written last and renamed into place, so that an
    /// interrupted save leaves the one before it.
    ///
    /// # Errors
    /// [`Error::WriteRecords`] if it cannot be written.
    pub(super) fn save(
        &self,
        state: &State,
        network: &Network,
        optimizer: &AdamW,
        best: Option<&BTreeMap<String, Tensor>>,
    ) -> Result<()> {
        let failed = |source: Cause| Error::WriteRecords {
            path: self.folder.clone(),
            source,
        };
        let state = State {
            steps: optimizer.steps(),
            fingerprint: self.fingerprint.clone(),
            ..state.clone()
        };
        std::fs::create_dir_all(&self.folder).map_err(|source| failed(source.into()))?;
        let mut tensors: Vec<(String, Tensor)> = network.parameters().into_iter().collect();
        tensors.extend(optimizer.state());
        let write = |tensors: &[(String, Tensor)], name: &str| {
            let part = self.folder.join(format!("{name}.part"));
            Tensor::write_safetensors(tensors, &part).map_err(|source| failed(source.into()))?;
            std::fs::rename(part, self.folder.join(name)).map_err(|source| failed(source.into()))
        };
        if let Some(best) = best {
            let best: Vec<_> = best
                .iter()
                .map(|(n, t)| (n.clone(), t.shallow_clone()))
                .collect();
            write(&best, "best.safetensors")?;
        }
        write(&tensors, "state.safetensors")?;
        let text = serde_json::to_vec_pretty(&state).map_err(|source| failed(source.into()))?;
        let part = self.folder.join("state.json.part");
        std::fs::write(&part, text).map_err(|source| failed(source.into()))?;
        std::fs::rename(part, self.folder.join("state.json"))
            .map_err(|source| failed(source.into()))
    }

    /// Removes the checkpoint: the training is done.
    ///
    /// # Errors
    /// [`Error::WriteRecords`] if it cannot be removed.
    pub(super) fn remove(&self) -> Result<()> {
        if !self.folder.exists() {
            return Ok(());
        }
        std::fs::remove_dir_all(&self.folder).map_err(|source| Error::WriteRecords {
            path: self.folder.clone(),
            source: source.into(),
        })
    }

    fn tensors(&self, name: &str) -> Result<BTreeMap<String, Tensor>> {
        let read = Tensor::read_safetensors(self.folder.join(name));
        Ok(read
            .map_err(|source| self.damaged(source.into()))?
            .into_iter()
            .collect())
    }

    fn damaged(&self, source: Cause) -> Error {
        Error::Training {
            problem: format!(
                "the checkpoint in {} is damaged; remove the folder to begin anew",
                self.folder.display()
            ),
            source: Some(source),
        }
    }
}
