//! Which groups of targets mean the same, though their words differ: 'the conflict in Gaza', 'the war in Gaza'.
//!
//! Groups are taken in the order of their mentions. Each joins the leader whose vector is nearest, if that is at
//! least `near.meaning` of `data/targets.toml`, and their most frequent wordings agree (`guard`). Of those wordings two vectors are compared, and the
//! nearer counts: as they stand, and the mean with the words in the other order, for 'the enlargement of NATO' is
//! nearer to 'the expansion of NATO' than to 'NATO expansion'.

use super::guard::{Agreement, Guard, Lexicon};
use super::settings::SETTINGS;
use super::words::in_other_order;
use crate::comparison::Meaning;
use crate::error::Result;

/// The most groups that are compared; rarer ones stay as their words group them.
const MOST_COMPARED: usize = 10_000;

/// The most groups that others join, the most frequent.
const MOST_LEADERS: usize = 4_000;

/// What meaning joins.
pub(super) struct Joined {
    /// The leader of each target, itself if it is one, and how near it is.
    pub(super) leaders: Vec<(usize, Option<f32>)>,
    /// How many of the targets were compared, the most frequent.
    pub(super) compared: usize,
}

/// The leader of each target. `targets` come in the order of their mentions, the most first.
///
/// # Errors
/// As [`Meaning`].
pub(super) fn joined(targets: &[&str], lexicon: &Lexicon, meaning: &Meaning<'_>) -> Result<Joined> {
    let compared = &targets[..targets.len().min(MOST_COMPARED)];
    let vectors = vectors(compared, lexicon, meaning)?;
    let guards: Vec<Guard> = compared
        .iter()
        .map(|target| Guard::new(target, lexicon))
        .collect();
    let mut leading: Vec<usize> = Vec::new();
    let mut leaders: Vec<(usize, Option<f32>)> =
        (0..targets.len()).map(|place| (place, None)).collect();
    for (place, vector) in vectors.iter().enumerate() {
        let near = leading.iter().filter_map(|&leader| {
            let cosine = vector.cosine(&vectors[leader]);
            let agree = cosine >= SETTINGS.near.meaning
                && guards[place].agrees(&guards[leader], Agreement::Same);
            agree.then_some((leader, cosine))
        });
        match near.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) {
            Some((leader, cosine)) => leaders[place] = (leader, Some(cosine)),
            None if leading.len() < MOST_LEADERS => leading.push(place),
            None => {}
        }
    }
    Ok(Joined {
        leaders,
        compared: compared.len(),
    })
}

/// What a target means.
struct Vector {
    as_it_stands: Vec<f32>,
    /// The mean of both orders of its words; `None` if it has one.
    in_both_orders: Option<Vec<f32>>,
}

impl Vector {
    fn cosine(&self, other: &Self) -> f32 {
        let both = |vector: &Self| vector.in_both_orders.is_some();
        let cosine = dot(&self.as_it_stands, &other.as_it_stands);
        if !both(self) && !both(other) {
            return cosine;
        }
        cosine.max(dot(self.mean(), other.mean()))
    }

    fn mean(&self) -> &[f32] {
        self.in_both_orders.as_ref().unwrap_or(&self.as_it_stands)
    }
}

fn vectors(targets: &[&str], lexicon: &Lexicon, meaning: &Meaning<'_>) -> Result<Vec<Vector>> {
    let turned: Vec<Option<String>> = targets
        .iter()
        .map(|target| in_other_order(target, lexicon))
        .collect();
    let as_they_stand = targets.iter().map(|&target| target.to_owned());
    let texts: Vec<String> = as_they_stand
        .chain(turned.iter().flatten().cloned())
        .collect();
    let mut as_they_stand = meaning(&texts)?;
    let mut others = as_they_stand.split_off(targets.len()).into_iter();
    let vector = |(as_it_stands, turned): (Vec<f32>, Option<String>)| Vector {
        in_both_orders: turned.and_then(|_| others.next()).map(|mut sum| {
            for (sum, x) in sum.iter_mut().zip(&as_it_stands) {
                *sum += x;
            }
            let length = dot(&sum, &sum).sqrt().max(f32::MIN_POSITIVE);
            for x in &mut sum {
                *x /= length;
            }
            sum
        }),
        as_it_stands,
    };
    Ok(as_they_stand.into_iter().zip(turned).map(vector).collect())
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Sums apart, so that the processor adds several at once; their order is fixed, so that the sum is, too.
    let mut sums = [0.0_f32; 16];
    for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest = a.len() - a.len() % 16;
    let rest: f32 = a[rest..].iter().zip(&b[rest..]).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts with the letter x mean one thing, all others another.
    #[expect(clippy::unnecessary_wraps, reason = "an encoder can fail")]
    fn of_letters(texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let vector = |text: &String| {
            let x = if text.contains('x') { 1.0 } else { 0.5_f32 };
            vec![x, (1.0 - x * x).sqrt()]
        };
        Ok(texts.iter().map(vector).collect())
    }

    #[test]
    fn the_near_join_the_most_frequent_that_agrees() {
        let targets = [
            "the tax",
            "Norv’s tax",
            "an excise",
            "a mix",
            "the levy",
            "Norv’s excise",
        ];
        let lexicon = Lexicon::of(targets.into_iter());
        let joined = joined(&targets, &lexicon, &of_letters).unwrap();
        let leaders: Vec<usize> = joined.leaders.iter().map(|&(leader, _)| leader).collect();
        assert_eq!(leaders, [0, 1, 0, 0, 4, 1]);
        assert_eq!(joined.leaders[2].1, Some(1.0));
        assert_eq!(joined.leaders[4].1, None);
        assert_eq!(joined.compared, 6);
    }

    #[test]
    fn a_sum_does_not_depend_on_its_length_being_round() {
        let numbers: Vec<f32> = (0..21u8).map(f32::from).collect();
        assert_eq!(dot(&numbers, &numbers), 2870.0);
    }
}
