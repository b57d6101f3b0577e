//! Which side.

use super::{STRONGEST, fit, more, predicted, thousands};
use crate::comparison::result::{Comparison, Disagreement, StanceShares};
use crate::comparison::statistics::multiplicity::FALSE_DISCOVERIES;
use crate::comparison::write::{p_value, percent, percent_interval};

/// Columns of a group's name beside stances.
const GROUP: usize = 20;

pub(super) fn stances(comparison: &Comparison) -> Vec<String> {
    let shown: Vec<&String> = comparison
        .groups
        .iter()
        .take(STRONGEST)
        .map(|group| &group.name)
        .collect();
    let by_theme: Vec<&StanceShares> = comparison
        .stances
        .iter()
        .filter(|s| s.theme.is_some() && s.labels > 0 && shown.contains(&&s.group))
        .collect();
    if by_theme.is_empty() {
        return Vec::new();
    }
    let corrected = by_theme.iter().any(|stances| stances.corrected.is_some());
    // each fits beside the columns
    let title = match predicted(comparison) {
        "" => "Stance toward themes (% of labels)",
        _ if corrected => "Stance (% of labels; * corrected)",
        _ => "Stance (% of labels; uncorrected)",
    };
    let mut lines = vec![format!(
        "{}{:>8}{:>10}{:>8}{:>9}   support − oppose",
        fit(title, GROUP + 18),
        "labels",
        "support",
        "oppose",
        "neutral"
    )];
    for stances in by_theme {
        let theme = stances.theme.as_deref().unwrap_or_default();
        let ([support, oppose, neutral], net, interval) = stances.best();
        let net = net.map_or_else(|| "–".to_owned(), |net| format!("{:+.1}", 100.0 * net));
        lines.push(format!(
            "{}  {}{:>8}{:>10}{:>8}{:>9} {} {net} {}",
            fit(&stances.group, GROUP),
            fit(theme, 16),
            thousands(stances.labels),
            percent(support),
            percent(oppose),
            percent(neutral),
            if stances.corrected.is_some() {
                '*'
            } else {
                ' '
            },
            percent_interval(interval),
        ));
    }
    lines
}

/// The differences that are certain: the others show nothing but that too little is said.
pub(super) fn disagreements(comparison: &Comparison) -> Vec<String> {
    let found: Vec<&Disagreement> = comparison
        .disagreements
        .iter()
        .filter(|d| d.interval.is_some())
        .collect();
    if found.is_empty() {
        return Vec::new();
    }
    let tested = found.len();
    let certain: Vec<&Disagreement> = found
        .into_iter()
        .filter(|d| d.q.is_some_and(|q| q <= FALSE_DISCOVERIES))
        .collect();
    if certain.is_empty() {
        return vec![format!(
            "No two groups certainly disagree about a target (the {tested} widest differences: the report)"
        )];
    }
    let mut lines = vec![format!(
        "{}{:>7}",
        fit("Where two disagree most (support − oppose)", 93),
        "q"
    )];
    for disagreement in certain.iter().take(STRONGEST) {
        let sides = format!(
            "{} {:+.2}  {} {:+.2}",
            disagreement.first,
            disagreement.first_net,
            disagreement.second,
            disagreement.second_net
        );
        lines.push(format!(
            "{}  {}  {}{:>7}",
            fit(&disagreement.target, 30),
            fit(&sides, 41),
            fit(&difference_of_two(disagreement), 18),
            p_value(disagreement.q)
        ));
    }
    more(&mut lines, certain.len(), "the report has all");
    lines
}

fn difference_of_two(disagreement: &Disagreement) -> String {
    disagreement.interval.map_or_else(String::new, |interval| {
        format!(
            "{:.2} [{:.2}, {:.2}]",
            disagreement.difference, interval.low, interval.high
        )
    })
}
