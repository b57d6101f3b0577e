//! Cuts statements into words and marks.

use std::ops::Range;
use std::sync::Arc;

use crate::schema::document::Metadata;
use crate::schema::{Analysis, Document, Span, Statement};

use super::lexicon::lexicon;

/// What a piece looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stages::attribute) enum Shape {
    /// A word that begins with a capital letter.
    Capital,
    /// Any other word.
    Lower,
    /// A number.
    Number,
    /// The 's of a genitive.
    Genitive,
    /// A mark of punctuation.
    Mark,
}

/// A word or a mark.
#[derive(Clone, Debug)]
pub(in crate::stages::attribute) struct Piece {
    /// The first byte in the document's text.
    pub(in crate::stages::attribute) start: usize,
    /// One past the last byte.
    pub(in crate::stages::attribute) end: usize,
    /// In lower case, with plain apostrophes.
    pub(in crate::stages::attribute) lower: Box<str>,
    /// What it looks like.
    pub(in crate::stages::attribute) shape: Shape,
    /// Whether it has two letters or more and all of them are capitals.
    pub(in crate::stages::attribute) shouted: bool,
}

impl Piece {
    pub(in crate::stages::attribute) fn is(&self, word: &str) -> bool {
        &*self.lower == word
    }

    /// Whether it is a word of letters, capitalised or not.
    pub(in crate::stages::attribute) fn is_word(&self) -> bool {
        matches!(self.shape, Shape::Capital | Shape::Lower)
    }
}

/// Longest dateline, in pieces.
const DATELINE_PIECES: usize = 10;

/// The pieces of a document's statements.
#[derive(Debug)]
pub(in crate::stages::attribute) struct Pieces {
    /// All pieces in order.
    pub(in crate::stages::attribute) all: Vec<Piece>,
    /// Which belong to each statement.
    pub(in crate::stages::attribute) of_statement: Vec<Range<usize>>,
}

impl Pieces {
    pub(in crate::stages::attribute) fn new(analysis: &Analysis<Statement>) -> Self {
        let mut pieces = Self {
            all: Vec::new(),
            of_statement: Vec::with_capacity(analysis.statements.len()),
        };
        for statement in &analysis.statements {
            let first = pieces.all.len();
            let words = analysis.document.slice(statement.span);
            cut(words, statement.span.start(), &mut pieces.all);
            pieces.of_statement.push(first..pieces.all.len());
        }
        pieces
    }

    /// A text by itself, a title or a role, read as one statement of a document.
    pub(in crate::stages::attribute) fn of_text(text: &str) -> (Arc<Document>, Self) {
        let document = Arc::new(Document::new(Metadata::default(), text.to_owned()));
        let analysis = Analysis {
            statements: vec![Statement {
                index: 0,
                span: document.whole(),
                paragraph: 0,
            }],
            document: Arc::clone(&document),
            furniture: Vec::new(),
        };
        let pieces = Self::new(&analysis);
        (document, pieces)
    }

    /// The pieces that lie wholly in `span`.
    pub(in crate::stages::attribute) fn in_span(&self, span: Span) -> Range<usize> {
        let first = self.all.partition_point(|piece| piece.start < span.start());
        let last = self.all.partition_point(|piece| piece.end <= span.end());
        first..last.max(first)
    }

    /// The statement that a piece belongs to.
    pub(in crate::stages::attribute) fn statement_of(&self, piece: usize) -> usize {
        self.of_statement
            .partition_point(|range| range.end <= piece)
    }

    /// The pieces' words joined by single spaces, in lower case.
    pub(in crate::stages::attribute) fn lower(&self, range: Range<usize>) -> String {
        let words: Vec<&str> = self.all[range].iter().map(|piece| &*piece.lower).collect();
        words.join(" ")
    }
}

fn cut(words: &str, offset: usize, pieces: &mut Vec<Piece>) {
    let mut rest = words;
    while let Some(first) = rest.chars().next() {
        let at = words.len() - rest.len();
        let length = if first.is_alphanumeric() {
            word_len(rest)
        } else if first == '&' {
            // An entity that a page left behind, such as &nbsp;.
            entity_len(rest).unwrap_or(1)
        } else {
            first.len_utf8()
        };
        let shortened = is_shortened(rest, length);
        let length = length + usize::from(shortened);
        let (piece, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = after;
        if first.is_whitespace() || piece.len() > 1 && first == '&' {
            continue;
        }
        push(piece, offset + at, shortened, pieces);
    }
}

/// Whether the word at the start of `rest` is shortened with a stop that ends no statement: 'Sen. Lee', 'Lee Corp. said'.
fn is_shortened(rest: &str, length: usize) -> bool {
    let (word, after) = rest.split_at_checked(length).unwrap_or_default();
    after.strip_prefix('.').is_some_and(|after| {
        !after.trim().is_empty() && lexicon().is_shortened(&word.to_lowercase())
    })
}

/// The length of the word at the start of `rest`: 'K-Asset', 'U.S.', 'don’t', 'J.' are one word each.
fn word_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    let mut end = 0;
    let (mut letters, mut dotted) = (0, false);
    while let Some((at, char)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let joins = matches!(char, '-' | '\'' | '’' | '.' | '&' | '_' | '/' | ',')
            && next.is_some_and(char::is_alphanumeric);
        if char.is_alphanumeric() {
            letters += 1;
        } else if char == '.' && letters == 1 && (dotted || next.is_none_or(char::is_whitespace)) {
            // 'U.S.' and 'J.' keep their stop.
            return at + 1;
        } else if joins && (char != ',' || rest.get(..at).is_some_and(ends_in_digit)) {
            dotted = char == '.' && letters == 1;
            letters = 0;
        } else {
            break;
        }
        end = at + char.len_utf8();
    }
    end
}

fn ends_in_digit(words: &str) -> bool {
    words.ends_with(|char: char| char.is_ascii_digit())
}

fn entity_len(rest: &str) -> Option<usize> {
    let end = rest.bytes().take(10).position(|byte| byte == b';')?;
    let name = rest.get(1..end)?;
    let is_entity =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#');
    is_entity.then_some(end + 1)
}

fn push(words: &str, start: usize, shortened: bool, pieces: &mut Vec<Piece>) {
    let genitive = words.len() > 2 && (words.ends_with("'s") || words.ends_with("’s"));
    let cut = if genitive {
        words.len() - 1
    } else {
        words.len()
    };
    let stem = words
        .get(..cut)
        .unwrap_or(words)
        .trim_end_matches(['\'', '’']);
    let first = words.chars().next().unwrap_or(' ');
    let shape = if first.is_uppercase() {
        Shape::Capital
    } else if first.is_alphabetic() {
        Shape::Lower
    } else if first.is_alphanumeric() {
        Shape::Number
    } else {
        Shape::Mark
    };
    let stem = if genitive { stem } else { words };
    // The stop of 'Sen.' is part of the piece, but nothing by which words are compared.
    let bare = stem.strip_suffix('.').filter(|_| shortened);
    let bare = bare.unwrap_or(stem);
    pieces.push(Piece {
        start,
        end: start + stem.len(),
        lower: bare.to_lowercase().replace('’', "'").into(),
        shape,
        shouted: is_shouted(stem),
    });
    if genitive {
        pieces.push(Piece {
            start: start + stem.len(),
            end: start + words.len(),
            lower: "'s".into(),
            shape: Shape::Genitive,
            shouted: false,
        });
    }
}

fn is_shouted(words: &str) -> bool {
    let letters = words.chars().filter(|char| char.is_alphabetic()).count();
    letters >= 2 && !words.contains(char::is_lowercase)
}

/// How many pieces tell the place of a report, with the dash behind them: 'PORT LEE (Wire) - ', 'PORT LEE: '.
pub(in crate::stages::attribute) fn dateline(pieces: &[Piece]) -> usize {
    let closes = |p: &Piece| ["-", "–", "—", ":"].iter().any(|mark| p.is(mark));
    let shouted = pieces.first().is_some_and(|first| first.shouted);
    let end = pieces.iter().take(DATELINE_PIECES).position(closes);
    end.filter(|_| shouted).map_or(0, |end| end + 1)
}
