//! Stances toward targets that the user names.

use std::fs;

use plenary::schema::{Record, Stance};
use predicates::str::contains;

use crate::thresholds::Workshop;
use crate::{default_model, plenary};

/// Statements one a line, each a document, and a model with a stance head.
fn workshop() -> Workshop {
    let workshop = Workshop::new();
    let texts = [
        "a b treaty c d",
        "e f g",
        "the treaties h",
        "the grain i j",
        "a grain treaty",
    ];
    let lines: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(id, text)| format!("{{\"id\": \"{id}\", \"text\": \"{text}\"}}\n"))
        .collect();
    fs::write(workshop.path("statements.jsonl"), lines.concat()).unwrap();
    workshop
}

fn records(bytes: &[u8]) -> Vec<Record> {
    let lines = std::str::from_utf8(bytes).unwrap().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn tag(workshop: &Workshop, more: &[&str]) -> assert_cmd::Command {
    let mut tag = plenary();
    tag.arg("tag")
        .arg(workshop.path("statements.jsonl"))
        .args(["--split", "none", "--engine", "embedded", "-o", "-"])
        .args(["--model"])
        .arg(workshop.path("model"))
        .args(more);
    tag
}

#[test]
fn a_target_is_asked_about_where_a_statement_has_a_word_of_it() {
    let workshop = workshop();
    let asked = |more: &[&str]| {
        let mut tag = tag(
            &workshop,
            &[
                "--any-language",
                "--target",
                "the treaty",
                "--target",
                "corn|grain",
                "--target",
                "grain treaty",
            ],
        );
        let done = tag.args(more).assert().success();
        let said = String::from_utf8(done.get_output().stderr.clone()).unwrap();
        (done.get_output().stdout.clone(), said)
    };
    let (bytes, said) = asked(&[]);
    assert!(said.contains("\nthe treaty"), "{said}");
    let found = records(&bytes);
    let asked_of = |target: &str| -> Vec<bool> {
        let scores = found.iter().map(|record| record.scores[target].value());
        scores.map(|score| score > 1e-4).collect()
    };
    assert_eq!(asked_of("the treaty"), [true, false, true, false, true]);
    assert_eq!(asked_of("corn"), [false, false, false, true, true]);
    assert_eq!(asked_of("grain treaty"), [false, false, false, false, true]);
    // The other themes do not change, nor does anything with threads and batches.
    let plain = tag(&workshop, &["--any-language", "--quiet"]);
    let plain = records(&{ plain }.assert().success().get_output().stdout);
    for (with, without) in found.iter().zip(&plain) {
        assert_eq!(with.scores["peace"], without.scores["peace"]);
    }
    assert_eq!(asked(&["--threads", "2", "--batch-tokens", "16"]).0, bytes);
}

#[test]
fn targets_that_cannot_be_asked_about_are_refused() {
    let workshop = workshop();
    for (targets, problem) in [
        (
            &["--target", "is it"][..],
            "without a word that could be looked for",
        ),
        (
            &["--target", "oil", "--target", "oil"],
            "without a word that could be looked for",
        ),
        (
            &["--target", "grain", "--target", "grain|corn"],
            "is there twice",
        ),
        (&["--target", "peace"], "is a theme"),
    ] {
        let assert = tag(&workshop, targets).assert().code(2);
        assert.stderr(contains(problem));
    }
    let mut overlap = plenary();
    overlap.arg("tag").arg(workshop.path("statements.jsonl"));
    overlap.args(["--engine", "overlap", "--target", "grain", "-o", "-"]);
    overlap
        .assert()
        .code(2)
        .stderr(contains("has no head for stances"));
}

#[test]
fn evaluate_gives_macro_f1_and_names_the_line_of_what_is_no_stance() {
    let workshop = workshop();
    let gold = workshop.path("stances.jsonl");
    let evaluate = || {
        let mut evaluate = plenary();
        evaluate.args(["evaluate", "--stances", "--engine", "embedded", "--model"]);
        evaluate.arg(workshop.path("base")).arg(&gold);
        evaluate.assert()
    };
    fs::write(
        &gold,
        "{\"text\": \"a b\", \"target\": \"b\", \"stance\": \"oppose\"}\n{\"text\": \"c\", \"target\": \"d\", \"stance\": \"oppose\"}\n",
    )
    .unwrap();
    evaluate()
        .success()
        .stdout(contains("stance, macro-F1"))
        .stdout(contains("always oppose"));
    for (line, problem) in [
        (
            "{\"text\": \"a\", \"target\": \" \", \"stance\": \"oppose\"}",
            "line 1: target is empty",
        ),
        ("{\"text\": \"a\", \"target\": \"b\"}", "stance"),
        ("", "the file is empty"),
    ] {
        fs::write(&gold, line).unwrap();
        evaluate().code(2).stderr(contains(problem));
    }
}

#[test]
fn the_shipped_model_tells_for_from_against() {
    let folder = tempfile::tempdir().unwrap();
    let article = folder.path().join("article.txt");
    fs::write(
        &article,
        "We warmly welcome the harbour treaty and will ratify it this year. We firmly reject the harbour treaty, which \
         sells our coast. The harvest was good.",
    )
    .unwrap();
    let mut tag = plenary();
    tag.arg("tag")
        .arg(&article)
        .args(["--engine", "embedded", "--quiet", "-o", "-"]);
    tag.args(["--target", "the harbour treaty", "--model"])
        .arg(default_model());
    let found = records(&tag.assert().success().get_output().stdout);
    let toward = |record: &Record| -> Vec<Stance> {
        let labels = record.labels.iter();
        let of_target = labels.filter(|label| label.theme == "the harbour treaty");
        of_target.map(|label| label.stance).collect()
    };
    let stances: Vec<Vec<Stance>> = found.iter().map(toward).collect();
    assert_eq!(
        stances,
        [vec![Stance::Support], vec![Stance::Oppose], vec![]]
    );
}
