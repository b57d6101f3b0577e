//! What of a record is compared with the others.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::resemblance::{MEASURES, Signature, words};
use crate::schema::{Record, Speech};

/// A quotation in one record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quotation {
    pub(super) signature: Signature,
    /// Its place among the quotations of the file.
    pub(super) number: u32,
    /// The document that prints it, by its number.
    pub(super) document: u32,
    /// Hashes of the first and the last word of the speaker's name; zeros where nobody is named.
    speaker: [u16; 2],
    /// The days on which it may have been printed; all days where the date is not known.
    days: (i32, i32),
}

/// The words of a record that somebody said, if they are enough to know them again: what is reported, without
/// the words that report it, for these differ from paper to paper.
pub(super) fn said(record: &Record) -> Option<Vec<u64>> {
    if record.speech == Speech::None {
        return None;
    }
    let characters: Vec<char> = record.text.chars().collect();
    let (start, end) = (record.span.0, record.span.1);
    let contents = record.attributions.iter().flat_map(|one| &one.content);
    let mut reported = vec![false; characters.len()];
    for content in contents {
        let from = content.0.clamp(start, end) - start;
        let to = content.1.clamp(start, end) - start;
        if let Some(part) = reported.get_mut(from..to) {
            part.fill(true);
        }
    }
    // A speech has no words that report it.
    let words: Vec<u64> = if reported.contains(&true) {
        let reported = characters.iter().zip(&reported);
        let text: String = reported
            .map(|(c, in_it)| if *in_it { *c } else { ' ' })
            .collect();
        words(&text).collect()
    } else {
        words(&record.text).collect()
    };
    (words.len() >= MEASURES.quotations.measure.shortest_words).then_some(words)
}

impl Quotation {
    pub(super) fn new(record: &Record, words: &[u64], number: usize, document: u64) -> Self {
        let name = record.speaker.as_ref().map(|speaker| speaker.name.as_str());
        let mut name = self::words(name.unwrap_or_default()).map(low_bits);
        let first = name.next().unwrap_or(0);
        Self {
            signature: Signature::of(words, &MEASURES.quotations.measure),
            number: u32::try_from(number).unwrap_or(u32::MAX),
            document: u32::try_from(document).unwrap_or(u32::MAX),
            speaker: [first, name.last().unwrap_or(first)],
            days: days(record.document.date.as_deref()).unwrap_or((i32::MIN, i32::MAX)),
        }
    }

    /// Its place in the order of printing: by the latest day that it may be of, so that what is not known comes
    /// last, then as in the file.
    pub(super) fn rank(&self) -> (i32, u32) {
        (self.days.1, self.number)
    }

    /// Whether both may print one utterance.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.may_be_same(other)
            && self.signature.resemblance(&other.signature) >= MEASURES.quotations.measure.near
    }

    /// Whether nothing but their words speaks against it.
    pub(super) fn may_be_same(&self, other: &Self) -> bool {
        let nobody = [0; 2];
        let (one, two) = (self.speaker, other.speaker);
        let is_one = one == nobody || two == nobody || one.iter().any(|word| two.contains(word));
        let is_near = self.days.0 <= other.days.1 && other.days.0 <= self.days.1
            || !far(self.days.0, other.days.0);
        self.document != other.document && is_one && is_near
    }

    /// Whether it was printed too late to be the same as what was printed when `earlier` was, or before.
    pub(super) fn is_long_after(&self, earlier: &Self) -> bool {
        self.days.0 > earlier.days.1 && far(self.days.0, earlier.days.1)
    }
}

fn far(one: i32, other: i32) -> bool {
    one.abs_diff(other) > MEASURES.quotations.most_days.unsigned_abs()
}

fn low_bits(hash: u64) -> u16 {
    let [a, b, ..] = hash.to_le_bytes();
    // 0 means nobody.
    u16::from_le_bytes([a, b]).max(1)
}

/// The first and the last day of a year, a month or a day in ISO 8601, counted from one day.
fn days(date: Option<&str>) -> Option<(i32, i32)> {
    let mut parts = date?.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let mut part = || parts.next().map(|part| part.parse::<i8>().ok());
    let (month, day) = (part(), part());
    let first = Date::new(year, month.unwrap_or(Some(1))?, day.unwrap_or(Some(1))?).ok()?;
    let length = match (month, day) {
        (None, _) => 1.year(),
        (_, None) => 1.month(),
        _ => 1.day(),
    };
    let last = first.checked_add(length).ok()?.yesterday().ok()?;
    let count = |day: Date| (day - Date::ZERO).get_days();
    Some((count(first), count(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_as_many_days_as_it_may_be() {
        let length = |date| days(Some(date)).map(|(first, last)| last - first + 1);
        assert_eq!(length("2024"), Some(366));
        assert_eq!(length("2024-02"), Some(29));
        assert_eq!(length("2024-02-29"), Some(1));
        assert_eq!(length("2023-02-29"), None);
        assert_eq!(length("yesterday"), None);
    }
}
