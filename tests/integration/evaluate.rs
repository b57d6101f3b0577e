//! `plenary evaluate`, held against the scorer that comes with the gold, and run as a user runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use predicates::prelude::*;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{plenary, shared_dir};

const THEMES: [&str; 3] = ["security", "development", "anti-hegemony"];
const STANCES: [&str; 3] = ["support", "oppose", "neutral"];

/// Writes objects as JSON Lines.
fn write(folder: &Path, name: &str, lines: &[Value]) -> PathBuf {
    let path = folder.join(name);
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
}

/// A record of a document with some fields in place of the plain ones.
#[expect(clippy::needless_pass_by_value, reason = "json! makes values")]
fn record(document: &str, text: &str, span: [usize; 2], fields: Value) -> Value {
    let words: String = text.chars().skip(span[0]).take(span[1] - span[0]).collect();
    let mut record = json!({
        "schema": 1, "document": {"id": document}, "statement": 0, "span": span, "text": words,
        "speaker": null, "speech": "none", "attributions": [], "labels": [], "scores": {}, "model": "m@0",
    });
    for (name, value) in fields.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

/// The figures of `plenary evaluate … --format json` by name.
fn figures(arguments: &[&str], gold: &Path, records: &Path) -> Vec<(String, Option<f64>)> {
    let mut command = plenary();
    command
        .arg("evaluate")
        .args(arguments)
        .args(["--format", "json"])
        .arg(gold)
        .arg(records);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tables: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = tables[0]["rows"].as_array().unwrap().clone();
    rows.iter()
        .map(|row| {
            (
                row["name"].as_str().unwrap().to_owned(),
                row["cells"][0]["value"].as_f64(),
            )
        })
        .collect()
}

/// The figures of the scorer by name, as it prints them; `None` where it is not there.
fn reference(kind: &str, gold: &Path, records: &Path) -> Option<Vec<(String, f64)>> {
    let scorer = shared_dir()?.join("gold/score.py");
    let output = Command::new("python3")
        .arg(scorer)
        .arg(kind)
        .arg(gold)
        .arg(records)
        .output();
    let Ok(output) = output else {
        println!("skipped: no python3");
        return None;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut figures = Vec::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let Some((name, rest)) = line
            .split_once("  ")
            .filter(|_| !line.starts_with("missing"))
        else {
            continue;
        };
        // The parts of a figure are set in; the longest names leave one space alone.
        let (name, rest) = if name.is_empty() {
            rest.split_once(' ').unwrap()
        } else {
            (name, rest)
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        if let ["exact", exact, "word", "overlap", "F1", overlap, ..] = words[..] {
            figures.push((
                "target exact, on agreeing pairs".to_owned(),
                exact.parse().unwrap(),
            ));
            figures.push((
                "target word overlap F1".to_owned(),
                overlap.parse().unwrap(),
            ));
        } else if let Ok(value) = words[0].parse() {
            figures.push((name.trim().to_owned(), value));
        }
    }
    Some(figures)
}

/// Asserts that every figure that the scorer defines is ours to three decimals.
fn assert_agree(kind: &str, arguments: &[&str], gold: &Path, records: &Path) {
    let Some(reference) = reference(kind, gold, records) else {
        return;
    };
    assert!(reference.len() >= 4, "{reference:?}");
    let ours = figures(arguments, gold, records);
    for (name, value) in reference {
        let found = ours.iter().find(|(ours, _)| *ours == name);
        // The scorer leaves a mean undefined where a theme is, and divides by 1 where there is nothing.
        if value.is_nan() || value == 0.0 && matches!(found, Some((_, None))) {
            continue;
        }
        let found = found.and_then(|(_, value)| *value);
        let found = found.unwrap_or_else(|| panic!("no {name} in {ours:?}"));
        assert_eq!(format!("{found:.3}"), format!("{value:.3}"), "{name}");
    }
}

fn labels(target: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Vec<Value>> {
    let label = (0..3_usize, 0..3_usize, target).prop_map(|(theme, stance, target)| {
        json!({"theme": THEMES[theme], "stance": STANCES[stance], "target": target})
    });
    prop::collection::vec(label, 0..4)
}

/// Targets with what words and case folding can differ on.
fn target() -> impl Strategy<Value = Value> + Clone {
    prop::sample::select(vec![
        json!(null),
        json!(""),
        json!("peace"),
        json!(" Peace "),
        json!("the peace process"),
        json!("ΟΔΟΣ"),
        json!("İstanbul's"),
        json!("naïve ½ x_1"),
        json!("e\u{301}tat"),
        json!("–"),
        json!("peace\u{1f}"),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn labels_are_scored_as_by_the_reference(
        statements in prop::collection::vec((labels(target()), labels(target()), any::<bool>()), 20..60),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let id = |index: usize| format!("s{index}");
        let gold: Vec<Value> = statements.iter().enumerate()
            .map(|(index, (gold, _, _))| json!({"id": id(index), "text": "Words.", "labels": gold}))
            .collect();
        let records: Vec<Value> = statements.iter().enumerate()
            .filter(|(index, (_, _, there))| *there || *index == 0)
            .map(|(index, (_, labels, _))| record(&id(index), "Words.", [0, 6], json!({"labels": labels})))
            .collect();
        let gold = write(folder.path(), "gold.jsonl", &gold);
        let records = write(folder.path(), "records.jsonl", &records);
        assert_agree("labels", &[], &gold, &records);
    }

    #[test]
    fn speakers_are_scored_as_by_the_reference(
        sentences in prop::collection::vec((0..9_usize, 0..9_usize, 0..4_usize, 0..4_usize, 0..3_usize), 12..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            json!(null), json!("Anna Berg"), json!("Berg"), json!("President Anna Berg"), json!("Otto Berg"),
            json!("the White House"), json!("analysts"), json!("Anna"), json!("the President"),
        ];
        let kinds = ["direct", "indirect", "mixed", "none"];
        let text = "Wörter sind. ".repeat(sentences.len());
        let (mut gold, mut records) = (Vec::new(), Vec::new());
        for (index, &(right, found, speech, found_speech, shift)) in sentences.iter().enumerate() {
            let start = index * 13;
            gold.push(json!({
                "start": start, "end": start + 12, "speaker": names[right], "speech": kinds[speech],
            }));
            if shift < 2 {
                let speaker = &names[found];
                let speaker = if speaker.is_null() { json!(null) } else { json!({"name": speaker}) };
                let span = [start + shift * 5, start + shift * 5 + 12];
                let span = [span[0], span[1].min(sentences.len() * 13)];
                let fields = json!({"speaker": speaker, "speech": kinds[found_speech]});
                records.push(record("a", &text, span, fields));
            }
        }
        prop_assume!(!records.is_empty());
        let gold = write(folder.path(), "gold.jsonl", &[json!({"id": "a", "text": text, "sentences": gold})]);
        let records = write(folder.path(), "records.jsonl", &records);
        assert_agree("speakers", &["--speakers"], &gold, &records);
    }

    #[test]
    fn attributions_are_scored_as_by_the_reference(
        gold in attributions(), found in attributions(), other in attributions(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let text = "“Wir gehen,” sagte sie;  \u{1f} dann ging sie.\n\nMehr nicht.";
        let all = [found.clone(), other].concat();
        let gold = write(folder.path(), "gold.jsonl", &[json!({"id": "a", "text": text, "attributions": gold})]);
        // Two statements that name some of the same attributions.
        let records = [
            record("a", text, [0, 5], json!({"attributions": all})),
            record("a", text, [5, 9], json!({"attributions": found})),
        ];
        let records = write(folder.path(), "records.jsonl", &records);
        assert_agree("polnear", &["--attributions"], &gold, &records);
    }
}

fn attributions() -> impl Strategy<Value = Vec<Value>> {
    let span =
        (0..40_usize, 1..14_usize).prop_map(|(start, length)| json!([start, start + length]));
    let part = move || prop::collection::vec(span.clone(), 0..3);
    let one = (part(), part(), part()).prop_map(
        |(source, cue, content)| json!({"source": source, "cue": cue, "content": content}),
    );
    prop::collection::vec(one, 0..6)
}

/// Three statements: one found, one found with another stance, one missed.
fn three(folder: &Path) -> (PathBuf, PathBuf) {
    let label = |stance: &str| json!([{"theme": "security", "stance": stance, "target": "war"}]);
    let gold: Vec<Value> = ["a", "b", "c"]
        .map(|id| json!({"id": id, "text": "We oppose war.", "labels": label("oppose")}))
        .to_vec();
    let predicted = |id, stance| {
        let scores = json!({"security": 0.9, "development": 0.1, "anti-hegemony": 0.2});
        record(
            id,
            "We oppose war.",
            [0, 14],
            json!({"labels": label(stance), "scores": scores}),
        )
    };
    let records = [predicted("a", "oppose"), predicted("b", "support")];
    (
        write(folder, "gold.jsonl", &gold),
        write(folder, "records.jsonl", &records),
    )
}

#[test]
fn the_table_stands_beside_the_floor_and_shows_what_is_undefined() {
    let folder = tempfile::tempdir().unwrap();
    let (gold, records) = three(folder.path());
    plenary()
        .arg("evaluate")
        .args([&gold, &records])
        .assert()
        .code(0)
        .stdout(predicate::str::is_match(r"m@0 +n +overlap\S* +n").unwrap())
        .stdout(predicate::str::is_match(r"themes micro-F1 +0\.800  \[").unwrap())
        .stdout(predicate::str::is_match(r"stance where the theme was found +0\.500").unwrap())
        .stdout(predicate::str::is_match(r"development +–").unwrap())
        .stdout(predicate::str::contains(
            "nothing of 1 of 3 in gold, such as \"c\"",
        ));
}

#[test]
fn two_readers_are_compared_with_kappa() {
    let folder = tempfile::tempdir().unwrap();
    let (gold, _) = three(folder.path());
    let line =
        |id: &str, labels: Value| json!({"id": id, "text": "We oppose war.", "labels": labels});
    let label = json!([{"theme": "security", "stance": "oppose", "target": "war"}]);
    let second = [
        line("a", label.clone()),
        line("b", label),
        line("c", json!([])),
    ];
    let second = write(folder.path(), "second.jsonl", &second);
    assert_agree("agree", &["--agreement"], &gold, &second);
    plenary()
        .args(["evaluate", "--agreement"])
        .args([&gold, &second])
        .assert()
        .code(0)
        .stdout(predicate::str::is_match(r"security, kappa +0\.000").unwrap());
}

#[test]
fn bad_gold_and_bad_records_are_told_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let (gold, records) = three(folder.path());
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let other = file(
        "other.jsonl",
        &fs::read_to_string(&records)
            .unwrap()
            .replace("\"schema\":1", "\"schema\":7"),
    );
    let elsewhere = file(
        "elsewhere.jsonl",
        &fs::read_to_string(&records)
            .unwrap()
            .replace("\"id\":\"", "\"id\":\"x"),
    );
    let twice = file(
        "twice.jsonl",
        &(fs::read_to_string(&gold).unwrap().repeat(2)),
    );
    for (gold, records, message) in [
        (
            &file("cut.jsonl", "{\"id\": \"a\", \"labels\""),
            &records,
            "cut.jsonl, line 1: EOF",
        ),
        (&file("empty.jsonl", "\n"), &records, "the file is empty"),
        (
            &twice,
            &records,
            "twice.jsonl, line 4: id \"a\" is in line 1 already",
        ),
        (&gold, &folder.path().join("none.jsonl"), "none.jsonl"),
        (&gold, &gold, "no record of `plenary tag`"),
        (&gold, &other, "schema 7"),
        (&gold, &elsewhere, "tag the gold file itself"),
    ] {
        plenary()
            .arg("evaluate")
            .args([gold, records])
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains(message));
    }
}

#[test]
fn records_of_another_text_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = json!({"start": 0, "end": 5, "speaker": null, "speech": "none"});
    let gold = [json!({"id": "a", "text": "Words here.", "sentences": [sentence]})];
    let gold = write(folder.path(), "gold.jsonl", &gold);
    let records = write(
        folder.path(),
        "records.jsonl",
        &[record("a", "Other words.", [0, 5], json!({}))],
    );
    plenary()
        .args(["evaluate", "--speakers"])
        .args([&gold, &records])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("the records are of another text"));
}

#[test]
fn gold_is_tagged_on_the_way_where_no_records_are_given() {
    let folder = tempfile::tempdir().unwrap();
    let (gold, _) = three(folder.path());
    plenary()
        .args(["evaluate", "--engine", "overlap"])
        .arg(&gold)
        .assert()
        .code(0)
        .stdout(predicate::str::is_match(r"themes micro-F1 +\d").unwrap());
}
