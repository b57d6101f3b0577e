//! Where something stands in a document's text, in bytes inside the program and in code points in files.

/// A half-open range of UTF-8 bytes of one document's text, always on character boundaries.
///
/// Only [`Document`](super::Document) makes spans, so a span of a document always slices it.
///
/// # Units
/// Bytes. Files count Unicode code points instead: see [`CodePoints`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// For [`Document`](super::Document) alone, which has checked the boundaries.
    pub(super) fn of_checked(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The first byte.
    pub fn start(self) -> usize {
        self.start
    }

    /// One past the last byte.
    pub fn end(self) -> usize {
        self.end
    }

    /// The number of bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether it spans nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the two share at least one byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The number of bytes that the two share.
    pub fn shared_len(self, other: Self) -> usize {
        self.end
            .min(other.end)
            .saturating_sub(self.start.max(other.start))
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The shortest span that holds both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A half-open range of Unicode code points of a document's text, as files give it.
///
/// # Units
/// Code points (what Python, R and annotation tools count), not bytes and not UTF-16 units.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct CodePoints(pub usize, pub usize);

/// How many bytes lie between two entries of [`CodePointIndex`].
const STRIDE: usize = 256;

/// Turns byte offsets of one text into code-point offsets and back in near constant time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CodePointIndex {
    /// Code points before byte `i * STRIDE` (continuation bytes belong to the character before);
    /// empty for ASCII text, where both counts are the same.
    before: Vec<usize>,
}

fn starts_character(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

impl CodePointIndex {
    pub(super) fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self::default();
        }
        let mut count = 0;
        let mut before = Vec::with_capacity(text.len() / STRIDE + 1);
        for chunk in text.as_bytes().chunks(STRIDE) {
            before.push(count);
            count += chunk.iter().filter(|&&byte| starts_character(byte)).count();
        }
        Self { before }
    }

    /// The number of code points before the character boundary `byte`.
    pub(super) fn code_point(&self, text: &str, byte: usize) -> usize {
        if self.before.is_empty() {
            return byte;
        }
        let block = (byte / STRIDE).min(self.before.len() - 1);
        let tail = &text.as_bytes()[block * STRIDE..byte];
        self.before[block] + tail.iter().filter(|&&b| starts_character(b)).count()
    }

    /// The byte at which code point number `code_point` starts; the text's length for the one past the last.
    pub(super) fn byte(&self, text: &str, code_point: usize) -> Option<usize> {
        if self.before.is_empty() {
            return (code_point <= text.len()).then_some(code_point);
        }
        let block = self
            .before
            .partition_point(|&count| count <= code_point)
            .saturating_sub(1);
        let mut count = self.before[block];
        for (offset, &byte) in text.as_bytes()[block * STRIDE..].iter().enumerate() {
            if starts_character(byte) {
                if count == code_point {
                    return Some(block * STRIDE + offset);
                }
                count += 1;
            }
        }
        (count == code_point).then_some(text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn code_points_and_bytes_convert_both_ways(text in "\\PC{0,700}") {
            let index = CodePointIndex::new(&text);
            let boundaries = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
            for (count, byte) in boundaries.enumerate() {
                prop_assert_eq!(index.code_point(&text, byte), count);
                prop_assert_eq!(index.byte(&text, count), Some(byte));
            }
            prop_assert_eq!(index.byte(&text, text.chars().count() + 1), None);
        }
    }

    #[test]
    fn adjacent_spans_do_not_overlap() {
        let (a, b) = (Span::of_checked(0, 3), Span::of_checked(3, 5));
        assert!(!a.overlaps(b));
        assert_eq!(a.cover(b), Span::of_checked(0, 5));
        assert_eq!(a.shared_len(b), 0);
    }
}
