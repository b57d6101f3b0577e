//! Correction for the number of comparisons.

/// Up to this corrected p-value a difference or a change is called significant: of those that are, so many are
/// expected to be none.
pub const FALSE_DISCOVERIES: f64 = 0.05;

/// The false-discovery-adjusted p-values (q-values) of `p_values`, in their order; `None` stays `None`
/// and does not count as a comparison.
///
/// # Source
/// Benjamini and Hochberg (1995), "Controlling the False Discovery Rate", JRSS B 57, the step-up procedure.
pub fn benjamini_hochberg(p_values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut order: Vec<(usize, f64)> = p_values
        .iter()
        .enumerate()
        .filter_map(|(index, p)| p.map(|p| (index, p)))
        .collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let comparisons = order.len() as f64;
    let mut adjusted = vec![None; p_values.len()];
    let mut least = 1.0_f64;
    for (place, (index, p)) in order.into_iter().enumerate() {
        let rank = comparisons - place as f64;
        least = least.min(p * comparisons / rank);
        adjusted[index] = Some(least);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_example_of_the_paper() {
        // Benjamini and Hochberg (1995), section 3.2: 15 p-values, the four smallest are rejected at 0.05
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let q = benjamini_hochberg(&p.map(Some));
        assert_eq!(q.iter().filter(|q| q.unwrap() <= 0.05).count(), 4);
        // R: p.adjust(p, "BH")[4] = 0.035625, [9] = 0.0765
        assert!((q[3].unwrap() - 0.035_625).abs() < 1e-12);
        assert!((q[8].unwrap() - 0.0765).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_p_value_is_no_comparison() {
        let q = benjamini_hochberg(&[Some(0.04), None, Some(0.01)]);
        assert_eq!(q, [Some(0.04), None, Some(0.02)]);
    }
}
