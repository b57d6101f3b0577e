//! Cutting a document into windows: what the encoder reads at once.

use super::Token;
use crate::error::Result;
use crate::model::TextToken;
use crate::schema::{Analysis, Statement};

/// How windows are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowOptions {
    /// The most tokens of a window, the two special ones included.
    pub max_tokens: usize,
    /// The model's token at the start of a window.
    pub start_id: u32,
    /// The model's token at the end of a window.
    pub end_id: u32,
    /// Whether every statement has a window of its own.
    pub alone: bool,
}

/// A run of a document's tokens that the encoder reads at once.
///
/// # Shapes
/// `ids` has two entries more than `tokens`: the special tokens at its ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The model's token ids, the special ones included.
    pub ids: Vec<u32>,
    /// Where each of the others stands.
    pub tokens: Vec<Token>,
}

/// Cuts a document into windows: whole statements in order, as many as fit.
///
/// A window ends where the next statement would not fit, and at the end of a paragraph once it is half
/// full, so that paragraphs stay whole where they can. A statement longer than a window is cut into
/// several: none of its tokens is lost.
///
/// # Errors
/// The first error of `tokenize`.
pub fn windows(
    analysis: &Analysis<Statement>,
    options: WindowOptions,
    mut tokenize: impl FnMut(&str) -> Result<Vec<TextToken>>,
) -> Result<Vec<Window>> {
    let document = &analysis.document;
    let room = options.max_tokens.saturating_sub(2).max(1);
    let mut cutter = Cutter {
        options,
        done: Vec::new(),
        open: Window::default(),
    };
    let mut paragraph = None;
    for statement in &analysis.statements {
        let ids = tokenize(document.slice(statement.span))?;
        let open = cutter.open.tokens.len();
        let new_paragraph = paragraph.replace(statement.paragraph) != Some(statement.paragraph);
        if options.alone || open + ids.len() > room || (new_paragraph && open * 2 > room) {
            cutter.close();
        }
        for TextToken { id, start, end } in ids {
            if cutter.open.tokens.len() == room {
                cutter.close();
            }
            let base = statement.span.start();
            // A tokenizer's offsets lie inside the words it was given; one that does not is dropped.
            if let Some(span) = document.span(base + start..base + end) {
                cutter.push(
                    id,
                    Token {
                        span,
                        statement_index: statement.index,
                    },
                );
            }
        }
    }
    cutter.close();
    Ok(cutter.done)
}

struct Cutter {
    options: WindowOptions,
    done: Vec<Window>,
    open: Window,
}

impl Cutter {
    fn push(&mut self, id: u32, token: Token) {
        if self.open.ids.is_empty() {
            self.open.ids.push(self.options.start_id);
        }
        self.open.ids.push(id);
        self.open.tokens.push(token);
    }

    fn close(&mut self) {
        if !self.open.tokens.is_empty() {
            self.open.ids.push(self.options.end_id);
            self.done.push(std::mem::take(&mut self.open));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Document;
    use proptest::prelude::*;
    use std::sync::Arc;

    const OPTIONS: WindowOptions = WindowOptions {
        max_tokens: 8,
        start_id: 101,
        end_id: 102,
        alone: false,
    };

    #[expect(clippy::unnecessary_wraps, reason = "tokenizers can fail")]
    fn by_letter(words: &str) -> Result<Vec<TextToken>> {
        let token = |(start, c): (usize, char)| TextToken {
            id: u32::from(c),
            start,
            end: start + c.len_utf8(),
        };
        Ok(words.char_indices().map(token).collect())
    }

    /// A document whose statements are the given words, each in the given paragraph.
    fn analysis(statements: &[(usize, &str)]) -> Analysis<Statement> {
        let text = statements
            .iter()
            .map(|(_, words)| *words)
            .collect::<Vec<_>>()
            .join(" ");
        let document = Document::new(crate::schema::document::Metadata::default(), text);
        let mut start = 0;
        let statements = statements
            .iter()
            .enumerate()
            .map(|(index, &(paragraph, words))| {
                let span = document.span(start..start + words.len()).unwrap();
                start += words.len() + 1;
                Statement {
                    index,
                    span,
                    paragraph,
                }
            });
        let statements = statements.collect();
        Analysis {
            document: Arc::new(document),
            statements,
            furniture: Vec::new(),
        }
    }

    fn texts(windows: &[Window]) -> Vec<String> {
        let inner = |w: &Window| w.ids[1..w.ids.len() - 1].to_vec();
        windows
            .iter()
            .map(|w| inner(w).into_iter().filter_map(char::from_u32).collect())
            .collect()
    }

    #[test]
    fn statements_stay_whole_where_they_fit() {
        let analysis = analysis(&[(0, "abc"), (0, "def"), (0, "gh")]);
        assert_eq!(
            texts(&windows(&analysis, OPTIONS, by_letter).unwrap()),
            ["abcdef", "gh"]
        );
    }

    #[test]
    fn statements_that_are_read_alone_share_no_window() {
        let analysis = analysis(&[(0, "ab"), (0, "cd"), (0, "abcdefgh")]);
        let options = WindowOptions {
            alone: true,
            ..OPTIONS
        };
        assert_eq!(
            texts(&windows(&analysis, options, by_letter).unwrap()),
            ["ab", "cd", "abcdef", "gh"]
        );
    }

    #[test]
    fn a_short_paragraph_is_joined_with_the_next() {
        let analysis = analysis(&[(0, "a"), (1, "bcd"), (2, "ef")]);
        assert_eq!(
            texts(&windows(&analysis, OPTIONS, by_letter).unwrap()),
            ["abcd", "ef"]
        );
    }

    #[test]
    fn a_statement_longer_than_a_window_is_cut_and_not_lost() {
        let analysis = analysis(&[(0, "abcdefghijklmn")]);
        assert_eq!(
            texts(&windows(&analysis, OPTIONS, by_letter).unwrap()),
            ["abcdef", "ghijkl", "mn"]
        );
    }

    proptest! {
        #[test]
        fn every_token_stands_in_one_window_in_order(
            statements in prop::collection::vec((0..2usize, "[a-zé]{1,12}"), 0..20)
        ) {
            let mut paragraph = 0;
            let numbered: Vec<(usize, &str)> = statements
                .iter()
                .map(|(step, words)| { paragraph += step; (paragraph, words.as_str()) })
                .collect();
            let analysis = analysis(&numbered);
            let windows = windows(&analysis, OPTIONS, by_letter).unwrap();
            let all: String = numbered.iter().map(|(_, words)| *words).collect();
            prop_assert_eq!(texts(&windows).concat(), all);
            prop_assert!(windows.iter().all(|w| w.ids.len() <= OPTIONS.max_tokens));
        }
    }
}
