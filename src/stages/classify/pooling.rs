//! One logit a column of the label head for a statement, from those of its tokens.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::stages::encode::Encoding;

/// The rows of a head for some tokens.
///
/// # Errors
/// [`Error::OutputNotFound`] if the engine did not return the head.
pub(super) fn rows<'e>(
    encoding: &'e Encoding,
    output: &str,
    tokens: Range<usize>,
) -> Result<Vec<&'e [f32]>> {
    let rows = encoding
        .rows(output, tokens)
        .ok_or_else(|| Error::OutputNotFound {
            wanted: format!("output {output:?}"),
            known: encoding.heads.keys().cloned().collect(),
        })?;
    Ok(rows.collect())
}

/// The mean of the tokens' logits, weighted column by column by the softmax of `weights`, if there are any.
///
/// # Shapes
/// `logits` and `weights`: `[tokens][columns]`; result: `[columns]`.
pub(super) fn pooled(logits: &[&[f32]], weights: Option<&[&[f32]]>) -> Vec<f32> {
    let columns = logits.first().map_or(0, |row| row.len());
    let column = |column: usize| {
        let values = logits.iter().map(|row| row[column]);
        match weights {
            None => values.sum::<f32>() / logits.len() as f32,
            Some(weights) => softmax_mean(values, weights.iter().map(|row| row[column])),
        }
    };
    (0..columns).map(column).collect()
}

/// The mean of some columns of a row.
pub(super) fn mean_of(row: &[f32], columns: &[usize]) -> f32 {
    let [column] = columns else {
        let sum: f32 = columns.iter().map(|column| row[*column]).sum();
        return sum / columns.len().max(1) as f32;
    };
    row[*column]
}

fn softmax_mean(
    values: impl Iterator<Item = f32>,
    weights: impl Iterator<Item = f32> + Clone,
) -> f32 {
    let most = weights.clone().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut total) = (0.0, 0.0);
    for (value, weight) in values.zip(weights) {
        let share = (weight - most).exp();
        sum += share * value;
        total += share;
    }
    sum / total
}

/// `ln Σ exp(x)`, without overflow.
pub(super) fn log_sum_exp(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let most = values.clone().fold(f32::NEG_INFINITY, f32::max);
    if most.is_finite() {
        most + values.map(|v| (v - most).exp()).sum::<f32>().ln()
    } else {
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_weights_every_token_counts_the_same() {
        assert_eq!(pooled(&[&[1.0, 0.0], &[3.0, -2.0]], None), [2.0, -1.0]);
    }

    #[test]
    fn a_token_with_all_the_weight_decides() {
        let weights: [&[f32]; 2] = [&[90.0], &[-90.0]];
        assert_eq!(pooled(&[&[1.0], &[3.0]], Some(&weights)), [1.0]);
    }

    #[test]
    fn great_logits_do_not_overflow() {
        assert_eq!(log_sum_exp([500.0, -500.0].into_iter()), 500.0);
    }
}
