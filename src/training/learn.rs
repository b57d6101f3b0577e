//! What the heads say against what they should say: losses, and predictions of pooled logits.

use std::collections::BTreeMap;

use tch::{Kind, Tensor};

use super::dataset::Unit;
use super::figures::Prediction;
use super::loss::{Said, Sums};
use super::recipe::Recipe;
use super::{Losses, plan};
use crate::engine::network::{Network, numbers};
use crate::error::{Error, Result};
use crate::model::Tokenizer;
use crate::model::spec::Heads;

/// Fills a softmax's places that do not count.
const NEVER: f64 = -1e9;

/// The special tokens and the heads by name: what is needed to run units through the network.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    start_id: u32,
    end_id: u32,
    mask_id: Option<u32>,
    pub(super) heads: Heads,
}

/// The outputs of a batch, and where its units stand in it.
pub(super) struct Read {
    outputs: BTreeMap<String, Tensor>,
    /// Of each unit the place of its first token in the flattened batch, and its length.
    pub(super) places: Vec<(usize, usize)>,
}

impl Reader {
    /// A reader for texts of this tokenizer and a network with these heads.
    pub(super) fn new(tokenizer: &Tokenizer, heads: &Heads) -> Self {
        Self {
            start_id: tokenizer.start_id(),
            end_id: tokenizer.end_id(),
            mask_id: tokenizer.mask_id(),
            heads: heads.clone(),
        }
    }

    /// Adds to the gradients what statements teach; in windows together if `packed`.
    ///
    /// # Errors
    /// As [`Network::forward`]; [`Error::Training`] if the loss is no number.
    pub(super) fn learn_statements(
        &self,
        network: &Network,
        units: &[&Unit],
        packed: bool,
        recipe: &Recipe,
    ) -> Result<Losses> {
        let lengths: Vec<usize> = units.iter().map(|unit| unit.ids.len()).collect();
        // Statements that stand alone are read with those of like length: padding would be most of a batch.
        let groups = if packed {
            vec![(0..units.len()).collect()]
        } else {
            plan::by_length(&lengths, recipe.max_tokens * 2)
        };
        let sums = groups.into_iter().map(|group| {
            let group: Vec<&Unit> = group.iter().map(|&index| units[index]).collect();
            let lengths: Vec<usize> = group.iter().map(|unit| unit.ids.len()).collect();
            let windows = plan::windows(&lengths, packed, recipe.max_tokens - 2);
            let said = self.said(&self.read(network, &group, &windows, Some(recipe))?)?;
            Ok(Sums::of(&said, &group, recipe.other_target_weight))
        });
        let sums = sums.collect::<Result<Vec<_>>>()?;
        let Some(sums) = sums.into_iter().reduce(Sums::and) else {
            return Ok(Losses::default());
        };
        let labels = sums.labels / (units.len() as f64);
        let mut loss = &labels * recipe.label_weight;
        let mut losses = Losses {
            labels: number(&labels)?,
            ..Losses::default()
        };
        if let Some((targets, carried)) = sums.targets {
            let targets = targets / carried.clamp_min(1);
            losses.targets = number(&targets)?;
            loss += targets * recipe.target_weight;
        }
        loss.backward();
        Ok(losses)
    }

    /// Adds to the gradients what windows of articles teach.
    ///
    /// # Errors
    /// As [`Reader::learn_statements`].
    pub(super) fn learn_articles(
        &self,
        network: &Network,
        units: &[&Unit],
        recipe: &Recipe,
    ) -> Result<Losses> {
        let read = self.read(network, units, &alone(units.len()), Some(recipe))?;
        let index: Vec<i64> = read
            .places
            .iter()
            .flat_map(|&(at, n)| (at..at + n).map(size))
            .collect();
        let wanted: Vec<i64> = units
            .iter()
            .flat_map(|unit| unit.attribution.iter().flatten().copied())
            .collect();
        let logits = read.flat(self.heads.attribution.as_ref())?;
        let logits = logits.index_select(0, &Tensor::from_slice(&index));
        let loss = logits.cross_entropy_for_logits(&Tensor::from_slice(&wanted));
        (&loss * recipe.attribution_weight).backward();
        Ok(Losses {
            attribution: number(&loss)?,
            ..Losses::default()
        })
    }

    /// The logits of statements, each read alone.
    ///
    /// # Errors
    /// As [`Network::forward`].
    pub(super) fn predict(&self, network: &Network, units: &[&Unit]) -> Result<Vec<Prediction>> {
        let lengths: Vec<usize> = units.iter().map(|unit| unit.ids.len() + 2).collect();
        let mut predictions = vec![None; units.len()];
        for group in plan::by_length(&lengths, 2048) {
            let some: Vec<&Unit> = group.iter().map(|&index| units[index]).collect();
            let found = tch::no_grad(|| -> Result<Vec<Prediction>> {
                let said = self.said(&self.read(network, &some, &alone(some.len()), None)?)?;
                (0..)
                    .zip(&some)
                    .map(|(row, unit)| said.prediction(row, unit))
                    .collect()
            })?;
            for (index, prediction) in group.into_iter().zip(found) {
                predictions[index] = Some(prediction);
            }
        }
        Ok(predictions.into_iter().flatten().collect())
    }

    /// Runs units through the network, in windows; as in training if there is a recipe.
    pub(super) fn read(
        &self,
        network: &Network,
        units: &[&Unit],
        windows: &[Vec<usize>],
        training: Option<&Recipe>,
    ) -> Result<Read> {
        let tokens =
            |window: &Vec<usize>| window.iter().map(|&i| units[i].ids.len()).sum::<usize>();
        let columns = windows.iter().map(tokens).max().unwrap_or_default() + 2;
        let mut ids = Vec::with_capacity(windows.len() * columns);
        let mut mask = Vec::with_capacity(windows.len() * columns);
        let mut places = vec![(0, 0); units.len()];
        for (row, window) in windows.iter().enumerate() {
            ids.push(i64::from(self.start_id));
            for &index in window {
                places[index] = (ids.len(), units[index].ids.len());
                ids.extend(units[index].ids.iter().map(|&id| i64::from(id)));
            }
            ids.push(i64::from(self.end_id));
            mask.resize(ids.len(), 1i64);
            ids.resize((row + 1) * columns, 0);
            mask.resize((row + 1) * columns, 0);
        }
        let shape = [size(windows.len()), size(columns)];
        let [mut ids, mask] = [ids, mask].map(|values| Tensor::from_slice(&values).view(shape));
        if let Some((recipe, mask_id)) = training.zip(self.mask_id) {
            ids = self.hide(&ids, recipe.hidden_tokens, mask_id);
        }
        Ok(Read {
            outputs: network.forward(&ids, Some(&mask), training.is_some())?,
            places,
        })
    }

    /// Puts `[MASK]` in the place of a share of the tokens, drawn from libtorch's generator.
    fn hide(&self, ids: &Tensor, share: f64, mask_id: u32) -> Tensor {
        let drawn = Tensor::rand(ids.size(), (Kind::Float, ids.device())).lt(share);
        let [start, end] = [self.start_id, self.end_id].map(|id| ids.ne(i64::from(id)));
        let hidden = drawn.logical_and(&start).logical_and(&end);
        ids.masked_fill(&hidden, i64::from(mask_id))
    }

    fn said(&self, read: &Read) -> Result<Said> {
        let longest = read
            .places
            .iter()
            .map(|&(_, length)| length)
            .max()
            .unwrap_or_default();
        let (mut index, mut mask) = (Vec::new(), Vec::new());
        for &(at, length) in &read.places {
            index.extend(
                (0..longest).map(|token| size(if token < length { at + token } else { 0 })),
            );
            mask.extend((0..longest).map(|token| if token < length { 1.0f32 } else { 0.0 }));
        }
        let index = Tensor::from_slice(&index);
        let shape = [size(read.places.len()), size(longest)];
        let mask = Tensor::from_slice(&mask).view(shape);
        let of_units = |flat: Tensor| flat.index_select(0, &index).view([shape[0], shape[1], -1]);
        let padding = mask.unsqueeze(-1).eq(0.0);
        let attention = of_units(read.flat(self.heads.label_attention.as_ref())?);
        let attention = attention
            .masked_fill(&padding, NEVER)
            .softmax(1, Kind::Float);
        let labels = of_units(read.flat(self.heads.labels.as_ref())?) * attention;
        let targets = match &self.heads.targets {
            Some(head) => Some(of_units(read.flat(Some(head))?)),
            None => None,
        };
        Ok(Said {
            labels: labels.sum_dim_intlist(1i64, false, Kind::Float),
            targets,
            mask,
        })
    }
}

impl Read {
    /// A head's output with rows and tokens in one dimension.
    pub(super) fn flat(&self, head: Option<&crate::model::spec::Head>) -> Result<Tensor> {
        let name = head.map(|head| head.output.as_str()).unwrap_or_default();
        let output = self
            .outputs
            .get(name)
            .ok_or_else(|| Error::OutputNotFound {
                wanted: format!("output {name:?}"),
                known: self.outputs.keys().cloned().collect(),
            })?;
        Ok(output.flatten(0, 1))
    }
}

impl Said {
    fn prediction(&self, row: i64, unit: &Unit) -> Result<Prediction> {
        let targets = match &self.targets {
            Some(targets) => numbers(&targets.get(row).narrow(0, 0, size(unit.ids.len())))?.values,
            None => Vec::new(),
        };
        Ok(Prediction {
            labels: numbers(&self.labels.get(row))?.values,
            targets,
        })
    }
}

pub(super) fn alone(count: usize) -> Vec<Vec<usize>> {
    (0..count).map(|index| vec![index]).collect()
}

pub(super) fn number(loss: &Tensor) -> Result<f64> {
    let value = loss.double_value(&[]);
    if value.is_finite() {
        return Ok(value);
    }
    Err(Error::Training {
        problem: "the loss is no number any more; lower learning-rate in the recipe".to_owned(),
        source: None,
    })
}

/// Sizes of batches are far below 2⁶³.
pub(super) fn size(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
