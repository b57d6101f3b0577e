//! Dates as archives write them, brought to ISO 8601 as far as they are known.

use std::sync::LazyLock;

use jiff::fmt::strtime::BrokenDownTime;
use regex::Regex;
use serde::Deserialize;

#[derive(Deserialize)]
struct Formats {
    formats: Vec<String>,
}

#[expect(
    clippy::expect_used,
    reason = "the embedded list is checked by the tests"
)]
static FORMATS: LazyLock<Vec<String>> = LazyLock::new(|| {
    toml::from_str::<Formats>(include_str!("../../../data/date-formats.toml"))
        .expect("data/date-formats.toml is a list of formats: bug")
        .formats
});

#[expect(clippy::expect_used, reason = "constant patterns")]
static ISO_INSIDE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^0-9])((?:19|20)\d\d-[01]\d-[0-3]\d)(?:[^0-9]|$)").expect("a pattern: bug")
});

#[expect(clippy::expect_used, reason = "constant patterns")]
static LEADING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?i:date)\s*:?\s*(\d{4}-\d\d-\d\d)\b").expect("a pattern: bug")
});

/// The shortest and longest number that is read as seconds since 1970: from 1973 to 5138.
const UNIX_DIGITS: std::ops::RangeInclusive<usize> = 9..=11;

/// Milliseconds since 1970 have this many digits from 2001 to 2286.
const UNIX_MILLISECOND_DIGITS: usize = 13;

/// A date as ISO 8601, to the day where the day is known (`2025`, `2025-07`, `2025-07-16`).
///
/// The time of day and the zone are left out: the date stays the one that the archive wrote, whatever
/// the zone. `None` for what is no date or leaves open which number is the month.
pub(in crate::corpus) fn normalise(written: &str) -> Option<String> {
    let written = written.trim();
    if written.bytes().all(|byte| byte.is_ascii_digit()) {
        return of_digits(written);
    }
    if is_year_and_month(written) {
        return Some(written.to_owned());
    }
    FORMATS.iter().find_map(|format| {
        let (time, read) = BrokenDownTime::parse_prefix(format, written).ok()?;
        let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        if written.get(read..).is_none_or(goes_on) {
            return None;
        }
        Some(time.to_date().ok()?.to_string())
    })
}

fn of_digits(digits: &str) -> Option<String> {
    let number: i64 = digits.parse().ok()?;
    let seconds = match digits.len() {
        4 => return (1000..=2999).contains(&number).then(|| digits.to_owned()),
        8 => {
            let (time, _) = BrokenDownTime::parse_prefix("%Y%m%d", digits).ok()?;
            return Some(time.to_date().ok()?.to_string());
        }
        length if UNIX_DIGITS.contains(&length) => number,
        UNIX_MILLISECOND_DIGITS => number / 1000,
        _ => return None,
    };
    let moment = jiff::Timestamp::from_second(seconds).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(moment).date().to_string())
}

fn is_year_and_month(written: &str) -> bool {
    let mut parts = written.split('-');
    let (Some(year), Some(month), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    year.len() == 4
        && year.bytes().all(|byte| byte.is_ascii_digit())
        && month.len() == 2
        && matches!(month.parse::<u8>(), Ok(1..=12))
}

/// The date in a file's name (`2021-01-26-remarks.md`).
pub(in crate::corpus) fn in_name(name: &str) -> Option<String> {
    let found = ISO_INSIDE.captures(name)?.get(1)?;
    normalise(found.as_str())
}

/// The date of a first line such as ` date 2025-07-16 Baku, July 16`.
pub(in crate::corpus) fn leading(text: &str) -> Option<String> {
    let found = LEADING.captures(text)?.get(1)?;
    normalise(found.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_of_many_spellings_become_iso() {
        for (written, expected) in [
            ("2022-06-24T17:30:00Z", "2022-06-24"),
            ("2022-01-04 15:49:14-05:00", "2022-01-04"),
            ("2025-07", "2025-07"),
            ("1996", "1996"),
            ("20250716", "20250716"),
            ("July 16, 2025", "2025-07-16"),
            ("16 July 2025 at 01:59", "2025-07-16"),
            ("24 Oct 2024 at 01:59", "2024-10-24"),
            ("Wed, 16 Jul 2025 09:00:00 GMT", "2025-07-16"),
            ("Wednesday, July 16, 2025", "2025-07-16"),
            ("2025/7/6", "2025-07-06"),
            ("1752624000", "2025-07-16"),
            ("1752624000000", "2025-07-16"),
        ] {
            let expected = if written == "20250716" {
                "2025-07-16"
            } else {
                expected
            };
            assert_eq!(normalise(written).as_deref(), Some(expected), "{written}");
        }
    }

    #[test]
    fn what_is_no_date_or_has_two_readings_stays_open() {
        for written in [
            "",
            "true",
            "03/04/2021",
            "yesterday",
            "2025-13-01",
            "12",
            "July",
        ] {
            assert_eq!(normalise(written), None, "{written}");
        }
    }

    #[test]
    fn names_and_first_lines_hold_dates() {
        assert_eq!(
            in_name("2021-01-26-remarks.md").as_deref(),
            Some("2021-01-26")
        );
        assert_eq!(in_name("A_70_2015.txt"), None);
        assert_eq!(
            leading(" date 2025-07-16 Springfield, July 16").as_deref(),
            Some("2025-07-16")
        );
        assert_eq!(leading("The date 2025-07-16 was set."), None);
    }

    proptest! {
        #[test]
        fn any_words_are_read_without_panic(written in "\\PC{0,40}") {
            let _ = normalise(&written);
        }
    }
}
