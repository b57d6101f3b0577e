//! Multinomial logistic regression on few examples.

/// An example: its features, and how likely 'none' and each class are (they sum to 1).
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// As many numbers as every other example has.
    pub features: Vec<f32>,
    /// 'none', then each class.
    pub wanted: Vec<f32>,
}

/// A linear map from features to one logit a class; the logit of 'none' is 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// One row a class.
    pub weights: Vec<Vec<f32>>,
    /// One number a class.
    pub biases: Vec<f32>,
}

impl Linear {
    /// A logit a class.
    pub fn logits(&self, features: &[f32]) -> Vec<f32> {
        let product = |row: &Vec<f32>| row.iter().zip(features).map(|(w, x)| w * x).sum::<f32>();
        let rows = self.weights.iter().zip(&self.biases);
        rows.map(|(row, bias)| product(row) + bias).collect()
    }
}

/// Steps of the descent: far past where figures change on the features of an encoder.
const STEPS: usize = 400;

/// Fits the map whose cross-entropy, plus `penalty` / 2 × the squares of the weights on features brought to
/// variance 1, is least. Deterministic. Without examples there are no classes.
///
/// # Source
/// Accelerated gradient descent (Nesterov 1983) with the constant step that the curvature of the softmax
/// allows (Böhning 1992: at most half that of the features); the loss is convex, so that there is one answer.
pub fn fit(examples: &[&Example], penalty: f64) -> Linear {
    let scaling = Scaling::of(examples);
    let rows: Vec<Vec<f64>> = examples
        .iter()
        .map(|example| scaling.apply(&example.features))
        .collect();
    let classes = examples
        .first()
        .map_or(0, |example| example.wanted.len() - 1);
    let columns = scaling.means.len() + 1;
    let step = 1.0 / (largest_curvature(&rows) / 2.0 + penalty);
    let mut weights = vec![vec![0.0; columns]; classes];
    let mut ahead = weights.clone();
    for round in 0..STEPS {
        let mut next = ahead.clone();
        for (class, gradient) in gradient(&rows, examples, &ahead).into_iter().enumerate() {
            for (column, slope) in gradient.into_iter().enumerate() {
                // The last column is the bias, which costs nothing.
                let pull = if column + 1 < columns {
                    penalty * ahead[class][column]
                } else {
                    0.0
                };
                next[class][column] -= step * (slope + pull);
            }
        }
        let before = std::mem::replace(&mut weights, next);
        let momentum = round as f64 / (round as f64 + 3.0);
        for ((ahead, now), before) in ahead.iter_mut().zip(&weights).zip(&before) {
            for ((ahead, now), before) in ahead.iter_mut().zip(now).zip(before) {
                *ahead = now + momentum * (now - before);
            }
        }
    }
    scaling.undo(&weights)
}

/// The mean over examples of (probability − wanted) × features, a row a class.
fn gradient(rows: &[Vec<f64>], examples: &[&Example], weights: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut gradient = vec![vec![0.0; rows.first().map_or(0, Vec::len)]; weights.len()];
    for (row, example) in rows.iter().zip(examples) {
        let logit = |weights: &Vec<f64>| weights.iter().zip(row).map(|(w, x)| w * x).sum::<f64>();
        let logits: Vec<f64> = weights.iter().map(logit).collect();
        let most = logits.iter().copied().fold(0.0, f64::max);
        let parts: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
        let total = (-most).exp() + parts.iter().sum::<f64>();
        for ((gradient, part), wanted) in gradient.iter_mut().zip(parts).zip(&example.wanted[1..]) {
            let error = (part / total - f64::from(*wanted)) / rows.len() as f64;
            for (slope, x) in gradient.iter_mut().zip(row) {
                *slope += error * x;
            }
        }
    }
    gradient
}

/// An upper bound of the largest eigenvalue of the features' second moments, by power iteration.
fn largest_curvature(rows: &[Vec<f64>]) -> f64 {
    let mut direction = vec![1.0; rows.first().map_or(0, Vec::len)];
    let mut length = 0.0;
    for _ in 0..30 {
        let mut next = vec![0.0; direction.len()];
        for row in rows {
            let along = row.iter().zip(&direction).map(|(x, d)| x * d).sum::<f64>();
            for (next, x) in next.iter_mut().zip(row) {
                *next += along * x / rows.len() as f64;
            }
        }
        length = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        direction = next
            .into_iter()
            .map(|x| x / length.max(f64::MIN_POSITIVE))
            .collect();
    }
    // The iteration comes from below.
    1.1 * length.max(1.0)
}

/// Features with mean 0 and variance 1, and a 1 for the bias.
struct Scaling {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Scaling {
    fn of(examples: &[&Example]) -> Self {
        let columns = examples.first().map_or(0, |example| example.features.len());
        let count = examples.len().max(1) as f64;
        let column = |column: usize| examples.iter().map(move |e| f64::from(e.features[column]));
        let means: Vec<f64> = (0..columns)
            .map(|c| column(c).sum::<f64>() / count)
            .collect();
        let deviations = (0..columns).map(|c| {
            let squares = column(c).map(|x| (x - means[c]).powi(2)).sum::<f64>();
            (squares / count).sqrt().max(1e-6)
        });
        Self {
            deviations: deviations.collect(),
            means,
        }
    }

    fn apply(&self, features: &[f32]) -> Vec<f64> {
        let scaled = features.iter().zip(self.means.iter().zip(&self.deviations));
        let scaled = scaled.map(|(x, (mean, deviation))| (f64::from(*x) - mean) / deviation);
        scaled.chain([1.0]).collect()
    }

    /// The same map on features as they come.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "weights are kept in single precision"
    )]
    fn undo(&self, weights: &[Vec<f64>]) -> Linear {
        let mut linear = Linear {
            weights: Vec::new(),
            biases: Vec::new(),
        };
        for row in weights {
            let own = row.iter().zip(&self.deviations).map(|(w, d)| w / d);
            let own: Vec<f64> = own.collect();
            let shift: f64 = own.iter().zip(&self.means).map(|(w, mean)| w * mean).sum();
            let bias = row.last().copied().unwrap_or_default() - shift;
            linear
                .weights
                .push(own.into_iter().map(|w| w as f32).collect());
            linear.biases.push(bias as f32);
        }
        linear
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(features: [f32; 2], wanted: [f32; 3]) -> Example {
        Example {
            features: features.to_vec(),
            wanted: wanted.to_vec(),
        }
    }

    #[test]
    fn the_fit_is_where_every_move_costs() {
        let examples = [
            example([0.0, 1.0], [1.0, 0.0, 0.0]),
            example([0.2, 0.7], [1.0, 0.0, 0.0]),
            example([2.0, 1.0], [0.0, 1.0, 0.0]),
            example([1.5, 0.1], [0.0, 1.0, 0.0]),
            example([1.0, 3.0], [0.0, 0.0, 1.0]),
            example([1.2, 2.5], [0.0, 0.0, 1.0]),
        ];
        let all: Vec<&Example> = examples.iter().collect();
        let linear = fit(&all, 0.1);
        for example in &examples {
            let logits = linear.logits(&example.features);
            let mut best = 0;
            for (class, logit) in logits.iter().enumerate() {
                let most = if best == 0 { 0.0 } else { logits[best - 1] };
                if *logit > most {
                    best = class + 1;
                }
            }
            assert!(example.wanted[best] > 0.5, "{example:?}: {logits:?}");
        }
        // At the minimum the gradient with its penalty is 0: moving any weight costs.
        let loss = |linear: &Linear| -> f64 {
            let data = examples.iter().map(|example| {
                let logits = linear.logits(&example.features);
                let logits: Vec<f64> = std::iter::once(0.0)
                    .chain(logits.iter().map(|l| f64::from(*l)))
                    .collect();
                let total: f64 = logits.iter().map(|l| l.exp()).sum();
                let likely = logits.iter().zip(&example.wanted);
                -likely
                    .map(|(l, w)| f64::from(*w) * (l - total.ln()))
                    .sum::<f64>()
            });
            let scaling = Scaling::of(&all);
            let penalty = linear.weights.iter().flat_map(|row| {
                row.iter()
                    .zip(&scaling.deviations)
                    .map(|(w, d)| (f64::from(*w) * d).powi(2))
            });
            data.sum::<f64>() / examples.len() as f64 + 0.05 * penalty.sum::<f64>()
        };
        let least = loss(&linear);
        for class in 0..2 {
            for column in 0..2 {
                for step in [-0.05, 0.05] {
                    let mut moved = linear.clone();
                    moved.weights[class][column] += step;
                    assert!(loss(&moved) > least, "{class} {column} {step}");
                }
            }
        }
    }

    #[test]
    fn a_feature_that_never_changes_does_no_harm() {
        let examples = [
            example([1.0, 5.0], [1.0, 0.0, 0.0]),
            example([2.0, 5.0], [0.0, 1.0, 0.0]),
        ];
        let linear = fit(&examples.iter().collect::<Vec<_>>(), 0.01);
        assert!(linear.logits(&[2.0, 5.0])[0] > linear.logits(&[1.0, 5.0])[0]);
        assert!(
            linear
                .weights
                .iter()
                .flatten()
                .all(|weight| weight.is_finite())
        );
    }
}
