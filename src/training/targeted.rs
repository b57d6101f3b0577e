//! What the stance head says of texts with a target against what it should say.

use tch::Tensor;

use super::dataset::{STATES, Unit};
use super::learn::{Reader, alone, number, size};
use super::loss::against_absent;
use super::recipe::Recipe;
use super::{Losses, plan};
use crate::engine::network::{Network, numbers};
use crate::error::Result;

impl Reader {
    /// Adds to the gradients what texts with a target teach.
    ///
    /// # Errors
    /// As [`Reader::learn_statements`].
    pub(super) fn learn_targeted(
        &self,
        network: &Network,
        units: &[&Unit],
        recipe: &Recipe,
    ) -> Result<Losses> {
        let lengths: Vec<usize> = units.iter().map(|unit| unit.ids.len()).collect();
        let groups = plan::by_length(&lengths, recipe.max_tokens * 2).into_iter();
        let sums = groups.map(|group| {
            let group: Vec<&Unit> = group.iter().map(|&index| units[index]).collect();
            let stances = self.stances(network, &group, Some(recipe))?;
            let wanted: Vec<f32> = group
                .iter()
                .flat_map(|unit| unit.stance.iter().flatten().copied())
                .collect();
            let wanted = Tensor::from_slice(&wanted).view([size(group.len()), size(STATES)]);
            Ok(against_absent(&stances, &wanted))
        });
        let sums = sums.collect::<Result<Vec<_>>>()?;
        let Some(sum) = sums.into_iter().reduce(|sum, loss| sum + loss) else {
            return Ok(Losses::default());
        };
        let loss = sum / (units.len() as f64);
        (&loss * recipe.stance_weight).backward();
        Ok(Losses {
            stances: number(&loss)?,
            ..Losses::default()
        })
    }

    /// The logits of the stance head: `[units, stances]`.
    fn stances(
        &self,
        network: &Network,
        units: &[&Unit],
        training: Option<&Recipe>,
    ) -> Result<Tensor> {
        let read = self.read(network, units, &alone(units.len()), training)?;
        // A unit's row starts with [CLS].
        let first: Vec<i64> = read.places.iter().map(|&(at, _)| size(at) - 1).collect();
        let logits = read.flat(self.heads.stances.as_ref())?;
        Ok(logits.index_select(0, &Tensor::from_slice(&first)))
    }

    /// The logits of the stance head for texts with a target.
    ///
    /// # Errors
    /// As [`Network::forward`].
    pub(super) fn predict_stances(
        &self,
        network: &Network,
        units: &[Unit],
    ) -> Result<Vec<Vec<f32>>> {
        let predict = |unit: &Unit| {
            let stances = tch::no_grad(|| self.stances(network, &[unit], None))?;
            Ok(numbers(&stances)?.values)
        };
        units.iter().map(predict).collect()
    }
}
