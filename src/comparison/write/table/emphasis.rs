//! How much, and how different.

use super::{NAME, STRONGEST, fit, more, thousands};
use crate::comparison::result::{Comparison, Difference, Emphasis};
use crate::comparison::write::{p_value, percent, percent_interval, percent_with_interval};

/// Themes side by side in one block.
const THEMES: usize = 3;

pub(super) fn shares(comparison: &Comparison) -> Vec<String> {
    let corrected = comparison
        .emphasis
        .iter()
        .any(|cell| cell.corrected.is_some());
    let mut lines = vec![format!(
        "Emphasis by {}: % of statements with the theme [95 % interval, documents drawn]{}",
        comparison.options.by,
        if corrected { "; * corrected" } else { "" }
    )];
    for block in comparison.themes.chunks(THEMES) {
        let mut head = format!("{}{:>11}{:>6}", fit("", NAME), "statements", "docs");
        for theme in block {
            head.push_str("  ");
            head.push_str(&fit(theme, 18));
        }
        lines.push(head);
        for group in &comparison.groups {
            let statements = thousands(group.statements);
            let mut line = format!(
                "{}{statements:>11}{:>6}",
                fit(&group.name, NAME),
                group.documents
            );
            for theme in block {
                let cell = comparison
                    .emphasis
                    .iter()
                    .find(|cell| cell.group == group.name && cell.theme == *theme);
                line.push_str("  ");
                line.push_str(&fit(&cell.map_or_else(String::new, share), 18));
            }
            lines.push(line);
        }
    }
    lines
}

/// The corrected share where there is one, marked.
fn share(cell: &Emphasis) -> String {
    match &cell.corrected {
        Some(corrected) => {
            format!(
                "{}*{}",
                percent(Some(corrected.share)),
                percent_interval(Some(corrected.interval))
            )
        }
        None => percent_with_interval(&cell.statements),
    }
}

pub(super) fn differences(comparison: &Comparison) -> Vec<String> {
    let two = comparison.groups.len() == 2;
    let mut found: Vec<_> = comparison
        .differences
        .iter()
        .filter(|d| (two || d.second.is_none()) && d.p.is_some())
        .collect();
    let numbers = |d: &Difference| match &d.corrected {
        Some(c) => (Some(c.difference), Some(c.interval), c.p, c.q, "*"),
        None => (d.difference, d.interval, d.p, d.q, " "),
    };
    found.sort_by(|a, b| {
        let p = |d: &Difference| numbers(d).2.unwrap_or(1.0);
        p(a).total_cmp(&p(b))
    });
    if found.is_empty() {
        return Vec::new();
    }
    let corrected = found.iter().any(|d| d.corrected.is_some());
    let mark = if corrected { "; * corrected)" } else { ")" };
    let mut lines = vec![format!(
        "Differences in % points (q: Benjamini-Hochberg over {} comparisons{mark:<21}{:>7}{:>7}",
        found.len(),
        "p",
        "q"
    )];
    for difference in found.iter().take(STRONGEST) {
        let second = difference.second.as_deref().unwrap_or("all others");
        let pair = format!("{} − {second}", difference.first);
        let (size, interval, p, q, mark) = numbers(difference);
        let size = size.map_or_else(String::new, |d| format!("{:+.1}", 100.0 * d));
        lines.push(format!(
            "{}  {} {size:>6}{mark}{} {:>7}{:>7}",
            fit(&pair, 40),
            fit(&difference.theme, 16),
            fit(&percent_interval(interval), 16),
            p_value(p),
            p_value(q),
        ));
    }
    more(
        &mut lines,
        found.len(),
        "the report and --format csv have all",
    );
    lines
}
