//! A run that is stopped, or changed half-way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::sample;

/// An archive of `count` articles that all differ.
pub(crate) fn archive(folder: &Path, count: usize) -> PathBuf {
    let article = fs::read_to_string(sample().join("river-summit.txt")).unwrap();
    let path = folder.join("archive.jsonl");
    let mut lines = String::new();
    for i in 0..count {
        let text = format!("{article}\n\nThis is article number {i}.\n");
        lines += &serde_json::json!({ "id": format!("a{i}"), "text": text }).to_string();
        lines.push('\n');
    }
    fs::write(&path, lines).unwrap();
    path
}

fn tag(archive: &Path, output: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("plenary"));
    command.args(["tag", "--engine", "overlap"]).args(more);
    command.arg(archive).arg("-o").arg(output);
    command
}

fn start(archive: &Path, output: &Path, more: &[&str]) -> Child {
    spawn(&mut tag(archive, output, more))
}

fn spawn(command: &mut Command) -> Child {
    command.stderr(Stdio::piped()).spawn().unwrap()
}

fn stopped(archive: &Path, output: &Path, more: &[&str], signal: &str) -> std::process::Output {
    stop(&mut tag(archive, output, more), output, signal)
}

/// Starts a run and stops it with `signal` once its unfinished `output` has some bytes.
pub(crate) fn stop(command: &mut Command, output: &Path, signal: &str) -> std::process::Output {
    let child = spawn(command);
    let partial = output.with_file_name("records.jsonl.partial");
    // It has some seconds of work; what is waited for comes in the first milliseconds.
    for _ in 0..60_000 {
        if fs::metadata(&partial).map_or(0, |found| found.len()) > 20_000 {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &id])
            .status()
            .unwrap()
            .success()
    );
    child.wait_with_output().unwrap()
}

#[test]
fn ctrl_c_ends_with_130_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path(), 3000);
    let output = folder.path().join("records.jsonl");
    let stopped = stopped(&archive, &output, &[], "-INT");
    assert_eq!(stopped.status.code(), Some(130));
    let message = String::from_utf8(stopped.stderr).unwrap();
    assert!(
        message.contains("run the same command again to go on"),
        "{message}"
    );
    assert!(!output.exists());
    assert!(start(&archive, &output, &[]).wait().unwrap().success());
    let last = fs::read_to_string(&output)
        .unwrap()
        .lines()
        .last()
        .unwrap()
        .to_owned();
    assert!(last.contains("\"a2999\""), "{last}");
}

#[test]
fn going_on_with_another_table_of_names_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path(), 3000);
    let output = folder.path().join("records.jsonl");
    let names = folder.path().join("names.csv");
    let flags = ["--speakers", names.to_str().unwrap()];
    fs::write(&names, "Ann Berg,Anna Berg\n").unwrap();
    stopped(&archive, &output, &flags, "-KILL");
    fs::write(&names, "Anna Berg,Ann Berg\n").unwrap();
    let refused = start(&archive, &output, &flags).wait_with_output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("speakers"), "{message}");
}

#[test]
fn going_on_with_another_table_that_lay_in_the_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let within = folder.path().join("archive");
    fs::create_dir(&within).unwrap();
    archive(&within, 3000);
    let output = folder.path().join("records.jsonl");
    let table = within.join("metadata.csv");
    fs::write(&table, "id,country\na2999,Norway\n").unwrap();
    stopped(&within, &output, &[], "-KILL");
    fs::write(&table, "id,country\na2999,Sweden\n").unwrap();
    let refused = start(&within, &output, &[]).wait_with_output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("metadata: {\"found\""), "{message}");
    fs::write(&table, "id,country\na2999,Norway\n").unwrap();
    let done = start(&within, &output, &[]).wait_with_output().unwrap();
    let message = String::from_utf8(done.stderr).unwrap();
    assert!(
        message.contains("no metadata      2,999  documents without a row in the table"),
        "{message}"
    );
}

#[test]
fn going_on_with_other_options_or_another_archive_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path(), 3000);
    let output = folder.path().join("records.jsonl");
    stopped(&archive, &output, &[], "-KILL");
    let refused = start(&archive, &output, &["--themes", "security"])
        .wait_with_output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(
        message.contains("themes") && message.contains("--restart"),
        "{message}"
    );

    let lines = fs::read_to_string(&archive)
        .unwrap()
        .replacen("article number 0", "no number", 1);
    fs::write(&archive, lines).unwrap();
    let refused = start(&archive, &output, &[]).wait_with_output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(
        message.contains("has changed") && message.contains("--restart"),
        "{message}"
    );
    assert!(
        start(&archive, &output, &["--restart"])
            .wait()
            .unwrap()
            .success()
    );
}

#[test]
fn going_on_says_from_where_and_is_refused_where_a_file_was_renamed_or_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let within = folder.path().join("archive");
    fs::create_dir(&within).unwrap();
    let file = within.join("n1.jsonl");
    fs::rename(archive(folder.path(), 3000), &file).unwrap();
    let output = folder.path().join("records.jsonl");
    stopped(&within, &output, &[], "-KILL");
    let before = within.join("a.jsonl");
    let refused = |what: &str| {
        let refused = start(&within, &output, &[]).wait_with_output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
        let message = String::from_utf8(refused.stderr).unwrap();
        for words in [what, "a.jsonl, line 1", "--restart", "another output"] {
            assert!(message.contains(words), "{message}");
        }
    };
    fs::rename(&file, &before).unwrap();
    refused("document 1 (a0, in ");
    fs::rename(&before, &file).unwrap();
    fs::write(&before, "{\"id\": \"new\", \"text\": \"It is new.\"}\n").unwrap();
    refused("document 1 (new, in ");
    fs::remove_file(&before).unwrap();

    let done = start(&within, &output, &[]).wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0));
    let message = String::from_utf8(done.stderr).unwrap();
    let (said, summary) = message.split_once("\ndocuments").unwrap();
    assert!(said.contains("goes on      after document "), "{message}");
    assert!(summary.contains(" of them now, in "), "{message}");
    let whole = folder.path().join("whole.jsonl");
    assert!(
        start(&within, &whole, &["--quiet"])
            .wait()
            .unwrap()
            .success()
    );
    assert!(fs::read(whole).unwrap() == fs::read(output).unwrap());
}
