//! Input that nothing can be made of is refused before any long work starts, with the place and what is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use predicates::str::contains;

use crate::training::write_labels;
use crate::{plenary, tiny_model};

const PEACE: &str = "[[theme]]\nname = 'peace'\ndefinition = 'An end to fighting.'\n";

/// A sound base, labels and taxonomy, to be spoiled one by one; and an archive that must not be read.
struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workshop = Self { folder };
        fs::create_dir(workshop.path("base")).unwrap();
        tiny_model::write(&workshop.path("base"));
        write_labels(&workshop.path("labels.jsonl"), 24, 0);
        fs::write(workshop.path("mine.toml"), PEACE).unwrap();
        workshop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn replace(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(self.path(name), text.replace(from, to)).unwrap();
    }

    fn append(&self, name: &str, line: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        fs::write(self.path(name), format!("{text}{line}\n")).unwrap();
    }

    /// Trains with a program and flags; nothing may be written, and the archive, which is not there, not be asked for.
    fn refuses(&self, flags: &[&str], expected: &str) {
        let mut train = plenary();
        train.args([
            "train",
            "--labels",
            "labels.jsonl",
            "--taxonomy",
            "mine.toml",
            "--base",
            "base",
        ]);
        train
            .args(["--texts", "nowhere", "--output", "model"])
            .args(flags);
        let said = train
            .current_dir(self.folder.path())
            .assert()
            .code(2)
            .stdout("");
        said.stderr(contains(expected.to_owned()));
        assert!(!self.path("model").exists());
    }
}

/// What is spoiled, and what is said of it.
type Case = (fn(&Workshop), &'static str);

const CASES: [Case; 11] = [
    (
        |w| fs::write(w.path("labels.jsonl"), "").unwrap(),
        "labels.jsonl is empty; it holds one JSON object a line",
    ),
    (
        |w| fs::write(w.path("labels.jsonl"), "\n \n").unwrap(),
        "labels.jsonl is empty",
    ),
    (
        |w| {
            fs::write(
                w.path("labels.jsonl"),
                "{\"id\": \"1\", \"text\": \"a\", \"labels\": []}",
            )
            .unwrap();
        },
        "no training statement carries the theme \"peace\"",
    ),
    (
        |w| {
            let line =
                r#"{"id": "1", "text": "a", "labels": [{"theme": "peace", "stance": "support"}]}"#;
            fs::write(w.path("labels.jsonl"), line).unwrap();
        },
        "every training statement carries the theme \"peace\"",
    ),
    (
        |w| {
            w.append(
                "labels.jsonl",
                r#"{"id": "x", "text": "a", "labels": [{"theme": "war", "stance": "oppose"}]}"#,
            );
        },
        "labels.jsonl, line 25: the taxonomy has no theme \"war\" (it has: peace)",
    ),
    (
        |w| {
            w.append(
                "labels.jsonl",
                r#"{"id": "x", "text": "a", "labels": [{"theme": "peace", "stance": "sour"}]}"#,
            );
        },
        "labels.jsonl, line 25",
    ),
    (
        |w| {
            w.append(
                "labels.jsonl",
                r#"{"id": "1", "document": "d", "span": [0, 1], "labels": []}"#,
            );
        },
        "labels.jsonl, line 25: id \"1\" was in line 2 with other labels; keep one of them",
    ),
    (
        |w| w.append("labels.jsonl", "{\"id\": "),
        "labels.jsonl, line 25",
    ),
    (
        |w| w.append("mine.toml", PEACE),
        "taxonomy mine.toml: theme \"peace\" is there twice",
    ),
    (
        |w| {
            w.replace(
                "base/config.json",
                "\"hidden_size\": 64",
                "\"hidden_size\": 32",
            );
        },
        "model.safetensors: tensor \"embeddings.word_embeddings.weight\" has the shape [40, 64]",
    ),
    (
        |w| fs::write(w.path("base/model.safetensors"), "<html>").unwrap(),
        "are not whole safetensors",
    ),
];

#[test]
fn training_of_heads_is_refused_before_archives_are_read() {
    for (spoil, expected) in CASES {
        let workshop = Workshop::new();
        spoil(&workshop);
        workshop.refuses(&["--head-only"], expected);
    }
}

#[cfg(feature = "libtorch")]
#[test]
fn training_is_refused_before_archives_are_read() {
    for (spoil, expected) in CASES {
        let workshop = Workshop::new();
        spoil(&workshop);
        workshop.refuses(&[], expected);
    }
}

#[test]
fn a_model_that_contradicts_itself_tags_nothing() {
    let cases: [Case; 4] = [
        (
            |w| {
                w.replace(
                    "base/plenary.toml",
                    "name = \"peace/oppose\"",
                    "name = \"peace/hates\"",
                );
            },
            "plenary.toml: there is no [[label]] called \"peace/oppose\"",
        ),
        (
            |w| w.replace("base/plenary.toml", "name = \"peace\"", "name = \"war\""),
            "plenary.toml: head \"label_logits\" has no column \"war/support\"",
        ),
        (
            |w| w.replace("base/plenary.toml", "\"peace/support\", ", ""),
            "plenary.toml: head \"label_logits\" has no column \"peace/support\"",
        ),
        (
            |w| {
                w.replace(
                    "base/config.json",
                    "\"intermediate_size\": 128",
                    "\"intermediate_size\": 64",
                );
            },
            "has the shape [128, 64], config.json and plenary.toml ask for [64, 64]",
        ),
    ];
    for (spoil, expected) in cases {
        let workshop = Workshop::new();
        spoil(&workshop);
        fs::write(workshop.path("a.txt"), "A b c.").unwrap();
        let mut tag = plenary();
        tag.args(["tag", "a.txt", "--model", "base", "-o", "records.jsonl"]);
        let said = tag.current_dir(workshop.folder.path()).assert().code(2);
        said.stderr(contains(expected.to_owned()));
        assert!(!Path::new(&workshop.path("records.jsonl.partial")).exists());
    }
}
