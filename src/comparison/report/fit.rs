//! How much of a comparison a report holds: all of it as it is, all of it packed, or less.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::comparison::result::Comparison;
use crate::comparison::write::json;

/// What the comparison may take in the file, in bytes: with the library, the report stays below 10 MB.
const MOST_BYTES: usize = 8_000_000;

/// Wordings of a target in a report that keeps less.
const WORDINGS: usize = 50;

/// The comparison as a report holds it.
pub(super) struct Data {
    /// Nothing for JSON; `gzip` for JSON packed with gzip and written in base 64.
    pub(super) encoding: &'static str,
    /// The JSON, or what it is packed to.
    pub(super) text: String,
}

/// How much of a comparison is kept.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Statements of a number.
    statements: usize,
    /// Statements of a number of one period, of which there are most.
    of_period: usize,
    /// Groups with trends, the largest.
    trends: usize,
}

/// As much of the comparison as fits.
pub(super) fn data(comparison: &Comparison) -> serde_json::Result<Data> {
    let mut size = Size::default();
    json::write_compact(comparison, &mut size)?;
    if size.bytes <= MOST_BYTES {
        let mut text = Vec::with_capacity(size.bytes);
        json::write_compact(comparison, &mut text)?;
        return Ok(Data {
            encoding: "",
            text: String::from_utf8_lossy(&text).into_owned(),
        });
    }
    let mut packed = pack(comparison)?;
    for limits in fewer_and_fewer(comparison.groups.len()) {
        if packed.len() <= MOST_BYTES {
            break;
        }
        packed = pack(&within(comparison, limits))?;
    }
    Ok(Data {
        encoding: "gzip",
        text: packed,
    })
}

/// Limits to try, one after the other: examples are given up before numbers, those of single periods first.
fn fewer_and_fewer(groups: usize) -> impl Iterator<Item = Limits> {
    let examples = [(8, 1), (4, 1), (4, 0), (2, 0), (1, 0)];
    let fewer_examples = examples.map(|(statements, of_period)| Limits {
        statements,
        of_period,
        trends: groups,
    });
    let halves = std::iter::successors(Some(groups / 2), |groups| {
        (*groups > 1).then_some(groups / 2)
    });
    let fewer_trends = halves.map(|trends| Limits {
        statements: 1,
        of_period: 0,
        trends,
    });
    let nothing = Limits {
        statements: 0,
        of_period: 0,
        trends: 0,
    };
    fewer_examples
        .into_iter()
        .chain(fewer_trends)
        .chain([nothing])
}

/// The comparison within `limits`, with a note of them.
fn within(comparison: &Comparison, limits: Limits) -> Comparison {
    let mut kept = comparison.clone();
    let with_trends: Vec<&str> = comparison
        .groups
        .iter()
        .take(limits.trends)
        .map(|group| group.name.as_str())
        .collect();
    kept.trends
        .retain(|point| with_trends.contains(&point.group.as_str()));
    let mut places: Vec<Option<usize>> = vec![None; comparison.statements.len()];
    kept.statements.clear();
    let statements = &mut kept.statements;
    let mut cut = |evidence: &mut Vec<usize>, most: usize| {
        evidence.truncate(most);
        for place in evidence {
            *place = *places[*place].get_or_insert_with(|| {
                statements.push(comparison.statements[*place].clone());
                statements.len() - 1
            });
        }
    };
    for cell in &mut kept.emphasis {
        cut(&mut cell.evidence, limits.statements);
    }
    for found in &mut kept.distinctive {
        cut(&mut found.evidence, limits.statements);
    }
    for evidence in kept
        .stances
        .iter_mut()
        .flat_map(|found| &mut found.evidence)
    {
        cut(evidence, limits.statements);
    }
    for point in &mut kept.trends {
        cut(&mut point.evidence, limits.of_period);
    }
    let shown: std::collections::BTreeSet<&String> = kept
        .stances
        .iter()
        .filter_map(|found| found.target.as_ref())
        .collect();
    kept.targets.retain(|target| shown.contains(&target.label));
    for target in &mut kept.targets {
        target.wordings.truncate(WORDINGS);
    }
    let trends = if limits.trends < comparison.groups.len() {
        format!(", and trends of the first {} groups", limits.trends)
    } else {
        String::new()
    };
    kept.notes.push(format!(
        "this report keeps at most {} statements a number and {} a number of one period{trends}, to stay below \
         10 MB; every number counts all, and --format json has more",
        limits.statements, limits.of_period
    ));
    kept
}

/// The JSON packed with gzip, in base 64.
fn pack(comparison: &Comparison) -> serde_json::Result<String> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    json::write_compact(comparison, io::BufWriter::new(&mut packed))?;
    let bytes = packed.finish().map_err(serde::ser::Error::custom)?;
    Ok(base_64(&bytes))
}

/// RFC 4648, section 4.
fn base_64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4 {
            let letter = ALPHABET[((bits >> (18 - 6 * place)) & 63) as usize];
            text.push(if place > three.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    text
}

/// Counts bytes and keeps none.
#[derive(Default)]
struct Size {
    bytes: usize,
}

impl Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_agrees_with_the_examples_of_the_standard() {
        // RFC 4648, section 10
        let examples = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in examples {
            assert_eq!(base_64(plain.as_bytes()), encoded);
        }
    }

    /// Two groups over two years, every third statement on security.
    fn comparison() -> Comparison {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records.jsonl");
        let lines: Vec<String> = (0..400)
            .map(|place| {
                let (group, year, speech) = (place % 2, 2019 + place / 2 % 2, place / 20);
                let labels = if place % 3 == 0 {
                    r#"{"theme":"security","stance":"support","target":"the mission"}"#
                } else {
                    ""
                };
                format!(
                    r#"{{"text":"statement {place}","document":"d{speech}","statement":{place},"country":"land {group}","date":"{year}","labels":[{labels}]}}"#
                )
            })
            .collect();
        std::fs::write(&path, lines.join("\n")).unwrap();
        let options = crate::comparison::options::Options {
            by: "country".into(),
            over: Some(crate::comparison::collect::period::Granularity::Year),
            ..Default::default()
        };
        crate::comparison::compare(&[path], None, &options, None).unwrap()
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_said() {
        let whole = comparison();
        let limits = Limits {
            statements: 2,
            of_period: 1,
            trends: 1,
        };
        let kept = within(&whole, limits);
        assert!(kept.statements.len() < whole.statements.len());
        assert_eq!(kept.groups.len(), 2);
        let first = &whole.groups[0].name;
        assert!(!kept.trends.is_empty());
        assert!(
            kept.trends
                .iter()
                .all(|point| point.group == *first && point.evidence.len() == 1)
        );
        for (before, cell) in whole.emphasis.iter().zip(&kept.emphasis) {
            assert_eq!(cell.evidence.len(), 2);
            // the likeliest stay, under new numbers
            for (old, new) in before.evidence.iter().zip(&cell.evidence) {
                assert_eq!(whole.statements[*old], kept.statements[*new]);
            }
        }
        let note = kept.notes.last().unwrap();
        assert!(
            note.contains("at most 2 statements") && note.contains("first 1 groups"),
            "{note}"
        );
    }
}
