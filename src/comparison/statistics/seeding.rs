//! Random draws that depend on a seed and on what they are drawn for, never on the order of the input.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A hash of `bytes` that is the same on every machine and in every version.
///
/// # Source
/// FNV-1a (Fowler, Noll and Vo), finished with the mixer of `SplitMix64` (Steele, Lea and Flood 2014).
pub fn stable_hash(bytes: &[u8]) -> u64 {
    let folded = bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mix(folded)
}

/// Spreads the bits of `value` over all 64.
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The generator of the draws for `subject` (a document's hash) under `seed`.
pub fn generator(seed: u64, subject: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(mix(seed) ^ subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::RngCore;

    #[test]
    fn the_hash_of_a_name_never_changes() {
        assert_eq!(
            stable_hash(b"AFG_70_2015.txt"),
            stable_hash(b"AFG_70_2015.txt")
        );
        assert_ne!(stable_hash(b"a"), stable_hash(b"b"));
        // the published FNV-1a value of "a" is 0xaf63dc4c8601ec8c
        assert_eq!(stable_hash(b"a"), mix(0xaf63_dc4c_8601_ec8c));
    }

    #[test]
    fn draws_differ_by_seed_and_by_subject() {
        let first = |seed, subject| generator(seed, subject).next_u64();
        assert_eq!(first(1, 2), first(1, 2));
        assert_ne!(first(1, 2), first(2, 2));
        assert_ne!(first(1, 2), first(1, 3));
    }
}
