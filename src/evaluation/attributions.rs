//! Source, cue and content of reported speech, held against gold by spans and by characters.

use std::collections::BTreeSet;

use super::gold::{AttributedArticle, Predictions};
use super::report::{Figure, Table, table};
use super::statistics::{Counts, Replicates, Tally, ratio};
use super::words::is_space;
use crate::error::Result;
use crate::schema::record::AttributionRecord;
use crate::schema::{CodePoints, Record};

/// The parts of an attribution, by the names that the scheme gives them.
const ROLES: [&str; 3] = ["source", "cue", "content"];

/// What one article adds to the figures.
#[derive(Clone, Copy, Debug, Default)]
struct AttributionTally {
    articles: usize,
    /// Characters that belong to a part, by [`ROLES`].
    characters: [Counts; 3],
    /// Spans without white space at their ends, by [`ROLES`].
    spans: [Counts; 3],
    /// Attributions with source and content, and how many of them have a match in the other set.
    gold: usize,
    gold_matched: usize,
    predicted: usize,
    predicted_matched: usize,
}

impl Tally for AttributionTally {
    fn add(&mut self, other: &Self) {
        self.articles += other.articles;
        self.gold += other.gold;
        self.gold_matched += other.gold_matched;
        self.predicted += other.predicted;
        self.predicted_matched += other.predicted_matched;
        for role in 0..ROLES.len() {
            self.characters[role].add(other.characters[role]);
            self.spans[role].add(other.spans[role]);
        }
    }
}

/// A text by which of its code points are no white space.
struct Characters(Vec<bool>);

impl Characters {
    fn of(text: &str) -> Self {
        Self(text.chars().map(|c| !is_space(c)).collect())
    }

    /// The places of `spans` that are no white space, each once, in order.
    fn inside<'a>(&self, spans: impl Iterator<Item = &'a CodePoints>) -> Vec<usize> {
        let places = spans.flat_map(|span| span.0..span.1.min(self.0.len()));
        let solid: BTreeSet<usize> = places.filter(|&place| self.0[place]).collect();
        solid.into_iter().collect()
    }

    /// `span` without white space at its ends.
    fn trim(&self, span: CodePoints) -> CodePoints {
        let CodePoints(mut start, mut end) = span;
        let is_solid = |place: usize| self.0.get(place).copied().unwrap_or(true);
        while start < end && !is_solid(start) {
            start += 1;
        }
        while end > start && !is_solid(end - 1) {
            end -= 1;
        }
        CodePoints(start, end)
    }
}

/// The places of the source and of the content of an attribution that has both.
struct Whole {
    source: Vec<usize>,
    content: Vec<usize>,
}

impl Whole {
    fn of(attributions: &[AttributionRecord], characters: &Characters) -> Vec<Self> {
        let has_both = |a: &&AttributionRecord| !a.source.is_empty() && !a.content.is_empty();
        let whole = |a: &AttributionRecord| Self {
            source: characters.inside(a.source.iter()),
            content: characters.inside(a.content.iter()),
        };
        attributions.iter().filter(has_both).map(whole).collect()
    }

    /// Whether the sources touch and at least half of what either content covers is covered by both.
    fn matches(&self, other: &Self) -> bool {
        if shared(&self.source, &other.source) == 0 {
            return false;
        }
        let both = shared(&self.content, &other.content);
        2 * both >= self.content.len() + other.content.len() - both
    }
}

/// How many places two ordered lists share.
fn shared(a: &[usize], b: &[usize]) -> usize {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut count = 0;
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => drop(a.next()),
            std::cmp::Ordering::Greater => drop(b.next()),
            std::cmp::Ordering::Equal => {
                count += 1;
                a.next();
                b.next();
            }
        }
    }
    count
}

fn counts<T: Ord>(gold: &BTreeSet<T>, predicted: &BTreeSet<T>) -> Counts {
    let both = gold.intersection(predicted).count();
    Counts {
        true_positives: both,
        false_positives: predicted.len() - both,
        false_negatives: gold.len() - both,
    }
}

impl AttributionTally {
    fn of(article: &AttributedArticle, records: &[Record]) -> Self {
        let characters = Characters::of(&article.text);
        let gold = &article.attributions;
        let predicted = different(records);
        let mut tally = Self {
            articles: 1,
            ..Self::default()
        };
        let parts: [fn(&AttributionRecord) -> &Vec<CodePoints>; 3] =
            [|a| &a.source, |a| &a.cue, |a| &a.content];
        for (role, part) in parts.into_iter().enumerate() {
            let places = |all: &[AttributionRecord]| -> BTreeSet<usize> {
                characters
                    .inside(all.iter().flat_map(part))
                    .into_iter()
                    .collect()
            };
            let spans = |all: &[AttributionRecord]| -> BTreeSet<CodePoints> {
                all.iter()
                    .flat_map(part)
                    .map(|&span| characters.trim(span))
                    .collect()
            };
            tally.characters[role] = counts(&places(gold), &places(&predicted));
            tally.spans[role] = counts(&spans(gold), &spans(&predicted));
        }
        let (gold, predicted) = (
            Whole::of(gold, &characters),
            Whole::of(&predicted, &characters),
        );
        let matched = |ones: &[Whole], others: &[Whole]| {
            ones.iter()
                .filter(|one| others.iter().any(|other| one.matches(other)))
                .count()
        };
        tally.gold = gold.len();
        tally.gold_matched = matched(&gold, &predicted);
        tally.predicted = predicted.len();
        tally.predicted_matched = matched(&predicted, &gold);
        tally
    }
}

/// The attributions of a document's records, each once: every statement names those that touch it.
fn different(records: &[Record]) -> Vec<AttributionRecord> {
    let parts = |a: &AttributionRecord| (a.source.clone(), a.cue.clone(), a.content.clone());
    let all: BTreeSet<_> = records
        .iter()
        .flat_map(|r| &r.attributions)
        .map(parts)
        .collect();
    let again = |(source, cue, content)| AttributionRecord {
        source,
        cue,
        content,
    };
    all.into_iter().map(again).collect()
}

/// The attributions of records held against gold.
///
/// # Figures
/// *Exact spans*: a span counts if gold has the very same but for white space at its ends. *Characters*: each
/// character that is no white space counts. An attribution with source and content is matched if the other
/// set has one whose source touches its own and whose content has an intersection of at least half the union.
///
/// # Errors
/// [`Error::Settings`](crate::error::Error::Settings) if the records are of another text than gold.
pub fn attribution_table(
    title: String,
    gold: &[AttributedArticle],
    records: &Predictions,
) -> Result<Table> {
    let mut tallies = Vec::new();
    for article in gold {
        records.check_text(&article.id, &article.text)?;
        tallies.push(AttributionTally::of(article, records.of(&article.id)));
    }
    let systems = [(
        records.model.clone(),
        Replicates::new(&tallies, &AttributionTally::default()),
    )];
    let mut figures = Vec::new();
    for (role, name) in ROLES.into_iter().enumerate() {
        let f1 = move |t: &AttributionTally| t.spans[role].f1();
        figures.push(Figure::new(format!("{name}, exact spans F1"), f1, |t| {
            t.articles
        }));
    }
    for (role, name) in ROLES.into_iter().enumerate() {
        let f1 = move |t: &AttributionTally| t.characters[role].f1();
        figures.push(Figure::new(format!("{name}, characters F1"), f1, |t| {
            t.articles
        }));
    }
    figures.push(Figure::new(
        "attribution recall (IoU >= 0.5)",
        |t: &AttributionTally| ratio(t.gold_matched, t.gold),
        |t| t.gold,
    ));
    figures.push(Figure::new(
        "attribution precision",
        |t: &AttributionTally| ratio(t.predicted_matched, t.predicted),
        |t| t.predicted,
    ));
    Ok(table(title, "articles", &systems, &figures))
}
