//! Quantiles and tails of the normal and of Student's t distribution.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// The two-sided level that all intervals of a comparison have: 95 %.
pub const LEVEL: f64 = 0.95;

/// Half of what a two-sided interval at [`LEVEL`] leaves out.
pub const TAIL: f64 = (1.0 - LEVEL) / 2.0;

/// The standard normal quantile at `probability`.
pub fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability)
}

/// The standard normal distribution function.
pub fn normal_cdf(value: f64) -> f64 {
    Normal::standard().cdf(value)
}

/// With more degrees of freedom the quantiles of Student's t differ from the normal ones by less than
/// (z³ + z) / 4ν = 0.000 03, and statrs finds them less exactly than that.
const AS_GOOD_AS_NORMAL: f64 = 1e5;

/// Student's t with `freedom` degrees of freedom; `None` where the normal distribution stands for it.
fn student(freedom: f64) -> Option<StudentsT> {
    (freedom < AS_GOOD_AS_NORMAL)
        .then(|| StudentsT::new(0.0, 1.0, freedom).ok())
        .flatten()
}

/// The quantile of Student's t with `freedom` degrees of freedom; the normal one where they are not a
/// positive number, or very many.
pub fn t_quantile(probability: f64, freedom: f64) -> f64 {
    student(freedom).map_or_else(
        || normal_quantile(probability),
        |student| student.inverse_cdf(probability),
    )
}

/// The two-sided p-value of a t statistic; `None` where the statistic is not a number.
pub fn t_two_sided(statistic: f64, freedom: f64) -> Option<f64> {
    if statistic.is_nan() {
        return None;
    }
    let lower = student(freedom).map_or_else(
        || normal_cdf(-statistic.abs()),
        |student| student.cdf(-statistic.abs()),
    );
    Some((2.0 * lower).min(1.0))
}

/// The two-sided p-value of a standard normal statistic; `None` where it is not a number.
pub fn normal_two_sided(statistic: f64) -> Option<f64> {
    (!statistic.is_nan()).then(|| (2.0 * normal_cdf(-statistic.abs())).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed tables give three decimals.
    const TABLE: f64 = 5e-4;

    #[test]
    fn quantiles_agree_with_printed_tables() {
        assert!((normal_quantile(0.975) - 1.960).abs() < TABLE);
        // Student (1908) and every table since: t(0.975; 1) = 12.706, (9) = 2.262, (30) = 2.042
        for (freedom, quantile) in [(1.0, 12.706), (9.0, 2.262), (30.0, 2.042)] {
            assert!(
                (t_quantile(0.975, freedom) - quantile).abs() < TABLE,
                "{freedom}"
            );
        }
    }

    #[test]
    fn with_no_end_of_freedom_t_is_normal() {
        for freedom in [1e7, f64::INFINITY, f64::NAN] {
            assert!((t_quantile(0.975, freedom) - normal_quantile(0.975)).abs() < 1e-12);
        }
        assert!((t_quantile(0.975, 99_999.0) - normal_quantile(0.975)).abs() < TABLE);
    }

    #[test]
    fn a_statistic_that_is_no_number_has_no_p_value() {
        assert_eq!(t_two_sided(f64::NAN, 5.0), None);
        assert_eq!(normal_two_sided(f64::NAN), None);
        assert!((t_two_sided(-2.262_157, 9.0).unwrap() - 0.05).abs() < 1e-5);
    }
}
