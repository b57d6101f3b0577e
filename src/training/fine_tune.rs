//! The training loop: steps, passes, early stopping, checkpoints.

use std::collections::BTreeMap;

use tch::Tensor;

use super::checkpoint::{Checkpoint, State};
use super::dataset::Unit;
use super::figures::{Figures, figures};
use super::learn::Reader;
use super::optimizer::{AdamW, Step};
use super::plan::{self, Stream};
use super::recipe::Recipe;
use super::{Losses, Progress};
use crate::engine::network::Network;
use crate::error::Result;

/// What the network learns from, and what it is watched on.
#[derive(Clone, Debug, Default)]
pub(super) struct TrainingSet {
    /// Labelled statements.
    pub(super) statements: Vec<Unit>,
    /// Windows of articles with attributions; may be empty.
    pub(super) articles: Vec<Unit>,
    /// Texts with a target and the stance toward it; may be empty.
    pub(super) targeted: Vec<Unit>,
    /// Labelled statements that are not learned from; without any there is no early stopping.
    pub(super) dev: Vec<Unit>,
}

/// A training: what it learns from and how. The same training gives the same weights on one machine.
#[derive(Debug)]
pub(super) struct FineTuning<'a> {
    /// How texts are read.
    pub(super) reader: &'a Reader,
    /// What is learned.
    pub(super) set: &'a TrainingSet,
    /// How.
    pub(super) recipe: &'a Recipe,
    /// Decides the order of the statements and the dropout.
    pub(super) seed: u64,
    /// Where the state is kept after each pass, if it is.
    pub(super) checkpoint: Option<&'a Checkpoint>,
}

impl FineTuning<'_> {
    /// Trains `network` to the end, from the checkpoint on if there is one.
    ///
    /// The weights are those after the pass that was best on the dev set; without one, after the last.
    ///
    /// # Errors
    /// [`Error::Training`](crate::error::Error::Training) if the loss is no number any more or the
    /// checkpoint is of another training; [`Error::WriteRecords`](crate::error::Error::WriteRecords) if the
    /// checkpoint cannot be written.
    pub(super) fn run(
        &self,
        network: &Network,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Figures>> {
        let mut optimizer = AdamW::new(network.learned(), |name| self.rate_of(name, network));
        let mut state = match self.checkpoint {
            Some(checkpoint) => checkpoint
                .load(network, &mut optimizer)?
                .unwrap_or_default(),
            None => State::default(),
        };
        let per_epoch = self
            .set
            .statements
            .len()
            .div_ceil(self.recipe.statements_per_step);
        let steps = per_epoch * self.recipe.epochs;
        progress(Progress::Started {
            steps,
            done: state.epochs() * per_epoch,
        });
        let mut streams = Streams::new(self.set, self.seed);
        let mut best = self.checkpoint.map(Checkpoint::best).transpose()?.flatten();
        while state.epochs() < self.recipe.epochs && !state.is_over(self.recipe.patience) {
            let epoch = state.epochs();
            for step in epoch * per_epoch..(epoch + 1) * per_epoch {
                let losses = self.step(network, &mut optimizer, (&mut streams, step, steps))?;
                progress(Progress::Step { step, losses });
            }
            let found = self.watch(network)?;
            progress(Progress::Watched {
                epoch: epoch + 1,
                figures: found,
            });
            if state.add(found) {
                best = Some(copy(&network.parameters()));
            }
            if let Some(checkpoint) = self.checkpoint {
                checkpoint.save(&state, network, &optimizer, best.as_ref())?;
            }
        }
        if let Some(best) = best.filter(|_| !self.set.dev.is_empty()) {
            restore(network, &best);
        }
        Ok(state.into_figures())
    }

    fn step(
        &self,
        network: &Network,
        optimizer: &mut AdamW,
        (streams, step, steps): (&mut Streams, usize, usize),
    ) -> Result<Losses> {
        let recipe = self.recipe;
        // Dropout is drawn anew from here, so that training can go on at any step.
        tch::manual_seed(i64::from_ne_bytes(
            (self.seed ^ ((step as u64) << 20)).to_ne_bytes(),
        ));
        let statements = streams.statements.batch(step, recipe.statements_per_step);
        let statements: Vec<&Unit> = statements
            .into_iter()
            .map(|index| &self.set.statements[index])
            .collect();
        let packed = plan::packs(recipe.packed, self.seed, step);
        let mut losses = self
            .reader
            .learn_statements(network, &statements, packed, recipe)?;
        let articles = streams.articles.batch(step, recipe.articles_per_step);
        let articles: Vec<&Unit> = articles
            .into_iter()
            .map(|index| &self.set.articles[index])
            .collect();
        if !articles.is_empty() {
            losses.attribution = self
                .reader
                .learn_articles(network, &articles, recipe)?
                .attribution;
        }
        let targeted = streams.targeted.batch(step, recipe.targeted_per_step);
        let targeted: Vec<&Unit> = targeted
            .into_iter()
            .map(|index| &self.set.targeted[index])
            .collect();
        losses.stances = self
            .reader
            .learn_targeted(network, &targeted, recipe)?
            .stances;
        optimizer.step(Step {
            rate: recipe.rate(step, steps),
            weight_decay: recipe.weight_decay,
            beta_square: recipe.beta_square,
            clip_norm: recipe.clip_norm,
        });
        Ok(losses)
    }

    fn watch(&self, network: &Network) -> Result<Figures> {
        let dev: Vec<&Unit> = self.set.dev.iter().collect();
        Ok(figures(
            &self.reader.predict(network, &dev)?,
            &dev,
            self.recipe,
        ))
    }

    /// The highest learning rate of a parameter: each layer below the last one learns more slowly.
    fn rate_of(&self, name: &str, network: &Network) -> f64 {
        let layers = network.config().num_hidden_layers;
        let layer = name.strip_prefix("encoder.layer.").and_then(|rest| {
            rest.split('.')
                .next()
                .and_then(|number| number.parse::<usize>().ok())
        });
        let below = match layer {
            Some(layer) => layers.saturating_sub(layer + 1),
            None if name.starts_with("embeddings.") => layers,
            None => return self.recipe.head_learning_rate,
        };
        self.recipe.learning_rate * self.recipe.layer_decay.powf(below as f64)
    }
}

struct Streams {
    statements: Stream,
    articles: Stream,
    targeted: Stream,
}

impl Streams {
    fn new(set: &TrainingSet, seed: u64) -> Self {
        Self {
            statements: Stream::new(set.statements.len(), seed),
            articles: Stream::new(set.articles.len(), seed.wrapping_add(1)),
            targeted: Stream::new(set.targeted.len(), seed.wrapping_add(2)),
        }
    }
}

fn copy(parameters: &BTreeMap<String, Tensor>) -> BTreeMap<String, Tensor> {
    parameters
        .iter()
        .map(|(name, tensor)| (name.clone(), tensor.detach().copy()))
        .collect()
}

/// Gives the network saved weights; those that were not saved stay.
pub(super) fn restore(network: &Network, saved: &BTreeMap<String, Tensor>) {
    tch::no_grad(|| {
        for (name, parameter) in &mut network.parameters() {
            if let Some(saved) = saved.get(name) {
                parameter.copy_(saved);
            }
        }
    });
    network.refresh_half();
}
