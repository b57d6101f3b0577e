//! Bytes of an archive with bounds: heads, whole documents and lines of at most so many bytes.

use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of the archive as they are read.
pub(super) type Stream<'a> = Box<dyn Read + 'a>;

/// Bytes that are looked at to tell format and encoding.
const HEAD_BYTES: u64 = 65_536;

/// The beginning of a stream, and the stream as if it had not been touched: where it is damaged soon, what
/// stands before the damage can still be read.
///
/// # Errors
/// If there is nothing before the damage.
pub(super) fn peek(mut stream: Stream<'_>) -> io::Result<(Vec<u8>, Stream<'_>)> {
    let mut head = Vec::new();
    let read = stream.by_ref().take(HEAD_BYTES).read_to_end(&mut head);
    let start = Cursor::new(head.clone());
    let whole: Stream<'_> = match read {
        Ok(_) => Box::new(start.chain(stream)),
        Err(error) if head.is_empty() => return Err(error),
        Err(error) => Box::new(start.chain(Damaged(error))),
    };
    Ok((head, whole))
}

/// What is left of a stream that cannot be read on.
struct Damaged(io::Error);

impl Read for Damaged {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(self.0.kind(), self.0.to_string()))
    }
}

/// All bytes of a stream; `None` if there are more than `limit`.
pub(super) fn read_whole(stream: Stream<'_>, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let limit_and_one = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    stream.take(limit_and_one).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// Counts the bytes that go through, for whoever shows progress and for the bounds of unpacking.
#[derive(Debug)]
pub(super) struct Counted<R> {
    inner: R,
    counts: [Arc<AtomicU64>; 2],
}

impl<R> Counted<R> {
    /// Counts into both.
    pub(super) fn new(inner: R, counts: [Arc<AtomicU64>; 2]) -> Self {
        Self { inner, counts }
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.inner.seek(position)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for count in &self.counts {
            count.fetch_add(u64::try_from(read).unwrap_or(0), Ordering::Relaxed);
        }
        Ok(read)
    }
}

/// A line of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Its bytes, without the line end.
    Whole(Vec<u8>),
    /// It was longer than the limit and was passed over; how long it was.
    TooLong {
        /// All its bytes.
        bytes: u64,
    },
}

/// Lines of at most so many bytes, numbered from 1; a longer one is passed over in bounded memory.
pub(super) struct Lines<'a> {
    reader: BufReader<Stream<'a>>,
    limit: usize,
    number: usize,
    /// Where the line that was read last begins and ends, and where the next begins.
    start: u64,
    end: u64,
    next: u64,
    failed: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(stream: Stream<'a>, limit: usize) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, stream),
            limit,
            number: 0,
            start: 0,
            end: 0,
            next: 0,
            failed: false,
        }
    }

    /// The bytes of the line that was read last, without its end.
    pub(super) fn bytes(&self) -> Range<u64> {
        self.start..self.end
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::new();
        (self.start, self.end) = (self.next, self.next);
        let limit = u64::try_from(self.limit).unwrap_or(u64::MAX);
        let read = self
            .reader
            .by_ref()
            .take(limit.saturating_add(1))
            .read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        self.next += u64::try_from(read).unwrap_or(0);
        if line.last() == Some(&b'\n') {
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        } else if read > self.limit {
            self.skip_line()?;
            let bytes = self.end - self.start;
            return Ok(Some(Line::TooLong { bytes }));
        }
        self.end = self.start + u64::try_from(line.len()).unwrap_or(0);
        Ok(Some(Line::Whole(line)))
    }

    /// Passes over the rest of the line.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let end = buffer.iter().position(|&byte| byte == b'\n');
            let of_line = end.unwrap_or(buffer.len());
            let is_last = end.is_some() || of_line == 0;
            self.reader.consume(of_line + usize::from(end.is_some()));
            self.end = self.next + u64::try_from(of_line).unwrap_or(0);
            self.next = self.end + u64::from(end.is_some());
            if is_last {
                return Ok(());
            }
        }
    }
}

impl Iterator for Lines<'_> {
    /// The number of the line, and the line or why reading stopped there.
    type Item = (usize, io::Result<Line>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        self.number += 1;
        match self.read() {
            Ok(line) => Some((self.number, Ok(line?))),
            Err(error) => {
                self.failed = true;
                Some((self.number, Err(error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(bytes: &[u8], limit: usize) -> Vec<(usize, Line)> {
        Lines::new(Box::new(Cursor::new(bytes.to_vec())), limit)
            .map(|(number, line)| (number, line.unwrap()))
            .collect()
    }

    #[test]
    fn a_long_line_is_passed_over_and_the_next_is_whole() {
        assert_eq!(
            lines(b"ab\r\nabcdef\nx", 3),
            [
                (1, Line::Whole(b"ab".to_vec())),
                (2, Line::TooLong { bytes: 6 }),
                (3, Line::Whole(b"x".to_vec())),
            ]
        );
    }

    #[test]
    fn a_line_of_just_the_limit_is_whole() {
        assert_eq!(lines(b"abc\nabc", 3).len(), 2);
        assert!(
            lines(b"abc\nabc", 3)
                .iter()
                .all(|(_, line)| *line == Line::Whole(b"abc".to_vec()))
        );
    }

    proptest! {
        #[test]
        fn without_long_lines_nothing_is_lost(text in "[a-c\n]{0,60}") {
            let expected: Vec<Vec<u8>> = text.lines().map(|line| line.as_bytes().to_vec()).collect();
            let found: Vec<Vec<u8>> = lines(text.as_bytes(), 100)
                .into_iter()
                .map(|(_, line)| match line { Line::Whole(bytes) => bytes, Line::TooLong { .. } => vec![] })
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
