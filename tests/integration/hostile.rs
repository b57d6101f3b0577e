//! Bytes that nobody meant: every reader and the segmenter take whatever comes, and nothing ends the run.
//!
//! `PROPTEST_CASES=100000 cargo test --test integration hostile` tries more than the usual 256 a test.

use std::io::{Cursor, Write};
use std::sync::LazyLock;

use plenary::columnar::{self, Kind};
use plenary::corpus::{self, CorpusOptions, Entry};
use plenary::schema::Document;
use plenary::schema::document::Metadata;
use plenary::stages::segment::Segmenter;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::archive::lost_or_double;

const ARTICLE: &str = "“We will wait,” said Mr. J. Stone of the U.S. office.\n\n“First, the river.\n\n- Then (at 3.5 p.m.) the bridge…\r\n\tAdvertisement\nНет! 是。 e\u{301} \u{feff}The end";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    builder.append_data(&mut header, name, bytes).unwrap();
    builder.into_inner().unwrap()
}

fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file(name, options).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap().into_inner()
}

fn columns(kind: Kind) -> Vec<u8> {
    let record =
        serde_json::json!({"document": {"id": "a", "title": "T"}, "text": ARTICLE, "span": [0, 9]});
    let lines = format!("{record}\n").repeat(3);
    let mut bytes = Vec::new();
    columnar::write(kind, &[], || Ok(Cursor::new(lines.clone())), &mut bytes).unwrap();
    bytes
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// A small good file of every format and packing, by its name.
static GOOD: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let json = serde_json::json!({"id": "a", "title": "T", "date": "3 May 2024", "text": ARTICLE});
    let lines = format!("{json}\n{json}\n").into_bytes();
    let page = format!(
        "<!doctype html><html><head><title>T</title><meta charset=\"utf-8\"><script type=\"application/ld+json\">{{\"datePublished\":\"2024-05-03\"}}</script></head><body><article><h1>T</h1><p>{ARTICLE}</p><p>&amp;&nbsp;&#x41;<a href=\"/x\">more</a></p></article></body></html>"
    );
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}");
    let web = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/a\r\nContent-Length: {}\r\n\r\n{answer}\r\n\r\n",
        answer.len()
    );
    let mail = format!(
        "From a@example.org\nSubject: =?utf-8?q?N=C3=A9?=\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: quoted-printable\n\n{ARTICLE}=20\n--b--\n\nFrom b@example.org\n\nTwo.\n"
    );
    let front = format!(
        "---\ntitle: T\ndate: 2024-05-03\ntags: [a, b]\n---\n# T\n\n{ARTICLE}\n\n> *q* `c`\n\n| a | b |\n|---|---|\n"
    );
    let utf16: Vec<u8> = ARTICLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("a.txt", ARTICLE.as_bytes().to_vec()),
        ("b.txt", [&[0xFF, 0xFE][..], &utf16].concat()),
        ("a.md", front.into_bytes()),
        ("a.html", page.into_bytes()),
        ("a.json", format!("[{json},\n{json}]").into_bytes()),
        ("a.jsonl", lines.clone()),
        (
            "a.csv",
            b"id,title,text\n1,T,\"We \"\"agree\"\".\"\n2,U,No.\n".to_vec(),
        ),
        ("a.mbox", mail.into_bytes()),
        ("a.warc", web.clone().into_bytes()),
        ("a.parquet", columns(Kind::Parquet)),
        ("a.feather", columns(Kind::ArrowFile)),
        ("a.arrows", columns(Kind::ArrowStream)),
        ("a.jsonl.gz", gzip(&lines)),
        ("a.jsonl.zst", zstd::encode_all(&*lines, 1).unwrap()),
        ("a.jsonl.bz2", bzip2(&lines)),
        ("a.warc.gz", gzip(web.as_bytes())),
        ("a.tar", tar("b/a.jsonl", &lines)),
        ("a.zip", zip("b/a.jsonl", &lines)),
        ("b.zip", zip("b/a.tar", &tar("a.md", b"# T\n\nWe agree."))),
    ]
});

/// One change to the bytes of a file.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize),
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let telling = prop::sample::select(&b"\0\n\r\"',;<>[]{}&-\\\xFF\x80 \t"[..]);
    let some = prop_oneof![any::<u8>(), telling];
    prop_oneof![
        4 => (any::<Index>(), some.clone()).prop_map(|(at, byte)| Change::Set(at, byte)),
        2 => (any::<Index>(), 1..40_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        2 => (any::<Index>(), prop::collection::vec(some, 1..12)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => (any::<Index>(), 1..200_usize).prop_map(|(at, count)| Change::Repeat(at, count)),
        1 => any::<Index>().prop_map(Change::Cut),
    ]
}

fn changed(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match change {
            Change::Set(at, byte) => bytes[at.index(length)] = *byte,
            Change::Remove(at, count) => {
                let at = at.index(length);
                bytes.drain(at..length.min(at + count));
            }
            Change::Insert(at, more) => {
                let at = at.index(length);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Repeat(at, count) => {
                let at = at.index(length);
                let more = bytes[at..length.min(at + count)].to_vec();
                bytes.splice(at..at, more);
            }
            Change::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
}

/// Reads a file of these bytes and segments what is in it: a complaint if something was lost or failed.
fn complaint(name: &str, bytes: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let options = CorpusOptions {
        max_document_bytes: 1 << 20,
        ..CorpusOptions::default()
    };
    let segmenter = Segmenter::default();
    let mut entries = 0;
    for entry in corpus::open(&[path], &options).unwrap() {
        entries += 1;
        match entry {
            Entry::Quarantined(place) if place.reason.contains("please report") => {
                return Some(place.reason);
            }
            Entry::Quarantined(place) if place.reason.is_empty() => {
                return Some("set aside without a reason".to_owned());
            }
            Entry::Quarantined(_) => {}
            Entry::Document(document) if document.text().trim().is_empty() => {
                return Some("a document without words".to_owned());
            }
            document @ Entry::Document(_) => {
                if let Some(lost) = lost_or_double(document, &segmenter) {
                    return Some(lost);
                }
            }
        }
    }
    (entries == 0 && name == "a.txt").then(|| "nothing was said of a text".to_owned())
}

proptest! {
    #[test]
    fn damaged_files_of_every_format_are_read_or_set_aside(
        file in any::<Index>(),
        changes in prop::collection::vec(change(), 0..6),
    ) {
        let (name, bytes) = file.get(&GOOD);
        prop_assert_eq!(complaint(name, &changed(bytes, &changes)), None, "{}", name);
    }

    #[test]
    fn any_bytes_under_any_name_are_read_or_set_aside(
        file in any::<Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        head in 0..24_usize,
    ) {
        let (name, good) = file.get(&GOOD);
        // The first bytes of the format, so that its reader is asked at all.
        let bytes = [&good[..head.min(good.len())], &bytes].concat();
        prop_assert_eq!(complaint(name, &bytes), None, "{}", name);
    }

    #[test]
    fn any_text_is_segmented_without_loss(text in "(\\PC|[ \n\t\r.!?…\"'“”«»()-]|[A-Z]\\.|\\. |\n\n){0,200}") {
        let document = Document::new(Metadata::default(), text);
        prop_assert_eq!(lost_or_double(Entry::Document(document), &Segmenter::default()), None);
    }
}
