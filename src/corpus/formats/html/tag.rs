//! Tags and comments of a page, one after the other.

use memchr::{memchr, memchr_iter, memchr3, memmem};

/// Names are told apart by so many bytes.
const NAME_BYTES: usize = 16;

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Opening,
    Closing,
    Comment,
}

/// A tag or a comment, from its `<` until after its `>`.
#[derive(Clone, Copy)]
pub(super) struct Tag {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    name: [u8; NAME_BYTES],
    name_bytes: usize,
}

impl Tag {
    /// The first tag or comment that begins at a place or after it.
    pub(super) fn next(html: &str, mut place: usize) -> Option<Self> {
        let bytes = html.as_bytes();
        loop {
            let start = place + memchr(b'<', &bytes[place..])?;
            place = start + 1;
            let rest = &bytes[place..];
            let (mut name, mut name_bytes) = ([0; NAME_BYTES], 0);
            if let Some(comment) = rest.strip_prefix(b"!--") {
                return Some(Self {
                    kind: Kind::Comment,
                    start,
                    end: bytes.len() - comment.len() + comment_bytes(comment)?,
                    name,
                    name_bytes,
                });
            }
            let (kind, rest) = match rest.strip_prefix(b"/") {
                Some(rest) => (Kind::Closing, rest),
                None => (Kind::Opening, rest),
            };
            for (to, byte) in name.iter_mut().zip(rest) {
                if !byte.is_ascii_alphanumeric() && *byte != b'-' {
                    break;
                }
                *to = byte.to_ascii_lowercase();
                name_bytes += 1;
            }
            if name[0].is_ascii_alphabetic() {
                let end = tag_end(bytes, bytes.len() - rest.len() + name_bytes);
                return Some(Self {
                    kind,
                    start,
                    end,
                    name,
                    name_bytes,
                });
            }
        }
    }

    /// In small letters.
    pub(super) fn name(&self) -> &str {
        std::str::from_utf8(&self.name[..self.name_bytes]).unwrap_or_default()
    }
}

/// The length of a comment after its `<!--`; none if it does not end.
fn comment_bytes(comment: &[u8]) -> Option<usize> {
    memchr_iter(b'>', comment).find_map(|at| {
        let before = &comment[..at];
        let abrupt = before.is_empty() || before == b"-";
        (abrupt || before.ends_with(b"--") || before.ends_with(b"--!")).then_some(at + 1)
    })
}

/// Where a tag ends whose name ends at a place: after the first `>` that is not of a quoted value.
fn tag_end(bytes: &[u8], mut place: usize) -> usize {
    while let Some(found) = memchr3(b'>', b'"', b'\'', &bytes[place..]) {
        let at = place + found;
        place = at + 1;
        if bytes[at] == b'>' {
            return place;
        }
        let before = bytes[..at]
            .iter()
            .rev()
            .find(|byte| !byte.is_ascii_whitespace());
        if before == Some(&b'=') {
            match memchr(bytes[at], &bytes[place..]) {
                Some(value) => place += value + 1,
                None => break,
            }
        }
    }
    bytes.len()
}

/// What follows the closing tag of an element whose content is no markup.
pub(super) fn after_closing(html: &str, tag: &Tag) -> usize {
    let bytes = html.as_bytes();
    let name = tag.name().as_bytes();
    let closing = memmem::find_iter(&bytes[tag.end..], b"</").find_map(|at| {
        let found = tag.end + at + 2;
        let end = found + name.len();
        let same = bytes.get(found..end)?.eq_ignore_ascii_case(name);
        let over = bytes
            .get(end)
            .is_none_or(|byte| !byte.is_ascii_alphanumeric());
        (same && over).then_some(end)
    });
    closing.map_or(bytes.len(), |end| tag_end(bytes, end))
}
