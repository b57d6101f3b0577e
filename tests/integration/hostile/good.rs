//! A small good file of every format and packing, to be damaged; the fuzz target begins with them, too.

use std::io::{Cursor, Write};
use std::sync::LazyLock;

use plenary::columnar::{self, Kind};

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
pub(crate) static GOOD: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
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
    let record = serde_json::json!({
        "schema": 1, "document": {"id": "a", "date": "2024-05-03"}, "statement": 0, "span": [0, 14],
        "text": "We want peace.", "speaker": {"name": "Anna Berg"}, "speech": "direct",
        "labels": [{"theme": "security", "stance": "support", "target": "peace", "probability": 0.9}],
        "scores": {"security": 0.9}, "model": "overlap",
    });
    let table = "document_id,statement,text,speaker_name,theme,stance,probability\na,0,We want peace.,Anna Berg,security,support,0.9\n";
    vec![
        ("text", ARTICLE.as_bytes().to_vec()),
        (
            "records.jsonl",
            format!("{record}\n{record}\n").into_bytes(),
        ),
        ("records.csv", table.as_bytes().to_vec()),
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
