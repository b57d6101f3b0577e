//! Adam with decoupled weight decay, whose whole state can be saved: libtorch's own keeps it to itself.

use std::collections::BTreeMap;

use tch::{Kind, Tensor};

/// What decides how far a step goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    /// What each parameter's own learning rate is multiplied with.
    pub(super) rate: f64,
    /// Share of a weight that is taken off, times its learning rate; biases and normalisation are spared.
    pub(super) weight_decay: f64,
    /// How slowly the mean square of gradients moves (β₂).
    pub(super) beta_square: f64,
    /// The most that the norm of all gradients together may be; larger ones are scaled down.
    pub(super) clip_norm: f64,
}

/// Adam with decoupled weight decay over named parameters.
///
/// # Source
/// Loshchilov and Hutter (2019), "Decoupled Weight Decay Regularization", ICLR; β as in Devlin et al.
/// (2019), "BERT", NAACL, but for β₂, which the recipe gives.
#[derive(Debug)]
pub(super) struct AdamW {
    parameters: Vec<Parameter>,
    steps: i32,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    weights: Tensor,
    /// What computed and has the gradient: the weights themselves, or their copy in half precision.
    computes: Tensor,
    mean: Tensor,
    square: Tensor,
    rate: f64,
    decays: bool,
}

const BETA_MEAN: f64 = 0.9;
const EPSILON: f64 = 1e-8;

/// How many numbers are moved at once: few enough to stay in a processor's cache.
const CHUNK: usize = 1 << 17;

impl AdamW {
    /// An optimizer of a network's [`learned`](crate::engine::network::Network::learned) parameters, whose
    /// highest learning rates `rate_of` gives by their names.
    pub(super) fn new(
        learned: Vec<(String, Tensor, Tensor)>,
        rate_of: impl Fn(&str) -> f64,
    ) -> Self {
        let parameters = learned
            .into_iter()
            .map(|(name, weights, computes)| Parameter {
                mean: weights.zeros_like().detach(),
                square: weights.zeros_like().detach(),
                rate: rate_of(&name),
                decays: weights.dim() > 1,
                name,
                weights,
                computes,
            });
        Self {
            parameters: parameters.collect(),
            steps: 0,
        }
    }

    /// Moves the parameters against their gradients and forgets the gradients.
    pub(super) fn step(&mut self, step: Step) {
        self.steps += 1;
        tch::no_grad(|| {
            let scale = self.clip(step.clip_norm);
            for parameter in &mut self.parameters {
                parameter.step(step, scale, self.steps);
            }
        });
    }

    /// How often it has moved the parameters.
    pub(super) fn steps(&self) -> i32 {
        self.steps
    }

    /// Everything that a later optimizer needs to go on, by name: the moments of each parameter.
    pub(super) fn state(&self) -> Vec<(String, Tensor)> {
        let moments = self.parameters.iter().flat_map(|parameter| {
            let name = &parameter.name;
            [
                (format!("mean.{name}"), parameter.mean.shallow_clone()),
                (format!("square.{name}"), parameter.square.shallow_clone()),
            ]
        });
        moments.collect()
    }

    /// Goes on where another optimizer was after `steps` steps, with its [`AdamW::state`].
    pub(super) fn resume(&mut self, state: &BTreeMap<String, Tensor>, steps: i32) {
        self.steps = steps;
        tch::no_grad(|| {
            for parameter in &mut self.parameters {
                let name = &parameter.name;
                for (moment, of) in [
                    (&mut parameter.mean, "mean"),
                    (&mut parameter.square, "square"),
                ] {
                    if let Some(saved) = state.get(&format!("{of}.{name}")) {
                        moment.copy_(saved);
                    }
                }
            }
        });
    }

    /// What gradients are multiplied with, so that their norm is at most `most`.
    fn clip(&self, most: f64) -> f64 {
        let gradients = self
            .parameters
            .iter()
            .map(|parameter| parameter.computes.grad());
        let norms: Vec<Tensor> = gradients
            .filter(Tensor::defined)
            .map(|gradient| gradient.norm_scalaropt_dtype(2.0, Kind::Float))
            .collect();
        if norms.is_empty() {
            return 1.0;
        }
        let norm = Tensor::stack(&norms, 0).norm().double_value(&[]);
        (most / norm.max(f64::MIN_POSITIVE)).min(1.0)
    }
}

impl Parameter {
    fn step(&mut self, step: Step, scale: f64, steps: i32) {
        let gradient = self.computes.grad();
        if !gradient.defined() {
            return;
        }
        let rate = step.rate * self.rate;
        let kept = if self.decays {
            1.0 - rate * step.weight_decay
        } else {
            1.0
        };
        let unbiased_mean = -rate / (1.0 - BETA_MEAN.powi(steps));
        let unbiased_square = 1.0 / (1.0 - step.beta_square.powi(steps));
        let flat = |tensor: &Tensor| tensor.view(-1);
        let (weights, computes) = (flat(&self.weights), flat(&self.computes));
        let (mean, square, gradient) = (flat(&self.mean), flat(&self.square), flat(&gradient));
        let size = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let count = weights.size()[0];
        for start in (0..count).step_by(CHUNK) {
            let part = |tensor: &Tensor| tensor.narrow(0, start, size.min(count - start));
            let gradient = part(&gradient).to_kind(Kind::Float) * scale;
            let _moved = part(&mean).lerp_(&gradient, 1.0 - BETA_MEAN);
            let root = gradient * (1.0 - step.beta_square).sqrt();
            let _moved = part(&square)
                .g_mul_scalar_(step.beta_square)
                .addcmul_(&root, &root);
            let width = (part(&square) * unbiased_square).sqrt_() + EPSILON;
            let way = part(&mean) * unbiased_mean;
            let moved = part(&weights).g_mul_scalar_(kept).addcdiv_(&way, &width);
            if computes.kind() != weights.kind() {
                part(&computes).copy_(&moved);
            }
        }
        self.computes.zero_grad();
    }
}
