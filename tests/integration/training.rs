//! `plenary train`: labelled statements in, a model that every engine runs out.

use std::path::Path;

use predicates::str::contains;

use crate::plenary;

/// One theme, so that the tests need few examples.
#[cfg(feature = "libtorch")]
const TAXONOMY: &str = "[[theme]]\nname = 'peace'\ndefinition = 'An end to fighting.'\n";

/// Statements of letters: 'p' is about peace, supported with 's', opposed with 'o', else mentioned.
pub(crate) fn write_labels(path: &Path, count: usize, offset: usize) {
    let line = |number: usize| {
        let filler =
            |place: usize| char::from(b'a' + u8::try_from((number * place) % 12).unwrap_or(0));
        let words = match number % 4 {
            0 => String::new(),
            1 => "p s ".to_owned(),
            2 => "p o ".to_owned(),
            _ => "p ".to_owned(),
        };
        let stance = ["", "support", "oppose", "neutral"][number % 4];
        let labels = match stance {
            "" => serde_json::json!([]),
            _ => serde_json::json!([{"theme": "peace", "stance": stance, "target": "p"}]),
        };
        let text = format!("{} {words}{} {}", filler(1), filler(5), filler(7));
        format!(
            "{}\n",
            serde_json::json!({"id": number.to_string(), "text": text, "labels": labels})
        )
    };
    let lines: String = (offset..offset + count).map(line).collect();
    std::fs::write(path, lines).expect("the folder is ours");
}

#[test]
fn help_shows_how_a_model_is_made_and_used() {
    let help = plenary().args(["train", "--help"]).assert().success();
    help.stdout(contains(
        "plenary train --labels train.jsonl --dev dev.jsonl --output models/mine",
    ));
}

#[test]
fn a_theme_is_taught_from_few_examples_without_libtorch() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("base")).expect("the folder is ours");
    crate::tiny_model::write(&path("base"));
    write_labels(&path("few.jsonl"), 48, 0);
    write_labels(&path("dev.jsonl"), 40, 1000);
    let taxonomy = "[[theme]]\nname = 'peace'\ndefinition = 'An end to fighting.'\n";
    std::fs::write(path("taxonomy.toml"), taxonomy).expect("the folder is ours");
    let train = |output: &str| {
        let mut train = plenary();
        train
            .args(["train", "--head-only", "--labels"])
            .arg(path("few.jsonl"));
        train.arg("--dev").arg(path("dev.jsonl"));
        train.arg("--taxonomy").arg(path("taxonomy.toml"));
        train
            .arg("--base")
            .arg(path("base"))
            .arg("--output")
            .arg(path(output));
        train.assert().success()
    };
    let said = train("model");
    said.stderr(contains("peace: taught by 36 of 48 statements"));
    train("again");
    for file in ["model.safetensors", "tokenizer.json"] {
        let [one, two] = ["model", "again"].map(|model| std::fs::read(path(model).join(file)));
        assert_eq!(one.expect("it was written"), two.expect("it was written"));
    }
    let tagged = plenary()
        .args([
            "tag",
            "--split",
            "none",
            "--any-language",
            "--quiet",
            "--engine",
            "embedded",
        ])
        .args(["--precision", "f32", "-o", "-", "--model"])
        .arg(path("model"))
        .arg(path("dev.jsonl"))
        .assert()
        .success();
    let themes = tagged_themes(&tagged.get_output().stdout);
    let right = themes
        .iter()
        .enumerate()
        .filter(|(number, found)| **found == (number % 4 != 0));
    // A random encoder knows the letter; what it cannot know is left to better ones.
    assert!(right.count() >= 36, "{themes:?}");
}

/// Whether each record has a label.
fn tagged_themes(records: &[u8]) -> Vec<bool> {
    let records = std::str::from_utf8(records).expect("it is UTF-8");
    let record =
        |line| -> plenary::schema::Record { serde_json::from_str(line).expect("it is a record") };
    records
        .lines()
        .map(|line| !record(line).labels.is_empty())
        .collect()
}

#[test]
fn an_encoder_alone_becomes_a_model_that_every_precision_runs() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("base")).expect("the folder is ours");
    crate::tiny_model::write(&path("base"));
    std::fs::remove_file(path("base").join("plenary.toml")).expect("it was written");
    write_labels(&path("few.jsonl"), 48, 0);
    let taxonomy = "[[theme]]\nname = 'peace'\ndefinition = 'An end to fighting.'\n";
    std::fs::write(path("taxonomy.toml"), taxonomy).expect("the folder is ours");
    let mut train = plenary();
    train
        .args(["train", "--head-only", "--labels"])
        .arg(path("few.jsonl"))
        .arg("--taxonomy")
        .arg(path("taxonomy.toml"))
        .arg("--base")
        .arg(path("base"))
        .arg("--output")
        .arg(path("model"));
    train.assert().success();
    for precision in ["f32", "int8"] {
        let tagged = plenary()
            .args([
                "tag",
                "--split",
                "none",
                "--any-language",
                "--quiet",
                "-o",
                "-",
            ])
            .args(["--engine", "embedded", "--precision", precision, "--model"])
            .arg(path("model"))
            .arg(path("few.jsonl"))
            .assert()
            .success();
        let themes = tagged_themes(&tagged.get_output().stdout);
        let right = themes
            .iter()
            .enumerate()
            .filter(|(number, found)| **found == (number % 4 != 0));
        assert!(right.count() >= 40, "{precision}: {themes:?}");
    }
}

#[test]
fn a_theme_without_examples_or_a_head_in_the_base_is_refused() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("base")).expect("the folder is ours");
    crate::tiny_model::write(&path("base"));
    write_labels(&path("few.jsonl"), 8, 0);
    let taxonomy = "[[theme]]\nname = 'peace'\ndefinition = 'An end to fighting.'\n\
                    [[theme]]\nname = 'tea'\ndefinition = 'A drink.'\n";
    std::fs::write(path("taxonomy.toml"), taxonomy).expect("the folder is ours");
    let mut train = plenary();
    train
        .args(["train", "--head-only", "--labels"])
        .arg(path("few.jsonl"));
    train.arg("--taxonomy").arg(path("taxonomy.toml"));
    train
        .arg("--base")
        .arg(path("base"))
        .arg("--output")
        .arg(path("model"));
    let said = train.assert().code(2);
    said.stderr(contains("no training statement carries the theme \"tea\""));
    assert!(!path("model").exists());
}

#[cfg(not(feature = "libtorch"))]
#[test]
fn without_libtorch_the_command_says_how_to_get_it() {
    let folder = tempfile::tempdir().expect("there is room");
    let labels = folder.path().join("labels.jsonl");
    write_labels(&labels, 8, 0);
    let run = plenary()
        .args(["train", "--output", "model", "--labels"])
        .arg(&labels)
        .current_dir(folder.path())
        .assert();
    run.code(2).stderr(contains("make libtorch"));
}

#[cfg(feature = "libtorch")]
mod with_libtorch {
    use std::collections::BTreeMap;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::{Path, PathBuf};

    use plenary::model::ModelFolder;
    use plenary::schema::{Record, Taxonomy};
    use plenary::training::{self, Progress, Recipe, Report, TrainOptions};
    use predicates::str::contains;

    use super::{TAXONOMY, write_labels};
    use crate::{plenary, tiny_model};

    /// A base, labels, articles and what to make of them, in a folder that goes away with it.
    struct Workshop {
        folder: tempfile::TempDir,
    }

    impl Workshop {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("there is room");
            let base = folder.path().join("base");
            std::fs::create_dir(&base).expect("the folder is ours");
            tiny_model::write(&base);
            write_labels(&folder.path().join("labels.jsonl"), 160, 0);
            write_labels(&folder.path().join("dev.jsonl"), 40, 1000);
            let article = r#"{"id": "a", "text": "j k say l m", "attributions":
                [{"source": [[0, 3]], "cue": [[4, 7]], "content": [[8, 11]]}]}"#;
            let article = article.replace('\n', " ");
            std::fs::write(folder.path().join("articles.jsonl"), article).expect("ours");
            let stances: Vec<String> = (0..40)
                .map(|number| {
                    let stance = ["support", "oppose"][number % 2];
                    let text = if number % 2 == 0 { "j k" } else { "l m" };
                    format!("{{\"text\": \"{text} {number}\", \"target\": \"k\", \"stance\": \"{stance}\"}}\n")
                })
                .collect();
            std::fs::write(folder.path().join("stances.jsonl"), stances.concat()).expect("ours");
            std::fs::write(folder.path().join("taxonomy.toml"), TAXONOMY).expect("ours");
            Self { folder }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn options(&self, output: &str, epochs: usize) -> TrainOptions {
            let recipe = Recipe {
                epochs,
                statements_per_step: 16,
                max_tokens: 48,
                learning_rate: 2e-3,
                head_learning_rate: 5e-3,
                articles_per_step: 1,
                targeted_per_step: 2,
                bfloat16: false,
                patience: 0,
                ..Recipe::shipped().expect("a test of its own says so")
            };
            TrainOptions {
                labels: vec![self.path("labels.jsonl")],
                texts: Vec::new(),
                attributions: vec![self.path("articles.jsonl")],
                stances: vec![self.path("stances.jsonl")],
                dev: vec![self.path("dev.jsonl")],
                base: self.path("base"),
                output: self.path(output),
                name: "letters".to_owned(),
                taxonomy: Taxonomy::parse(TAXONOMY, Path::new("taxonomy.toml"))
                    .expect("it is sound"),
                recipe,
                seed: 1,
                resume: false,
                threads: 1,
            }
        }

        fn weights(&self, output: &str) -> Vec<u8> {
            std::fs::read(self.path(output).join("model.safetensors")).expect("it was written")
        }
    }

    fn train(options: &TrainOptions) -> (Report, Vec<f64>) {
        let mut losses = Vec::new();
        let report = training::train(options, &mut |progress| {
            if let Progress::Step { losses: found, .. } = progress {
                losses.push(found.labels + found.targets + found.attribution + found.stances);
            }
        });
        (report.expect("it trains"), losses)
    }

    #[test]
    fn a_trained_folder_tags_as_it_did_in_training() {
        let workshop = Workshop::new();
        let (report, losses) = train(&workshop.options("model", 12));
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        let (first, last) = (mean(&losses[..5]), mean(&losses[losses.len() - 5..]));
        assert!(last < first / 3.0, "loss {first} to {last}");
        let figures = report.figures.last().expect("there were passes");
        assert!(figures.pairs > 0.95, "{figures:?}");

        let model = ModelFolder::open(&workshop.path("model")).expect("it is whole");
        assert!(!model.spec().activations.is_empty());
        for precision in ["f32", "int8"] {
            let tagged = plenary()
                .args([
                    "tag",
                    "--split",
                    "none",
                    "--engine",
                    "embedded",
                    "--quiet",
                    "--any-language",
                ])
                .args(["--precision", precision, "--model"])
                .arg(workshop.path("model"))
                .arg(workshop.path("dev.jsonl"))
                .args(["-o", "-"])
                .assert()
                .success();
            let right = right(&tagged.get_output().stdout, &workshop.path("dev.jsonl"));
            assert_eq!(right, 40, "in {precision}");
        }
    }

    /// How many statements have the labels of the gold file: stance and target.
    fn right(records: &[u8], gold: &Path) -> usize {
        let gold = std::fs::read_to_string(gold).expect("it was written");
        let of_gold: BTreeMap<String, String> = gold
            .lines()
            .map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
                (
                    line["id"].to_string().replace('"', ""),
                    labels(&line["labels"]),
                )
            })
            .collect();
        let records = std::str::from_utf8(records).expect("it is UTF-8");
        let same = records.lines().filter(|line| {
            let record: Record = serde_json::from_str(line).expect("it is a record");
            let found = serde_json::to_value(&record.labels).expect("it is JSON");
            of_gold.get(&record.document.id) == Some(&labels(&found))
        });
        same.count()
    }

    fn labels(labels: &serde_json::Value) -> String {
        let stance = |label: &serde_json::Value| format!("{} {}", label["stance"], label["target"]);
        labels
            .as_array()
            .into_iter()
            .flatten()
            .map(stance)
            .collect()
    }

    #[test]
    fn a_resumed_training_gives_the_same_weights() {
        let workshop = Workshop::new();
        train(&workshop.options("whole", 3));
        let mut options = workshop.options("broken", 3);
        let interrupted = catch_unwind(AssertUnwindSafe(|| {
            training::train(&options, &mut |progress| {
                assert!(
                    !matches!(progress, Progress::Step { step: 25, .. }),
                    "the power is out"
                );
            })
        }));
        assert!(interrupted.is_err());
        options.resume = true;
        let (_, losses) = train(&options);
        // 148 statements are not held out: 10 steps a pass, two passes were saved.
        assert_eq!(losses.len(), 10);
        assert!(workshop.weights("whole") == workshop.weights("broken"));
        assert!(!workshop.path("broken").join("checkpoint").exists());
    }

    #[test]
    fn a_checkpoint_of_another_seed_is_refused() {
        let workshop = Workshop::new();
        let mut options = workshop.options("model", 2);
        let interrupted = catch_unwind(AssertUnwindSafe(|| {
            training::train(&options, &mut |progress| {
                assert!(
                    !matches!(progress, Progress::Step { step: 15, .. }),
                    "the power is out"
                );
            })
        }));
        assert!(interrupted.is_err());
        options.resume = true;
        options.seed = 2;
        let refused = training::train(&options, &mut |_| {}).expect_err("it is another training");
        assert!(refused.to_string().contains("another seed"), "{refused}");
    }

    #[test]
    fn bad_labels_are_reported_with_file_and_line_before_anything_is_trained() {
        let workshop = Workshop::new();
        let labels = workshop.path("labels.jsonl");
        let mut lines = std::fs::read_to_string(&labels).expect("it was written");
        lines.push_str(
            r#"{"id": "x", "text": "a p", "labels": [{"theme": "war", "stance": "oppose"}]}"#,
        );
        std::fs::write(&labels, lines).expect("the folder is ours");
        let run = plenary()
            .args([
                "train",
                "--output",
                "model",
                "--base",
                "base",
                "--taxonomy",
                "taxonomy.toml",
            ])
            .args(["--labels", "labels.jsonl"])
            .current_dir(workshop.folder.path())
            .assert();
        run.code(2).stderr(contains(
            "labels.jsonl, line 161: the taxonomy has no theme \"war\" (it has: peace)",
        ));
        assert!(!workshop.path("model").exists());
    }
}
