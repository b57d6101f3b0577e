//! Mailboxes and single messages: one document a message, its subject the title.

use mail_parser::{MessageParser, MimeHeaders as _};

use super::{Draft, Found, Refusal, too_long, with_words};
use crate::corpus::describe::date;
use crate::corpus::stream::{Line, Lines, Stream};
use crate::schema::document::Metadata;

/// What a line begins with that parts two messages.
const PARTING: &[u8] = b"From ";

/// Reads message by message.
pub(super) struct Reader<'a> {
    lines: Lines<'a>,
    limit: usize,
    /// The line of the message that comes next, and its first byte.
    start: usize,
    start_byte: u64,
    ended: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(stream: Stream<'a>, limit: usize) -> Self {
        Self {
            lines: Lines::new(stream, limit),
            limit,
            start: 1,
            start_byte: 0,
            ended: false,
        }
    }

    /// The lines up to the next parting line; whether all were kept.
    fn message(&mut self) -> Result<(Vec<u8>, bool), String> {
        let (mut message, mut is_whole) = (Vec::new(), true);
        let mut after_blank = true;
        while let Some((number, line)) = self.lines.next() {
            let line = match line.map_err(|error| format!("reading stopped here: {error}"))? {
                Line::Whole(line) => line,
                Line::TooLong { .. } => {
                    is_whole = false;
                    continue;
                }
            };
            if after_blank && line.starts_with(PARTING) {
                (self.start, self.start_byte) = (number, self.lines.bytes().start);
                if message.trim_ascii().is_empty() {
                    continue;
                }
                return Ok((message, is_whole));
            }
            after_blank = line.is_empty();
            if message.len() + line.len() < self.limit {
                message.extend_from_slice(&line);
                message.push(b'\n');
            } else {
                is_whole = false;
            }
        }
        self.ended = true;
        self.start_byte = self.lines.bytes().end;
        Ok((message, is_whole))
    }
}

impl Iterator for Reader<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        if self.ended {
            return None;
        }
        let (line, start) = (self.start, self.start_byte);
        let draft = match self.message() {
            Ok((message, _)) if message.trim_ascii().is_empty() => return None,
            Ok((_, false)) => Err(too_long(None, self.limit).into()),
            Ok((message, true)) => draft(&message),
            Err(reason) => {
                self.ended = true;
                Err(reason.into())
            }
        };
        Some(Found::at(line, start..self.start_byte, draft))
    }
}

fn draft(bytes: &[u8]) -> Result<Draft, Refusal> {
    let message = MessageParser::default()
        .parse(bytes)
        .ok_or_else(|| "not a message".to_owned())?;
    let text = message
        .body_text(0)
        .ok_or_else(|| "the message has no text".to_owned())?;
    let mut metadata = Metadata {
        id: message.message_id().unwrap_or_default().to_owned(),
        title: message.subject().map(str::to_owned),
        date: message
            .date()
            .and_then(|date| date::normalise(&date.to_rfc3339())),
        ..Metadata::default()
    };
    let from = message.from().and_then(|from| from.first());
    if let Some(from) = from.and_then(|from| from.name().or(from.address())) {
        metadata.fields.insert("from".to_owned(), from.to_owned());
    }
    let attachments = message
        .attachments()
        .filter_map(|part| part.attachment_name())
        .collect::<Vec<_>>()
        .join(", ");
    if !attachments.is_empty() {
        metadata
            .fields
            .insert("attachments".to_owned(), attachments);
    }
    Ok(with_words(Draft {
        metadata,
        text: text.into_owned(),
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_parted_and_read() {
        let mailbox = "From a@example.org Tue Mar  5 08:00:00 2024\nFrom: Ana Example <a@example.org>\nSubject: =?utf-8?q?Br=C3=BCcke?=\nDate: Tue, 5 Mar 2024 08:00:00 +0000\nMessage-ID: <1@example.org>\n\nWe will build it.\nFrom here to there.\n\nFrom b@example.org Tue Mar  5 09:00:00 2024\nSubject: Page\nContent-Type: text/html\n\n<p>Patience, please.</p>\n";
        let stream = Box::new(std::io::Cursor::new(mailbox.as_bytes().to_vec()));
        let found: Vec<_> = Reader::new(stream, 10_000).collect();
        assert_eq!(
            found.iter().map(|found| found.line).collect::<Vec<_>>(),
            [Some(1), Some(10)]
        );
        let first = found[0].draft.as_ref().unwrap();
        assert_eq!(first.metadata.id, "1@example.org");
        assert_eq!(first.metadata.title.as_deref(), Some("Brücke"));
        assert_eq!(first.metadata.date.as_deref(), Some("2024-03-05"));
        assert_eq!(first.metadata.fields["from"], "Ana Example");
        assert_eq!(first.text.trim(), "We will build it.\nFrom here to there.");
        assert_eq!(
            found[1].draft.as_ref().unwrap().text.trim(),
            "Patience, please."
        );
    }
}
