//! One record as far as a comparison needs it, ours or anyone's with the same fields.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::schema::Probability;
use crate::schema::record::{DocumentRecord, LabelRecord, SCHEMA};

/// A statement with its labels and what is known of its document and speaker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The document: the unit that statements hang together in.
    pub document: DocumentRecord,
    /// The statement's own id, where it has one (gold files).
    pub id: Option<String>,
    /// Its place in the document.
    pub statement: Option<usize>,
    /// Its words.
    pub text: String,
    /// Who speaks.
    pub speaker: Option<String>,
    /// The name under which the speaker is known in all documents, where it is another.
    pub known_as: Option<String>,
    /// The speaker's office or affiliation.
    pub role: Option<String>,
    /// Its labels.
    pub labels: Vec<LabelRecord>,
    /// The themes that were scored, in the taxonomy's order.
    pub scored_themes: Vec<String>,
    /// With which probability the statement was drawn for checking (checked files only).
    pub sampling_probability: Option<Probability>,
}

/// Why a line is no row.
#[derive(Debug, PartialEq)]
pub enum Fault {
    /// This line alone is damaged: it is set aside and named.
    Line(String),
    /// The file is of another kind: nothing of it can be trusted.
    File(String),
}

/// A record's fields, each of which may be missing or, in other people's files, simpler than ours.
#[derive(Deserialize)]
struct Fields {
    schema: Option<u32>,
    id: Option<String>,
    document: Option<Value>,
    statement: Option<usize>,
    text: Option<String>,
    speaker: Option<Value>,
    #[serde(default)]
    labels: Vec<LabelRecord>,
    #[serde(default)]
    scores: IndexMap<String, Option<Probability>>,
    sampling_probability: Option<Probability>,
}

/// What stands beside the known fields at the top level of a flat record.
const KNOWN: [&str; 14] = [
    "schema",
    "id",
    "document",
    "statement",
    "span",
    "text",
    "speaker",
    "speech",
    "attributions",
    "labels",
    "scores",
    "printings",
    "model",
    "sampling_probability",
];

impl Row {
    /// The row in one JSON line.
    ///
    /// # Errors
    /// [`Fault::File`] for records of another schema version, [`Fault::Line`] for anything else.
    pub fn from_json(line: &str) -> Result<Self, Fault> {
        let fields: Fields = serde_json::from_str(line)
            .map_err(|source| Fault::Line(format!("no record of schema {SCHEMA}: {source}")))?;
        check_schema(fields.schema)?;
        let text = fields
            .text
            .ok_or_else(|| Fault::Line("a record without text".to_owned()))?;
        if let Some(label) = fields
            .labels
            .iter()
            .find(|label| label.theme.trim().is_empty())
        {
            return Err(Fault::Line(format!(
                "a label ({}) without a theme",
                label.stance
            )));
        }
        let [speaker, known_as, role] = speaker(fields.speaker);
        let document = match fields.document {
            Some(document @ Value::Object(_)) => serde_json::from_value(document)
                .map_err(|source| Fault::Line(format!("document: {source}")))?,
            other => flat_document(line, scalar(other), fields.id.as_deref())?,
        };
        Ok(Self {
            document,
            id: fields.id,
            statement: fields.statement,
            text,
            speaker,
            known_as,
            role,
            labels: fields.labels,
            scored_themes: fields.scores.into_iter().map(|(theme, _)| theme).collect(),
            sampling_probability: fields.sampling_probability,
        })
    }

    /// What tells the statement from every other: its own id, or its document and place.
    pub fn key(&self) -> (&str, usize) {
        match &self.id {
            Some(id) => (id, 0),
            None => (&self.document.id, self.statement.unwrap_or(0)),
        }
    }
}

/// Refuses records of a schema that this program does not know; none at all is taken for ours.
pub(super) fn check_schema(schema: Option<u32>) -> Result<(), Fault> {
    match schema {
        None | Some(SCHEMA) => Ok(()),
        Some(other) => Err(Fault::File(format!(
            "records of schema {other}; this program reads schema {SCHEMA}: tag the archive again, or \
             compare with the version of plenary that wrote them"
        ))),
    }
}

/// The speaker's name, the name in all documents, and the role.
fn speaker(value: Option<Value>) -> [Option<String>; 3] {
    match value {
        Some(Value::Object(mut fields)) => {
            ["name", "known_as", "role"].map(|field| scalar(fields.remove(field)))
        }
        other => [scalar(other), None, None],
    }
}

/// A string, number or truth value as text; `None` for what is absent, empty or nested.
fn scalar(value: Option<Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// The document of a record that names it in one word and keeps the rest at the top level.
fn flat_document(
    line: &str,
    named: Option<String>,
    id: Option<&str>,
) -> Result<DocumentRecord, Fault> {
    let all: IndexMap<String, Value> =
        serde_json::from_str(line).map_err(|source| Fault::Line(source.to_string()))?;
    let fields = all
        .into_iter()
        .filter(|(name, _)| !KNOWN.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name, scalar(Some(value))?)));
    let id = named.or_else(|| id.map(str::to_owned)).unwrap_or_default();
    Ok(document(id, fields))
}

/// A document of named fields: the known ones in their places, the others kept by their names.
pub(super) fn document(
    id: String,
    named: impl IntoIterator<Item = (String, String)>,
) -> DocumentRecord {
    let mut document = DocumentRecord {
        id,
        ..DocumentRecord::default()
    };
    for (name, value) in named {
        match name.as_str() {
            "source" => document.source = Some(value),
            "title" => document.title = Some(value),
            "date" => document.date = Some(value),
            "language" => document.language = Some(value),
            _ => {
                document.fields.insert(name, value);
            }
        }
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gold_line_keeps_its_fields() {
        let row = Row::from_json(
            r#"{"id":"g1","text":"We want peace.","labels":[{"theme":"security","stance":"support","target":"peace"}],"source":"ungd","document":"FRA_77_2022","year":2022,"country":"FRA"}"#,
        )
        .unwrap();
        assert_eq!(row.key(), ("g1", 0));
        assert_eq!(row.document.id, "FRA_77_2022");
        assert_eq!(row.document.source.as_deref(), Some("ungd"));
        assert_eq!(row.document.fields["year"], "2022");
    }

    #[test]
    fn another_schema_condemns_the_file_and_a_bad_probability_the_line() {
        let newer = Row::from_json(r#"{"schema":7,"text":"x","labels":[]}"#);
        assert!(matches!(newer, Err(Fault::File(problem)) if problem.contains("schema 7")));
        let improbable = Row::from_json(
            r#"{"text":"x","labels":[{"theme":"security","stance":"support","probability":1.2}]}"#,
        );
        assert!(matches!(improbable, Err(Fault::Line(problem)) if problem.contains("1.2")));
    }
}
