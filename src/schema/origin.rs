//! Where in the archive something stands, and what was set aside.

use serde::{Deserialize, Serialize};

/// Where in the archive a document stands: enough to read it again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The file, as it was given or found; `-` for standard input.
    pub path: String,
    /// The member of the file, where that is a container (`2024/05/article.html` in a ZIP file).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The line on which the document starts, from 1, in formats of many documents; in those without
    /// lines the number of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
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
                member: None,
                line: Some(7),
            },
            id: None,
            reason: "no text".into(),
        };
        let line = serde_json::to_string(&quarantined).unwrap();
        assert_eq!(line, r#"{"path":"news.jsonl","line":7,"reason":"no text"}"#);
        assert_eq!(
            serde_json::from_str::<Quarantined>(&line).unwrap(),
            quarantined
        );
    }
}
