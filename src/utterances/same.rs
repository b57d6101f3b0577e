//! Which quotations are one utterance.

use super::quotation::Quotation;

/// How many documents print each quotation, in the order given: 0 for those that an earlier one prints already.
pub(super) fn printings(mut quotations: Vec<Quotation>) -> Vec<u32> {
    quotations.sort_unstable_by_key(Quotation::rank);
    let firsts = firsts(&quotations);
    let mut counts = vec![0; quotations.len()];
    let mut last_documents = vec![None; quotations.len()];
    for (quotation, first) in quotations.iter().zip(firsts) {
        let first = first as usize;
        // Within a day, documents follow each other: each is counted once.
        if last_documents[first].replace(quotation.document) != Some(quotation.document) {
            counts[quotations[first].number as usize] += 1;
        }
    }
    counts
}

/// The place of the first printing of each quotation; they come in the order in which they were printed.
fn firsts(sorted: &[Quotation]) -> Vec<u32> {
    let mut firsts: Vec<u32> = (0..).take(sorted.len()).collect();
    let bands = sorted
        .first()
        .map_or(0, |first| first.signature.bands().count());
    let mut keys: Vec<(u32, u32)> = Vec::with_capacity(sorted.len());
    for band in 0..bands {
        keys.clear();
        let of_band = sorted
            .iter()
            .filter_map(|one| one.signature.bands().nth(band));
        keys.extend(of_band.zip(0..));
        keys.sort_unstable();
        for bucket in keys.chunk_by(|one, other| one.0 == other.0) {
            join(sorted, bucket, &mut firsts);
        }
    }
    for place in 0..sorted.len() {
        let first = firsts[firsts[place] as usize];
        // What is like a reprint need not be of the original: the speaker or the day may tell them apart.
        let is_one = first as usize == place || sorted[place].may_be_same(&sorted[first as usize]);
        firsts[place] = if is_one { first } else { own(place) };
    }
    firsts
}

fn own(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Notes what the quotations of a bucket, in the order in which they were printed, are reprints of.
fn join(sorted: &[Quotation], bucket: &[(u32, u32)], firsts: &mut [u32]) {
    let mut originals: Vec<u32> = Vec::new();
    for &(_, place) in bucket {
        let quotation = &sorted[place as usize];
        // What was printed before one that is too old is too old, too.
        let of_its_days = originals
            .iter()
            .rev()
            .take_while(|&&original| !quotation.is_long_after(&sorted[original as usize]));
        let original = of_its_days
            .filter(|&&original| quotation.is_same(&sorted[original as usize]))
            .last();
        match original {
            Some(&original) => {
                let first = &mut firsts[place as usize];
                *first = original.min(*first);
            }
            None => originals.push(place),
        }
    }
}
