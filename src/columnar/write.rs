//! Records as Parquet and Arrow, with the nesting that they have as JSON.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_json::ReaderBuilder;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use indexmap::IndexMap;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Kind;

/// Rows of a batch of Arrow.
const BATCH_ROWS: usize = 4_096;

/// Rows of a row group of Parquet, all of which are in memory until it is written: some 20 MB of records.
const GROUP_ROWS: usize = 1 << 16;

/// Writes records, given as JSON Lines, to `out`; the same in, the same out. The further fields of the
/// documents become columns of their own, so the lines are read twice: `open` opens them.
///
/// # Errors
/// If the lines cannot be read or are no records, or `out` cannot be written.
pub fn write<R: BufRead>(
    kind: Kind,
    themes: &[String],
    mut open: impl FnMut() -> io::Result<R>,
    out: impl Write + Send,
) -> io::Result<()> {
    let fields = document_fields(open()?)?;
    let schema = schema(themes, &fields);
    // What has no column must not be lost without a word.
    let batches = ReaderBuilder::new(Arc::clone(&schema))
        .with_strict_mode(true)
        .with_batch_size(BATCH_ROWS)
        .build(open()?)
        .map_err(io::Error::other)?;
    let mut sink = Sink::open(kind, out, schema)?;
    for batch in batches {
        sink.write(&batch.map_err(io::Error::other)?)?;
    }
    sink.finish()
}

enum Sink<W: Write + Send> {
    Parquet(Box<ArrowWriter<W>>),
    ArrowFile(FileWriter<W>),
    ArrowStream(StreamWriter<W>),
}

impl<W: Write + Send> Sink<W> {
    fn open(kind: Kind, out: W, schema: SchemaRef) -> io::Result<Self> {
        Ok(match kind {
            Kind::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_max_row_group_row_count(Some(GROUP_ROWS))
                    .build();
                Self::Parquet(Box::new(ArrowWriter::try_new(
                    out,
                    schema,
                    Some(properties),
                )?))
            }
            Kind::ArrowFile => {
                Self::ArrowFile(FileWriter::try_new(out, &schema).map_err(io::Error::other)?)
            }
            Kind::ArrowStream => {
                Self::ArrowStream(StreamWriter::try_new(out, &schema).map_err(io::Error::other)?)
            }
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        match self {
            Self::Parquet(writer) => Ok(writer.write(batch)?),
            Self::ArrowFile(writer) => writer.write(batch).map_err(io::Error::other),
            Self::ArrowStream(writer) => writer.write(batch).map_err(io::Error::other),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Parquet(writer) => Ok(writer.close().map(drop)?),
            Self::ArrowFile(mut writer) => writer.finish().map_err(io::Error::other),
            Self::ArrowStream(mut writer) => writer.finish().map_err(io::Error::other),
        }
    }
}

/// The names of the documents' further fields, sorted, so that parts joined have them as the whole.
fn document_fields(lines: impl BufRead) -> io::Result<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Record {
        document: Document,
    }
    #[derive(Deserialize)]
    struct Document {
        #[serde(default)]
        fields: IndexMap<String, IgnoredAny>,
    }
    let mut names = BTreeSet::new();
    let records = serde_json::Deserializer::from_reader(lines).into_iter::<Record>();
    for record in records {
        for (name, _) in record?.document.fields {
            names.insert(name);
        }
    }
    Ok(names)
}

/// The columns of schema 1. Everything may be null: what a record leaves out is.
fn schema(themes: &[String], fields: &BTreeSet<String>) -> SchemaRef {
    let mut document = vec![
        text("id"),
        text("source"),
        text("title"),
        text("date"),
        text("language"),
        text("sha256"),
        group(
            "origin",
            vec![text("path"), text("member"), whole("line"), span("bytes")],
        ),
    ];
    // Parquet has no group without columns.
    if !fields.is_empty() {
        document.push(group(
            "fields",
            fields.iter().map(|name| text(name)).collect(),
        ));
    }
    let speaker = vec![
        text("name"),
        text("given_name"),
        text("known_as"),
        text("mention"),
        text("role"),
        real("probability"),
    ];
    let spans = |name: &str| list(name, list("item", whole("item")));
    let attribution = vec![spans("source"), spans("cue"), spans("content")];
    let label = vec![
        text("theme"),
        text("stance"),
        text("target"),
        span("target_span"),
        real("probability"),
    ];
    let mut columns = vec![
        whole("schema"),
        group("document", document),
        whole("statement"),
        span("span"),
        text("text"),
        group("speaker", speaker),
        text("speech"),
        list("attributions", group("item", attribution)),
        list("labels", group("item", label)),
    ];
    if !themes.is_empty() {
        columns.push(group(
            "scores",
            themes.iter().map(|theme| real(theme)).collect(),
        ));
    }
    columns.extend([whole("printings"), text("model")]);
    Arc::new(Schema::new(columns))
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn whole(name: &str) -> Field {
    Field::new(name, DataType::Int64, true)
}

fn real(name: &str) -> Field {
    Field::new(name, DataType::Float64, true)
}

fn span(name: &str) -> Field {
    list(name, whole("item"))
}

fn list(name: &str, item: Field) -> Field {
    Field::new(name, DataType::List(Arc::new(item)), true)
}

fn group(name: &str, columns: Vec<Field>) -> Field {
    Field::new(name, DataType::Struct(columns.into()), true)
}
