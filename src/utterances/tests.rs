//! Wire copy, written by hand.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::schema::{Counts, Run};

/// A record: its document, its date, its speaker and its words; `[[` and `]]` stand around what is reported.
type Line<'a> = (&'a str, Option<&'a str>, Option<&'a str>, &'a str);

const PLEDGE: &str =
    "[[“We will rebuild the bridge before the winter, and we will pay for it ourselves,”]]";

fn record(&(id, date, speaker, text): &Line<'_>) -> serde_json::Value {
    let at = |mark: &str| Some(text.split_once(mark)?.0.chars().count());
    let content = at("[[").zip(at("]]")).map(|(start, end)| [start, end - 2]);
    let text = text.replace("[[", "").replace("]]", "");
    let attributions =
        content.map(|content| serde_json::json!({"source": [], "cue": [], "content": [content]}));
    serde_json::json!({
        "schema": 1, "document": {"id": id, "date": date}, "statement": 0,
        "span": [0, text.chars().count()], "text": text,
        "speaker": speaker.map(|name| serde_json::json!({"name": name})),
        "speech": if speaker.is_some() || content.is_some() { "direct" } else { "none" },
        "attributions": attributions.into_iter().collect::<Vec<_>>(),
        "labels": [], "model": "overlap",
    })
}

/// Writes the records with a manifest; the folder is theirs.
fn archive(lines: &[Line<'_>]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    let text: String = lines
        .iter()
        .flat_map(|line| [record(line).to_string(), "\n".to_owned()])
        .collect();
    fs::write(&path, text).unwrap();
    let manifest = Manifest {
        run: Run::new("overlap".into(), "0".into(), vec![]),
        counts: Counts::default(),
        rows: vec![],
    };
    let beside = crate::output::beside(&path, "manifest.json");
    fs::write(beside, serde_json::to_vec(&manifest).unwrap()).unwrap();
    (folder, path)
}

/// The documents whose records stay, each with the count of printings.
fn kept(lines: &[Line<'_>]) -> Vec<(String, Option<u64>)> {
    let (folder, records) = archive(lines);
    let output = folder.path().join("said.jsonl");
    once(&records, &output).unwrap();
    json_lines::read_records(&output)
        .unwrap()
        .map(|record| record.unwrap().1)
        .map(|record| (record.document.id, record.printings))
        .collect()
}

fn some(expected: &[(&str, u64)]) -> Vec<(String, Option<u64>)> {
    let count = |count: u64| (count > 1).then_some(count);
    expected
        .iter()
        .map(|&(id, printings)| (id.to_owned(), count(printings)))
        .collect()
}

#[test]
fn one_agency_sentence_in_many_papers_is_one_utterance_where_it_stood_first() {
    let berg = Some("Anna Berg");
    let told = format!("{PLEDGE} Berg told reporters on Tuesday.");
    let said = format!("Mayor Anna Berg said: {PLEDGE}");
    let edited = "[[“We will rebuild that bridge before the winter and we will pay for it ourselves”]], she said.";
    let other =
        "[[“The ferry has served this town well, and nobody needs another bridge,”]] Stone said.";
    let narration = "The council voted for the bridge on Tuesday, after a debate of seven hours.";
    assert_eq!(
        kept(&[
            ("evening", Some("2024-03-06"), berg, &told),
            ("evening", Some("2024-03-06"), Some("J. Stone"), other),
            ("agency", Some("2024-03-05"), berg, &said),
            ("agency", Some("2024-03-05"), None, narration),
            ("weekly", Some("2024-03-09"), Some("Berg"), edited),
            ("unnamed", Some("2024-03-07"), None, &told),
            ("undated", None, berg, PLEDGE),
            ("again", None, None, narration),
        ]),
        some(&[("evening", 1), ("agency", 5), ("agency", 1), ("again", 1)])
    );
}

#[test]
fn what_is_said_again_or_by_another_is_another_utterance() {
    let said = |id, date, name| (id, date, Some(name), PLEDGE);
    assert_eq!(
        kept(&[
            said("a", Some("2024-03-05"), "Anna Berg"),
            said("another", Some("2024-03-05"), "J. Stone"),
            said("a year later", Some("2025-03-05"), "Anna Berg"),
            said("some day that year", Some("2025"), "Anna Berg"),
            said("refrain", Some("2022"), "Anna Berg"),
            said("refrain", Some("2022"), "Anna Berg"),
            (
                "short",
                Some("2024-03-05"),
                Some("Anna Berg"),
                "[[“Thank you all,”]] she said after the vote."
            ),
            (
                "brief",
                Some("2024-03-05"),
                Some("Anna Berg"),
                "[[“Thank you all,”]] she said after the vote."
            ),
        ]),
        some(&[
            ("a", 1),
            ("another", 1),
            ("a year later", 2),
            ("refrain", 1),
            ("refrain", 1),
            ("short", 1),
            ("brief", 1),
        ])
    );
}

#[test]
fn two_records_of_one_document_are_one_printing() {
    let said = |id| (id, Some("2024-03-05"), Some("Anna Berg"), PLEDGE);
    assert_eq!(
        kept(&[said("a"), said("b"), said("b"), said("c")]),
        some(&[("a", 3)])
    );
}

#[test]
fn parts_and_tables_are_refused_with_what_to_do() {
    let (folder, records) = archive(&[]);
    let complaint = |output: &str| {
        once(&records, &folder.path().join(output))
            .unwrap_err()
            .to_string()
    };
    assert!(complaint("said.csv").contains("name JSON Lines"));
    assert!(complaint("r.jsonl").contains("name another output"));
    let manifest = crate::output::beside(&records, "manifest.json");
    let mut run = read_manifest(&records).unwrap();
    run.run.shard = Some("1/2".parse().unwrap());
    fs::write(manifest, serde_json::to_vec(&run).unwrap()).unwrap();
    assert!(complaint("said.jsonl").contains("plenary merge"));
}
