//! Packed archives, and archives made to harm.

use std::io::{Cursor, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use plenary::corpus::{self, CorpusOptions, Entry, UnpackLimits};
use plenary::schema::{Document, Quarantined};
use zip::write::SimpleFileOptions;

const LINE: &str = "{\"text\": \"The harbour opens in May, the minister said.\"}\n";

fn read_with(path: &Path, options: &CorpusOptions) -> (Vec<Document>, Vec<Quarantined>) {
    let (mut documents, mut quarantined) = (Vec::new(), Vec::new());
    for entry in corpus::open(&[path.to_owned()], options).expect("the archive opens") {
        match entry {
            Entry::Document(document) => documents.push(document),
            Entry::Quarantined(place) => quarantined.push(place),
        }
    }
    (documents, quarantined)
}

/// The ids of the documents in a file of these bytes, and the reasons for what is set aside.
fn read(name: &str, bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    let (documents, quarantined) = read_with(&path, &CorpusOptions::default());
    (
        documents
            .into_iter()
            .map(|document| document.metadata.id)
            .collect(),
        quarantined
            .into_iter()
            .map(|place| {
                format!(
                    "{}: {}",
                    place.origin.member.unwrap_or_default(),
                    place.reason
                )
            })
            .collect(),
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("packed");
    encoder.finish().expect("packed")
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).expect("a length"));
        // `append_data` refuses paths that lead out, which the tests need.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        builder.append(&header, *bytes).expect("packed");
    }
    builder.into_inner().expect("packed")
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("packed");
        writer.write_all(bytes).expect("packed");
    }
    writer.finish().expect("packed").into_inner()
}

#[test]
fn packed_files_read_like_the_files_in_them() {
    let line = LINE.as_bytes();
    let zstandard = zstd::encode_all(line, 3).expect("packed");
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(line).expect("packed");
    let bzip2 = bzip2.finish().expect("packed");
    for (name, bytes) in [
        ("news.jsonl.gz", gzip(line)),
        ("news.jsonl.gz", [gzip(line), gzip(line)].concat()),
        ("news.jsonl.zst", zstandard),
        ("news.jsonl.bz2", bzip2),
    ] {
        let (ids, quarantined) = read(name, &bytes);
        assert_eq!(ids[0], "news#1", "{name}");
        assert_eq!(quarantined, [""; 0], "{name}");
    }
}

#[test]
fn containers_are_read_one_level_deep_in_each_other() {
    let inner = zip(&[("a.txt", b"We agree."), ("b/c.jsonl", LINE.as_bytes())]);
    let outer = tar(&[
        ("x/inner.zip", &inner),
        ("d.md", b"# We do."),
        (".DS_Store", b"\0\0"),
    ]);
    let expected = [
        "all.tar.gz/x/inner.zip/a.txt",
        "all.tar.gz/x/inner.zip/b/c#1",
        "all.tar.gz/d.md",
    ];
    let (ids, quarantined) = read("all.tar.gz", &gzip(&outer));
    assert_eq!(ids, expected);
    assert_eq!(quarantined, [""; 0]);
    let deeper = zip(&[("outer.tar", &outer), ("e.txt", b"So do we.")]);
    let (ids, quarantined) = read("deep.zip", &deeper);
    assert_eq!(ids, ["deep.zip/outer.tar/d.md", "deep.zip/e.txt"]);
    assert!(quarantined[0].starts_with("outer.tar/x/inner.zip: an archive in an archive in an"));
}

#[test]
fn paths_that_lead_out_of_an_archive_are_refused() {
    let members: [(&str, &[u8]); 3] = [
        ("../../etc/a.txt", b"No."),
        ("/b.txt", b"No."),
        ("c.txt", b"We agree."),
    ];
    for (name, bytes) in [("a.tar", tar(&members)), ("a.zip", zip(&members))] {
        let (ids, quarantined) = read(name, &bytes);
        assert_eq!(ids, [format!("{name}/c.txt")]);
        assert_eq!(quarantined.len(), 2);
        assert!(
            quarantined[0].ends_with("its path leads out of the archive"),
            "{quarantined:?}"
        );
    }
}

#[test]
fn a_bomb_is_stopped_and_what_stands_before_it_is_read() {
    let zeros = vec![b' '; 64 << 20];
    let bomb = zip(&[
        ("a.txt", b"We agree."),
        ("bomb.txt", &gzip(&gzip(&zeros))),
        ("z.txt", b"So do we."),
    ]);
    let (ids, quarantined) = read("bomb.zip", &bomb);
    assert_eq!(ids[0], "bomb.zip/a.txt");
    assert!(
        quarantined[0].contains("bomb.txt: cannot be read: it unpacks to more than 1000 times"),
        "{quarantined:?}"
    );
    let nested = (0..5).fold(LINE.as_bytes().to_vec(), |bytes, _| gzip(&bytes));
    let (_, quarantined) = read("a.jsonl.gz", &nested);
    assert!(
        quarantined[0].contains("packed more than 3 times"),
        "{quarantined:?}"
    );
}

#[test]
fn limits_of_unpacking_can_be_set() {
    let file = tempfile::NamedTempFile::with_suffix(".zip").expect("a file");
    let members: [(&str, &[u8]); 3] =
        [("a.txt", b"One."), ("b.txt", b"Two."), ("c.txt", b"Three.")];
    std::fs::write(file.path(), zip(&members)).expect("a file");
    let limits = |unpack| CorpusOptions {
        unpack,
        ..CorpusOptions::default()
    };
    let few = UnpackLimits {
        max_members: 2,
        ..UnpackLimits::default()
    };
    let (documents, quarantined) = read_with(file.path(), &limits(few));
    assert_eq!(documents.len(), 2);
    assert!(
        quarantined[0].reason.contains("--max-members"),
        "{quarantined:?}"
    );
    let small = UnpackLimits {
        max_bytes: 6,
        ..UnpackLimits::default()
    };
    let (documents, quarantined) = read_with(file.path(), &limits(small));
    assert_eq!((documents.len(), quarantined.len()), (1, 2));
}

#[test]
fn damaged_packed_files_give_what_is_left_of_them() {
    let lines = LINE.repeat(20_000);
    let packed = gzip(lines.as_bytes());
    let (ids, quarantined) = read("news.jsonl.gz", &packed[..packed.len() / 2]);
    assert!(ids.len() > 1_000, "{}", ids.len());
    assert!(
        quarantined[0].contains("reading stopped here"),
        "{quarantined:?}"
    );
    // A file shorter than what is looked at to tell its format, too.
    let few: String = (0..40_u32)
        .map(|n| LINE.replace("May", &format!("May {}", n.wrapping_mul(2_654_435_761))))
        .collect();
    let packed_few = gzip(few.as_bytes());
    let (ids, quarantined) = read("few.jsonl.gz", &packed_few[..packed_few.len() / 2]);
    assert!(ids.len() > 5, "{}", ids.len());
    assert_eq!(quarantined.len(), 1);
    let whole = zip(&[("a.txt", b"We agree.")]);
    let (ids, quarantined) = read("a.zip", &whole[..whole.len() / 2]);
    assert_eq!(ids, [""; 0]);
    assert!(
        quarantined[0].contains("not a readable ZIP file"),
        "{quarantined:?}"
    );
    let (_, quarantined) = read("a.txt.gz", &packed[..20]);
    assert!(quarantined[0].contains("cannot be read"), "{quarantined:?}");
}

#[test]
fn a_member_that_is_cut_off_is_set_aside_under_its_name() {
    let numbers = (0..400_u32).map(|n| n.wrapping_mul(2_654_435_761));
    let sentences: Vec<String> = numbers.map(|n| format!("We agree {n}. ")).collect();
    let long = sentences.concat();
    let whole = tar(&[("a.txt", b"We agree."), ("b.txt", long.as_bytes())]);
    // The header and block of the first member, the header of the second, and a third of its words.
    let cut = &whole[..512 * 3 + 1_000];
    let packed = gzip(&whole);
    for (name, bytes) in [
        ("a.tar", cut),
        ("a.tar.gz", &gzip(cut)[..]),
        ("b.tar.gz", &packed[..packed.len() / 2]),
    ] {
        let (ids, quarantined) = read(name, bytes);
        assert!(ids.len() <= 1, "{name}: {ids:?}");
        assert!(
            quarantined[0].ends_with("the archive is cut off within it"),
            "{name}: {quarantined:?}"
        );
    }
    let (ids, quarantined) = read("a.tar", cut);
    assert_eq!(ids, ["a.tar/a.txt"]);
    assert!(quarantined[0].starts_with("b.txt: "), "{quarantined:?}");
}

#[test]
fn members_of_a_zip_file_are_unpacked_or_their_method_is_named() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let bzip2 = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Bzip2);
    writer.start_file("a.txt", bzip2).expect("packed");
    writer.write_all(b"We agree.").expect("packed");
    let good = writer.finish().expect("packed").into_inner();
    assert_eq!(
        read("a.zip", &good),
        (vec!["a.zip/a.txt".to_owned()], vec![])
    );
    let mut lzma = good.clone();
    for (magic, at) in [(b"PK\x03\x04", 8), (b"PK\x01\x02", 10)] {
        let start = good.windows(4).position(|bytes| bytes == magic);
        lzma[start.expect("a header") + at] = 14;
    }
    let (_, quarantined) = read("a.zip", &lzma);
    assert!(
        quarantined[0].starts_with("a.txt: packed by Lzma, which is not read"),
        "{quarantined:?}"
    );
    let mut damaged = zip(&[("a.txt", b"We agree, the minister said.")]);
    damaged[40] ^= 0xFF;
    let (ids, quarantined) = read("a.zip", &damaged);
    assert_eq!(ids, [""; 0]);
    assert!(quarantined[0].starts_with("a.txt: "), "{quarantined:?}");
}

#[test]
fn office_files_say_what_to_do() {
    let (_, quarantined) = read("speech.docx", &zip(&[("word/document.xml", b"<a/>")]));
    assert!(
        quarantined[0].contains("save it as text first"),
        "{quarantined:?}"
    );
}

#[test]
fn a_book_gives_its_chapters_and_nothing_else() {
    let page = |words: &str| format!("<html><body><p>{words}</p></body></html>");
    let book = zip(&[
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", b"<container/>"),
        (
            "OEBPS/content.opf",
            b"<package>What the book is called.</package>",
        ),
        (
            "OEBPS/1.xhtml",
            page("The harbour opens in May, the minister said.").as_bytes(),
        ),
        (
            "OEBPS/2.XHTML",
            page("It closes in June, and the town is sad about it.").as_bytes(),
        ),
        ("OEBPS/cover.png", b"\x89PNG"),
    ]);
    let (ids, quarantined) = read("book.epub", &book);
    assert_eq!(ids, ["book.epub/OEBPS/1.xhtml", "book.epub/OEBPS/2.XHTML"]);
    assert_eq!(quarantined, [""; 0]);
}

#[test]
fn a_book_says_who_wrote_its_chapters_and_in_which_order_they_are_read() {
    let page = "<html><body><p>The harbour opens in May, the minister said.</p></body></html>";
    let book = zip(&[
        (
            "META-INF/container.xml",
            b"<container><rootfiles><rootfile full-path='OEBPS/c.opf'/></rootfiles></container>",
        ),
        ("OEBPS/1.xhtml", page.as_bytes()),
        ("OEBPS/2.xhtml", page.as_bytes()),
        ("OEBPS/notes.xhtml", page.as_bytes()),
        (
            "OEBPS/c.opf",
            b"<package><metadata><dc:title>The Harbour</dc:title><dc:creator>A. Writer</dc:creator>\
              <dc:date>1987</dc:date></metadata><manifest><item id='a' href='1.xhtml'/>\
              <item id='b' href='2.xhtml'/></manifest><spine><itemref idref='b'/><itemref idref='a'/></spine>",
        ),
    ]);
    let file = tempfile::NamedTempFile::with_suffix(".epub").expect("a file");
    std::fs::write(file.path(), book).expect("a file");
    let (documents, _) = read_with(file.path(), &CorpusOptions::default());
    let members: Vec<_> = documents
        .iter()
        .filter_map(|document| document.metadata.origin.member.as_deref())
        .collect();
    assert_eq!(
        members,
        ["OEBPS/2.xhtml", "OEBPS/1.xhtml", "OEBPS/notes.xhtml"]
    );
    for document in &documents {
        let metadata = &document.metadata;
        assert_eq!(metadata.date.as_deref(), Some("1987"));
        assert_eq!(metadata.fields["author"], "A. Writer");
        assert_eq!(metadata.fields["book"], "The Harbour");
    }
}

#[test]
fn a_page_nested_100_000_deep_neither_overflows_nor_ends_the_run() {
    let deep = format!(
        "<html><body>{}Words of the deep.{}",
        "<div>".repeat(100_000),
        "</div>".repeat(100_000)
    );
    let members: [(&str, &[u8]); 3] = [
        ("a.html", deep.as_bytes()),
        ("b.md", deep.as_bytes()),
        ("c.txt", b"We agree."),
    ];
    let (ids, _) = read("deep.zip", &zip(&members));
    assert!(ids.contains(&"deep.zip/c.txt".to_owned()), "{ids:?}");
}

#[test]
fn deep_json_and_yaml_are_set_aside() {
    let deep = format!(
        "{{\"a\": {}, \"text\": \"We agree.\"}}\n",
        "[".repeat(100_000)
    );
    let (ids, quarantined) = read("deep.jsonl", format!("{deep}{LINE}").as_bytes());
    assert_eq!(ids, ["deep#2"]);
    assert_eq!(quarantined.len(), 1);
    let front = format!("---\na: {}\n---\nWords.\n", "[".repeat(100_000));
    let (_, quarantined) = read("deep.md", front.as_bytes());
    assert_eq!(quarantined.len(), 1);
}

#[test]
fn web_archives_and_mailboxes_are_read_packed_too() {
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>The harbour opens in May.</p>";
    let record = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/a\r\nContent-Length: {}\r\n\r\n{page}\r\n\r\n",
        page.len()
    );
    // Common Crawl packs every record by itself.
    let (ids, _) = read(
        "crawl.warc.gz",
        &[gzip(record.as_bytes()), gzip(record.as_bytes())].concat(),
    );
    assert_eq!(ids, ["https://example.org/a", "https://example.org/a~2"]);
    let mailbox = "From a@example.org\nSubject: News\n\nThe harbour opens.\n";
    let (ids, _) = read("list.mbox.gz", &gzip(mailbox.as_bytes()));
    assert_eq!(ids, ["list#1"]);
}

#[test]
fn what_a_web_archive_holds_beside_pages_is_counted() {
    let record = |answer: &str| {
        format!(
            "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {}\r\n\r\n{answer}\r\n\r\n",
            answer.len()
        )
    };
    let crawl = [
        record("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n...."),
        record("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nThe harbour opens in May."),
        record("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>Gone.</p>"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("crawl.warc");
    std::fs::write(&archive, crawl.concat()).unwrap();
    let output = crate::plenary()
        .args(["tag", "--engine", "embedded", "--output"])
        .arg(folder.path().join("records.jsonl"))
        .arg(&archive)
        .assert()
        .success();
    let summary = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    let line = summary.lines().find(|line| line.starts_with("no pages"));
    assert!(line.is_some_and(|line| line.contains(" 2 ")), "{summary}");
}
