//! Where in the archive something stands, and what was set aside.

use serde::{Deserialize, Serialize};

/// Where in the archive a document stands: enough to read it again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The file, as it was given or found; `-` for standard input. In records the path within what the user
    /// named, so that they do not depend on where the archive lies.
    pub path: String,
    /// The path within what the user named, of which ids are made; empty where `path` is that.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub relative: String,
    /// The member of the file, where that is a container (`2024/05/article.html` in a ZIP file).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The line on which the document starts, from 1, in formats of many documents; in those without
    /// lines the number of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Its first byte and one past its last, in the file or the member as it is when unpacked: of a line, a row
    /// (with line ends before and after it), a value, a message or a record of a web archive. Absent where a document has the file or member to
    /// itself, and where what is read are no longer its bytes: other encodings than UTF-8, Parquet and Arrow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<(u64, u64)>,
}

impl Origin {
    /// The file's path within what the user named, wherever that lies.
    pub fn within(&self) -> &str {
        if self.relative.is_empty() {
            &self.path
        } else {
            &self.relative
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.path)?;
        if let Some(member) = &self.member {
            write!(formatter, " » {member}")?;
        }
        if let Some(line) = self.line {
            write!(formatter, ", line {line}")?;
        }
        Ok(())
    }
}

/// A document or record that was set aside while the run went on: one line of `quarantine.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Where it stands.
    #[serde(flatten)]
    pub origin: Origin,
    /// Its id, as far as one could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What is wrong, and what to do.
    pub reason: String,
    /// Whether it is the last that could be read of its file or member, so that more may follow it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
}

impl Quarantined {
    /// Whether what stands at `place` was set aside with this, or could not be read because of it.
    pub fn covers(&self, place: &Origin) -> bool {
        let origin = &self.origin;
        let member = |of: &Origin| of.member.clone().unwrap_or_default();
        if origin.path != place.path {
            return false;
        }
        let Some(line) = origin.line else {
            // A file, or a container with all that is in it.
            let (whole, part) = (member(origin), member(place));
            let below = part.strip_prefix(&whole);
            return below.is_some_and(|below| {
                whole.is_empty() || below.is_empty() || below.starts_with('/')
            });
        };
        member(origin) == member(place)
            && (place.line).is_none_or(|found| found == line || self.last && found > line)
    }
}

impl std::fmt::Display for Quarantined {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.origin, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarantined_line_names_place_and_reason_side_by_side() {
        let quarantined = Quarantined {
            origin: Origin {
                path: "news.jsonl".into(),
                line: Some(7),
                ..Origin::default()
            },
            id: None,
            reason: "no text".into(),
            last: false,
        };
        let line = serde_json::to_string(&quarantined).unwrap();
        assert_eq!(line, r#"{"path":"news.jsonl","line":7,"reason":"no text"}"#);
        assert_eq!(
            serde_json::from_str::<Quarantined>(&line).unwrap(),
            quarantined
        );
    }

    #[test]
    fn a_place_is_covered_with_what_lies_in_it_or_follows_it() {
        let at = |member: Option<&str>, line| Origin {
            path: "a".into(),
            member: member.map(str::to_owned),
            line,
            ..Origin::default()
        };
        let covers = |origin: Origin, last: bool, place: Origin| {
            let quarantined = Quarantined {
                origin,
                id: None,
                reason: String::new(),
                last,
            };
            quarantined.covers(&place)
        };
        let whole = at(None, None);
        assert!(covers(whole.clone(), false, at(Some("b/c.txt"), None)));
        assert!(covers(
            at(Some("b.zip"), None),
            false,
            at(Some("b.zip/c"), Some(2))
        ));
        assert!(!covers(at(Some("b"), None), false, at(Some("bc"), None)));
        assert!(covers(at(None, Some(3)), false, at(None, Some(3))));
        assert!(!covers(at(None, Some(3)), false, at(None, Some(4))));
        assert!(covers(at(None, Some(3)), true, at(None, Some(4))));
        assert!(!covers(at(None, Some(3)), true, at(None, Some(2))));
        let elsewhere = Origin {
            path: "b".into(),
            ..whole.clone()
        };
        assert!(!covers(whole, true, elsewhere));
    }
}
