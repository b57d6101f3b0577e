//! Themes of a user's own: heads where the model has them, else definitions.

use std::fs;
use std::path::{Path, PathBuf};

use plenary::schema::Record;
use predicates::prelude::*;
use predicates::str::contains;

use crate::thresholds::Workshop;
use crate::{default_model, plenary};

const PEACE: &str = "[[theme]]\nname = 'peace'\ndefinition = 'An end to fighting.'\n";
const TEA: &str =
    "[[theme]]\nname = 'tea'\ndefinition = 'p s d e f'\nexamples = ['p s a b', 'p s c']\n";

/// A model that knows peace, a taxonomy, and an encoder that nobody fine-tuned.
fn workshop(taxonomy: &str) -> Workshop {
    let workshop = Workshop::new();
    fs::write(workshop.path("mine.toml"), taxonomy).unwrap();
    fs::remove_file(workshop.path("base").join("plenary.toml")).unwrap();
    workshop
}

fn tag(workshop: &Workshop) -> assert_cmd::Command {
    let mut tag = workshop.tagging();
    tag.arg("--taxonomy").arg(workshop.path("mine.toml"));
    tag.current_dir(workshop.path(""));
    tag
}

fn records(bytes: &[u8]) -> Vec<Record> {
    let lines = std::str::from_utf8(bytes).unwrap().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn heads_tell_what_the_model_knows_and_definitions_the_rest() {
    let workshop = workshop(&format!("{TEA}{PEACE}"));
    let both = |more: &[&str]| {
        let done = tag(&workshop)
            .args(["--encoder", "base", "-o", "-"])
            .args(more)
            .assert()
            .success();
        let said = String::from_utf8(done.get_output().stderr.clone()).unwrap();
        (done.get_output().stdout.clone(), said)
    };
    let (mine, said) = both(&[]);
    assert!(
        said.contains("tea    by its definition and 2 examples (*)"),
        "{said}"
    );
    assert!(said.contains("peace  by a head of the model\n"), "{said}");
    assert!(
        said.contains("F1 was") && said.contains("with this encoder nobody measured"),
        "{said}"
    );
    assert_eq!(mine, both(&["--threads", "2", "--batch-tokens", "64"]).0);
    // What the head says is what it says without a taxonomy.
    let mut alone = workshop.tagging();
    alone.args(["--quiet", "-o", "-"]);
    let alone = records(&alone.assert().success().get_output().stdout);
    let mine = records(&mine);
    for (mine, alone) in mine.iter().zip(&alone) {
        assert_eq!(mine.scores["peace"], alone.scores["peace"]);
        let of_peace: Vec<_> = mine
            .labels
            .iter()
            .filter(|label| label.theme == "peace")
            .collect();
        assert_eq!(of_peace, alone.labels.iter().collect::<Vec<_>>());
        assert_ne!(mine.model, alone.model);
    }
    // Statements with the letters of the definition are liker to it than others.
    let mean = |wanted: bool| {
        let of = mine
            .iter()
            .filter(|record| record.text.contains("p s") == wanted);
        let scores: Vec<f32> = of.map(|record| record.scores["tea"].value()).collect();
        scores.iter().sum::<f32>() / scores.len() as f32
    };
    assert!(mean(true) > mean(false), "{} {}", mean(true), mean(false));
}

#[test]
fn another_definition_is_another_run() {
    let workshop = workshop(TEA);
    let of = |taxonomy: &str| {
        fs::write(workshop.path("mine.toml"), taxonomy).unwrap();
        let done = tag(&workshop)
            .args(["--encoder", "base", "--quiet", "-o", "-"])
            .assert()
            .success();
        records(&done.get_output().stdout)[0].model.clone()
    };
    assert_ne!(of(TEA), of(&TEA.replace("d e f", "g h i")));
}

#[test]
fn a_taxonomy_that_cannot_be_used_says_why() {
    let nameless = "[[theme]]\nname = 'tea'\ndefinition = ' '\n";
    let cases = [
        (format!("{PEACE}{PEACE}"), "theme \"peace\" is there twice"),
        (String::new(), "missing field `theme`"),
        (
            PEACE.replace("definition", "meaning"),
            "unknown field `meaning`",
        ),
        (nameless.to_owned(), "give the theme a definition"),
        (PEACE.replace("peace", ""), "names are not empty"),
        (
            format!("{PEACE}examples = ['a', ' ']\n"),
            "an example of the theme \"peace\" is empty",
        ),
    ];
    for (taxonomy, expected) in cases {
        let workshop = workshop(&taxonomy);
        let said = tag(&workshop)
            .args(["--encoder", "base", "-o", "-"])
            .assert()
            .code(2)
            .stdout("");
        said.stderr(contains("mine.toml").and(contains(expected)));
    }
    let workshop = workshop(TEA);
    fs::remove_file(workshop.path("mine.toml")).unwrap();
    tag(&workshop)
        .args(["-o", "-"])
        .assert()
        .code(2)
        .stderr(contains("mine.toml: it cannot be read"));
}

#[test]
fn an_encoder_that_cannot_be_used_says_why() {
    let workshop = workshop(TEA);
    let with = |encoder: &str| {
        tag(&workshop)
            .args(["-o", "-", "--encoder", encoder])
            .assert()
            .code(2)
    };
    with("nowhere").stderr(contains("model nowhere: there is no such folder"));
    let path = workshop.path("base").join("tokenizer.json");
    let other = fs::read_to_string(&path).unwrap().replace("\"z\"", "\"ß\"");
    fs::write(&path, other).unwrap();
    with("base").stderr(contains("has other tokens than model"));
}

#[test]
fn without_an_encoder_the_command_says_how_to_get_it() {
    let workshop = workshop(TEA);
    // A copy of the program looks around itself, where there is none.
    let program = workshop.path("plenary");
    fs::copy(assert_cmd::cargo::cargo_bin!("plenary"), &program).unwrap();
    let mut tag = assert_cmd::Command::new(program);
    tag.args([
        "tag",
        "gold.jsonl",
        "--model",
        "model",
        "--taxonomy",
        "mine.toml",
        "-o",
        "-",
    ]);
    let said = tag
        .current_dir(workshop.path(""))
        .assert()
        .code(2)
        .stdout("");
    said.stderr(contains("has no head for tea").and(contains("make base-model")));
}

#[test]
fn word_overlap_takes_any_taxonomy() {
    let workshop = workshop("[[theme]]\nname = 'tea'\ndefinition = 'Kettles, leaves and cups.'\n");
    fs::write(
        workshop.path("a.txt"),
        "The kettles and cups were on the table.",
    )
    .unwrap();
    let mut tag = plenary();
    tag.args([
        "tag",
        "a.txt",
        "--engine",
        "overlap",
        "--taxonomy",
        "mine.toml",
        "--quiet",
        "-o",
        "-",
    ]);
    let done = tag.current_dir(workshop.path("")).assert().success();
    assert_eq!(records(&done.get_output().stdout)[0].labels[0].theme, "tea");
}

/// MiniLM-L6, where `make base-model` has put it.
fn base_model() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".base-model");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no .base-model (make base-model)");
    None
}

#[test]
fn a_theme_that_nobody_taught_is_found_by_its_definition() {
    let Some(encoder) = base_model() else { return };
    let folder = tempfile::tempdir().unwrap();
    let about = [
        "Our coral reefs bleach as the ocean grows warmer every year.",
        "We will cut our emissions of carbon dioxide by half before 2035.",
        "Rising seas will swallow our atolls unless the world acts on global warming.",
    ];
    let others = [
        "The parliament elected a new speaker on Tuesday.",
        "Our clinics have neither doctors nor medicine.",
        "The two armies exchanged fire across the river.",
    ];
    let lines = about.iter().chain(&others).enumerate();
    let lines = lines.map(|(id, text)| {
        format!(
            "{}\n",
            serde_json::json!({"id": id.to_string(), "text": text})
        )
    });
    fs::write(folder.path().join("a.jsonl"), lines.collect::<String>()).unwrap();
    let taxonomy = "[[theme]]\nname = 'climate'\ndefinition = 'Climate change, its effects, and what is done about it.'\n";
    fs::write(folder.path().join("mine.toml"), taxonomy).unwrap();
    let mut tag = plenary();
    tag.args([
        "tag", "a.jsonl", "--split", "none", "--engine", "embedded", "--quiet", "-o", "-",
    ]);
    tag.args(["--taxonomy", "mine.toml", "--model"])
        .arg(default_model());
    tag.arg("--encoder").arg(encoder);
    let done = tag.current_dir(folder.path()).assert().success();
    let found: Vec<bool> = records(&done.get_output().stdout)
        .iter()
        .map(|r| !r.labels.is_empty())
        .collect();
    assert_eq!(found, [true, true, true, false, false, false]);
}
