//! CSV tables, with one row a label or one row a statement.

use std::io::Read;
use std::path::Path;

use csv::StringRecord;

use super::row::{Fault, Row, check_schema, document};
use super::{Entry, settle};
use crate::error::{Error, Result};
use crate::schema::record::LabelRecord;
use crate::schema::{Probability, Stance};

/// What a column holds. `document.id`, `document_id` and `Document ID` are one name.
enum Column {
    Schema,
    Document,
    Statement,
    Id,
    Text,
    Speaker,
    KnownAs,
    Role,
    Theme,
    Stance,
    Target,
    Probability,
    Sampling,
    /// Whether the statement has the label (1 or 0): `security/oppose` of a wide table.
    Pair(String, Stance),
    /// What that label's target is: `security/oppose/target`.
    PairTarget(String, Stance),
    /// The score of a theme: that the theme was looked for.
    Score(String),
    /// All further fields of the document, as JSON.
    Fields,
    /// Offsets, scores and names of models: not needed here.
    Ignored,
    /// A field of the document, by name.
    Field(String),
}

fn column(header: &str) -> Column {
    if let Some(column) = wide_column(header) {
        return column;
    }
    let name = header.trim().to_lowercase().replace(['.', ' ', '-'], "_");
    match name.as_str() {
        "schema" => Column::Schema,
        "document_id" | "document" | "doc" => Column::Document,
        "statement" => Column::Statement,
        "id" => Column::Id,
        "text" => Column::Text,
        "speaker" | "speaker_name" => Column::Speaker,
        "speaker_known_as" => Column::KnownAs,
        "speaker_role" | "role" => Column::Role,
        "theme" | "label_theme" => Column::Theme,
        "stance" | "label_stance" => Column::Stance,
        "target" | "label_target" => Column::Target,
        "probability" | "label_probability" => Column::Probability,
        "sampling_probability" => Column::Sampling,
        "document_fields" | "fields" => Column::Fields,
        "speech" | "model" | "span" | "attributions" | "speaker_mention" | "document_sha256"
        | "document_origin" => Column::Ignored,
        _ if ["span_", "target_", "score_", "scores_", "speaker_"]
            .iter()
            .any(|prefix| name.starts_with(prefix)) =>
        {
            Column::Ignored
        }
        _ => {
            let field = name.strip_prefix("document_").unwrap_or(&name);
            Column::Field(field.strip_prefix("fields_").unwrap_or(field).to_owned())
        }
    }
}

/// The columns of `--wide`: `THEME/STANCE`, `THEME/STANCE/target` and `THEME/score`.
fn wide_column(header: &str) -> Option<Column> {
    let mut parts = header.trim().split('/');
    let (theme, what, rest) = (parts.next()?.to_owned(), parts.next()?, parts.next());
    if what == "score" {
        return Some(Column::Score(theme));
    }
    let stance = stance(what).ok()?;
    Some(match rest {
        None => Column::Pair(theme, stance),
        Some(_) => Column::PairTarget(theme, stance),
    })
}

/// Hands every statement of a CSV table to `take`, joining rows that hold one label each.
pub(super) fn read(
    path: &Path,
    reader: impl Read,
    take: &mut dyn FnMut(Entry) -> Result<()>,
) -> Result<()> {
    let failed = |source: csv::Error| Error::ReadArchive {
        path: path.to_path_buf(),
        source: source.into(),
    };
    let mut table = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let columns: Vec<Column> = table
        .headers()
        .map_err(failed)?
        .iter()
        .map(column)
        .collect();
    let needed = |wanted: fn(&Column) -> bool| columns.iter().any(wanted);
    let labelled = needed(|c| matches!(c, Column::Theme | Column::Pair(..)));
    if !needed(|c| matches!(c, Column::Text)) || !labelled {
        return Err(Error::ReadRecords {
            path: path.to_path_buf(),
            line: 1,
            problem:
                "the table has no columns text and theme; write it with `plenary tag --format csv`"
                    .to_owned(),
        });
    }
    let mut pending: Option<Row> = None;
    for (index, cells) in table.records().enumerate() {
        let line = index + 2;
        let row = match cells {
            Ok(cells) => settle(path, line, row(&columns, &cells))?,
            Err(source) if matches!(source.kind(), csv::ErrorKind::Io(_)) => {
                return Err(failed(source));
            }
            Err(source) => settle(path, line, Err(Fault::Line(source.to_string())))?,
        };
        match row {
            Err(bad) => take(Err(bad))?,
            Ok(row) => match &mut pending {
                Some(waiting) if same_statement(waiting, &row) => waiting.labels.extend(row.labels),
                _ => {
                    if let Some(done) = pending.replace(row) {
                        take(Ok(done))?;
                    }
                }
            },
        }
    }
    pending.map_or(Ok(()), |done| take(Ok(done)))
}

fn same_statement(a: &Row, b: &Row) -> bool {
    (a.statement.is_some() || a.id.is_some()) && a.key() == b.key() && a.text == b.text
}

fn row(columns: &[Column], cells: &StringRecord) -> std::result::Result<Row, Fault> {
    let mut row = Row::default();
    let (mut theme, mut stance, mut target, mut probability) = (None, None, None, None);
    let (mut id, mut fields) = (String::new(), Vec::new());
    for (column, cell) in columns.iter().zip(cells) {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        match column {
            Column::Schema => check_schema(Some(number(cell, "schema")?))?,
            Column::Document => cell.clone_into(&mut id),
            Column::Statement => row.statement = Some(number(cell, "statement")?),
            Column::Id => row.id = Some(cell.to_owned()),
            Column::Text => cell.clone_into(&mut row.text),
            Column::Speaker => row.speaker = Some(cell.to_owned()),
            Column::KnownAs => row.known_as = Some(cell.to_owned()),
            Column::Role => row.role = Some(cell.to_owned()),
            Column::Theme => theme = Some(cell.to_owned()),
            Column::Stance => stance = Some(self::stance(cell)?),
            Column::Target => target = Some(cell.to_owned()),
            Column::Probability => probability = Some(self::probability(cell)?),
            Column::Pair(theme, stance) if cell == "1" => {
                row.labels.push(label(theme.clone(), *stance));
            }
            Column::PairTarget(theme, stance) => {
                let named = |l: &&mut LabelRecord| l.theme == *theme && l.stance == *stance;
                if let Some(label) = row.labels.iter_mut().find(named) {
                    label.target = Some(cell.to_owned());
                }
            }
            Column::Score(theme) => {
                self::probability(cell)?;
                row.scored_themes.push(theme.clone());
            }
            Column::Fields => fields.extend(json_fields(cell)?),
            Column::Sampling => row.sampling_probability = Some(self::probability(cell)?),
            Column::Ignored | Column::Pair(..) => {}
            Column::Field(name) => fields.push((name.clone(), cell.to_owned())),
        }
    }
    if let Some(theme) = theme {
        let stance =
            stance.ok_or_else(|| Fault::Line(format!("theme {theme:?} without a stance")))?;
        row.labels.push(LabelRecord {
            target,
            probability,
            ..label(theme, stance)
        });
    }
    if id.is_empty() {
        id = row.id.clone().unwrap_or_default();
    }
    row.document = document(id, fields);
    Ok(row)
}

fn label(theme: String, stance: Stance) -> LabelRecord {
    LabelRecord {
        theme,
        stance,
        target: None,
        target_span: None,
        probability: None,
    }
}

fn json_fields(cell: &str) -> std::result::Result<Vec<(String, String)>, Fault> {
    let fields: indexmap::IndexMap<String, String> = serde_json::from_str(cell)
        .map_err(|source| Fault::Line(format!("document fields: {source}")))?;
    Ok(fields.into_iter().collect())
}

fn number<N>(cell: &str, what: &str) -> std::result::Result<N, Fault>
where
    N: std::str::FromStr<Err = std::num::ParseIntError>,
{
    cell.parse()
        .map_err(|source| Fault::Line(format!("{what} {cell:?}: {source}")))
}

fn stance(cell: &str) -> std::result::Result<Stance, Fault> {
    Stance::ALL
        .into_iter()
        .find(|stance| stance.name() == cell)
        .ok_or_else(|| Fault::Line(format!("stance {cell:?} is not support, oppose or neutral")))
}

fn probability(cell: &str) -> std::result::Result<Probability, Fault> {
    let value = cell.parse().ok().and_then(Probability::new);
    value.ok_or_else(|| Fault::Line(format!("probability {cell:?} is not between 0 and 1")))
}
