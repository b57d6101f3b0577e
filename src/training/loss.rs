//! How far what the label and target heads say of statements is from what they should say.

use tch::{Kind, Reduction, Tensor};

use super::dataset::{STATES, Unit};
use super::learn::size;

/// The least share of a theme's probability from which on a pair counts as carried: of two stances of one
/// theme each has half.
const CARRIED: f64 = 0.2;

/// The label and target heads' words on some statements.
///
/// # Shapes
/// `labels` `[statements, pairs]`; `targets` `[statements, tokens, pairs]`; `mask` `[statements, tokens]`,
/// 1 for tokens and 0 for padding.
pub(super) struct Said {
    pub(super) labels: Tensor,
    pub(super) targets: Option<Tensor>,
    pub(super) mask: Tensor,
}

/// What the losses of some statements add up to, before they are divided by how many there are.
pub(super) struct Sums {
    /// Of all statements and themes.
    pub(super) labels: Tensor,
    /// Of all tokens and pairs, and how many of these the statements carry.
    pub(super) targets: Option<(Tensor, Tensor)>,
}

impl Sums {
    pub(super) fn of(said: &Said, units: &[&Unit], other_target_weight: f64) -> Self {
        let wanted: Vec<f32> = units
            .iter()
            .flat_map(|unit| unit.labels.iter().flatten().copied())
            .collect();
        let wanted = Tensor::from_slice(&wanted).view([size(units.len()), -1, size(STATES)]);
        Self {
            labels: label_loss(said, &wanted),
            targets: target_loss(said, &wanted, units, other_target_weight),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        let targets = self.targets.zip(other.targets);
        Self {
            labels: self.labels + other.labels,
            targets: targets.map(|((a, x), (b, y))| (a + b, x + y)),
        }
    }
}

/// For each statement and theme a softmax over 'absent' and the stances; the sum over both.
fn label_loss(said: &Said, wanted: &Tensor) -> Tensor {
    let size = wanted.size();
    against_absent(&said.labels.view([size[0], size[1], size[2] - 1]), wanted)
}

/// The sum of the cross-entropies of stances against 'absent', whose logit is 0.
///
/// # Shapes
/// `stances` `[…, stances]`; `wanted` `[…, 1 + stances]`, how likely 'absent' and each stance is.
pub(super) fn against_absent(stances: &Tensor, wanted: &Tensor) -> Tensor {
    let absent = stances.zeros_like().narrow(-1, 0, 1);
    let likely = Tensor::cat(&[&absent, stances], -1).log_softmax(-1, Kind::Float);
    -(wanted * likely).sum(Kind::Float)
}

/// Each token and pair by itself; a statement's own pairs count in full, the others `other_weight`. The sum, and the
/// number of tokens and pairs that count in full.
fn target_loss(
    said: &Said,
    wanted: &Tensor,
    units: &[&Unit],
    other_weight: f64,
) -> Option<(Tensor, Tensor)> {
    let logits = said.targets.as_ref()?;
    let shape = logits.size();
    let (tokens, pairs) = (shape[1], shape[2]);
    let mut belongs = Vec::new();
    let statement = usize::try_from(tokens * pairs).unwrap_or_default();
    for (row, unit) in units.iter().enumerate() {
        belongs.extend(unit.targets.iter().flatten().copied());
        belongs.resize((row + 1) * statement, 0.0f32);
    }
    let belongs = Tensor::from_slice(&belongs).view([shape[0], tokens, pairs]);
    let stances = wanted.size()[2] - 1;
    let carried = wanted
        .narrow(2, 1, stances)
        .reshape([shape[0], 1, pairs])
        .gt(CARRIED);
    let carried = carried.to_kind(Kind::Float);
    let mask = said.mask.unsqueeze(-1);
    let weight = (&carried + (1.0 - &carried) * other_weight) * &mask;
    let loss = logits.binary_cross_entropy_with_logits(
        &belongs,
        Some(&weight),
        None::<&Tensor>,
        Reduction::Sum,
    );
    Some((loss, (carried * mask).sum(Kind::Float)))
}
