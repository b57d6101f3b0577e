//! Records lead back to their archive, and what was set aside can be tried again.

use std::fs;
use std::path::{Path, PathBuf};

use predicates::prelude::*;
use serde_json::Value;

use crate::plenary;

/// An archive of files, rows and packed members, two of which are damaged.
fn archive(folder: &Path) -> PathBuf {
    let archive = folder.join("archive");
    fs::create_dir_all(archive.join("2024")).unwrap();
    fs::write(
        archive.join("2024/a.txt"),
        "“Да,” she said. We oppose the blockade.",
    )
    .unwrap();
    let rows =
        "{\"id\":\"x\",\"text\":\"We want peace.\"}\n{\"text\":\"\"}\n{\"text\":\"They met.\"}\n";
    fs::write(archive.join("rows.jsonl"), rows).unwrap();
    fs::write(archive.join("void.txt"), "").unwrap();
    let mut packed = tar::Builder::new(Vec::new());
    for (name, text) in [("b/c.txt", "The harbour opens."), ("d.txt", "")] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_cksum();
        packed
            .append_data(&mut header, name, text.as_bytes())
            .unwrap();
    }
    fs::write(archive.join("packed.tar"), packed.into_inner().unwrap()).unwrap();
    archive
}

fn tag(output: &Path) -> assert_cmd::Command {
    let mut command = plenary();
    command
        .args(["tag", "--engine", "overlap", "--quiet", "-o"])
        .arg(output);
    command
}

fn lines(path: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(path).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_record_names_its_documents_hash_and_place_wherever_the_archive_lies() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path());
    let output = folder.path().join("r.jsonl");
    tag(&output).arg(&archive).assert().code(1);
    let places: Vec<String> = lines(&output)
        .iter()
        .map(|record| {
            format!(
                "{} {}",
                record["document"]["id"], record["document"]["origin"]
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            r#""2024/a.txt" null"#,
            r#""2024/a.txt" null"#,
            r#""packed.tar/b/c.txt" {"member":"b/c.txt","path":"packed.tar"}"#,
            r#""x" {"bytes":[0,34],"line":1,"path":"rows.jsonl"}"#,
            r#""rows#3" {"bytes":[47,67],"line":3,"path":"rows.jsonl"}"#,
        ]
    );
    // echo -n 'We want peace.' | sha256sum
    assert_eq!(lines(&output)[3]["document"]["sha256"], "aa94c8e1c526c7d7");
}

/// Two documents in a file of each format of many documents, and one in another encoding.
fn files_of_many(folder: &Path) -> PathBuf {
    let archive = folder.join("archive");
    fs::create_dir(&archive).unwrap();
    let page = |words: &str| {
        format!(
            "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{words}\r\n\r\n",
            words.len()
        )
    };
    let files = [
        ("a.csv", "id,text\r\n1,“Да.”\r\n\r\n2,\"First.\r\n\r\nThen.\"\r\n".to_owned()),
        ("b.json", "[\n {\"text\": \"“Да.”\"},\n {\"text\": \"Then.\"}]".to_owned()),
        ("c.jsonl", "\u{feff}{\"text\": \"“Да.”\"}\r\n\r\n{\"text\": \"Then.\"}".to_owned()),
        (
            "d.mbox",
            "From a\nContent-Type: text/plain; charset=utf-8\n\n“Да.”\n\nFrom b\nSubject: S\n\nThen.\n".to_owned(),
        ),
        ("e.warc", page("“Да.”") + &page("Then.")),
    ];
    for (name, text) in &files {
        fs::write(archive.join(name), text).unwrap();
    }
    let other: Vec<u8> = "\u{feff}{\"text\": \"Then.\"}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(archive.join("f.jsonl"), other).unwrap();
    archive
}

#[test]
fn a_record_leads_back_to_the_bytes_of_its_line_row_message_or_page() {
    let folder = tempfile::tempdir().unwrap();
    let archive = files_of_many(folder.path());
    let output = folder.path().join("r.jsonl");
    tag(&output).arg(&archive).assert().code(0);
    let mut found = Vec::new();
    for record in lines(&output) {
        let origin = &record["document"]["origin"];
        let path = archive.join(origin["path"].as_str().unwrap());
        let Some(bytes) = origin["bytes"].as_array() else {
            found.push("another encoding".to_owned());
            continue;
        };
        let at = |end: usize| usize::try_from(bytes[end].as_u64().unwrap()).unwrap();
        let part = &fs::read(path).unwrap()[at(0)..at(1)];
        let part = String::from_utf8(part.to_vec()).unwrap();
        assert!(part.contains(record["text"].as_str().unwrap()), "{part}");
        // A document of two statements is shown once.
        if found.last() != Some(&part) {
            found.push(part);
        }
    }
    let found: String = found
        .iter()
        .flat_map(|part| [format!("{part:?}"), "\n".to_owned()])
        .collect();
    insta::assert_snapshot!(found, @r##"
    "\n1,“Да.”\r"
    "\n\r\n2,\"First.\r\n\r\nThen.\"\r"
    "{\"text\": \"“Да.”\"}"
    "{\"text\": \"Then.\"}"
    "{\"text\": \"“Да.”\"}"
    "{\"text\": \"Then.\"}"
    "From a\nContent-Type: text/plain; charset=utf-8\n\n“Да.”\n\n"
    "From b\nSubject: S\n\nThen.\n"
    "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\n“Да.”"
    "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nThen."
    "another encoding"
    "##);
}

#[test]
fn an_archive_that_is_as_it_was_is_verified_and_a_changed_word_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path());
    for name in ["r.jsonl", "r.parquet"] {
        tag(&folder.path().join(name))
            .arg(&archive)
            .assert()
            .code(1);
    }
    let verify = |name: &str| {
        let mut command = plenary();
        command
            .arg("verify")
            .arg(folder.path().join(name))
            .arg(&archive);
        command.assert()
    };
    for name in ["r.jsonl", "r.parquet"] {
        verify(name).code(0).stderr(predicate::str::contains(
            "5 records of 4 documents lead back",
        ));
    }
    let text = archive.join("2024/a.txt");
    let was = fs::read_to_string(&text).unwrap();
    fs::write(&text, was.replace("blockade", "sanctions")).unwrap();
    verify("r.parquet").code(1).stderr(
        predicate::str::contains("line 2: statement 1 of 2024/a.txt: at [16, 39] stands")
            .and(predicate::str::contains("sanction")),
    );
    // Outside of every statement.
    fs::write(&text, format!("{was}\n\n")).unwrap();
    verify("r.jsonl")
        .code(1)
        .stderr(predicate::str::contains("has changed elsewhere"));
    fs::remove_file(&text).unwrap();
    verify("r.jsonl").code(1).stderr(predicate::str::contains(
        "line 1: statement 0 of 2024/a.txt: the archive has no document of this id",
    ));
    fs::write(&text, was).unwrap();
    verify("r.jsonl").code(0);
    let records = fs::read_to_string(folder.path().join("r.jsonl")).unwrap();
    let (_, cut) = records.split_once('\n').unwrap();
    fs::write(folder.path().join("r.jsonl"), cut).unwrap();
    verify("r.jsonl").code(1).stderr(predicate::str::contains(
        "has 4 records, and its manifest says 5",
    ));
}

#[test]
fn a_document_that_has_moved_within_its_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, records) = (folder.path().join("a.jsonl"), folder.path().join("r.jsonl"));
    let line = r#"{"id": "x", "text": "We reject the blockade."}"#;
    fs::write(&archive, line).unwrap();
    tag(&records).arg(&archive).assert().code(0);
    let verify = |before: &str| {
        fs::write(&archive, format!("{before}{line}")).unwrap();
        let mut command = plenary();
        command.arg("verify").arg(&records).arg(&archive);
        command.assert()
    };
    verify("").code(0);
    verify(" ").code(1).stderr(predicate::str::contains(
        "statement 0 of x: the document has bytes [0, 47], not [0, 46]",
    ));
    verify("\n").code(1).stderr(predicate::str::contains(
        "statement 0 of x: the document stands on line 2, not 1",
    ));
}

#[test]
fn verifying_asks_for_the_flags_of_the_first_reading() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.csv");
    fs::write(&input, "answer,text\nWe agree.,no\n").unwrap();
    let output = folder.path().join("r.jsonl");
    tag(&output)
        .arg(&input)
        .args(["--field", "text=answer"])
        .assert()
        .code(0);
    let mut verify = plenary();
    verify.arg("verify").args([&output, &input]);
    verify
        .assert()
        .code(2)
        .stderr(predicate::str::contains("--field [\"text=answer\"]"));
    verify.args(["--field", "text=answer"]).assert().code(0);
}

#[test]
fn what_was_set_aside_is_tried_again_under_its_own_ids() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path());
    let output = folder.path().join("r.jsonl");
    tag(&output).arg(&archive).assert().code(1);
    let quarantine = folder.path().join("r.jsonl.quarantine.jsonl");
    assert_eq!(lines(&quarantine).len(), 3);
    let more = folder.path().join("more.jsonl");
    let retry = || {
        let mut command = tag(&more);
        command.arg("--retry").arg(&quarantine);
        command.assert()
    };
    retry().code(1);
    assert_eq!(lines(&more), [Value::Null; 0]);
    assert_eq!(
        lines(&folder.path().join("more.jsonl.quarantine.jsonl")),
        lines(&quarantine)
    );
    fs::write(archive.join("void.txt"), "Now there is something.").unwrap();
    let rows = "{\"id\":\"x\",\"text\":\"We want peace.\"}\n{\"text\":\"We are back.\"}\n";
    fs::write(archive.join("rows.jsonl"), rows).unwrap();
    retry().code(1);
    let found: Vec<String> = lines(&more)
        .iter()
        .map(|record| format!("{}: {}", record["document"]["id"], record["text"]))
        .collect();
    assert_eq!(
        found,
        [
            r#""rows#2": "We are back.""#,
            r#""void.txt": "Now there is something.""#,
        ]
    );
    tag(&output)
        .arg("--retry")
        .arg(&quarantine)
        .assert()
        .code(2)
        .stderr(predicate::str::contains("name another output"));
}

#[test]
fn what_follows_a_place_where_reading_stopped_is_read_in_the_next_try() {
    let folder = tempfile::tempdir().unwrap();
    let row = |i: usize| format!("{{\"id\":\"d{i}\",\"text\":\"This is number {i}.\"}}\n");
    let rows: String = (0..5000).map(row).collect();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, rows.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let input = folder.path().join("rows.jsonl.gz");
    fs::write(&input, &packed[..packed.len() / 2]).unwrap();
    let output = folder.path().join("r.jsonl");
    tag(&output).arg(&input).assert().code(1);
    fs::write(&input, packed).unwrap();
    let more = folder.path().join("more.jsonl");
    let quarantine = folder.path().join("r.jsonl.quarantine.jsonl");
    tag(&more).arg("--retry").arg(quarantine).assert().code(0);
    let ids = [output, more].map(|path| lines(&path));
    let ids: Vec<_> = ids
        .iter()
        .flatten()
        .map(|record| &record["document"]["id"])
        .collect();
    assert_eq!(ids.len(), 5000);
    assert!(
        ids.iter()
            .enumerate()
            .all(|(i, id)| **id == format!("d{i}"))
    );
}

#[test]
fn a_document_that_stands_in_another_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, records) = (folder.path().join("archive"), folder.path().join("r.jsonl"));
    fs::create_dir(&archive).unwrap();
    let line = r#"{"id": "x", "text": "We reject the blockade."}"#;
    fs::write(archive.join("n1.jsonl"), line).unwrap();
    tag(&records).arg(&archive).assert().code(0);
    let verify = |archive: &Path| {
        let mut command = plenary();
        command.arg("verify").arg(&records).arg(archive);
        command.assert()
    };
    // The archive may lie elsewhere.
    let moved = folder.path().join("moved");
    fs::rename(&archive, &moved).unwrap();
    verify(&moved).code(0);
    verify(&moved.join("n1.jsonl")).code(0);
    fs::rename(moved.join("n1.jsonl"), moved.join("a.jsonl")).unwrap();
    verify(&moved).code(1).stderr(predicate::str::contains(
        r#"statement 0 of x: the document stands in "a.jsonl", not "n1.jsonl""#,
    ));
}

#[test]
fn what_was_tagged_through_a_pipe_is_verified_against_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, records) = (folder.path().join("n.jsonl"), folder.path().join("r.jsonl"));
    let line = "{\"id\": \"x\", \"text\": \"We reject the blockade.\"}\n";
    fs::write(&archive, line).unwrap();
    tag(&records).arg("-").write_stdin(line).assert().code(0);
    let mut verify = plenary();
    verify.arg("verify").args([&records, &archive]);
    verify.assert().code(0);
    fs::write(&records, "").unwrap();
    fs::remove_file(folder.path().join("r.jsonl.manifest.json")).unwrap();
    verify
        .assert()
        .code(2)
        .stderr(predicate::str::contains("holds no records"));
}
