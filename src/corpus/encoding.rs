//! Bytes of any encoding as text: what a byte order mark says, else UTF-8, else a guess.

use std::sync::LazyLock;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use regex::bytes::Regex;

use super::stream::Stream;

/// Bytes that the guess looks at.
const GUESS_BYTES: usize = 1 << 20;

/// UTF-8 with broken places is still UTF-8 while this many good characters stand against a broken one.
const GOOD_FOR_ONE_BROKEN: usize = 20;

/// The encoding of bytes of which `head` is the beginning.
///
/// A byte order mark decides; else UTF-8 if the bytes are valid, or valid but for a few broken places;
/// else UTF-16 if every other byte is zero; else what the letters make likely.
pub(super) fn detect(head: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    if is_nearly_utf8(head) {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    let looked_at = head.get(..GUESS_BYTES).unwrap_or(head);
    detector.feed(looked_at, true);
    detector.guess(None, Utf8Detection::Deny)
}

fn is_nearly_utf8(bytes: &[u8]) -> bool {
    // Most files: much faster than looking at their characters.
    let Err(error) = std::str::from_utf8(bytes) else {
        return true;
    };
    let (mut good, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    // The head of a file may end inside a character.
    broken -= usize::from(error.error_len().is_none());
    broken * GOOD_FOR_ONE_BROKEN <= good
}

/// UTF-16 without a mark, where nearly every other byte of Latin text is zero.
fn unmarked_utf16(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.chunks_exact(2);
    let count = pairs.len().max(1);
    let zeros = |index: usize| {
        let of_index = |pair: &&[u8]| pair.get(index) == Some(&0);
        head.chunks_exact(2).filter(of_index).count()
    };
    let (first, second) = (zeros(0), zeros(1));
    let nearly_all = |zeros: usize| zeros * 10 > count * 7;
    match (nearly_all(first), nearly_all(second)) {
        (true, false) if second * 10 < count => Some(UTF_16BE),
        (false, true) if first * 10 < count => Some(UTF_16LE),
        _ => None,
    }
}

/// Where a web page names its encoding, in its first bytes.
#[expect(clippy::expect_used, reason = "a constant pattern")]
static CHARSET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i-u)charset\s*=\s*["']?([a-z0-9_:-]+)"#).expect("a pattern: bug")
});

/// Bytes of a page in which it has to name its encoding, after the HTML standard.
const CHARSET_BYTES: usize = 1_024;

/// The encoding of a web page: what it names itself counts where its bytes are not UTF-8 anyway.
pub(super) fn of_page(bytes: &[u8]) -> Option<&'static Encoding> {
    if std::str::from_utf8(bytes).is_ok() || Encoding::for_bom(bytes).is_some() {
        return None;
    }
    let head = bytes.get(..CHARSET_BYTES).unwrap_or(bytes);
    Encoding::for_label(CHARSET.captures(head)?.get(1)?.as_bytes())
}

/// The beginnings of files that hold no text, with what they are.
const NOT_TEXT: [(&[u8], &str); 10] = [
    (b"%PDF-", "a PDF file: convert it to text first"),
    (
        b"\xD0\xCF\x11\xE0",
        "an old Word or Excel file: save it as text first",
    ),
    (b"{\\rtf", "an RTF file: save it as text first"),
    (b"\x89PNG", "an image"),
    (b"\xFF\xD8\xFF", "an image"),
    (b"GIF8", "an image"),
    (
        b"SQLite format 3",
        "an SQLite database: export its table as CSV",
    ),
    (b"\x7FELF", "a program"),
    (
        b"7z\xBC\xAF",
        "a 7z archive: unpack it, or pack it as ZIP or tar",
    ),
    (
        b"Rar!",
        "a RAR archive: unpack it, or pack it as ZIP or tar",
    ),
];

/// Why bytes that begin with `head` are no text, if they are none; the encoding if they are.
///
/// # Errors
/// What the bytes are instead.
pub(super) fn of_text(head: &[u8]) -> Result<&'static Encoding, String> {
    if let Some((_, what)) = NOT_TEXT.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(format!("not text but {what}"));
    }
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Ok(encoding);
    }
    if memchr::memchr(0, head).is_some() {
        return unmarked_utf16(head)
            .ok_or_else(|| "not text: a binary file (it holds zero bytes)".to_owned());
    }
    Ok(detect(head))
}

/// The text of whole bytes, without its byte order mark.
///
/// # Errors
/// Why the bytes are no text.
pub(super) fn decode(bytes: &[u8], given: Option<&'static Encoding>) -> Result<String, String> {
    let encoding = match given {
        Some(encoding) => encoding,
        None => of_text(bytes)?,
    };
    let (text, _, _) = encoding.decode(bytes);
    Ok(text.into_owned())
}

/// The bytes at the beginning of a stream that are left out by [`transcode`]; `None` where its bytes are others
/// altogether.
pub(super) fn skipped(head: &[u8], encoding: &'static Encoding) -> Option<u64> {
    let mark = if head.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    (encoding == UTF_8).then_some(u64::try_from(mark).ok()?)
}

/// The byte order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A stream in UTF-8 of a stream in `encoding`, without its byte order mark.
///
/// What is UTF-8 already goes through as it is, broken places included: its reader names them.
pub(super) fn transcode<'a>(stream: Stream<'a>, encoding: &'static Encoding) -> Stream<'a> {
    let mut builder = DecodeReaderBytesBuilder::new();
    if encoding == UTF_8 {
        builder
            .utf8_passthru(true)
            .strip_bom(true)
            .bom_sniffing(false);
    } else {
        builder.encoding(Some(encoding)).strip_bom(true);
    }
    Box::new(builder.build(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &str = "Президент сказал, что новый порт откроется в мае.";

    #[test]
    fn text_in_many_encodings_reads_the_same() {
        let (windows, _, _) = encoding_rs::WINDOWS_1251.encode(SENTENCE);
        assert_eq!(decode(&windows, None).unwrap(), SENTENCE);
        let mut marked = vec![0xEF, 0xBB, 0xBF];
        marked.extend(SENTENCE.as_bytes());
        assert_eq!(decode(&marked, None).unwrap(), SENTENCE);
        let utf16: Vec<u8> = [0xFEFF]
            .into_iter()
            .chain(SENTENCE.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decode(&utf16, None).unwrap(), SENTENCE);
    }

    #[test]
    fn western_european_text_keeps_its_accents() {
        let latin = b"Le pr\xE9sident a d\xE9clar\xE9 que le nouveau port ouvrirait en mai.";
        assert_eq!(
            decode(latin, None).unwrap(),
            "Le président a déclaré que le nouveau port ouvrirait en mai."
        );
    }

    #[test]
    fn one_broken_byte_does_not_spoil_the_other_letters() {
        let mut bytes = SENTENCE.as_bytes().to_vec();
        bytes.push(0xFF);
        assert_eq!(decode(&bytes, None).unwrap(), format!("{SENTENCE}\u{FFFD}"));
    }

    #[test]
    fn utf16_without_a_mark_is_text_and_zero_bytes_elsewhere_are_not() {
        let utf16: Vec<u8> = "The harbour opens in May."
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(decode(&utf16, None).unwrap(), "The harbour opens in May.");
        assert!(decode(b"\x01\x00\x02\x03\x00\x00\x00\x07", None).is_err());
        assert!(decode(b"%PDF-1.7 ...", None).unwrap_err().contains("PDF"));
    }

    #[test]
    fn a_page_names_its_encoding() {
        let (page, _, _) = encoding_rs::WINDOWS_1251.encode("<meta charset='windows-1251'><p>Да");
        assert_eq!(of_page(&page), Some(encoding_rs::WINDOWS_1251));
        assert_eq!(of_page("<meta charset=windows-1251>Да".as_bytes()), None);
    }

    #[test]
    fn the_head_of_a_file_may_end_inside_a_character() {
        let bytes = SENTENCE.as_bytes();
        assert_eq!(detect(&bytes[..=bytes.len() / 2]), UTF_8);
        assert_eq!(detect(&bytes[..bytes.len() / 2]), UTF_8);
        assert_eq!(detect(b""), UTF_8);
    }
}
