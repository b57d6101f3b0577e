//! Eight bits: weights by row, activations by fixed ranges.

use super::spec::{ActivationRange, MOST_HALVINGS};

/// Weights use 7 of the 8 bits: x86 processors without VNNI add two products of an unsigned and a signed
/// byte in 16 bits, and `2 × 255 × 64` is the most that fits.
const WEIGHT_LIMIT: f32 = 64.0;

/// A matrix of bytes: a scale a row, and columns that are halved so many times.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantizedRows {
    /// As many numbers as came in.
    pub(crate) values: Vec<i8>,
    /// What the bytes of a row are multiplied with.
    pub(crate) scales: Vec<f32>,
    /// How often the numbers of a column are halved after that; empty: never.
    pub(crate) halvings: Vec<u8>,
}

impl QuantizedRows {
    /// For products with activations, so that they are right on every processor.
    pub(crate) fn weights(values: &[f32], columns: usize, halvings: &[u8]) -> Self {
        if halvings.is_empty() {
            return Self::new(values, columns, WEIGHT_LIMIT);
        }
        let factors = factors(halvings, columns);
        let factors = factors.iter().cycle();
        let scaled: Vec<f32> = values.iter().zip(factors).map(|(v, f)| v * f).collect();
        Self {
            halvings: halvings.to_vec(),
            ..Self::new(&scaled, columns, WEIGHT_LIMIT)
        }
    }

    /// For tables that are only looked up.
    pub(crate) fn embeddings(values: &[f32], columns: usize) -> Self {
        Self::new(values, columns, 127.0)
    }

    /// The numbers that the bytes stand for.
    pub(crate) fn numbers(&self) -> Vec<f32> {
        let columns = self.values.len() / self.scales.len().max(1);
        let factors = factors(&self.halvings, columns);
        let rows = self.values.chunks_exact(columns.max(1)).zip(&self.scales);
        let number = |(&byte, factor): (&i8, &f32), scale: f32| f32::from(byte) * scale / factor;
        rows.flat_map(|(row, &scale)| {
            row.iter()
                .zip(&factors)
                .map(move |pair| number(pair, scale))
        })
        .collect()
    }

    fn new(values: &[f32], columns: usize, limit: f32) -> Self {
        let mut rows = Self {
            values: Vec::with_capacity(values.len()),
            scales: Vec::with_capacity(values.len() / columns),
            halvings: Vec::new(),
        };
        for row in values.chunks_exact(columns) {
            let largest = row
                .iter()
                .fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
            let scale = largest / limit;
            rows.values
                .extend(row.iter().map(|value| byte(value / scale)));
            rows.scales.push(scale);
        }
        rows
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the limit keeps it within a byte"
)]
fn byte(value: f32) -> i8 {
    // What comes is small: added to this, floats have no fraction left, so that it is rounded, ties to even. Processors
    // without an instruction for that are what is built for by default, and a call for each weight costs.
    const WHOLE: f32 = 12_582_912.0;
    ((value + WHOLE) - WHOLE) as i8
}

/// What the weights of each column are multiplied with, and the numbers that meet them divided by.
pub(crate) fn factors(halvings: &[u8], columns: usize) -> Vec<f32> {
    let halvings = halvings.iter().copied().chain(std::iter::repeat(0));
    halvings
        .take(columns)
        .map(|times| 2.0_f32.powi(i32::from(times)))
        .collect()
}

/// How the numbers that go into a linear layer become bytes: `round(x / scale) + zero_point`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ActivationScale {
    /// The step from byte to byte.
    pub(crate) scale: f32,
    /// The byte that stands for 0.
    pub(crate) zero_point: u8,
}

impl ActivationScale {
    /// The bytes cover the range.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a range spans 0, so its low end is from 0 to 255 steps below"
    )]
    pub(crate) fn new(range: &ActivationRange) -> Self {
        let scale = (range.high - range.low) / 255.0;
        Self {
            scale,
            zero_point: (-range.low / scale).round() as u8,
        }
    }
}

/// Bins of the histogram of a layer's inputs.
const BINS: usize = 2048;

/// The range of a layer's inputs that changes its outputs least, from inputs that were seen.
///
/// Numbers outside the range are cut off, numbers inside are rounded to one of 256 steps. A few channels of
/// a BERT have numbers far larger than the rest; dividing them by a power of 2, and multiplying their weights
/// with it, changes nothing but the rounding. Both are chosen by the expected squared error of the outputs that the
/// rounding of activations makes: weights are rounded for all engines alike (see [`super::rounding`]).
///
/// # Shapes
/// `inputs`: `[tokens, channels]`; `weight`: `[outputs, channels]`.
///
/// # Source
/// Wu et al. (2020), "Integer Quantization for Deep Learning Inference", section 3.3, for the range; Xiao
/// et al. (2023), "`SmoothQuant`", for moving the difficulty to the weights, here for outliers alone and by
/// powers of 2, so that single precision stays what it was.
pub(crate) fn best_range(inputs: &[f32], weight: &[f32], channels: usize) -> ActivationRange {
    let largest = column_maxima(inputs, channels);
    let most = largest.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let mut best = (f64::INFINITY, ActivationRange::default());
    for most_halvings in 0..=MOST_HALVINGS {
        let limit = most * 0.5_f32.powi(i32::from(most_halvings));
        let halvings: Vec<u8> = largest
            .iter()
            .map(|&value| halvings(value / limit))
            .collect();
        let divisors: Vec<f32> = halvings
            .iter()
            .map(|&times| 2.0_f32.powi(i32::from(times)))
            .collect();
        let inputs: Vec<f32> = scaled(inputs, &divisors, |value, divisor| value / divisor);
        let weight: Vec<f32> = scaled(weight, &divisors, |value, divisor| value * divisor);
        let (error, mut range) = activation_error(&inputs, &weight, channels);
        if error < best.0 {
            range.halvings = halvings;
            best = (error, range);
        }
    }
    if best.1.halvings.iter().all(|&halvings| halvings == 0) {
        best.1.halvings.clear();
    }
    best.1
}

/// How often a number is halved until it is at most 1.
fn halvings(mut number: f32) -> u8 {
    let mut times = 0;
    while number > 1.0 && times < MOST_HALVINGS {
        number /= 2.0;
        times += 1;
    }
    times
}

fn column_maxima(values: &[f32], columns: usize) -> Vec<f32> {
    let mut maxima = vec![0.0_f32; columns];
    for row in values.chunks_exact(columns) {
        maxima
            .iter_mut()
            .zip(row)
            .for_each(|(most, value)| *most = most.max(value.abs()));
    }
    maxima
}

fn scaled(values: &[f32], divisors: &[f32], apply: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let divisors = divisors.iter().cycle();
    values
        .iter()
        .zip(divisors)
        .map(|(&value, &divisor)| apply(value, divisor))
        .collect()
}

/// The least squared error of the outputs, summed over tokens, and the range that gives it.
fn activation_error(inputs: &[f32], weight: &[f32], channels: usize) -> (f64, ActivationRange) {
    let mut norms = vec![0.0_f64; channels];
    for row in weight.chunks_exact(channels) {
        norms
            .iter_mut()
            .zip(row)
            .for_each(|(norm, &value)| *norm += f64::from(value * value));
    }
    let histogram = Histogram::new(inputs, &norms);
    let shares: Vec<f32> = (0..16).map(|step| 0.9_f32.powi(step)).collect();
    let mut best = (f64::INFINITY, histogram.range.clone());
    for low in &shares {
        for high in &shares {
            let range = ActivationRange {
                low: histogram.range.low * low,
                high: histogram.range.high * high,
                halvings: Vec::new(),
            };
            let error = histogram.squared_error(&range);
            if error < best.0 {
                best = (error, range);
            }
        }
    }
    best
}

/// How much weight the numbers of a layer's inputs have: the squared weights that they are multiplied with.
struct Histogram {
    range: ActivationRange,
    bins: Vec<f64>,
}

impl Histogram {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number is not below the lowest, and the last bin takes the highest"
    )]
    fn new(inputs: &[f32], norms: &[f64]) -> Self {
        let low = inputs.iter().copied().fold(-f32::MIN_POSITIVE, f32::min);
        let high = inputs.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let mut bins = vec![0.0; BINS];
        let width = (high - low) / BINS as f32;
        for (&value, norm) in inputs.iter().zip(norms.iter().cycle()) {
            let bin = ((value - low) / width) as usize;
            bins[bin.min(BINS - 1)] += norm;
        }
        Self {
            range: ActivationRange {
                low,
                high,
                halvings: Vec::new(),
            },
            bins,
        }
    }

    fn squared_error(&self, range: &ActivationRange) -> f64 {
        let step = f64::from(range.high - range.low) / 255.0;
        let rounding = step * step / 12.0;
        let width = (self.range.high - self.range.low) / BINS as f32;
        let errors = self.bins.iter().enumerate().map(|(bin, weight)| {
            let value = self.range.low + (bin as f32 + 0.5) * width;
            let cut = f64::from(value - value.clamp(range.low, range.high));
            weight * if cut == 0.0 { rounding } else { cut * cut }
        });
        errors.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 400 tokens of 8 channels from -1 to 1, the third channel as many times larger as is asked for.
    fn inputs(times: f32) -> Vec<f32> {
        let value = |index: u16| f32::from(index * 37 % 200) / 100.0 - 1.0;
        let times = |index: u16| if index % 8 == 2 { times } else { 1.0 };
        (0..3200)
            .map(|index| value(index % 1600) * times(index))
            .collect()
    }

    #[test]
    fn even_channels_are_left_as_they_are() {
        let range = best_range(&inputs(1.0), &[0.5; 32], 8);
        assert!(range.halvings.is_empty(), "{range:?}");
        assert!(range.low < -0.7 && range.high > 0.7, "{range:?}");
    }

    #[test]
    fn a_channel_of_large_numbers_is_halved() {
        let weight: Vec<f32> = (0..32)
            .map(|index| if index % 8 == 2 { 0.02 } else { 0.5 })
            .collect();
        let range = best_range(&inputs(32.0), &weight, 8);
        assert_eq!(range.halvings.len(), 8);
        assert!(range.halvings[2] >= 3, "{range:?}");
        let others = range
            .halvings
            .iter()
            .enumerate()
            .filter(|(channel, _)| *channel != 2);
        assert!(
            others
                .clone()
                .all(|(_, &times)| times + 2 < range.halvings[2]),
            "{range:?}"
        );
        assert!(range.high < 5.0, "{range:?}");
    }

    #[test]
    fn weights_are_within_half_a_step() {
        let values: Vec<f32> = (0..64_u8)
            .map(|index| f32::from(index * 3 % 64) - 20.0)
            .collect();
        let rows = QuantizedRows::weights(&values, 16, &[]);
        for (index, value) in values.iter().enumerate() {
            let scale = rows.scales[index / 16];
            let back = f32::from(rows.values[index]) * scale;
            assert!(
                (back - value).abs() <= scale * 0.501,
                "{value} came back as {back}"
            );
            assert!(rows.values[index].unsigned_abs() <= 64);
        }
    }
}
