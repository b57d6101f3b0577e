//! A summary for the terminal, at most [`WIDTH`] columns wide.

mod emphasis;
mod stance;
mod trend;

use unicode_segmentation::UnicodeSegmentation;

use crate::comparison::result::{Comparison, FeatureKind};

/// Columns of a line.
pub const WIDTH: usize = 100;

/// Columns of a name.
const NAME: usize = 24;

/// Rows of the sections that list what is strongest.
const STRONGEST: usize = 10;

/// Words named for a group.
const WORDS: usize = 8;

/// The comparison in the order in which a reader asks: how much, how different, what words, which side, since
/// when.
pub fn text(comparison: &Comparison) -> String {
    let sections = [
        emphasis::shares(comparison),
        emphasis::differences(comparison),
        stance::stances(comparison),
        stance::disagreements(comparison),
        distinctive(comparison),
        trend::trends(comparison),
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

/// Beside what a checked sample does not correct, where there is one.
fn predicted(comparison: &Comparison) -> &'static str {
    if comparison.correction.matched > 0 {
        "; uncorrected"
    } else {
        ""
    }
}

fn more(lines: &mut Vec<String>, all: usize, place: &str) {
    if all > STRONGEST {
        lines.push(format!("… and {} more ({place})", all - STRONGEST));
    }
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
        // a word inside a phrase that is named already says nothing new, nor does the phrase after its words
        let mut parts: Vec<&str> = Vec::new();
        words.retain(|found| {
            let own: Vec<&str> = found.feature.split(' ').collect();
            let new = own.iter().any(|part| !parts.contains(part));
            parts.extend(own);
            new
        });
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
}
