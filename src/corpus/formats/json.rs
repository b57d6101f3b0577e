//! JSON: an array of objects, or objects one after the other however they are laid out.

use std::io::{self, BufRead, BufReader};

use super::{Draft, Found, Refusal, jsonl, too_long};
use crate::corpus::describe::fields::{FieldNames, Sorter};
use crate::corpus::stream::Stream;

/// Cuts a stream into its values, each of at most so many bytes, and reads one after the other.
pub(super) struct Reader<'a> {
    input: BufReader<Stream<'a>>,
    limit: usize,
    sorter: Sorter,
    line: usize,
    /// Bytes read.
    read: u64,
    ended: bool,
}

/// Where in a value the cutting stands.
#[derive(Default)]
struct Cut {
    bytes: Vec<u8>,
    /// All bytes, also those beyond the limit.
    length: u64,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// The line that the value starts on, and its first byte.
    line: usize,
    start: u64,
}

impl Cut {
    /// Takes a byte of the value; whether the value ends with it.
    fn take(&mut self, byte: u8, limit: usize) -> bool {
        self.length += 1;
        if self.bytes.len() <= limit {
            self.bytes.push(byte);
        }
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else {
                self.escaped = byte == b'\\';
                self.in_string = byte != b'"';
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }

    /// Whether a byte that is not of the value ends it: after a number, a word or a string.
    fn ends_before(&self, byte: u8) -> bool {
        self.depth == 0 && !self.in_string && matches!(byte, b',' | b']' | b'\n')
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(stream: Stream<'a>, limit: usize, names: &FieldNames) -> Self {
        Self {
            input: BufReader::with_capacity(1 << 16, stream),
            limit,
            sorter: Sorter::of_documents(names),
            line: 1,
            read: 0,
            ended: false,
        }
    }

    /// The next value; whether it is whole.
    fn cut(&mut self) -> io::Result<Option<(Cut, bool)>> {
        let mut cut: Option<Cut> = None;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(cut.map(|cut| (cut, false)));
            }
            let mut used = 0;
            let mut done = false;
            for &byte in buffer {
                if let Some(cut) = &mut cut {
                    done = cut.ends_before(byte);
                    if done {
                        break;
                    }
                    done = cut.take(byte, self.limit);
                } else if !byte.is_ascii_whitespace() && !matches!(byte, b'[' | b']' | b',') {
                    let mut new = Cut {
                        line: self.line,
                        start: self.read + u64::try_from(used).unwrap_or(0),
                        ..Cut::default()
                    };
                    new.take(byte, self.limit);
                    cut = Some(new);
                }
                used += 1;
                self.line += usize::from(byte == b'\n');
                if done {
                    break;
                }
            }
            self.input.consume(used);
            self.read += u64::try_from(used).unwrap_or(0);
            if done {
                return Ok(cut.map(|cut| (cut, true)));
            }
        }
    }

    fn draft(&mut self, cut: &Cut, is_whole: bool) -> Result<Draft, Refusal> {
        if cut.bytes.len() > self.limit {
            return Err(too_long(Some(cut.length), self.limit).into());
        }
        if !is_whole && (cut.depth > 0 || cut.in_string) {
            return Err("the file ends inside this object".to_owned().into());
        }
        jsonl::draft(&cut.bytes, &mut self.sorter)
    }
}

impl Iterator for Reader<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        if self.ended {
            return None;
        }
        match self.cut() {
            Ok(Some((cut, is_whole))) => {
                let bytes = cut.start..cut.start + cut.length;
                Some(Found::at(cut.line, bytes, self.draft(&cut, is_whole)))
            }
            Ok(None) => None,
            Err(error) => {
                self.ended = true;
                let reason = format!("reading stopped here: {error}");
                Some(Found::at(
                    self.line,
                    self.read..self.read,
                    Err(reason.into()),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(json: &str) -> Vec<(usize, Result<String, String>)> {
        let stream = Box::new(io::Cursor::new(json.as_bytes().to_vec()));
        Reader::new(stream, 40, &FieldNames::default())
            .map(|found| {
                let draft = found.draft.map(|draft| draft.text);
                (
                    found.line.unwrap_or(0),
                    draft.map_err(|refusal| refusal.reason),
                )
            })
            .collect()
    }

    #[test]
    fn arrays_and_rows_of_objects_read_the_same() {
        let expected = [(1, Ok("a}".to_owned())), (3, Ok("b\"]".to_owned()))];
        assert_eq!(
            texts("[{\"text\": \"a}\"},\n\n {\"text\":\n\"b\\\"]\"}]\n"),
            expected
        );
        assert_eq!(
            texts("{\"text\": \"a}\"}\n\n{\"text\": \"b\\\"]\"}"),
            expected
        );
    }

    #[test]
    fn what_is_no_document_is_refused_and_the_rest_is_read() {
        let found = texts(
            "[1, {\"text\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}, {\"text\": \"b\"}, {\"te",
        );
        assert!(
            found[0]
                .1
                .as_ref()
                .is_err_and(|reason| reason.contains("not a JSON object"))
        );
        assert!(
            found[1]
                .1
                .as_ref()
                .is_err_and(|reason| reason.contains("too long: 60 bytes"))
        );
        assert_eq!(found[2].1, Ok("b".to_owned()));
        assert!(
            found[3]
                .1
                .as_ref()
                .is_err_and(|reason| reason.contains("ends inside"))
        );
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(json in "[\\[\\]{}\",:a\\\\\n 1]{0,80}") {
            let found = texts(&json);
            prop_assert!(found.len() <= json.len());
        }
    }
}
