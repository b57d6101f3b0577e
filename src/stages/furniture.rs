//! Tells page furniture from the article: share buttons, advertisements, consent notices, page numbers.
//!
//! *Useful for* lines of text that was copied off a web page with its line breaks kept.
//! *Not useful for* pages run together into one line: there furniture cannot be told from words.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{RegexSet, RegexSetBuilder};
use rustc_hash::FxHashSet;
use serde::Deserialize;

/// The lines and patterns as `data/furniture.toml` gives them.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Lists {
    lines: FxHashSet<String>,
    networks: FxHashSet<String>,
    button_words: FxHashSet<String>,
    patterns: Vec<String>,
}

struct Furniture {
    lists: Lists,
    /// Bytes of the longest of the lines.
    longest_line: usize,
    patterns: RegexSet,
}

/// Longer lines are never furniture: no pattern reaches as far.
const LONGEST_BYTES: usize = 1_000;

/// Room for the states of the patterns' lazy DFA, of each thread. Counted repetitions (`.{0,60}`) have more of them than the
/// regex crate's 2 MB hold, and with each state computed anew segmenting takes three times as long.
const DFA_BYTES: usize = 16 << 20;

/// A space as HTML writes it.
pub(super) const SPACE_OF_HTML: &str = "&nbsp;";

static FURNITURE: LazyLock<Furniture> = LazyLock::new(Furniture::embedded);

impl Furniture {
    #[expect(
        clippy::expect_used,
        reason = "the embedded lists are checked by the tests"
    )]
    fn embedded() -> Self {
        let lists: Lists = toml::from_str(include_str!("../../data/furniture.toml"))
            .expect("data/furniture.toml is TOML: bug");
        let patterns = lists
            .patterns
            .iter()
            .map(|pattern| format!("^(?:{pattern})$"));
        Self {
            longest_line: lists.lines.iter().map(String::len).max().unwrap_or(0),
            patterns: RegexSetBuilder::new(patterns)
                .case_insensitive(true)
                .dfa_size_limit(DFA_BYTES)
                .build()
                .expect("data/furniture.toml holds regular expressions: bug"),
            lists,
        }
    }
}

/// Whether a line of a document is page furniture and no part of the article.
///
/// White space alone is no furniture, but `&nbsp;` alone is: it was something on the page.
///
/// # Source
/// `data/furniture.toml`, where each list says how it was collected.
pub fn is_furniture(line: &str) -> bool {
    let line = line.trim();
    if line.is_empty() || line.len() > LONGEST_BYTES {
        return false;
    }
    let line = without_spaces_of_html(line);
    let line = line.trim();
    if line.is_empty() {
        return true;
    }
    let name = line.trim_end_matches(':').trim_end();
    name.len() <= FURNITURE.longest_line && FURNITURE.lists.lines.contains(&name.to_lowercase())
        || is_row_of_buttons(line)
        || FURNITURE.patterns.is_match(line)
}

/// Whether a line has no words but those of buttons for sharing.
fn is_row_of_buttons(line: &str) -> bool {
    let mut networks = 0;
    let words = line.split(|c: char| !c.is_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        let word = word.to_ascii_lowercase();
        if FURNITURE.lists.networks.contains(&word) {
            networks += 1;
        } else if !FURNITURE.lists.button_words.contains(&word) {
            return false;
        }
    }
    networks > 0
}

fn without_spaces_of_html(line: &str) -> Cow<'_, str> {
    if line.contains(SPACE_OF_HTML) {
        Cow::Owned(line.replace(SPACE_OF_HTML, " "))
    } else {
        Cow::Borrowed(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_advertisements_and_notices_are_furniture() {
        for line in [
            "Article continues after this advertisement",
            "&nbsp; Small",
            "Share on Facebook Share on Twitter",
            "Share this article via WhatsApp",
            "Facebook | Twitter | Email | Print",
            "ADVERTISEMENT",
            "RELATED",
            "Related:  The river is rising again",
            "PUBLISHED : 24 Oct 2024 at 01:59",
            "UPDATED: 1 Nov 2024 at 14:22",
            "Published November 2, 2024, 9:15 AM",
            "WRITER:",
            "Share this article",
            "View comments",
            "This website uses cookies to give you the best experience.",
            "READ: Harbour town votes on the new bridge",
            "@SomeReporter",
            "-->",
            "* * *",
            "# # #",
            "&nbsp;",
            "15-29425 31/34",
            "A/70/PV.15 28/09/2015",
            "December 20, 2024",
            "Tue, 24 Oct 2024, 10:15",
            "#International",
            "date 2025-07-16 Springfield, July 16, AGENCY",
            "© 2024 The Harbour Gazette",
        ] {
            assert!(is_furniture(line), "{line}");
        }
    }

    #[test]
    fn sentences_headlines_and_pieces_of_broken_lines_are_not() {
        for line in [
            "The minister said the harbour would open in May.",
            "Related risks include drought, said the minister.",
            "Updated rules will apply from 2026, the ministry said.",
            "Harbour town votes on the new bridge",
            "“We share this hope.”",
            "They published a report on 3 May, and the council rejected it.",
            "By Tuesday, talks had failed.",
            ".",
            ", and",
            "Share of exports falls to 12 percent",
            "Small states speak up",
            "On 24 October 2024 the council met.",
            "24 October 2024 was a cold day.",
            "",
            "   ",
            "Sign up to the treaty, he urged, and let others follow our example of restraint in the years that lie before all of us and our children.",
        ] {
            assert!(!is_furniture(line), "{line}");
        }
    }
}
