//! Archives in: what is read from files, folders and streams, and what is set aside.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use plenary::corpus::{self, CorpusOptions, Entry, FieldNames};
use plenary::schema::{Document, Quarantined};

use crate::{fixture, plenary, shared_dir};

type Read = (Vec<Document>, Vec<Quarantined>);

fn read_with(inputs: &[PathBuf], options: &CorpusOptions) -> Read {
    let (mut documents, mut quarantined) = (Vec::new(), Vec::new());
    for entry in corpus::open(inputs, options).expect("the archive opens") {
        match entry {
            Entry::Document(document) => documents.push(document),
            Entry::Quarantined(place) => quarantined.push(place),
        }
    }
    (documents, quarantined)
}

fn read(input: impl AsRef<Path>) -> Read {
    read_with(&[input.as_ref().to_owned()], &CorpusOptions::default())
}

fn ids(documents: &[Document]) -> Vec<&str> {
    documents
        .iter()
        .map(|document| document.metadata.id.as_str())
        .collect()
}

fn by_id<'a>(documents: &'a [Document], id: &str) -> &'a Document {
    let found = documents.iter().find(|document| document.metadata.id == id);
    found.unwrap_or_else(|| panic!("no {id} among {:?}", ids(documents)))
}

fn reason_of<'a>(quarantined: &'a [Quarantined], name: &str, line: Option<usize>) -> &'a str {
    let found = quarantined
        .iter()
        .find(|place| place.origin.path.ends_with(name) && place.origin.line == line);
    found.map_or_else(
        || panic!("{name} {line:?} is not among {quarantined:#?}"),
        |place| &place.reason,
    )
}

#[test]
fn a_folder_of_all_formats_is_read_in_the_order_of_its_paths() {
    let (documents, quarantined) = read(fixture("corpus/folder"));
    assert_eq!(quarantined, []);
    assert_eq!(
        ids(&documents),
        [
            "harbour.txt",
            "n1",
            "news#2",
            "n1~2",
            "page.html",
            "remarks.md",
            "c1",
            "c2",
            "speeches/AAA_1_2020.txt",
            "speeches/BBB_1_2020.txt",
        ]
    );
    assert!(
        documents
            .iter()
            .all(|document| !document.text().trim().is_empty())
    );
}

#[test]
fn a_json_text_is_handed_over_as_it_stands() {
    let (documents, _) = read(fixture("corpus/folder/news.jsonl"));
    let first = by_id(&documents, "n1");
    assert_eq!(
        first.text(),
        "Harbour &amp; bridge\n&nbsp; Small\nThe harbour opened."
    );
    assert_eq!(first.metadata.source.as_deref(), Some("gazette"));
    assert_eq!(first.metadata.date.as_deref(), Some("2024-05-01"));
    assert_eq!(first.metadata.title, None);
    assert_eq!(first.metadata.fields["url"], "https://example.org/1");
    assert_eq!(first.metadata.origin.line, Some(1));
    let second = by_id(&documents, "news#2");
    assert_eq!(second.metadata.title.as_deref(), Some("Second"));
    assert_eq!(second.metadata.date.as_deref(), Some("2024-05-02"));
    assert_eq!(second.metadata.fields["words"], "7");
    assert_eq!(second.metadata.fields["paid"], "false");
    assert_eq!(second.metadata.fields.len(), 2);
}

#[test]
fn a_table_is_read_row_by_row_with_its_separator() {
    let (documents, _) = read(fixture("corpus/folder/rows.csv"));
    let row = by_id(&documents, "c1");
    assert_eq!(row.text(), "The river\nis rising.");
    assert_eq!(row.metadata.title.as_deref(), Some("One; two"));
    assert_eq!(row.metadata.speaker.as_deref(), Some("Ana Example"));
    assert_eq!(row.metadata.role.as_deref(), Some("Mayor"));
    assert_eq!(row.metadata.date.as_deref(), Some("2023"));
    assert_eq!(row.metadata.fields["Ward"], "North");
}

#[test]
fn markdown_is_plain_text_with_its_front_matter_as_metadata() {
    let (documents, _) = read(fixture("corpus/folder/remarks.md"));
    let remarks = by_id(&documents, "remarks.md");
    assert_eq!(
        remarks.text(),
        "THE MAYOR: Good morning. It is *good* to see\n\nso many of you.\n\nWe will build the bridge, and we \
         will build it with our neighbours."
    );
    assert_eq!(
        remarks.metadata.title.as_deref(),
        Some("Remarks on the bridge")
    );
    assert_eq!(remarks.metadata.date.as_deref(), Some("2024-03-02"));
}

#[test]
fn a_web_page_gives_its_article_without_the_page() {
    let (documents, _) = read(fixture("corpus/folder/page.html"));
    let page = by_id(&documents, "page.html");
    let paragraphs: Vec<_> = page.text().split("\n\n").collect();
    assert_eq!(paragraphs.len(), 3, "{:?}", page.text());
    assert!(paragraphs[0].starts_with("The council voted on Tuesday"));
    assert!(paragraphs[1].ends_with("in May & end next year."));
    assert_eq!(
        page.metadata.title.as_deref(),
        Some("Council votes for the bridge")
    );
    assert_eq!(page.metadata.date.as_deref(), Some("2024-03-05"));
    assert_eq!(page.metadata.source.as_deref(), Some("The Harbour Gazette"));
    assert_eq!(page.metadata.language.as_deref(), Some("en"));
    assert_eq!(page.metadata.fields["author"], "A. Writer");
}

#[test]
fn a_metadata_table_in_the_folder_says_who_speaks() {
    let (documents, _) = read(fixture("corpus/folder"));
    let first = by_id(&documents, "speeches/AAA_1_2020.txt");
    assert_eq!(first.metadata.speaker.as_deref(), Some("Ms. Ada Sample"));
    assert_eq!(first.metadata.role.as_deref(), Some("President"));
    assert_eq!(first.metadata.date.as_deref(), Some("2020"));
    assert_eq!(first.metadata.fields["country"], "Aland");
    let second = by_id(&documents, "speeches/BBB_1_2020.txt");
    assert_eq!(second.metadata.speaker.as_deref(), Some("Mr. Bo Example"));
    assert_eq!(by_id(&documents, "harbour.txt").metadata.speaker, None);
}

#[test]
fn a_named_metadata_table_is_joined_too_and_a_bad_one_stops_the_run() {
    let options = CorpusOptions {
        metadata: Some(fixture("corpus/folder/metadata.csv")),
        ..CorpusOptions::default()
    };
    let (documents, _) = read_with(&[fixture("corpus/folder/speeches")], &options);
    assert_eq!(
        documents[0].metadata.speaker.as_deref(),
        Some("Ms. Ada Sample")
    );
    let options = CorpusOptions {
        metadata: Some(fixture("corpus/folder/rows.csv")),
        ..CorpusOptions::default()
    };
    assert!(corpus::open(&[fixture("corpus/folder")], &options).is_ok());
    let options = CorpusOptions {
        metadata: Some(fixture("corpus/folder/harbour.txt")),
        ..CorpusOptions::default()
    };
    let error = corpus::open(&[fixture("corpus/folder")], &options).expect_err("no table");
    assert!(error.to_string().contains("harbour.txt"), "{error}");
}

#[test]
fn a_table_in_a_folder_of_the_archive_describes_what_lies_there() {
    let archive = tempfile::tempdir().expect("a folder");
    for folder in ["news", "ungd/2020"] {
        std::fs::create_dir_all(archive.path().join(folder)).expect("a folder");
        let path = archive.path().join(folder).join("a.txt");
        std::fs::write(path, "The harbour opens in May.").expect("a file");
    }
    let table = archive.path().join("ungd/metadata.csv");
    std::fs::write(&table, "file,speaker\n2020/a.txt,Ada Sample\n").expect("a file");
    let path = archive.path().to_owned();
    let opened = corpus::open(&[path], &CorpusOptions::default()).expect("the archive opens");
    assert_eq!(opened.tables(), [table]);
    let progress = opened.progress();
    let found: Vec<_> = opened
        .map(|entry| match entry {
            Entry::Document(document) => (document.metadata.id, document.metadata.speaker),
            Entry::Quarantined(place) => (place.reason, None),
        })
        .collect();
    let described = Some("Ada Sample".to_owned());
    assert_eq!(
        found,
        [
            ("news/a.txt".to_owned(), None),
            ("ungd/2020/a.txt".to_owned(), described)
        ]
    );
    assert_eq!(progress.without_row(), Some(0));
}

#[test]
fn a_date_stands_in_the_first_line_or_in_the_name() {
    let (documents, _) = read(fixture("corpus/folder/harbour.txt"));
    assert_eq!(documents[0].metadata.date.as_deref(), Some("2025-07-16"));
    assert_eq!(documents[0].metadata.language.as_deref(), Some("en"));
    assert!(
        documents[0]
            .text()
            .starts_with(" date 2025-07-16 Springfield")
    );
}

#[test]
fn bad_documents_are_set_aside_and_the_others_are_read() {
    let (documents, quarantined) = read(fixture("corpus/bad"));
    assert_eq!(
        ids(&documents),
        ["good-1", "good-2", "good-3", "1", "3", "word.txt"]
    );
    for (name, line, words) in [
        ("empty.txt", None, "the file is empty"),
        ("blank.txt", None, "no words"),
        ("binary.txt", None, "binary"),
        ("paper.dat", None, "a PDF file"),
        ("front.md", None, "not valid YAML"),
        ("lines.jsonl", Some(2), "not a JSON object"),
        (
            "lines.jsonl",
            Some(3),
            "no text (fields: id, headline); name its field with --field text=NAME",
        ),
        ("lines.jsonl", Some(4), "not a JSON object"),
        ("lines.jsonl", Some(5), "no string but a list"),
        ("lines.jsonl", Some(6), "the text is empty"),
        (
            "lines.jsonl",
            Some(8),
            "not valid UTF-8 from byte 31 of the line",
        ),
        ("rows.csv", Some(3), "3 fields where the header has 2"),
    ] {
        let reason = reason_of(&quarantined, name, line);
        assert!(reason.contains(words), "{name} {line:?}: {reason}");
    }
    assert_eq!(quarantined.len(), 12, "{quarantined:#?}");
    let textless = quarantined
        .iter()
        .find(|place| place.id.as_deref() == Some("textless"));
    assert!(textless.is_some());
}

#[test]
fn a_missing_path_stops_the_run_before_it_begins() {
    for missing in ["no/such/file.txt", "no/such/*.txt"] {
        let error =
            corpus::open(&[missing.into()], &CorpusOptions::default()).expect_err("missing");
        assert!(error.to_string().contains(missing), "{error}");
    }
    let empty = tempfile::tempdir().expect("a folder");
    assert!(corpus::open(&[empty.path().to_owned()], &CorpusOptions::default()).is_err());
}

#[test]
fn a_link_that_leads_nowhere_or_back_is_set_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("b.txt"), "Words.").expect("a file");
    std::os::unix::fs::symlink("nowhere", folder.path().join("a.txt")).expect("a link");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("c")).expect("a link");
    let (documents, quarantined) = read(folder.path());
    assert_eq!(ids(&documents), ["b.txt"]);
    assert_eq!(quarantined.len(), 2, "{quarantined:?}");
    assert!(reason_of(&quarantined, "a.txt", None).contains("cannot be read"));
}

#[test]
fn globs_are_written_out_in_order() {
    let (documents, _) = read(fixture("corpus/folder/speeches/*_20?0.txt"));
    assert_eq!(ids(&documents), ["AAA_1_2020.txt", "BBB_1_2020.txt"]);
}

#[test]
fn a_line_of_50_megabytes_is_set_aside_and_the_next_is_read() {
    let mut file = tempfile::NamedTempFile::with_suffix(".jsonl").expect("a file");
    file.write_all(b"{\"id\": \"long\", \"text\": \"")
        .expect("written");
    let words = "and so on ".repeat(100_000);
    for _ in 0..50 {
        file.write_all(words.as_bytes()).expect("written");
    }
    file.write_all(b"\"}\n{\"id\": \"short\", \"text\": \"Words.\"}\n")
        .expect("written");
    let (documents, quarantined) = read(file.path());
    assert_eq!(ids(&documents), ["short"]);
    assert!(
        quarantined[0].reason.contains("raise --max-document-bytes"),
        "{quarantined:?}"
    );
    let options = CorpusOptions {
        max_document_bytes: 64 << 20,
        ..CorpusOptions::default()
    };
    let (documents, _) = read_with(&[file.path().to_owned()], &options);
    assert_eq!(ids(&documents), ["long", "short"]);
}

#[test]
fn a_quotation_mark_that_is_never_closed_takes_no_more_than_one_document() {
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").expect("a file");
    file.write_all(b"id,text\n1,fine\n2,\"no end\n")
        .expect("written");
    for _ in 0..30_000 {
        file.write_all(b"3,more words that all fall into the open field\n")
            .expect("written");
    }
    let options = CorpusOptions {
        max_document_bytes: 1 << 20,
        ..CorpusOptions::default()
    };
    let (documents, quarantined) = read_with(&[file.path().to_owned()], &options);
    assert_eq!(ids(&documents), ["1"]);
    assert_eq!(quarantined.len(), 1);
    assert!(
        quarantined[0].reason.contains("never closed"),
        "{quarantined:?}"
    );
}

#[test]
fn fields_are_mapped_by_name() {
    let mut fields = FieldNames::default();
    fields.assign("text=note").expect("an assignment");
    let mut file = tempfile::NamedTempFile::with_suffix(".jsonl").expect("a file");
    file.write_all(b"{\"text\": \"no\", \"Note\": \"yes\"}\n")
        .expect("written");
    let options = CorpusOptions {
        fields,
        ..CorpusOptions::default()
    };
    let (documents, _) = read_with(&[file.path().to_owned()], &options);
    assert_eq!(documents[0].text(), "yes");
}

#[test]
fn the_archive_is_read_the_same_twice() {
    assert_eq!(read(fixture("corpus")), read(fixture("corpus")));
}

#[test]
fn nothing_of_the_real_archives_is_set_aside() {
    let Some(shared) = shared_dir() else { return };
    for (name, count) in [
        ("news", 2281),
        ("ungd", 1659),
        ("whitehouse", 300),
        ("azertac-sco-2025-07-16.txt", 1),
    ] {
        let (documents, quarantined) = read(shared.join("archive").join(name));
        assert_eq!(
            (documents.len(), quarantined.len()),
            (count, 0),
            "{name}: {quarantined:?}"
        );
    }
    let (documents, _) = read(shared.join("archive/ungd"));
    let has_speaker = |document: &&Document| document.metadata.speaker.is_some();
    assert_eq!(documents.iter().filter(has_speaker).count(), 1654);
}

/// The records that `plenary tag` writes of standard input.
fn tagged(input: &[u8], flags: &[&str], code: i32) -> String {
    let run = plenary()
        .args(["tag", "-", "-o", "-", "--quiet", "--engine", "overlap"])
        .args(flags)
        .write_stdin(input)
        .assert()
        .code(code);
    String::from_utf8(run.get_output().stdout.clone()).expect("text")
}

#[test]
fn standard_input_is_told_by_how_it_begins_or_by_its_flag() {
    let line = b"{\"body\": \"We call for peace.\"}\n";
    assert!(tagged(line, &[], 0).contains("\"id\":\"stdin#1\""));
    assert!(tagged(line, &["--input-format", "text"], 0).contains("\"id\":\"stdin\""));
    let packed = zstd::encode_all(line.as_slice(), 3).expect("packed");
    assert!(tagged(&packed, &[], 0).contains("We call for peace."));
    let letter = b"Le pr\xe9sident appelle \xe0 la paix.";
    assert!(tagged(letter, &["--encoding", "latin1"], 0).contains("président"));
    for flags in [
        ["--encoding", "klingon"],
        ["--input-format", "docx"],
        ["--field", "words=body"],
    ] {
        assert_eq!(tagged(line, &flags, 2), "");
    }
}

#[test]
fn documents_that_were_there_before_are_kept_marked_or_dropped() {
    let twice = "{\"id\": \"a\", \"text\": \"We call for peace.\"}\n{\"id\": \"b\", \"text\": \"We call for peace!\"}\n";
    let tagged = |mode: &str, code| tagged(twice.as_bytes(), &["--duplicates", mode], code);
    assert_eq!(tagged("keep", 0).lines().count(), 2);
    assert!(tagged("mark", 0).contains("\"fields\":{\"duplicate_of\":\"a\"}"));
    assert_eq!(tagged("drop", 1).lines().count(), 1);
}

#[test]
fn the_limit_of_a_document_can_be_set() {
    let line = b"{\"id\": \"a\", \"text\": \"We call for peace.\"}\n";
    assert_eq!(tagged(line, &["--max-document-bytes", "20"], 1), "");
}
