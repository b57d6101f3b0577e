//! Records as tables: one row a label, or one row a statement.
//!
//! Cells that do not apply are empty. Lists and what has parts (attributions, origin and further fields of a document)
//! are JSON in a cell.

use std::io;

use crate::schema::record::LabelRecord;
use crate::schema::{Probability, Record, Stance};

/// The columns that every row begins with.
const STATEMENT_COLUMNS: [&str; 21] = [
    "schema",
    "document_id",
    "document_source",
    "document_title",
    "document_date",
    "document_language",
    "document_sha256",
    "document_origin",
    "document_fields",
    "statement",
    "span_start",
    "span_end",
    "text",
    "speaker_name",
    "speaker_known_as",
    "speaker_mention",
    "speaker_role",
    "speaker_probability",
    "speech",
    "attributions",
    "model",
];

/// The columns of a label in the long table.
const LABEL_COLUMNS: [&str; 6] = [
    "theme",
    "stance",
    "target",
    "target_start",
    "target_end",
    "probability",
];

/// The column names of the long table.
pub(super) fn long_head(themes: &[String]) -> io::Result<Vec<u8>> {
    let mut names: Vec<String> = STATEMENT_COLUMNS.iter().map(ToString::to_string).collect();
    names.extend(score_columns(themes));
    names.extend(LABEL_COLUMNS.iter().map(ToString::to_string));
    let mut bytes = Vec::new();
    write_rows(std::iter::once(names), &mut bytes)?;
    Ok(bytes)
}

/// The rows of the long table: one a label, one with empty label cells for a statement that has none.
pub(super) fn long_rows(
    records: &[Record],
    themes: &[String],
    bytes: &mut Vec<u8>,
) -> io::Result<u64> {
    let mut rows = Vec::new();
    for record in records {
        let mut statement = statement_cells(record)?;
        statement.extend(score_cells(record, themes));
        if record.labels.is_empty() {
            let mut row = statement.clone();
            row.extend(LABEL_COLUMNS.iter().map(|_| String::new()));
            rows.push(row);
        }
        for label in &record.labels {
            let mut row = statement.clone();
            row.extend(label_cells(label));
            rows.push(row);
        }
    }
    write_rows(rows.into_iter(), bytes)
}

/// The column names of the wide table: for every theme and stance, whether the label is there, and its target.
pub(super) fn wide_head(themes: &[String]) -> io::Result<Vec<u8>> {
    let mut names: Vec<String> = STATEMENT_COLUMNS.iter().map(ToString::to_string).collect();
    names.extend(score_columns(themes));
    for theme in themes {
        for stance in Stance::ALL {
            names.push(format!("{theme}/{stance}"));
            names.push(format!("{theme}/{stance}/target"));
        }
    }
    let mut bytes = Vec::new();
    write_rows(std::iter::once(names), &mut bytes)?;
    Ok(bytes)
}

/// The rows of the wide table. Label cells are 1 or 0, and empty where the statement was not scored.
pub(super) fn wide_rows(
    records: &[Record],
    themes: &[String],
    bytes: &mut Vec<u8>,
) -> io::Result<u64> {
    let mut rows = Vec::new();
    for record in records {
        let mut row = statement_cells(record)?;
        row.extend(score_cells(record, themes));
        let absent = if record.scores.is_empty() { "" } else { "0" };
        for theme in themes {
            for stance in Stance::ALL {
                let label = record
                    .labels
                    .iter()
                    .find(|l| l.theme == *theme && l.stance == stance);
                row.push(label.map_or(absent, |_| "1").to_owned());
                row.push(label.and_then(|l| l.target.clone()).unwrap_or_default());
            }
        }
        rows.push(row);
    }
    write_rows(rows.into_iter(), bytes)
}

fn score_columns(themes: &[String]) -> impl Iterator<Item = String> + '_ {
    themes.iter().map(|theme| format!("{theme}/score"))
}

fn score_cells(record: &Record, themes: &[String]) -> impl Iterator<Item = String> {
    themes
        .iter()
        .map(|theme| number(record.scores.get(theme).copied()))
}

fn statement_cells(record: &Record) -> io::Result<Vec<String>> {
    let document = &record.document;
    let speaker = record.speaker.as_ref();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let fields = if document.fields.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&document.fields)?
    };
    let origin = match &document.origin {
        Some(origin) => serde_json::to_string(origin)?,
        None => String::new(),
    };
    let attributions = if record.attributions.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&record.attributions)?
    };
    let speech = serde_json::to_value(record.speech)?;
    Ok(vec![
        record.schema.to_string(),
        document.id.clone(),
        text(&document.source),
        text(&document.title),
        text(&document.date),
        text(&document.language),
        text(&document.sha256),
        origin,
        fields,
        record.statement.to_string(),
        record.span.0.to_string(),
        record.span.1.to_string(),
        record.text.clone(),
        speaker.map(|s| s.name.clone()).unwrap_or_default(),
        speaker.and_then(|s| s.known_as.clone()).unwrap_or_default(),
        speaker.and_then(|s| s.mention.clone()).unwrap_or_default(),
        speaker.and_then(|s| s.role.clone()).unwrap_or_default(),
        number(speaker.and_then(|s| s.probability)),
        speech.as_str().unwrap_or_default().to_owned(),
        attributions,
        record.model.clone(),
    ])
}

fn label_cells(label: &LabelRecord) -> [String; 6] {
    let at = |end: fn(crate::schema::CodePoints) -> usize| {
        label
            .target_span
            .map(|span| end(span).to_string())
            .unwrap_or_default()
    };
    [
        label.theme.clone(),
        label.stance.to_string(),
        label.target.clone().unwrap_or_default(),
        at(|span| span.0),
        at(|span| span.1),
        number(label.probability),
    ]
}

fn number(probability: Option<Probability>) -> String {
    probability
        .map(|p| p.rounded().to_string())
        .unwrap_or_default()
}

fn write_rows(rows: impl Iterator<Item = Vec<String>>, bytes: &mut Vec<u8>) -> io::Result<u64> {
    let mut table = csv::Writer::from_writer(bytes);
    let mut count = 0;
    for row in rows {
        table.write_record(&row)?;
        count += 1;
    }
    table.flush()?;
    Ok(count)
}
