//! `plenary tag`, run as a user runs it.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

use crate::{plenary, sample};

/// The records in a file, one JSON value a line.
fn records(path: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(path).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// `plenary tag` on the weightless engine, which needs nothing but the program.
fn tag() -> Command {
    let mut command = plenary();
    command.args(["tag", "--engine", "overlap"]);
    command
}

fn name(record: &Value) -> &str {
    record["speaker"]["name"].as_str().unwrap_or("–")
}

#[test]
fn the_sample_archive_becomes_records_in_input_order() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("records.jsonl");
    tag().arg(sample()).arg("-o").arg(&output).assert().code(0);
    let records = records(&output);
    let mut documents: Vec<&str> = records
        .iter()
        .map(|record| record["document"]["id"].as_str().unwrap())
        .collect();
    documents.dedup();
    assert_eq!(
        documents,
        [
            "assembly-address.md",
            "briefing.html",
            "river-summit.txt",
            "wire-001",
            "wire-002"
        ]
    );
    let speech = records
        .iter()
        .filter(|r| r["document"]["id"] == "assembly-address.md");
    assert!(speech.clone().count() >= 7);
    assert!(speech.clone().all(|record| name(record) == "Ilse Moran"));
    let manifest = fs::read_to_string(folder.path().join("records.jsonl.manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["counts"]["read"], 5);
    assert_eq!(manifest["counts"]["statements"], records.len());
}

#[test]
fn a_record_quotes_its_document_exactly() {
    let path = sample().join("river-summit.txt");
    let text: Vec<char> = fs::read_to_string(&path).unwrap().chars().collect();
    let output = tag()
        .arg(&path)
        .args(["-o", "-", "--quiet"])
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(lines.lines().count() > 8);
    for line in lines.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let at = |i: usize| usize::try_from(record["span"][i].as_u64().unwrap()).unwrap();
        let quoted: String = text[at(0)..at(1)].iter().collect();
        assert_eq!(record["text"], quoted);
    }
}

#[test]
fn neither_threads_nor_batches_change_a_byte() {
    let run = |threads: &str, tokens: &str| {
        let mut command = tag();
        command.arg(sample()).args(["-o", "-", "--quiet"]);
        command
            .args(["--threads", threads, "--batch-tokens", tokens])
            .output()
            .unwrap()
            .stdout
    };
    let alone = run("1", "1");
    assert!(!alone.is_empty());
    assert_eq!(alone, run("3", "4096"));
}

#[test]
fn what_cannot_be_read_is_quarantined_and_the_rest_tagged() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    fs::create_dir(&archive).unwrap();
    fs::write(archive.join("a.txt"), "The minister spoke of peace.").unwrap();
    fs::write(archive.join("b.txt"), "").unwrap();
    fs::write(
        archive.join("c.jsonl"),
        "{\"text\":\"Good.\"}\n{\"text\": \n{\"title\":\"x\"}\n",
    )
    .unwrap();
    fs::write(archive.join("d.txt"), "Peace").unwrap();
    let output = folder.path().join("records.jsonl");
    tag()
        .arg(&archive)
        .arg("-o")
        .arg(&output)
        .assert()
        .code(1)
        .stderr(
            predicate::str::contains("quarantined")
                .and(predicate::str::contains("c.jsonl"))
                .and(predicate::str::contains("records.jsonl.quarantine.jsonl")),
        );
    let texts: Vec<String> = records(&output)
        .iter()
        .map(|r| r["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(texts, ["The minister spoke of peace.", "Good.", "Peace"]);
    let quarantine = records(&folder.path().join("records.jsonl.quarantine.jsonl"));
    assert_eq!(quarantine.len(), 3);
    assert!(
        quarantine
            .iter()
            .all(|line| !line["reason"].as_str().unwrap().is_empty())
    );
}

#[test]
fn a_run_that_cannot_start_says_why_and_what_to_do() {
    let sample = sample();
    let sample = sample.to_str().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["tag", "no/such/place", "-o", "-"], "no/such/place"),
        (
            &[
                "tag", sample, "-o", "-", "--engine", "overlap", "--themes", "peace",
            ],
            "it has: security",
        ),
        (
            &[
                "tag",
                sample,
                "-o",
                "-",
                "--engine",
                "overlap",
                "--threshold",
                "security/hates=0.5",
            ],
            "security/hates",
        ),
        (
            &["tag", sample, "-o", "-", "--threshold", "security/oppose=2"],
            "a number from 0 to 1",
        ),
        (&["tag", sample, "-o", "-", "--moddel", "x"], "--model"),
        (
            &["tag", sample, "-o", "-", "--model", "no/model"],
            "no/model",
        ),
        (&["tag", sample], "--output"),
        (
            &[
                "tag",
                sample,
                "-o",
                "no/folder/records.jsonl",
                "--engine",
                "overlap",
            ],
            "no/folder",
        ),
    ];
    for (arguments, expected) in cases {
        plenary()
            .args(*arguments)
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains(*expected));
    }
}

#[test]
fn a_full_disk_is_named() {
    if !Path::new("/dev/full").exists() {
        println!("skipped: there is no /dev/full on this system");
        return;
    }
    tag()
        .arg(sample())
        .args(["-o", "/dev/full"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("cannot write /dev/full"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let program = assert_cmd::cargo::cargo_bin!("plenary");
    let line = format!(
        "{} tag --engine overlap --quiet {} -o - | head -1; exit ${{PIPESTATUS[0]}}",
        program.display(),
        sample().display()
    );
    Command::new("bash")
        .args(["-c", &line])
        .assert()
        .code(0)
        .stderr("");
}

#[test]
fn a_statement_of_another_language_is_kept_and_not_scored() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("mixed.txt");
    let german = "Die Sicherheit der Region ist unsere gemeinsame Aufgabe, und wir werden sie nicht aufgeben.";
    let english =
        "The ministers of the region agreed that the ceasefire must be kept by all sides.";
    fs::write(&input, format!("{english}\n{german}\n{english}\n")).unwrap();
    for (flags, scored) in [(&[][..], 2), (&["--any-language"], 3)] {
        let output = folder.path().join("records.jsonl");
        tag()
            .arg(&input)
            .args(["--restart", "-o"])
            .arg(&output)
            .args(flags)
            .assert()
            .code(0);
        let records = records(&output);
        assert_eq!(records.len(), 3);
        let scores = records.iter().filter(|r| {
            r["scores"]
                .as_object()
                .is_some_and(|scores| !scores.is_empty())
        });
        assert_eq!(scores.count(), scored);
    }
}

#[test]
fn an_ending_under_which_nothing_is_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["records.jsonl.xz", "records.csv.bz2", "records.txt"] {
        tag()
            .arg(sample())
            .arg("-o")
            .arg(folder.path().join(name))
            .assert()
            .code(2)
            .stderr(predicate::str::contains(
                "nothing is written under this ending",
            ));
    }
}

#[test]
fn an_output_within_the_archive_is_no_part_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    fs::create_dir(&archive).unwrap();
    fs::write(archive.join("a.txt"), "We reject the blockade.").unwrap();
    fs::write(archive.join("void.txt"), "").unwrap();
    let output = archive.join("r.jsonl");
    let all = archive.join("*");
    let by_shell = || {
        let mut paths: Vec<PathBuf> = fs::read_dir(&archive)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths
    };
    let tag = |inputs: &[PathBuf]| {
        let mut command = plenary();
        command.args(["tag", "--engine", "overlap", "--quiet", "-o"]);
        command.arg(&output).args(inputs).assert()
    };
    let mut first = None;
    // What a first run left, and what one that was killed left.
    for inputs in [
        vec![archive.clone()],
        vec![archive.clone()],
        vec![all],
        by_shell(),
    ] {
        tag(&inputs).code(1);
        let records = fs::read_to_string(&output).unwrap();
        assert_eq!(records.lines().count(), 1, "{records}");
        assert_eq!(first.get_or_insert_with(|| records.clone()), &records);
        let beside = |ending: &str| archive.join(format!("r.jsonl.{ending}"));
        let quarantine = fs::read_to_string(beside("quarantine.jsonl")).unwrap();
        assert_eq!(quarantine.lines().count(), 1, "{quarantine}");
        fs::write(beside("partial"), "words").unwrap();
    }
    let mut verify = plenary();
    verify.arg("verify").args([&output, &archive]);
    verify.assert().code(0);
    tag(std::slice::from_ref(&output))
        .code(2)
        .stderr(predicate::str::contains("it is what this run writes"));
}

#[test]
fn a_document_of_nothing_but_page_furniture_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    fs::create_dir(&archive).unwrap();
    fs::write(archive.join("a.txt"), "We reject the blockade.").unwrap();
    let buttons = archive.join("b.txt");
    fs::write(&buttons, "Share this article\nADVERTISEMENT\n").unwrap();
    let tag = |more: &[&str], output: &str| {
        let mut command = plenary();
        command.args(["tag", "--engine", "overlap", "-o"]);
        command.arg(folder.path().join(output)).args(more);
        command.assert()
    };
    let reason = "b.txt: no statement is left: all of its text is page furniture";
    tag(&[archive.to_str().unwrap()], "r.jsonl")
        .code(1)
        .stderr(predicate::str::contains(reason));
    let manifest = fs::read_to_string(folder.path().join("r.jsonl.manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let counts = ["read", "written", "quarantined"].map(|name| manifest["counts"][name].as_u64());
    assert_eq!(counts, [Some(2), Some(1), Some(1)]);
    fs::write(&buttons, "Share this article\n\nWe want peace.\n").unwrap();
    let quarantine = folder.path().join("r.jsonl.quarantine.jsonl");
    tag(&["--retry", quarantine.to_str().unwrap()], "more.jsonl").code(0);
}

#[test]
fn a_write_error_names_the_output_as_it_was_given_and_its_cause_once() {
    let folder = tempfile::tempdir().unwrap();
    for (output, words) in [
        ("no/such/x.jsonl", "name a file in a folder that exists"),
        #[cfg(target_os = "linux")]
        ("/dev/full", "a stream cannot be gone on with"),
    ] {
        let mut command = plenary();
        command.args(["tag", "-", "--engine", "overlap", "--quiet", "-o", output]);
        command.current_dir(folder.path()).write_stdin("We met.");
        let failed = command.assert().code(2);
        let message = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
        let told = message.contains(&format!("cannot write {output}\n")) && message.contains(words);
        let once = message.matches("os error").count() == 1 && !message.contains("partial");
        assert!(told && once, "{message}");
    }
}
