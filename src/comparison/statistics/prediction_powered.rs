//! Shares corrected for the classifier's errors with a sample of checked statements.
//!
//! A share counted from predictions is off by the classifier's mean error. The mean error in the checked
//! sample estimates that, so predicted share plus mean error is unbiased whatever the classifier does; the
//! interval takes in both what all predictions and what the few checked statements leave open.

use super::distribution::{TAIL, t_quantile};
use crate::schema::Interval;

/// One statement of the checked sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checked {
    /// The document's place among the clusters.
    pub cluster: usize,
    /// What the classifier says, 0 or 1 (or a probability).
    pub predicted: f64,
    /// What the reader says, 0 or 1.
    pub truth: f64,
    /// One over the probability with which the statement was drawn for checking; any constant if all
    /// had the same.
    pub weight: f64,
}

/// One document's predictions: how many statements, and the sum of what is predicted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Predicted {
    /// Statements.
    pub total: f64,
    /// Statements predicted to carry the theme.
    pub count: f64,
}

/// A corrected share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrected {
    /// The corrected share; can leave 0 to 1 by chance where the sample is small.
    pub share: f64,
    /// Its variance.
    pub variance: f64,
    /// Degrees of freedom of its interval: documents with checked statements, less one.
    pub freedom: f64,
    /// The interval at 95 %, cut to 0 to 1.
    pub interval: Interval,
}

/// How far the estimate leans on the predictions, 0 (not at all: the checked sample alone) to 1; chosen
/// to make the variance least. 1 where the sample cannot tell.
///
/// # Source
/// Angelopoulos, Duchi and Zrnic (2023), "PPI++", arXiv 2311.01453, section 6 (power tuning).
pub fn power_tuning(sample: &[Checked], population: f64) -> f64 {
    let weight: f64 = sample.iter().map(|s| s.weight).sum();
    if weight <= 0.0 || population <= 0.0 {
        return 1.0;
    }
    let mean = |value: fn(&Checked) -> f64| {
        sample.iter().map(|s| s.weight * value(s)).sum::<f64>() / weight
    };
    let (predicted, truth) = (mean(|s| s.predicted), mean(|s| s.truth));
    let moment = |value: &dyn Fn(&Checked) -> f64| {
        sample.iter().map(|s| s.weight * value(s)).sum::<f64>() / weight
    };
    let covariance = moment(&|s| (s.predicted - predicted) * (s.truth - truth));
    let variance = moment(&|s| (s.predicted - predicted).powi(2));
    if variance <= 0.0 {
        return 1.0;
    }
    (covariance / (variance * (1.0 + sample.len() as f64 / population))).clamp(0.0, 1.0)
}

/// The corrected share of one group; `None` where the sample has fewer than two documents of it.
///
/// # Source
/// Angelopoulos et al. (2023), "Prediction-powered inference", Science 382, for the estimator; Egami et
/// al. (2023), "Using imperfect surrogates for downstream inference: design-based supervised learning",
/// `NeurIPS`, for unequal drawing probabilities and for the checked statements being part of the
/// population. Departures: the variance is summed by document, and takes in two further errors of the
/// classifier, one each way (as Agresti and Coull 1998 do for shares), so that a small sample without an
/// error does not pass for certainty.
pub fn corrected_share(
    documents: &[Predicted],
    sample: &[Checked],
    lean: f64,
) -> Option<Corrected> {
    let total: f64 = documents.iter().map(|document| document.total).sum();
    let weight: f64 = sample.iter().map(|s| s.weight).sum();
    let mut sampled: Vec<usize> = sample.iter().map(|s| s.cluster).collect();
    sampled.sort_unstable();
    sampled.dedup();
    if total <= 0.0 || weight <= 0.0 || sampled.len() < 2 {
        return None;
    }
    let predicted = documents.iter().map(|d| d.count).sum::<f64>() / total;
    let error = |s: &Checked| s.truth - lean * s.predicted;
    let mean_error = sample.iter().map(|s| s.weight * error(s)).sum::<f64>() / weight;

    // each document's influence on the estimate
    let mut influence: Vec<f64> = documents
        .iter()
        .map(|d| lean * (d.count - predicted * d.total) / total)
        .collect();
    for s in sample {
        *influence.get_mut(s.cluster)? += s.weight / weight * (error(s) - mean_error);
    }
    let clusters = sampled.len() as f64;
    let squares: f64 = influence.iter().map(|i| i * i).sum();
    let unseen_errors = 2.0 / (sample.len() as f64 + 2.0).powi(2);
    let variance = squares * clusters / (clusters - 1.0) + unseen_errors;
    let share = lean * predicted + mean_error;
    let freedom = clusters - 1.0;
    let half = t_quantile(1.0 - TAIL, freedom) * variance.sqrt();
    let interval = Interval::around(share, half).clamped(0.0, 1.0);
    Some(Corrected {
        share,
        variance,
        freedom,
        interval,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::statistics::interval::RatioSums;
    use crate::comparison::statistics::seeding::generator;
    use rand::Rng;

    #[test]
    fn a_worked_example_by_hand() {
        // 6 of 20 predicted; 10 checked: one missed, none wrong: 0.3 + 1/10
        let documents = [
            Predicted {
                total: 10.0,
                count: 4.0,
            },
            Predicted {
                total: 10.0,
                count: 2.0,
            },
        ];
        let sample: Vec<Checked> = (0..10)
            .map(|i| Checked {
                cluster: i % 2,
                predicted: f64::from(u8::from(i < 3)),
                truth: f64::from(u8::from(i < 4)),
                weight: 1.0,
            })
            .collect();
        let corrected = corrected_share(&documents, &sample, 1.0).unwrap();
        assert!((corrected.share - 0.4).abs() < 1e-12);
        // leaning on nothing gives the checked sample's own share
        assert!((corrected_share(&documents, &sample, 0.0).unwrap().share - 0.4).abs() < 1e-12);
    }

    #[test]
    fn a_sample_of_one_document_corrects_nothing() {
        let documents = [Predicted {
            total: 5.0,
            count: 1.0,
        }];
        let sample = [Checked {
            cluster: 0,
            predicted: 1.0,
            truth: 1.0,
            weight: 1.0,
        }];
        assert_eq!(corrected_share(&documents, &sample, 1.0), None);
        assert_eq!(corrected_share(&documents, &[], 1.0), None);
    }

    struct World {
        documents: Vec<Predicted>,
        sample: Vec<Checked>,
        naive: RatioSums,
    }

    /// 250 documents of 20 statements, each with a share of its own around `share`; the classifier finds
    /// 80 % of the theme and takes 6 % of the rest for it; about `checked` statements are drawn, true ones
    /// predicted twice as often if `unequal`.
    fn world(random: &mut impl Rng, share: f64, checked: f64, unequal: bool) -> World {
        let mut world = World {
            documents: Vec::new(),
            sample: Vec::new(),
            naive: RatioSums::default(),
        };
        for cluster in 0..250 {
            let own = (share + 0.3 * (random.random::<f64>() - 0.5)).clamp(0.0, 1.0);
            let mut document = Predicted {
                total: 20.0,
                count: 0.0,
            };
            for _ in 0..20 {
                let truth = random.random::<f64>() < own;
                let predicted = random.random::<f64>() < if truth { 0.8 } else { 0.06 };
                let chance = checked / 5000.0 * if unequal && predicted { 2.0 } else { 1.0 };
                document.count += f64::from(u8::from(predicted));
                if random.random::<f64>() < chance {
                    world.sample.push(Checked {
                        cluster,
                        predicted: f64::from(u8::from(predicted)),
                        truth: f64::from(u8::from(truth)),
                        weight: 1.0 / chance,
                    });
                }
            }
            world.naive.add(document.count, document.total);
            world.documents.push(document);
        }
        world
    }

    const RUNS: usize = 1000;

    /// How often the corrected and the naive interval hold the true share.
    fn coverage(share: f64, checked: f64, unequal: bool) -> (f64, f64) {
        let mut random = generator(20_230_401, (share * 1000.0).to_bits());
        let (mut corrected_hits, mut naive_hits) = (0, 0);
        for _ in 0..RUNS {
            let world = world(&mut random, share, checked, unequal);
            let lean = power_tuning(&world.sample, 5000.0);
            let corrected = corrected_share(&world.documents, &world.sample, lean).unwrap();
            corrected_hits += usize::from(corrected.interval.contains(share));
            naive_hits += usize::from(world.naive.interval().unwrap().contains(share));
        }
        (
            corrected_hits as f64 / RUNS as f64,
            naive_hits as f64 / RUNS as f64,
        )
    }

    #[test]
    fn intervals_hold_the_truth_95_times_in_100_where_the_naive_one_fails() {
        for (share, checked, unequal) in [
            (0.4, 300.0, false),
            (0.15, 200.0, false),
            (0.3, 250.0, true),
        ] {
            let (corrected, naive) = coverage(share, checked, unequal);
            println!("share {share}: corrected {corrected}, naive {naive}");
            assert!(
                (0.935..=0.975).contains(&corrected),
                "share {share}: {corrected}"
            );
            assert!(naive < 0.5, "share {share}: naive {naive}");
        }
    }
}
