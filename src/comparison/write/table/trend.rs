//! Since when.

use super::{NAME, STRONGEST, fit, more, predicted};
use crate::comparison::result::{Comparison, TrendPoint};
use crate::comparison::write::{p_value, percent};

/// Periods of a line of bars.
const BARS: i32 = 56;

pub(super) fn trends(comparison: &Comparison) -> Vec<String> {
    if comparison.options.over.is_none() {
        return Vec::new();
    }
    let mut lines = bars(comparison);
    let changes: Vec<_> = comparison
        .changes
        .iter()
        .filter(|change| change.significant)
        .collect();
    for change in &changes {
        lines.push(format!(
            "{}  {}  from {}: {} → {} %  (p {}, q {})",
            fit(&change.group, NAME),
            fit(&change.theme, 16),
            change.period,
            percent(Some(change.before)),
            percent(Some(change.after)),
            p_value(Some(change.p)),
            p_value(change.q)
        ));
    }
    if changes.is_empty() {
        lines.push("No change of level is significant (q above .05).".to_owned());
    }
    lines
}

/// One line of bars for every group and theme that has a share in some period.
fn bars(comparison: &Comparison) -> Vec<String> {
    let periods = || comparison.trends.iter().map(|point| point.period);
    let Some((first, last)) = periods().min().zip(periods().max()) else {
        return vec!["Over time: no statement has a usable date".to_owned()];
    };
    // the latest periods that fit
    let first = first.max(last.plus(1 - BARS));
    let mut lines = vec![format!(
        "Over time, {first} to {last} (▁ none, █ the theme's largest share, · gap{})",
        predicted(comparison)
    )];
    for theme in &comparison.themes {
        let of_theme: Vec<&TrendPoint> = comparison
            .trends
            .iter()
            .filter(|point| point.theme == *theme && point.share.share.is_some())
            .collect();
        let most = of_theme
            .iter()
            .filter_map(|point| point.share.share)
            .fold(0.0, f64::max);
        for group in comparison.groups.iter().take(STRONGEST) {
            let own: Vec<&&TrendPoint> =
                of_theme.iter().filter(|p| p.group == group.name).collect();
            if own.is_empty() {
                continue;
            }
            let bars: String = (0..=last.index() - first.index())
                .map(|step| {
                    let point = own.iter().find(|p| p.period == first.plus(step));
                    bar(point.and_then(|point| point.share.share), most)
                })
                .collect();
            lines.push(format!(
                "{}  {}  {bars}",
                fit(&group.name, NAME),
                fit(theme, 16)
            ));
        }
    }
    more(&mut lines, comparison.groups.len(), "groups: the report");
    lines
}

/// An eighth of a block up to a whole one.
fn bar(share: Option<f64>, most: f64) -> char {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let Some(share) = share else { return '·' };
    if most <= 0.0 {
        return HEIGHTS[0];
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 7"
    )]
    let height = (share / most * 7.0).round() as usize;
    HEIGHTS[height.min(7)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_no_low_bar() {
        assert_eq!(
            [bar(None, 0.5), bar(Some(0.0), 0.5), bar(Some(0.5), 0.5)],
            ['·', '▁', '█']
        );
    }
}
