//! Shares corrected for the classifier's errors with a sample of checked statements.
//!
//! A share counted from predictions is off by the classifier's mean error. The mean error in the checked
//! sample estimates that, so predicted mean plus mean error is unbiased whatever the classifier does; the
//! interval takes in both what all predictions and what the few checked statements leave open. A share of
//! labels (how many of the labels on a theme oppose) is a ratio of two such means, each corrected.

use super::distribution::{TAIL, t_quantile};
use crate::schema::Interval;

/// What is counted, and of how many: of a statement or of all statements of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counted {
    /// How many: 0 or 1 of a statement where a share is asked for, -1 to 1 for support minus oppose.
    pub count: f64,
    /// Of how many: 1 of every statement for a share of statements, its labels for a share of labels.
    pub total: f64,
}

impl Counted {
    /// How far the count is from the one that `share` leads to expect.
    fn past(self, share: f64) -> f64 {
        self.count - share * self.total
    }
}

/// One statement of the checked sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checked {
    /// The document's place among the clusters.
    pub cluster: usize,
    /// What the classifier says.
    pub predicted: Counted,
    /// What the reader says.
    pub truth: Counted,
    /// One over the probability with which the statement was drawn for checking; any constant if all
    /// had the same.
    pub weight: f64,
}

impl Checked {
    /// Whether the statement says anything of the share.
    pub fn is_telling(&self) -> bool {
        self.predicted.total > 0.0 || self.truth.total > 0.0
    }
}

/// One document's predictions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Predicted {
    /// Statements.
    pub statements: f64,
    /// The sum of what is predicted.
    pub sum: Counted,
}

/// A corrected share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrected {
    /// The corrected share; can leave 0 to 1 by chance where the sample is small.
    pub share: f64,
    /// Its variance.
    pub variance: f64,
    /// Degrees of freedom of its interval: documents with telling checked statements, less one.
    pub freedom: f64,
}

impl Corrected {
    /// The interval at 95 %, cut to `low` and `high`.
    pub fn interval(&self, low: f64, high: f64) -> Interval {
        Interval::around(self.share, self.half()).clamped(low, high)
    }

    /// Whether the interval holds a share from `low` to `high`.
    pub fn agrees_with(&self, low: f64, high: f64) -> bool {
        self.share - self.half() <= high && self.share + self.half() >= low
    }

    fn half(&self) -> f64 {
        t_quantile(1.0 - TAIL, self.freedom) * self.variance.sqrt()
    }
}

/// The weighted mean of what a statement has.
fn mean(sample: &[Checked], value: impl Fn(&Checked) -> f64) -> f64 {
    let weight: f64 = sample.iter().map(|s| s.weight).sum();
    sample.iter().map(|s| s.weight * value(s)).sum::<f64>() / weight
}

/// How far the estimates lean on the predictions, 0 (not at all: the checked sample alone) to 1; chosen
/// to make the variance least, the sum of variances where shares of one whole (support, oppose, neutral) have
/// to lean alike. 1 where the samples cannot tell.
///
/// # Source
/// Angelopoulos, Duchi and Zrnic (2023), "PPI++", arXiv 2311.01453, section 6 (power tuning).
pub fn power_tuning(samples: &[&[Checked]], population: f64) -> f64 {
    let (mut covariance, mut variance) = (0.0, 0.0);
    for &sample in samples {
        let total = mean(sample, |s| s.truth.total);
        if total.is_nan() || total <= 0.0 || population <= 0.0 {
            return 1.0;
        }
        let share = mean(sample, |s| s.truth.count) / total;
        let predicted = mean(sample, |s| s.predicted.past(share));
        // the mean of what is past the mean is 0
        covariance += mean(sample, |s| {
            (s.predicted.past(share) - predicted) * s.truth.past(share)
        });
        variance += mean(sample, |s| (s.predicted.past(share) - predicted).powi(2));
    }
    let drawn = samples.first().map_or(0, |sample| sample.len()) as f64;
    if variance <= 0.0 {
        return 1.0;
    }
    (covariance / (variance * (1.0 + drawn / population))).clamp(0.0, 1.0)
}

/// The corrected share of one group; `None` where the sample has fewer than two documents that tell of it.
///
/// # Source
/// Angelopoulos et al. (2023), "Prediction-powered inference", Science 382, for the estimator (a ratio is the root
/// of their estimating equation, mean of count less share times total); Egami et
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
    let statements: f64 = documents.iter().map(|document| document.statements).sum();
    let weight: f64 = sample.iter().map(|s| s.weight).sum();
    let telling = sample.iter().filter(|s| s.is_telling());
    let mut sampled: Vec<usize> = telling.map(|s| s.cluster).collect();
    sampled.sort_unstable();
    sampled.dedup();
    if statements <= 0.0 || weight <= 0.0 || sampled.len() < 2 {
        return None;
    }
    let estimate = |value: fn(Counted) -> f64| {
        let predicted = documents.iter().map(|d| value(d.sum)).sum::<f64>() / statements;
        lean * predicted + mean(sample, |s| value(s.truth) - lean * value(s.predicted))
    };
    let total = estimate(|counted| counted.total);
    if total <= 0.0 {
        return None;
    }
    let share = estimate(|counted| counted.count) / total;

    // each document's influence on the estimate
    let predicted = documents.iter().map(|d| d.sum.past(share)).sum::<f64>() / statements;
    let mut influence: Vec<f64> = documents
        .iter()
        .map(|d| lean * (d.sum.past(share) - predicted * d.statements) / statements)
        .collect();
    let error = |s: &Checked| s.truth.past(share) - lean * s.predicted.past(share);
    let mean_error = mean(sample, error);
    for s in sample {
        *influence.get_mut(s.cluster)? += s.weight / weight * (error(s) - mean_error);
    }
    let clusters = sampled.len() as f64;
    let squares: f64 = influence.iter().map(|i| i * i).sum();
    let unseen_errors = 2.0 / (sample.len() as f64 + 2.0).powi(2);
    Some(Corrected {
        share,
        variance: (squares * clusters / (clusters - 1.0) + unseen_errors) / total.powi(2),
        freedom: clusters - 1.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::statistics::interval::RatioSums;
    use crate::comparison::statistics::seeding::generator;
    use rand::Rng;
    use rand_chacha::ChaCha8Rng;

    /// A statement of which one thing is asked.
    fn one(holds: bool) -> Counted {
        Counted {
            count: f64::from(u8::from(holds)),
            total: 1.0,
        }
    }

    fn document(statements: f64, count: f64, total: f64) -> Predicted {
        Predicted {
            statements,
            sum: Counted { count, total },
        }
    }

    #[test]
    fn a_worked_example_by_hand() {
        // 6 of 20 predicted; 10 checked: one missed, none wrong: 0.3 + 1/10
        let documents = [document(10.0, 4.0, 10.0), document(10.0, 2.0, 10.0)];
        let sample: Vec<Checked> = (0..10)
            .map(|i| Checked {
                cluster: i % 2,
                predicted: one(i < 3),
                truth: one(i < 4),
                weight: 1.0,
            })
            .collect();
        let corrected = corrected_share(&documents, &sample, 1.0).unwrap();
        assert!((corrected.share - 0.4).abs() < 1e-12);
        // leaning on nothing gives the checked sample's own share
        assert!((corrected_share(&documents, &sample, 0.0).unwrap().share - 0.4).abs() < 1e-12);
    }

    #[test]
    fn a_share_of_labels_by_hand() {
        // 8 labels of 20 statements, 2 of them oppose; of 10 checked statements the classifier labels 4, of which it
        // says 1 opposes; 5 have a label, of which 3 oppose: (2/20 + 2/10) of (8/20 + 1/10)
        let documents = [document(10.0, 1.0, 4.0), document(10.0, 1.0, 4.0)];
        let label = |has: bool, opposes: bool| Counted {
            count: f64::from(u8::from(has && opposes)),
            total: f64::from(u8::from(has)),
        };
        let sample: Vec<Checked> = (0..10)
            .map(|i| Checked {
                cluster: i % 2,
                predicted: label(i < 4, i < 1),
                truth: label(i < 5, i < 3),
                weight: 1.0,
            })
            .collect();
        let corrected = corrected_share(&documents, &sample, 1.0).unwrap();
        assert!((corrected.share - 0.6).abs() < 1e-12, "{corrected:?}");
        assert!((corrected.freedom - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_sample_of_one_document_corrects_nothing() {
        let documents = [document(5.0, 1.0, 5.0)];
        let sample = [Checked {
            cluster: 0,
            predicted: one(true),
            truth: one(true),
            weight: 1.0,
        }];
        assert_eq!(corrected_share(&documents, &sample, 1.0), None);
        assert_eq!(corrected_share(&documents, &[], 1.0), None);
        assert_eq!(power_tuning(&[&[]], 10.0), 1.0);
    }

    struct World {
        documents: Vec<Predicted>,
        sample: Vec<Checked>,
        naive: RatioSums,
    }

    impl World {
        fn new() -> Self {
            Self {
                documents: Vec::new(),
                sample: Vec::new(),
                naive: RatioSums::default(),
            }
        }

        fn end_document(&mut self, document: Predicted) {
            self.naive.add(document.sum.count, document.sum.total);
            self.documents.push(document);
        }
    }

    /// 250 documents of 20 statements, each with a share of its own around `share`; the classifier finds
    /// 80 % of the theme and takes 6 % of the rest for it; about `checked` statements are drawn, true ones
    /// predicted twice as often if `unequal`.
    fn world(random: &mut impl Rng, share: f64, checked: f64, unequal: bool) -> World {
        let mut world = World::new();
        for cluster in 0..250 {
            let own = (share + 0.3 * (random.random::<f64>() - 0.5)).clamp(0.0, 1.0);
            let mut of_document = document(20.0, 0.0, 20.0);
            for _ in 0..20 {
                let truth = random.random::<f64>() < own;
                let predicted = random.random::<f64>() < if truth { 0.8 } else { 0.06 };
                let chance = checked / 5000.0 * if unequal && predicted { 2.0 } else { 1.0 };
                of_document.sum.count += f64::from(u8::from(predicted));
                if random.random::<f64>() < chance {
                    world.sample.push(Checked {
                        cluster,
                        predicted: one(predicted),
                        truth: one(truth),
                        weight: 1.0 / chance,
                    });
                }
            }
            world.end_document(of_document);
        }
        world
    }

    /// The same documents, of which about 30 % of the statements have the theme and `share` of these oppose, by
    /// document more or less; of those that it finds the classifier takes every fifth that opposes for none.
    fn world_of_stances(random: &mut impl Rng, share: f64, checked: f64) -> World {
        let mut world = World::new();
        for cluster in 0..250 {
            let on_theme = (0.3 + 0.3 * (random.random::<f64>() - 0.5)).clamp(0.0, 1.0);
            let opposing = (share + 0.3 * (random.random::<f64>() - 0.5)).clamp(0.0, 1.0);
            let mut of_document = document(20.0, 0.0, 0.0);
            for _ in 0..20 {
                let labelled = random.random::<f64>() < on_theme;
                let truth = Counted {
                    count: f64::from(u8::from(labelled && random.random::<f64>() < opposing)),
                    total: f64::from(u8::from(labelled)),
                };
                let found = random.random::<f64>() < if labelled { 0.8 } else { 0.06 };
                let seen = random.random::<f64>() < if truth.count > 0.0 { 0.8 } else { 0.1 };
                let predicted = Counted {
                    count: f64::from(u8::from(found && seen)),
                    total: f64::from(u8::from(found)),
                };
                of_document.sum.count += predicted.count;
                of_document.sum.total += predicted.total;
                if random.random::<f64>() < checked / 5000.0 {
                    world.sample.push(Checked {
                        cluster,
                        predicted,
                        truth,
                        weight: 1.0,
                    });
                }
            }
            world.end_document(of_document);
        }
        world
    }

    const RUNS: usize = 1000;

    /// How often the corrected and the naive interval hold the true share.
    fn coverage(share: f64, mut draw: impl FnMut(&mut ChaCha8Rng) -> World) -> (f64, f64) {
        let mut random = generator(20_230_401, (share * 1000.0).to_bits());
        let (mut corrected_hits, mut naive_hits) = (0, 0);
        for _ in 0..RUNS {
            let world = draw(&mut random);
            let lean = power_tuning(&[&world.sample], 5000.0);
            let corrected = corrected_share(&world.documents, &world.sample, lean).unwrap();
            corrected_hits += usize::from(corrected.interval(0.0, 1.0).contains(share));
            naive_hits += usize::from(world.naive.interval().unwrap().contains(share));
        }
        (
            corrected_hits as f64 / RUNS as f64,
            naive_hits as f64 / RUNS as f64,
        )
    }

    fn assert_coverage(share: f64, (corrected, naive): (f64, f64)) {
        println!("share {share}: corrected {corrected}, naive {naive}");
        assert!(
            (0.935..=0.975).contains(&corrected),
            "share {share}: {corrected}"
        );
        assert!(naive < 0.5, "share {share}: naive {naive}");
    }

    #[test]
    fn intervals_hold_the_truth_95_times_in_100_where_the_naive_one_fails() {
        for (share, checked, unequal) in [
            (0.4, 300.0, false),
            (0.15, 200.0, false),
            (0.3, 250.0, true),
        ] {
            let draw = |random: &mut ChaCha8Rng| world(random, share, checked, unequal);
            assert_coverage(share, coverage(share, draw));
        }
    }

    #[test]
    fn intervals_of_stance_shares_do_so_too() {
        // 300 checked statements have about 90 labels of the theme; with 45 the further errors that the variance takes
        // in make the interval wider than it need be (97 in 100)
        for (share, checked) in [(0.6, 300.0), (0.75, 300.0), (0.4, 400.0)] {
            let draw = |random: &mut ChaCha8Rng| world_of_stances(random, share, checked);
            assert_coverage(share, coverage(share, draw));
        }
    }
}
