//! Web archives (WARC 1.0 and 1.1): one document a page that was answered with success.
//!
//! Pages and plain texts are taken from `response` and `resource` records, and the text that Common Crawl
//! made of pages from `conversion` records. Redirects, images and the like hold no articles and are passed over, but
//! counted; records about the crawl (requests, revisits, `warcinfo`) are not.
//!
//! # Source
//! ISO 28500:2017, Information and documentation: WARC file format.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::Encoding;

use super::{Draft, Found, Refusal, html, parse_bytes, text, too_long};
use crate::corpus::stream::Stream;
use crate::corpus::{CorpusOptions, encoding};

/// The most bytes that a record's own header may have.
const HEADER_BYTES: u64 = 1 << 16;

/// The most header fields of an answer.
const HTTP_FIELDS: usize = 256;

/// Reads record by record; only records that may hold a page are held in memory.
pub(super) struct Reader<'a> {
    input: BufReader<Stream<'a>>,
    options: &'a CorpusOptions,
    record: usize,
    /// Where the record at hand begins, and how much was read.
    start: u64,
    read: u64,
    ended: bool,
}

type Header = HashMap<String, String>;

impl<'a> Reader<'a> {
    pub(super) fn new(stream: Stream<'a>, options: &'a CorpusOptions) -> Self {
        Self {
            input: BufReader::with_capacity(1 << 16, stream),
            options,
            record: 0,
            start: 0,
            read: 0,
            ended: false,
        }
    }

    /// The header of the next record; `None` at the end of the file.
    fn header(&mut self) -> Result<Option<Header>, String> {
        let mut line = Vec::new();
        let mut left = HEADER_BYTES;
        let mut header: Option<Header> = None;
        loop {
            line.clear();
            let read = self
                .input
                .by_ref()
                .take(left)
                .read_until(b'\n', &mut line)
                .map_err(|error| format!("reading stopped here: {error}"))?;
            let start = self.read;
            self.read += u64::try_from(read).unwrap_or(0);
            left -= u64::try_from(read).unwrap_or(left);
            let words = line.trim_ascii();
            match &mut header {
                None if read == 0 => return Ok(None),
                None if words.is_empty() => {}
                None if words.starts_with(b"WARC/") => {
                    self.start = start;
                    header = Some(Header::new());
                }
                None => return Err("reading stopped here: not a WARC record".to_owned()),
                Some(_) if read == 0 => {
                    return Err(
                        "reading stopped here: the header of a record does not end".to_owned()
                    );
                }
                Some(_) if words.is_empty() => return Ok(header),
                Some(fields) => {
                    let words = String::from_utf8_lossy(words);
                    if let Some((name, value)) = words.split_once(':') {
                        fields.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
                    }
                }
            }
        }
    }

    /// The next page; `Ok(None)` for a record about the crawl.
    fn page(&mut self, header: &Header) -> Result<Option<Result<Draft, Refusal>>, String> {
        let length: u64 = header
            .get("content-length")
            .and_then(|length| length.parse().ok())
            .ok_or("reading stopped here: a record without its length")?;
        let kind = header.get("warc-type").map_or("", String::as_str);
        let may_hold = matches!(kind, "response" | "resource" | "conversion");
        let limit = u64::try_from(self.options.max_document_bytes).unwrap_or(u64::MAX);
        let mut block = self.input.by_ref().take(length);
        if !may_hold || length > limit {
            let skipped = io::copy(&mut block, &mut io::sink());
            let skipped = skipped.map_err(|error| format!("reading stopped here: {error}"))?;
            self.read += skipped;
            return match (skipped == length, may_hold) {
                (false, _) => Err(cut_short()),
                (true, false) => Ok(None),
                (true, true) => {
                    let reason = too_long(Some(length), self.options.max_document_bytes);
                    Ok(Some(Err(refusal(header, reason))))
                }
            };
        }
        let mut bytes = Vec::new();
        let read = block.read_to_end(&mut bytes);
        let read = read.map_err(|error| format!("reading stopped here: {error}"))?;
        self.read += u64::try_from(read).unwrap_or(0);
        if u64::try_from(read).ok() != Some(length) {
            return Err(cut_short());
        }
        Ok(Some(match draft(header, &bytes, self.options) {
            Ok(Some(draft)) => Ok(draft),
            Ok(None) => Err(Refusal {
                no_page: true,
                ..refusal(header, "no page".to_owned())
            }),
            Err(reason) => Err(refusal(header, reason)),
        }))
    }
}

fn cut_short() -> String {
    "the file ends inside this record".to_owned()
}

impl Iterator for Reader<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        while !self.ended {
            self.record += 1;
            let page = match self.header() {
                Ok(Some(header)) => self.page(&header),
                Ok(None) => return None,
                Err(reason) => Err(reason),
            };
            match page {
                Ok(None) => {}
                Ok(Some(draft)) => {
                    return Some(Found::at(self.record, self.start..self.read, draft));
                }
                Err(reason) => {
                    self.ended = true;
                    return Some(Found::at(
                        self.record,
                        self.start..self.read,
                        Err(reason.into()),
                    ));
                }
            }
        }
        None
    }
}

fn refusal(header: &Header, reason: String) -> Refusal {
    Refusal {
        id: header.get("warc-target-uri").cloned(),
        ..reason.into()
    }
}

/// The document of a record; `None` if what it holds is no page.
fn draft(header: &Header, block: &[u8], options: &CorpusOptions) -> Result<Option<Draft>, String> {
    let declared = header.get("content-type").cloned().unwrap_or_default();
    let is_response = header
        .get("warc-type")
        .is_some_and(|kind| kind == "response");
    let body = if is_response {
        body(block, options.max_document_bytes)?
    } else {
        Some((declared, block.to_vec()))
    };
    let Some((media_type, body)) = body else {
        return Ok(None);
    };
    let media_type = media_type.to_ascii_lowercase();
    let is_page = media_type.contains("html");
    if !is_page && !media_type.starts_with("text/plain") {
        return Ok(None);
    }
    let named = media_type
        .split_once("charset=")
        .and_then(|(_, label)| Encoding::for_label(label.trim_matches(['"', ' ', ';']).as_bytes()))
        .filter(|_| std::str::from_utf8(&body).is_err())
        .or_else(|| is_page.then(|| encoding::of_page(&body)).flatten());
    let parse = if is_page { html::parse } else { text::parse };
    let mut draft = parse_bytes(&body, named, options, parse)?;
    describe(header, &mut draft);
    Ok(Some(draft))
}

fn describe(header: &Header, draft: &mut Draft) {
    let Draft { metadata, .. } = draft;
    if let Some(url) = header.get("warc-target-uri") {
        metadata.id.clone_from(url);
        metadata.fields.insert("url".to_owned(), url.clone());
        if metadata.source.is_none() {
            let host = url.split('/').nth(2).filter(|host| !host.is_empty());
            metadata.source = host.map(str::to_owned);
        }
    }
    if let Some(captured) = header.get("warc-date") {
        metadata
            .fields
            .insert("captured".to_owned(), captured.clone());
    }
}

/// The media type and body of an HTTP answer; `None` if it is not a success.
fn body(block: &[u8], limit: usize) -> Result<Option<(String, Vec<u8>)>, String> {
    let mut fields = [httparse::EMPTY_HEADER; HTTP_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let length = match response.parse(block) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Err("the answer's header does not end".to_owned()),
        Err(error) => return Err(format!("not an HTTP answer: {error}")),
    };
    if response.code != Some(200) {
        return Ok(None);
    }
    let field = |name: &str| {
        let found = response
            .headers
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name));
        found.map(|field| String::from_utf8_lossy(field.value).to_ascii_lowercase())
    };
    let body = block.get(length..).unwrap_or_default();
    // Crawlers often leave these fields as they were and store the body decoded.
    let body = match field("transfer-encoding") {
        Some(coding) if coding.contains("chunked") => {
            unchunk(body).unwrap_or_else(|| body.to_vec())
        }
        _ => body.to_vec(),
    };
    let body = if body.starts_with(&[0x1F, 0x8B]) {
        let mut unpacked = Vec::new();
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let read = flate2::read::MultiGzDecoder::new(body.as_slice())
            .take(limit)
            .read_to_end(&mut unpacked);
        read.map_err(|error| format!("the packed answer cannot be read: {error}"))?;
        unpacked
    } else {
        body
    };
    Ok(Some((field("content-type").unwrap_or_default(), body)))
}

/// A body without the lengths of its chunks; `None` if it has none.
fn unchunk(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = body.iter().position(|&byte| byte == b'\n')?;
        let size = std::str::from_utf8(body.get(..end)?).ok()?;
        let size = size.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        let chunk = body.get(end + 1..)?.get(..size)?;
        whole.extend_from_slice(chunk);
        body = body.get(end + 1 + size..)?;
        body = body
            .strip_prefix(b"\r\n")
            .or_else(|| body.strip_prefix(b"\n"))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(kind: &str, url: &str, block: &str) -> String {
        format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-03-05T08:00:00Z\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        )
    }

    fn read(warc: &[u8]) -> Vec<Found> {
        let options = CorpusOptions::default();
        let found = Reader::new(Box::new(io::Cursor::new(warc.to_vec())), &options);
        found.collect()
    }

    #[test]
    fn pages_are_read_and_the_rest_is_passed_over_but_counted() {
        let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n<html><body><p>Word\r\n18\r\ns.</p></body></html>    \r\n0\r\n\r\n";
        let image = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n....";
        let moved = "HTTP/1.1 301 Moved\r\nContent-Type: text/html\r\n\r\n<p>gone</p>";
        let warc = [
            record("warcinfo", "", "software: x"),
            record("request", "https://example.org/a", "GET / HTTP/1.1\r\n\r\n"),
            record("response", "https://example.org/a", page),
            record("response", "https://example.org/b.png", image),
            record("response", "https://example.org/c", moved),
            record("conversion", "https://example.org/d", "Plain words."),
        ]
        .concat();
        let (no_pages, found): (Vec<_>, Vec<_>) = read(warc.as_bytes())
            .into_iter()
            .partition(|found| found.draft.as_ref().is_err_and(|refusal| refusal.no_page));
        assert_eq!((no_pages.len(), found.len()), (2, 2), "{found:?}");
        let first = found[0].draft.as_ref().unwrap();
        assert_eq!(
            (first.text.trim(), first.metadata.id.as_str()),
            ("Words.", "https://example.org/a")
        );
        assert_eq!(first.metadata.source.as_deref(), Some("example.org"));
        assert_eq!(found[1].draft.as_ref().unwrap().text, "Plain words.");
        assert_eq!(found[1].line, Some(6));
    }

    #[test]
    fn a_file_cut_short_is_named_where_it_ends() {
        let warc = record("conversion", "https://example.org/d", "Plain words.");
        let found = read(&warc.as_bytes()[..warc.len() - 10]);
        assert!(
            found[0]
                .draft
                .as_ref()
                .unwrap_err()
                .reason
                .contains("ends inside")
        );
        assert!(
            read(b"no archive\n")[0]
                .draft
                .as_ref()
                .unwrap_err()
                .reason
                .contains("not a WARC")
        );
    }

    proptest! {
        #[test]
        fn damaged_archives_come_to_an_end(at in 0_usize..300, byte in 0_u8..=255) {
            let mut warc = record("response", "https://example.org/a", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Words.").into_bytes();
            let at = at % warc.len();
            warc[at] = byte;
            prop_assert!(read(&warc).len() <= 3);
        }
    }
}
