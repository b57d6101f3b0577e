//! Thresholds chosen on gold, and the precision or recall that a user asks for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plenary::model::ModelFolder;
use plenary::schema::Record;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

use crate::training::write_labels;
use crate::{plenary, resume, sample, tiny_model};

/// A tiny model that was taught the letter of peace, and gold that it did not learn from.
pub(crate) struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workshop = Self { folder };
        fs::create_dir(workshop.path("base")).unwrap();
        tiny_model::write(&workshop.path("base"));
        write_labels(&workshop.path("few.jsonl"), 32, 0);
        write_labels(&workshop.path("gold.jsonl"), 160, 1000);
        let taxonomy = "[[theme]]\nname = 'peace'\ndefinition = 'An end to fighting.'\n";
        fs::write(workshop.path("taxonomy.toml"), taxonomy).unwrap();
        let mut train = plenary();
        train.args(["train", "--head-only", "--quiet", "--labels"]);
        train.arg(workshop.path("few.jsonl")).arg("--taxonomy");
        train
            .arg(workshop.path("taxonomy.toml"))
            .arg("--base")
            .arg(workshop.path("base"));
        train
            .arg("--output")
            .arg(workshop.path("model"))
            .assert()
            .success();
        workshop
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn choose(&self) -> assert_cmd::assert::Assert {
        let mut choose = plenary();
        choose
            .args(["models", "thresholds"])
            .arg(self.path("model"));
        choose.arg(self.path("gold.jsonl")).assert()
    }

    /// The command that tags the gold file with the model.
    pub(crate) fn tagging(&self) -> assert_cmd::Command {
        let mut tag = plenary();
        tag.args(["tag", "--split", "none", "--any-language"]);
        tag.args(["--engine", "embedded"]);
        tag.arg(self.path("gold.jsonl"))
            .arg("--model")
            .arg(self.path("model"));
        tag
    }

    /// Tags the gold file with these flags; records and what was said.
    fn tag(&self, flags: &[&str]) -> (Vec<Record>, String) {
        let mut tag = self.tagging();
        let done = tag
            .args(["--restart", "-o"])
            .arg(self.path("records.jsonl"))
            .args(flags)
            .assert()
            .success();
        let records = fs::read_to_string(self.path("records.jsonl")).unwrap();
        let records = records
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        (
            records.collect(),
            String::from_utf8(done.get_output().stderr.clone()).unwrap(),
        )
    }

    /// Precision and recall of the theme in records of the gold file.
    fn precision_and_recall(&self, records: &[Record]) -> (f64, f64) {
        let gold = fs::read_to_string(self.path("gold.jsonl")).unwrap();
        let gold: BTreeMap<String, bool> = gold
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|line| {
                let labels = line["labels"].as_array().unwrap();
                (line["id"].as_str().unwrap().to_owned(), !labels.is_empty())
            })
            .collect();
        let found = records.iter().filter(|record| !record.labels.is_empty());
        let right = found
            .clone()
            .filter(|record| gold[&record.document.id])
            .count() as f64;
        let carried = gold.values().filter(|carries| **carries).count() as f64;
        (right / found.count() as f64, right / carried)
    }
}

/// Takes the labels from every third statement that has some, so that no threshold is right throughout.
fn spoil(gold: &Path) {
    let lines = fs::read_to_string(gold).unwrap();
    let spoiled = lines.lines().enumerate().map(|(number, line)| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if number % 3 == 0 {
            line["labels"] = Value::Array(Vec::new());
        }
        format!("{line}\n")
    });
    fs::write(gold, spoiled.collect::<String>()).unwrap();
}

#[test]
fn what_is_given_is_as_precise_as_was_asked() {
    let workshop = Workshop::new();
    let said = workshop.choose().success();
    said.stdout(contains("160 statements").and(contains("peace: precision")));
    let (records, said) = workshop.tag(&["--min-precision", "0.95"]);
    assert!(said.contains("for a precision of 0.95 or more"), "{said}");
    assert!(
        said.contains("on 160 statements, 75 % of them with it"),
        "{said}"
    );
    let (precise, _) = workshop.precision_and_recall(&records);
    assert!(precise >= 0.95, "{precise}");
    let (all, said) = workshop.tag(&["--min-recall", "1"]);
    assert!(said.contains("for a recall of 1 or more"), "{said}");
    assert_eq!(workshop.precision_and_recall(&all).1, 1.0);
    let manifest = fs::read_to_string(workshop.path("records.jsonl.manifest.json")).unwrap();
    let settings = &serde_json::from_str::<Value>(&manifest).unwrap()["settings"];
    assert_eq!(settings["min-recall"], 1.0);
    let model = ModelFolder::open(&workshop.path("model")).unwrap();
    let lowest = model.spec().curves[0]
        .points()
        .rfind(|point| point.right == 120)
        .unwrap();
    assert_eq!(settings["thresholds"]["peace"], lowest.threshold.rounded());
}

#[test]
fn a_precision_out_of_reach_is_said_to_be() {
    let workshop = Workshop::new();
    spoil(&workshop.path("gold.jsonl"));
    workshop.choose().success();
    let (_, said) = workshop.tag(&["--min-precision", "0.99"]);
    assert!(
        said.contains("WARNING: a precision of 0.99 is out of reach"),
        "{said}"
    );
    let (_, said) = workshop.tag(&["--min-precision", "0.3"]);
    assert!(!said.contains("WARNING"), "{said}");
    let (_, said) = workshop.tag(&["--min-precision", "0.99", "--threshold", "peace=0.2"]);
    assert!(
        said.contains("peace  0.2000  as given by --threshold"),
        "{said}"
    );
}

#[test]
fn going_on_with_another_precision_is_refused() {
    let workshop = Workshop::new();
    workshop.choose().success();
    let archive = resume::archive(workshop.folder.path(), 3000);
    let output = workshop.path("records.jsonl");
    let tag = |share: &str| {
        let mut tag = Command::new(assert_cmd::cargo::cargo_bin!("plenary"));
        tag.args(["tag", "--engine", "embedded", "--min-precision", share]);
        tag.arg(&archive)
            .arg("--model")
            .arg(workshop.path("model"))
            .arg("-o")
            .arg(&output);
        tag
    };
    resume::stop(&mut tag("0.9"), &output, "-KILL");
    let refused = tag("0.8").output().unwrap();
    let message = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{message}");
    assert!(message.contains("min-precision: 0.9, not 0.8"), "{message}");
}

#[test]
fn a_model_without_curves_says_how_to_get_them() {
    let workshop = Workshop::new();
    let model = ModelFolder::open(&workshop.path("model")).unwrap();
    let mut spec = model.spec().clone();
    spec.curves.clear();
    spec.write(&workshop.path("model").join("plenary.toml"))
        .unwrap();
    let tag = |flags: &[&str]| {
        let mut tag = plenary();
        tag.arg("tag")
            .arg(sample())
            .args(["-o", "-", "--model"])
            .arg(workshop.path("model"));
        tag.args(flags).assert().code(2).stdout("")
    };
    tag(&["--min-precision", "0.9"]).stderr(contains("plenary models thresholds FOLDER GOLD"));
    tag(&["--min-precision", "1.5"]).stderr(contains("give a number from 0 to 1"));
    tag(&["--min-precision", "0.9", "--min-recall", "0.9"]).stderr(contains("cannot be used with"));
}

#[test]
fn gold_that_the_model_was_made_with_is_named() {
    let workshop = Workshop::new();
    let model = ModelFolder::open(&workshop.path("model")).unwrap();
    let mut spec = model.spec().clone();
    let bytes = fs::read(workshop.path("gold.jsonl")).unwrap();
    let hash = format!("{:x}", <sha2::Sha256 as sha2::Digest>::digest(bytes));
    let files = toml::Table::from_iter([("gold.jsonl".to_owned(), hash.into())]);
    spec.training.insert("files".to_owned(), files.into());
    spec.write(&workshop.path("model").join("plenary.toml"))
        .unwrap();
    workshop.choose().success().stderr(contains(
        "gold.jsonl is among the files that the model was made with",
    ));
}
