//! What the network reads at each step: drawn at random, and the same for the same seed and step.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

/// An endless stream over `count` things: pass after pass, each in an order of its own.
///
/// It keeps no state but its seed, so that training can go on at any step.
#[derive(Clone, Debug)]
pub struct Stream {
    count: usize,
    seed: u64,
    pass: usize,
    order: Vec<usize>,
}

impl Stream {
    /// A stream over `0..count`.
    pub fn new(count: usize, seed: u64) -> Self {
        Self {
            count,
            seed,
            pass: 0,
            order: order(count, seed, 0),
        }
    }

    /// The things at `size` places from `size * step` on; none if there are none.
    pub fn batch(&mut self, step: usize, size: usize) -> Vec<usize> {
        if self.count == 0 {
            return Vec::new();
        }
        (step * size..(step + 1) * size)
            .map(|place| self.at(place))
            .collect()
    }

    fn at(&mut self, place: usize) -> usize {
        let pass = place / self.count;
        if pass != self.pass {
            self.pass = pass;
            self.order = order(self.count, self.seed, pass);
        }
        self.order[place % self.count]
    }
}

fn order(count: usize, seed: u64, pass: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut generator(seed, pass));
    order
}

/// A generator of its own for each place in a series.
fn generator(seed: u64, place: usize) -> StdRng {
    // An odd constant spreads neighbouring places over the seeds (Knuth's multiplicative hashing).
    StdRng::seed_from_u64(seed ^ (place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// Whether the statements of a step share windows: in this share of the steps.
pub fn packs(share: f64, seed: u64, step: usize) -> bool {
    generator(seed ^ u64::MAX, step).random_bool(share.clamp(0.0, 1.0))
}

/// Which units stand in which window, in the order given: one each, or as many as fit.
///
/// `lengths` counts the units' tokens, `max_tokens` those of a window without its special ones.
pub fn windows(lengths: &[usize], packed: bool, max_tokens: usize) -> Vec<Vec<usize>> {
    let mut windows: Vec<Vec<usize>> = Vec::new();
    let mut tokens = 0;
    for (index, &length) in lengths.iter().enumerate() {
        match windows.last_mut() {
            Some(open) if packed && tokens + length <= max_tokens => {
                open.push(index);
                tokens += length;
            }
            _ => {
                windows.push(vec![index]);
                tokens = length;
            }
        }
    }
    windows
}

/// Groups of like lengths, shortest first, none of more than `most_tokens` once padded (but for one thing
/// that is longer by itself).
pub fn by_length(lengths: &[usize], most_tokens: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| lengths[index]);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for index in order {
        match groups.last_mut() {
            Some(group) if (group.len() + 1) * lengths[index] <= most_tokens => group.push(index),
            _ => groups.push(vec![index]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_stream_passes_over_everything_and_can_be_entered_anywhere(
            count in 1..30usize,
            size in 1..8usize,
            seed: u64,
        ) {
            let mut stream = Stream::new(count, seed);
            let drawn: Vec<usize> = (0..count).flat_map(|step| stream.batch(step, size)).collect();
            for pass in drawn.chunks(count) {
                let mut pass = pass.to_vec();
                pass.sort_unstable();
                prop_assert_eq!(pass, (0..count).collect::<Vec<_>>());
            }
            let mut late = Stream::new(count, seed);
            prop_assert_eq!(&late.batch(count - 1, size), &drawn[(count - 1) * size..]);
        }

        #[test]
        fn every_unit_stands_in_one_window_that_fits(
            lengths in prop::collection::vec(1..60usize, 1..50),
            packed: bool,
        ) {
            let windows = windows(&lengths, packed, 60);
            let all: Vec<usize> = windows.concat();
            prop_assert_eq!(all, (0..lengths.len()).collect::<Vec<_>>());
            prop_assert!(windows.iter().all(|w| w.iter().map(|&i| lengths[i]).sum::<usize>() <= 60));
        }

        #[test]
        fn groups_hold_everything_once(lengths in prop::collection::vec(1..60usize, 0..50)) {
            let groups = by_length(&lengths, 100);
            let mut all = groups.concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..lengths.len()).collect::<Vec<_>>());
            for group in groups {
                let longest = group.iter().map(|&index| lengths[index]).max().unwrap_or_default();
                prop_assert!(group.len() == 1 || longest * group.len() <= 100);
            }
        }
    }
}
