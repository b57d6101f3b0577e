//! From gold to what the network reads: units of tokens with what each head should say of them.

use std::ops::Range;

use super::gold::{AttributedArticle, LabelledStatement};
use crate::error::Result;
use crate::model::spec::{Head, Heads};
use crate::model::{TextToken, Tokenizer};
use crate::schema::document::Metadata;
use crate::schema::{CodePoints, Document, LabelKey, Stance, Taxonomy};

/// Tokens that stay together (a statement, a stretch of an article) and what is known of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unit {
    /// The tokens, without special ones.
    pub ids: Vec<u32>,
    /// For each theme how likely it is absent, supported, opposed, mentioned; absent where nobody labelled.
    ///
    /// # Shapes
    /// `[themes, 4]`, each theme's four numbers summing to 1.
    pub labels: Option<Vec<f32>>,
    /// Whether a token is of the target of a (theme, stance) pair: `[tokens, pairs]`, 0 to 1.
    pub targets: Option<Vec<f32>>,
    /// The class of each token for the attribution head.
    pub attribution: Option<Vec<i64>>,
    /// Of a text with a target how likely that is not at issue, supported, opposed, mentioned; the four sum to 1.
    pub stance: Option<Vec<f32>>,
}

/// The parts of reported speech in the order of the attribution head's classes.
const PARTS: [&str; 3] = ["source", "cue", "content"];

/// What a theme can be in a statement: absent, or one of three stances.
pub const STATES: usize = 1 + Stance::ALL.len();

/// The heads of a model for a taxonomy, as `plenary train` makes them.
///
/// The label head has a column a (theme, stance) pair; a second one weighs the tokens for it. The target
/// head says of each token whether it belongs to the target of a pair, the attribution head whether it
/// begins (`B-`) or continues (`I-`) a source, a cue or a content, or does neither (`O`), the stance head of a text with a
/// target which stance it takes, at `[CLS]`, against 'not at issue', whose logit is 0.
pub fn heads(taxonomy: &Taxonomy) -> Heads {
    let head = |output: &str, columns: Vec<String>| {
        Some(Head {
            output: output.to_owned(),
            columns,
        })
    };
    let pairs: Vec<String> = taxonomy
        .label_keys()
        .map(|key| taxonomy.label_name(key))
        .collect();
    let classes = PARTS
        .iter()
        .flat_map(|part| [format!("B-{part}"), format!("I-{part}")]);
    let classes = std::iter::once("O".to_owned()).chain(classes).collect();
    Heads {
        labels: head("label_logits", pairs.clone()),
        label_attention: head("label_attention", pairs.clone()),
        targets: head("target_logits", pairs),
        attribution: head("attribution_logits", classes),
        stances: head(
            "stance_logits",
            Stance::ALL.map(|s| s.name().to_owned()).to_vec(),
        ),
        asked: None,
        themes: None,
    }
}

/// Units of labelled statements; what is longer than a window is cut off.
///
/// # Errors
/// As [`Tokenizer::encode`].
pub fn labelled(
    statements: &[LabelledStatement],
    taxonomy: &Taxonomy,
    tokenizer: &Tokenizer,
    max_tokens: usize,
) -> Result<Vec<Unit>> {
    let unit = |statement: &LabelledStatement| {
        let mut tokens = tokenizer.encode(&statement.text)?;
        tokens.truncate(max_tokens);
        let ids = tokens.iter().map(|token| token.id).collect();
        Ok(Unit {
            ids,
            labels: Some(wanted_labels(statement, taxonomy)),
            targets: Some(wanted_targets(statement, taxonomy, &tokens)),
            ..Unit::default()
        })
    };
    statements.iter().map(unit).collect()
}

/// Units of articles: paragraphs in order, as many as fit; a longer paragraph is cut.
///
/// # Errors
/// As [`Tokenizer::encode`].
pub fn attributed(
    articles: &[AttributedArticle],
    tokenizer: &Tokenizer,
    max_tokens: usize,
) -> Result<Vec<Unit>> {
    let mut units = Vec::new();
    for article in articles {
        let document = Document::new(Metadata::default(), article.text.clone());
        let tokens = tokenizer.encode(document.text())?;
        let classes = attribution_classes(article, &document, &tokens);
        for range in windows(&document, &tokens, max_tokens) {
            units.push(Unit {
                ids: tokens[range.clone()].iter().map(|token| token.id).collect(),
                attribution: Some(classes[range].to_vec()),
                ..Unit::default()
            });
        }
    }
    Ok(units)
}

/// Several stances of one theme share its probability.
fn wanted_labels(statement: &LabelledStatement, taxonomy: &Taxonomy) -> Vec<f32> {
    let mut wanted = Vec::new();
    for theme in &taxonomy.themes {
        let has = |stance: Stance| {
            let mut labels = statement.labels.iter();
            labels.any(|label| label.theme == theme.name && label.stance == stance)
        };
        let stances = Stance::ALL.map(has);
        let count = stances.iter().filter(|has| **has).count();
        wanted.push(if count == 0 { 1.0 } else { 0.0 });
        wanted.extend(stances.map(|has| if has { 1.0 / count as f32 } else { 0.0 }));
    }
    wanted
}

fn wanted_targets(
    statement: &LabelledStatement,
    taxonomy: &Taxonomy,
    tokens: &[TextToken],
) -> Vec<f32> {
    let keys: Vec<LabelKey> = taxonomy.label_keys().collect();
    let mut wanted = vec![0.0; tokens.len() * keys.len()];
    for label in &statement.labels {
        let start = label
            .target
            .as_ref()
            .and_then(|target| statement.text.find(target.as_str()));
        let theme_index = taxonomy.theme_index(&label.theme);
        let column = keys
            .iter()
            .position(|key| Some(key.theme_index) == theme_index && key.stance == label.stance);
        if let (Some(start), Some(column), Some(target)) = (start, column, &label.target) {
            for index in inside(tokens, start..start + target.len()) {
                wanted[index * keys.len() + column] = 1.0;
            }
        }
    }
    wanted
}

/// Where attributions are nested, the outer content gives way to the inner source, and both to the cue;
/// what goes on behind an inner part begins anew.
fn attribution_classes(
    article: &AttributedArticle,
    document: &Document,
    tokens: &[TextToken],
) -> Vec<i64> {
    let mut parts: Vec<Option<i64>> = vec![None; tokens.len()];
    let mut begins = vec![false; tokens.len()];
    let mut mark = |spans: &[CodePoints], part: i64| {
        for span in spans.iter().filter_map(|&at| document.span_at(at)) {
            let range = inside(tokens, span.start()..span.end());
            if let Some(first) = begins.get_mut(range.start).filter(|_| !range.is_empty()) {
                *first = true;
            }
            parts[range].fill(Some(part));
        }
    };
    for attribution in &article.attributions {
        mark(&attribution.content, 2);
    }
    for attribution in &article.attributions {
        mark(&attribution.source, 0);
    }
    for attribution in &article.attributions {
        mark(&attribution.cue, 1);
    }
    let before = std::iter::once(None).chain(parts.iter().copied());
    let classes =
        parts
            .iter()
            .zip(&begins)
            .zip(before)
            .map(|((part, begins), before)| match part {
                None => 0,
                Some(part) => 1 + 2 * part + i64::from(!begins && before == Some(*part)),
            });
    classes.collect()
}

/// The tokens that share a byte with `range`.
fn inside(tokens: &[TextToken], range: Range<usize>) -> Range<usize> {
    let first = tokens.partition_point(|token| token.end <= range.start);
    let count = tokens[first..]
        .iter()
        .take_while(|token| token.start < range.end)
        .count();
    first..first + count
}

/// Ranges of tokens that fit: cut at the last paragraph that begins in the window, else at the last
/// sentence, else where it is full.
fn windows(document: &Document, tokens: &[TextToken], max_tokens: usize) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut paragraph, mut sentence) = (0, 0, 0);
    for index in 1..tokens.len() {
        let gap = document.span(tokens[index - 1].end..tokens[index].start);
        let gap = gap.map(|gap| document.slice(gap)).unwrap_or_default();
        if gap.contains('\n') {
            paragraph = index;
        } else if !gap.is_empty() && ends_sentence(document, tokens[index - 1].end) {
            sentence = index;
        }
        while index + 1 - start > max_tokens {
            let cuts = [paragraph, sentence, index];
            let cut = cuts.into_iter().find(|&cut| cut > start).unwrap_or(index);
            ranges.push(start..cut);
            start = cut;
        }
    }
    if start < tokens.len() {
        ranges.push(start..tokens.len());
    }
    ranges
}

fn ends_sentence(document: &Document, end: usize) -> bool {
    let before = document
        .span(0..end)
        .map(|span| document.slice(span))
        .unwrap_or_default();
    let before = before.trim_end_matches(['"', '”', '’', '\'', ')']);
    before.ends_with(['.', '!', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::record::AttributionRecord;
    use std::path::Path;

    /// Words and punctuation marks, all of them unknown but for the special tokens.
    fn tokenizer() -> Tokenizer {
        let json = r#"{
            "version": "1.0", "added_tokens": [],
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": {"type": "WordLevel", "unk_token": "[UNK]",
                      "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3}}
        }"#;
        let inner = tokenizers::Tokenizer::from_bytes(json).unwrap();
        Tokenizer::new(inner, Path::new("test")).unwrap()
    }

    fn statement(text: &str, labels: &str) -> LabelledStatement {
        LabelledStatement {
            id: "1".to_owned(),
            text: text.to_owned(),
            labels: serde_json::from_str(labels).unwrap(),
            document: None,
        }
    }

    #[test]
    fn two_stances_of_a_theme_share_its_probability_and_keep_their_targets() {
        let statement = statement(
            "Peace, not war!",
            r#"[{"theme": "security", "stance": "support", "target": "Peace"},
                {"theme": "security", "stance": "oppose", "target": "war"}]"#,
        );
        let taxonomy = Taxonomy::standard().unwrap();
        let units = labelled(&[statement], &taxonomy, &tokenizer(), 100).unwrap();
        let labels = units[0].labels.as_ref().unwrap();
        assert_eq!(labels[..8], [0.0, 0.5, 0.5, 0.0, 1.0, 0.0, 0.0, 0.0]);
        let targets = units[0].targets.as_ref().unwrap();
        let tokens_of =
            |column: usize| -> Vec<f32> { targets.chunks(9).map(|token| token[column]).collect() };
        assert_eq!(tokens_of(0), [1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(tokens_of(1), [0.0, 0.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn an_inner_report_interrupts_the_content_around_it() {
        // “He said she knew it” said Ann
        let article = AttributedArticle {
            id: "1".to_owned(),
            text: "He said she knew it said Ann".to_owned(),
            attributions: vec![
                AttributionRecord {
                    source: vec![CodePoints(25, 28)],
                    cue: vec![CodePoints(20, 24)],
                    content: vec![CodePoints(0, 19)],
                },
                AttributionRecord {
                    source: vec![CodePoints(8, 11)],
                    cue: vec![CodePoints(12, 16)],
                    content: vec![CodePoints(17, 19)],
                },
            ],
        };
        let units = attributed(&[article], &tokenizer(), 100).unwrap();
        assert_eq!(units[0].attribution, Some(vec![5, 6, 1, 3, 5, 3, 1]));
    }

    #[test]
    fn windows_end_with_a_paragraph_else_with_a_sentence_else_where_they_are_full() {
        let cut = |text: &str| -> Vec<String> {
            let document = Document::new(Metadata::default(), text.to_owned());
            let tokens = tokenizer().encode(text).unwrap();
            let words = |range: Range<usize>| {
                let span = tokens[range.start].start..tokens[range.end - 1].end;
                document.slice(document.span(span).unwrap()).to_owned()
            };
            windows(&document, &tokens, 5)
                .into_iter()
                .map(words)
                .collect()
        };
        assert_eq!(cut("a b\nc. d\ne f"), ["a b\nc. d", "e f"]);
        assert_eq!(cut("a b. c d e f"), ["a b.", "c d e f"]);
        assert_eq!(cut("a b c d e f g"), ["a b c d e", "f g"]);
    }
}
