//! Who speaks in every sentence of whole articles, held against gold.

use super::gold::{Predictions, SpokenArticle, SpokenSentence};
use super::names::{are_alike, is_pronoun, same};
use super::report::{Cell, Figure, Row, Table, table};
use super::statistics::{Calibration, Counts, Replicates, Tally, ratio};
use crate::error::Result;
use crate::schema::record::SpeakerRecord;
use crate::schema::{Probability, Record, Speech};

/// How a sentence's speaker can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// Gold has a speaker, the records have none.
    MissedQuotation,
    /// Gold has none: the journalist's words were given to someone.
    NarratorTakenForSpeaker,
    /// Another speaker, behind a pronoun.
    Pronoun,
    /// A name that shares a word with the right one, yet does not count as it.
    NameVariant,
    /// Another speaker altogether.
    WrongAntecedent,
}

impl Mistake {
    const ALL: [(Self, &str); 5] = [
        (Self::MissedQuotation, "missed quotation"),
        (Self::NarratorTakenForSpeaker, "narrator taken for speaker"),
        (Self::WrongAntecedent, "wrong antecedent"),
        (Self::NameVariant, "name variant"),
        (Self::Pronoun, "pronoun"),
    ];

    /// What is wrong with a prediction, if anything is.
    fn of(gold: Option<&str>, predicted: Option<&SpeakerRecord>) -> Option<Self> {
        match (gold, predicted) {
            (None, None) => None,
            (Some(_), None) => Some(Self::MissedQuotation),
            (None, Some(_)) => Some(Self::NarratorTakenForSpeaker),
            (Some(gold), Some(predicted)) if same(gold, &predicted.name) => None,
            (
                Some(_),
                Some(SpeakerRecord {
                    mention: Some(mention),
                    ..
                }),
            ) if is_pronoun(mention) => Some(Self::Pronoun),
            (Some(gold), Some(predicted)) if are_alike(gold, &predicted.name) => {
                Some(Self::NameVariant)
            }
            (Some(_), Some(_)) => Some(Self::WrongAntecedent),
        }
    }
}

/// What one article adds to the figures.
#[derive(Clone, Debug, Default)]
struct SpeakerTally {
    articles: usize,
    sentences: usize,
    /// Sentences with the right speaker, or rightly none.
    right: usize,
    /// Names: a wrong one is both a false positive and a false negative.
    named: Counts,
    /// Whether there is a speaker at all.
    reported: Counts,
    right_speech: usize,
    /// By [`Mistake::ALL`].
    mistakes: [usize; 5],
    calibration: Calibration,
}

/// A sentence to which a speaker was given.
#[derive(Clone, Copy, Debug)]
struct Named {
    /// 1 where the archive itself says who speaks.
    probability: f64,
    right: bool,
}

impl SpeakerTally {
    fn of(article: &SpokenArticle, records: &[Record], named: &mut Vec<Named>) -> Self {
        let mut tally = Self {
            articles: 1,
            ..Self::default()
        };
        for sentence in &article.sentences {
            let record = most_shared(sentence, records);
            let predicted = record.and_then(|record| record.speaker.as_ref());
            let gold = sentence.speaker.as_deref();
            let mistake = Mistake::of(gold, predicted);
            let right = mistake.is_none();
            tally.sentences += 1;
            tally.right += usize::from(right);
            tally.right_speech +=
                usize::from(record.map_or(Speech::None, |r| r.speech) == sentence.speech);
            tally
                .reported
                .add(Counts::of(gold.is_some(), predicted.is_some()));
            tally.named.add(Counts {
                true_positives: usize::from(right && gold.is_some()),
                false_positives: usize::from(!right && predicted.is_some()),
                false_negatives: usize::from(!right && gold.is_some()),
            });
            for (count, (kind, _)) in tally.mistakes.iter_mut().zip(Mistake::ALL) {
                *count += usize::from(mistake == Some(kind));
            }
            if let Some(predicted) = predicted {
                let probability = predicted.probability.map_or(1.0, Probability::rounded);
                tally.calibration.observe(probability, right);
                named.push(Named { probability, right });
            }
        }
        tally
    }
}

impl Tally for SpeakerTally {
    fn add(&mut self, other: &Self) {
        self.articles += other.articles;
        self.sentences += other.sentences;
        self.right += other.right;
        self.named.add(other.named);
        self.reported.add(other.reported);
        self.right_speech += other.right_speech;
        self.calibration.add(&other.calibration);
        for (sum, count) in self.mistakes.iter_mut().zip(other.mistakes) {
            *sum += count;
        }
    }
}

/// The record that shares most code points with a sentence, the first of several.
fn most_shared<'a>(sentence: &SpokenSentence, records: &'a [Record]) -> Option<&'a Record> {
    let mut best = (0, None);
    for record in records {
        let (start, end) = (
            sentence.start.max(record.span.0),
            sentence.end.min(record.span.1),
        );
        let shared = end.saturating_sub(start);
        if shared > best.0 {
            best = (shared, Some(record));
        }
    }
    best.1
}

/// The speakers of records held against gold, and the errors by kind.
///
/// # Figures
/// *Accuracy* takes null for the right answer where the journalist speaks. *Named right* is the F1 of names, a
/// wrong one being both given wrongly and missed; *reported or not* that of having any. The errors are counts
/// of sentences.
///
/// # Errors
/// [`Error::Settings`](crate::error::Error::Settings) if the records are of another text than gold.
pub fn speaker_table(
    title: String,
    gold: &[SpokenArticle],
    records: &Predictions,
) -> Result<Table> {
    let mut named = Vec::new();
    let mut tallies = Vec::new();
    for article in gold {
        records.check_text(&article.id, &article.text)?;
        tallies.push(SpeakerTally::of(
            article,
            records.of(&article.id),
            &mut named,
        ));
    }
    let tallies = Replicates::new(&tallies, &SpeakerTally::default());
    let spoken = tallies.whole.reported.true_positives + tallies.whole.reported.false_negatives;
    let mistakes = tallies.whole.mistakes;
    let sentences = |t: &SpeakerTally| t.sentences;
    let systems = [(records.model.clone(), tallies)];
    let mut table = table(
        title,
        "articles",
        &systems,
        &[
            Figure::new(
                "speaker accuracy (null included)",
                |t: &SpeakerTally| ratio(t.right, t.sentences),
                sentences,
            ),
            Figure::new(
                "speaker F1 (named right)",
                |t: &SpeakerTally| t.named.f1(),
                sentences,
            ),
            Figure::new(
                "reported or not, F1",
                |t: &SpeakerTally| t.reported.f1(),
                sentences,
            ),
            Figure::new(
                "speech type accuracy",
                |t: &SpeakerTally| ratio(t.right_speech, t.sentences),
                sentences,
            ),
            Figure::new(
                "calibration error, speakers",
                |t: &SpeakerTally| t.calibration.expected_error(),
                |t| t.calibration.count(),
            ),
        ],
    );
    table.rows.extend(coverage_rows(&named, spoken));
    let kinds: Vec<String> = Mistake::ALL
        .iter()
        .zip(mistakes)
        .map(|((_, name), count)| format!("{name} {count}"))
        .collect();
    table
        .remarks
        .push(format!("errors by kind: {}", kinds.join(", ")));
    Ok(table)
}

/// The precisions at which coverage is shown, the usual ones of the literature on selective prediction.
const PRECISIONS: [f64; 3] = [0.90, 0.95, 0.98];

/// For each of some precisions, the greatest share of reported sentences that can be named with it, by keeping
/// the most probable names.
fn coverage_rows(named: &[Named], spoken: usize) -> Vec<Row> {
    let mut named = named.to_vec();
    named.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let row = |precision: f64| {
        let found = coverage(&named, spoken, precision);
        let from = found.map_or(String::new(), |(_, from)| format!(" (p ≥ {from})"));
        Row {
            name: format!("named at {:.0} % precision{from}", precision * 100.0),
            level: 0,
            cells: vec![Cell {
                value: found.map(|(share, _)| share),
                interval: None,
                n: spoken,
            }],
        }
    };
    PRECISIONS.into_iter().map(row).collect()
}

/// The share of `spoken` that is named by the longest head of `named` (most probable first, equal
/// probabilities together) with at least `precision`, and the probability from which on they are; `None` if
/// no head has it.
fn coverage(named: &[Named], spoken: usize, precision: f64) -> Option<(f64, f64)> {
    let (mut right, mut best) = (0, None);
    for (index, one) in named.iter().enumerate() {
        right += usize::from(one.right);
        let count = index + 1;
        let next = named.get(count);
        let whole = next.is_none_or(|next| next.probability < one.probability);
        if whole && right as f64 >= precision * count as f64 {
            best = ratio(count, spoken).map(|share| (share, one.probability));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_keeps_the_most_probable_names() {
        let named: Vec<Named> = [
            (0.9, true),
            (0.8, true),
            (0.7, false),
            (0.7, true),
            (0.2, false),
        ]
        .map(|(probability, right)| Named { probability, right })
        .to_vec();
        // Two of two are right, then three of four (equal probabilities go together), then three of five.
        assert_eq!(coverage(&named, 8, 0.9), Some((0.25, 0.8)));
        assert_eq!(coverage(&named, 8, 0.75), Some((0.5, 0.7)));
        assert_eq!(coverage(&[], 8, 0.9), None);
    }
}
