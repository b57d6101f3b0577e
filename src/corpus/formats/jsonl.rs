//! JSON Lines: one object a line, one document an object. The text is handed over as JSON gives it.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{Draft, Found, Refusal, text_of, too_long};
use crate::corpus::CorpusOptions;
use crate::corpus::describe::fields::{FieldNames, Sorter};
use crate::corpus::describe::value::Fields;
use crate::corpus::stream::{Line, Lines, Stream};

/// JSON is UTF-8 unless the user says otherwise or a stream is plainly UTF-16: a guess from one bad line
/// would spoil all the good ones.
pub(super) fn encoding(detected: &'static Encoding, options: &CorpusOptions) -> &'static Encoding {
    if options.encoding.is_some() || detected == UTF_16LE || detected == UTF_16BE {
        return detected;
    }
    UTF_8
}

/// Reads a stream line by line.
pub(super) struct Reader<'a> {
    lines: Lines<'a>,
    limit: usize,
    sorter: Sorter,
}

impl<'a> Reader<'a> {
    pub(super) fn new(stream: Stream<'a>, limit: usize, names: &FieldNames) -> Self {
        Self {
            lines: Lines::new(stream, limit),
            limit,
            sorter: Sorter::of_documents(names),
        }
    }

    fn draft(&mut self, line: &Line) -> Option<Result<Draft, Refusal>> {
        let bytes = match line {
            Line::Whole(bytes) if bytes.trim_ascii().is_empty() => return None,
            Line::Whole(bytes) => bytes,
            Line::TooLong { bytes } => {
                return Some(Err(too_long(Some(*bytes), self.limit).into()));
            }
        };
        Some(draft(bytes, &mut self.sorter))
    }
}

impl Iterator for Reader<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let (number, line) = self.lines.next()?;
            let draft = match line {
                Ok(line) => self.draft(&line),
                Err(error) => Some(Err(format!("reading stopped here: {error}").into())),
            };
            if let Some(draft) = draft {
                return Some(Found::at(number, self.lines.bytes(), draft));
            }
        }
    }
}

/// The document of one JSON object.
pub(super) fn draft(bytes: &[u8], sorter: &mut Sorter) -> Result<Draft, Refusal> {
    let json = std::str::from_utf8(bytes).map_err(|error| {
        format!(
            "not valid UTF-8 from byte {} of the line; if the file is in another encoding, name it with \
             --encoding",
            error.valid_up_to() + 1
        )
    })?;
    let Fields(fields) =
        serde_json::from_str(json).map_err(|error| format!("not a JSON object: {error}"))?;
    let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
    let record = sorter.sort(fields);
    let metadata = record.metadata;
    match text_of(record.text, &names) {
        Ok(text) => Ok(Draft { metadata, text }),
        Err(reason) => Err(Refusal {
            id: Some(metadata.id).filter(|id| !id.is_empty()),
            ..reason.into()
        }),
    }
}
