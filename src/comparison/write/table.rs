//! A summary for the terminal, at most [`WIDTH`] columns wide.

use unicode_segmentation::UnicodeSegmentation;

use super::{p_value, percent, percent_interval, percent_with_interval};
use crate::comparison::result::{Comparison, Emphasis, FeatureKind, StanceShares, TrendPoint};

/// Columns of a line.
pub const WIDTH: usize = 100;

/// Columns of a name.
const NAME: usize = 24;

/// Themes side by side in one block.
const THEMES: usize = 3;

/// Rows of the sections that list what is strongest.
const STRONGEST: usize = 10;

/// Periods of a line of bars.
const BARS: i32 = 56;

/// Words named for a group.
const WORDS: usize = 8;

/// The comparison in the order in which a reader asks: how much, how different, what words, which side, since
/// when.
pub fn text(comparison: &Comparison) -> String {
    let sections = [
        emphasis(comparison),
        differences(comparison),
        stances(comparison),
        disagreements(comparison),
        distinctive(comparison),
        trends(comparison),
        notes(comparison),
    ];
    let mut text = String::new();
    for lines in sections.iter().filter(|lines| !lines.is_empty()) {
        if !text.is_empty() {
            text.push('\n');
        }
        for line in lines {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// `name` in exactly `width` columns.
fn fit(name: &str, width: usize) -> String {
    let letters: Vec<&str> = name.graphemes(true).collect();
    if letters.len() <= width {
        return format!("{name}{}", " ".repeat(width - letters.len()));
    }
    format!("{}…", letters[..width.saturating_sub(1)].concat())
}

/// `12,345`.
fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|chunk| std::str::from_utf8(chunk).ok())
        .collect();
    groups.join(",")
}

fn emphasis(comparison: &Comparison) -> Vec<String> {
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

fn differences(comparison: &Comparison) -> Vec<String> {
    let two = comparison.groups.len() == 2;
    let mut found: Vec<_> = comparison
        .differences
        .iter()
        .filter(|d| (two || d.second.is_none()) && d.p.is_some())
        .collect();
    found.sort_by(|a, b| a.p.unwrap_or(1.0).total_cmp(&b.p.unwrap_or(1.0)));
    if found.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "Differences in % points (q: Benjamini-Hochberg over {} comparisons){:>20}{:>7}{:>7}",
        found.len(),
        "",
        "p",
        "q"
    )];
    for difference in found.iter().take(STRONGEST) {
        let second = difference.second.as_deref().unwrap_or("all others");
        let pair = format!("{} − {second}", difference.first);
        let size = difference
            .difference
            .map_or_else(String::new, |d| format!("{:+.1}", 100.0 * d));
        lines.push(format!(
            "{}  {} {size:>6} {} {:>7}{:>7}",
            fit(&pair, 40),
            fit(&difference.theme, 16),
            fit(&percent_interval(difference.interval), 16),
            p_value(difference.p),
            p_value(difference.q),
        ));
    }
    more(
        &mut lines,
        found.len(),
        "the report and --format csv have all",
    );
    lines
}

fn more(lines: &mut Vec<String>, all: usize, place: &str) {
    if all > STRONGEST {
        lines.push(format!("… and {} more ({place})", all - STRONGEST));
    }
}

/// Columns of a group's name beside stances.
const GROUP: usize = 20;

fn stances(comparison: &Comparison) -> Vec<String> {
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
    let mut lines = vec![format!(
        "{}{:>8}{:>10}{:>8}{:>9}   support − oppose",
        fit("Stance toward themes (% of labels)", GROUP + 18),
        "labels",
        "support",
        "oppose",
        "neutral"
    )];
    for stances in by_theme {
        let theme = stances.theme.as_deref().unwrap_or_default();
        let net = stances
            .net
            .map_or_else(|| "–".to_owned(), |net| format!("{:+.1}", 100.0 * net));
        lines.push(format!(
            "{}  {}{:>8}{:>10}{:>8}{:>9}   {net} {}",
            fit(&stances.group, GROUP),
            fit(theme, 16),
            thousands(stances.labels),
            percent(stances.support.share),
            percent(stances.oppose.share),
            percent(stances.neutral.share),
            percent_interval(stances.net_interval),
        ));
    }
    lines
}

fn disagreements(comparison: &Comparison) -> Vec<String> {
    let found: Vec<_> = comparison
        .disagreements
        .iter()
        .filter(|d| d.interval.is_some())
        .collect();
    if found.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "{}{:>7}",
        fit("Where two disagree most (support − oppose)", 93),
        "q"
    )];
    for disagreement in found.iter().take(STRONGEST) {
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
    more(&mut lines, found.len(), "the report has all");
    lines
}

fn difference_of_two(disagreement: &crate::comparison::result::Disagreement) -> String {
    disagreement.interval.map_or_else(String::new, |interval| {
        format!(
            "{:.2} [{:.2}, {:.2}]",
            disagreement.difference, interval.low, interval.high
        )
    })
}

fn distinctive(comparison: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    for group in &comparison.groups {
        let mut words: Vec<_> = comparison
            .distinctive
            .iter()
            .filter(|d| {
                d.group == group.name && matches!(d.kind, FeatureKind::Word | FeatureKind::Phrase)
            })
            .collect();
        words.sort_by(|a, b| b.z.total_cmp(&a.z));
        let named: Vec<String> = words
            .iter()
            .take(WORDS)
            .map(|d| format!("{} ({:.1})", d.feature, d.z))
            .collect();
        if named.is_empty() {
            continue;
        }
        wrap(&mut lines, &format!("{}: {}", group.name, named.join(", ")));
    }
    if !lines.is_empty() {
        lines.insert(
            0,
            "Distinctive words (z of weighted log-odds against the other groups)".to_owned(),
        );
    }
    lines
}

fn trends(comparison: &Comparison) -> Vec<String> {
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
        lines.push("No change of level is significant after correction.".to_owned());
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
        "Over time, {first} to {last} (▁ none, █ the theme's largest share, · gap)"
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
        for group in &comparison.groups {
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

fn notes(comparison: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    for note in &comparison.notes {
        wrap(&mut lines, &format!("Note: {note}"));
    }
    lines
}

/// Breaks `text` at spaces into lines, all but the first indented.
fn wrap(lines: &mut Vec<String>, text: &str) {
    let mut line = String::new();
    for word in text.split(' ') {
        let width = line.graphemes(true).count() + 1 + word.graphemes(true).count();
        if !line.is_empty() && width > WIDTH {
            lines.push(std::mem::replace(&mut line, "   ".to_owned()));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_their_columns_and_no_more() {
        assert_eq!(fit("Österreich", 12), "Österreich  ");
        assert_eq!(fit("Bosnia and Herzegovina", 10), "Bosnia an…");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(12), "12");
    }

    #[test]
    fn a_gap_is_no_low_bar() {
        assert_eq!(
            [bar(None, 0.5), bar(Some(0.0), 0.5), bar(Some(0.5), 0.5)],
            ['·', '▁', '█']
        );
    }
}
