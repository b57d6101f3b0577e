//! Models of others, as Hugging Face has them.

use std::path::Path;

use predicates::str::contains;

use crate::plenary;

/// Writes the folder of a tiny sequence classifier, weights aside.
fn write_folder(folder: &Path, labels: &[&str]) {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        .map(str::to_owned)
        .into_iter();
    let letters = ('a'..='z').map(String::from);
    let sentence = "this example is about the speaker supports opposes peace trade ."
        .split(' ')
        .map(str::to_owned);
    let vocabulary: Vec<String> = words
        .chain(letters.filter(|letter| letter != "x"))
        .chain(sentence)
        .collect();
    std::fs::write(folder.join("vocab.txt"), vocabulary.join("\n")).unwrap();
    let id2label: serde_json::Map<String, serde_json::Value> = labels
        .iter()
        .enumerate()
        .map(|(id, label)| (id.to_string(), (*label).into()))
        .collect();
    let label2id: serde_json::Map<String, serde_json::Value> = labels
        .iter()
        .enumerate()
        .map(|(id, label)| ((*label).to_owned(), id.into()))
        .collect();
    let config = serde_json::json!({
        "model_type": "bert", "architectures": ["BertForSequenceClassification"], "vocab_size": vocabulary.len(),
        "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
        "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": 40, "type_vocab_size": 2, "initializer_range": 0.02,
        "id2label": id2label, "label2id": label2id,
    });
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
}

fn tag(folder: &Path, model: &str) -> assert_cmd::Command {
    let texts = ["A b c d.", "E f g!", "Thé h i j k l m n o p.", "Q r s."];
    let lines = texts.iter().enumerate();
    let lines = lines.map(|(id, text)| {
        format!(
            "{}
",
            serde_json::json!({"id": id.to_string(), "text": text})
        )
    });
    std::fs::write(folder.join("a.jsonl"), lines.collect::<String>()).unwrap();
    let mut tag = plenary();
    tag.args([
        "tag",
        "a.jsonl",
        "--split",
        "none",
        "--any-language",
        "-o",
        "-",
        "--model",
        model,
    ]);
    tag.current_dir(folder);
    tag.env("HF_HOME", folder.join("cache"));
    tag
}

#[test]
fn a_hub_id_that_is_not_here_says_how_to_fetch_it() {
    let folder = tempfile::tempdir().unwrap();
    let said = tag(folder.path(), "someone/some-model")
        .assert()
        .code(2)
        .stdout("");
    said.stderr(contains("hf download someone/some-model"));
}

#[test]
fn labels_without_names_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    let said = |labels: &[&str], expected: &str| {
        write_folder(&theirs, labels);
        std::fs::write(theirs.join("model.safetensors"), "").unwrap();
        tag(folder.path(), "theirs")
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(expected.to_owned()));
    };
    said(&["LABEL_0", "LABEL_1"], "its labels are unknown");
    said(&["favor", "against"], "name stances, but toward no theme");
    std::fs::remove_file(theirs.join("model.safetensors")).unwrap();
    tag(folder.path(), "theirs")
        .assert()
        .code(2)
        .stderr(contains("it has no weights; it needs one of"));
}

#[cfg(not(feature = "libtorch"))]
#[test]
fn without_libtorch_a_model_of_others_says_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    write_folder(&theirs, &["contradiction", "neutral", "entailment"]);
    std::fs::write(theirs.join("model.safetensors"), "").unwrap();
    let said = tag(folder.path(), "theirs").assert().code(2).stdout("");
    said.stderr(contains(
        "run `make libtorch` and build with `--features libtorch`",
    ));
}

#[cfg(feature = "libtorch")]
mod with_libtorch {
    use std::collections::BTreeMap;
    use std::path::Path;

    use plenary::engine::network::generator;
    use plenary::schema::{Record, Stance};
    use predicates::str::contains;
    use rust_bert::Config as _;
    use rust_bert::bert::{BertConfig, BertForSequenceClassification};
    use rust_bert::pipelines::common::{ModelResource, ModelType};
    use rust_bert::pipelines::zero_shot_classification::{
        ZeroShotClassificationConfig, ZeroShotClassificationModel,
    };
    use rust_bert::resources::LocalResource;
    use tch::{Device, nn};

    use super::{tag, write_folder};

    const INFERENCE: [&str; 3] = ["contradiction", "neutral", "entailment"];
    const TAXONOMY: &str =
        "[[theme]]\nname = 'peace'\ndefinition = ''\n[[theme]]\nname = 'trade'\ndefinition = ''\n";

    /// A tiny classifier with random weights, large enough that it is sure of something.
    fn write(folder: &Path, labels: &[&str]) {
        std::fs::create_dir_all(folder).unwrap();
        write_folder(folder, labels);
        let _generator = generator();
        tch::manual_seed(7);
        let config = BertConfig::from_file(folder.join("config.json"));
        let store = nn::VarStore::new(Device::Cpu);
        let _model = BertForSequenceClassification::new(store.root(), &config).unwrap();
        tch::no_grad(|| {
            let variables: BTreeMap<_, _> = store.variables().into_iter().collect();
            for (name, mut tensor) in variables {
                if !name.contains("LayerNorm") {
                    let drawn = tch::Tensor::randn(tensor.size(), (tensor.kind(), Device::Cpu));
                    tensor.copy_(&(drawn * 0.4));
                }
            }
        });
        store.save(folder.join("model.safetensors")).unwrap();
    }

    fn records(tag: &mut assert_cmd::Command) -> Vec<Record> {
        let done = tag.assert().success();
        let lines = std::str::from_utf8(&done.get_output().stdout)
            .unwrap()
            .lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn an_inference_model_tells_themes_as_rust_berts_own_pipeline_does() {
        let folder = tempfile::tempdir().unwrap();
        let theirs = folder.path().join("theirs");
        write(&theirs, &INFERENCE);
        std::fs::write(folder.path().join("mine.toml"), TAXONOMY).unwrap();
        let found = records(tag(folder.path(), "theirs").args(["--taxonomy", "mine.toml"]));
        assert_eq!(found.len(), 4);
        assert_eq!(found[2].text, "Thé h i j k l m n o p.");
        assert!(found[0].model.starts_with("theirs@"));
        let file = |name: &str| LocalResource::from(theirs.join(name));
        let mut settings = ZeroShotClassificationConfig::new(
            ModelType::Bert,
            ModelResource::Torch(Box::new(file("model.safetensors"))),
            file("config.json"),
            file("vocab.txt"),
            None,
            true,
            None,
            None,
        );
        settings.device = Device::Cpu;
        let theirs = ZeroShotClassificationModel::new(settings).unwrap();
        for record in &found {
            let expected =
                theirs.predict_multilabel([record.text.as_str()], ["peace", "trade"], None, 38);
            for label in &expected.unwrap()[0] {
                let score = f64::from(record.scores[&label.text].value());
                assert!(
                    (score - label.score).abs() < 1e-4,
                    "{}: {score} and {label:?}",
                    record.text
                );
            }
        }
        let spread: Vec<f32> = found
            .iter()
            .map(|record| record.scores["peace"].value())
            .collect();
        assert!(
            spread.iter().any(|score| (score - spread[0]).abs() > 0.01),
            "{spread:?}"
        );
    }

    #[test]
    fn a_target_is_asked_about_as_a_theme_is() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("theirs"), &INFERENCE);
        let themes = format!("{TAXONOMY}[[theme]]\nname = 'the moon'\ndefinition = ''\n");
        std::fs::write(folder.path().join("mine.toml"), TAXONOMY).unwrap();
        std::fs::write(folder.path().join("more.toml"), themes).unwrap();
        let scores = |more: &[&str]| -> Vec<_> {
            let found = records(tag(folder.path(), "theirs").args(more));
            found.into_iter().map(|record| record.scores).collect()
        };
        let named = scores(&["--taxonomy", "mine.toml", "--target", "the moon"]);
        assert_eq!(named.len(), 4);
        assert_eq!(named, scores(&["--taxonomy", "more.toml"]));
    }

    #[test]
    fn neither_threads_nor_batches_nor_the_order_of_labels_change_a_score() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("theirs"), &INFERENCE);
        std::fs::write(folder.path().join("mine.toml"), TAXONOMY).unwrap();
        let run = |model: &str, more: &[&str]| {
            records(
                tag(folder.path(), model)
                    .args(["--taxonomy", "mine.toml"])
                    .args(more),
            )
        };
        let one = run("theirs", &["--threads", "1"]);
        assert_eq!(
            one,
            run("theirs", &["--threads", "2", "--batch-tokens", "1"])
        );
        // The same logits under turned names: what was entailed is contradicted.
        let turned: Vec<&str> = INFERENCE.into_iter().rev().collect();
        let theirs = folder.path().join("turned");
        std::fs::create_dir(&theirs).unwrap();
        write_folder(&theirs, &turned);
        let weights = folder.path().join("theirs/model.safetensors");
        std::fs::copy(weights, theirs.join("model.safetensors")).unwrap();
        for (one, other) in one.iter().zip(run("turned", &[])) {
            let sum = one.scores["peace"].value() + other.scores["peace"].value();
            assert!((sum - 1.0).abs() < 2e-4, "{sum}");
        }
    }

    #[test]
    fn labels_that_name_themes_and_stances_are_given() {
        let folder = tempfile::tempdir().unwrap();
        write(
            &folder.path().join("theirs"),
            &["peace/support", "peace/oppose", "trade", "none"],
        );
        let all = ["--threshold", "peace=0", "--threshold", "trade=0"];
        let found = records(tag(folder.path(), "theirs").args(all));
        for record in &found {
            assert_eq!(record.scores.keys().collect::<Vec<_>>(), ["peace", "trade"]);
            assert!(record.scores["peace"].value() + record.scores["trade"].value() <= 1.0001);
        }
        let labels: Vec<_> = found.iter().flat_map(|record| &record.labels).collect();
        assert_eq!(labels.len(), 8);
        for label in labels {
            assert_eq!(
                label.theme == "trade",
                label.stance == Stance::Neutral,
                "{label:?}"
            );
        }
    }

    #[test]
    fn a_model_in_the_cache_is_found_by_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("cache/hub/models--someone--some-model");
        write(&model.join("snapshots/0a1b"), &["peace", "trade"]);
        std::fs::create_dir_all(model.join("refs")).unwrap();
        std::fs::write(model.join("refs/main"), "0a1b").unwrap();
        let found = records(&mut tag(folder.path(), "someone/some-model"));
        assert!(
            found[0].model.starts_with("someone/some-model@"),
            "{}",
            found[0].model
        );
    }

    #[test]
    fn what_does_not_fit_is_said_before_anything_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let theirs = folder.path().join("theirs");
        let refused = |expected: &str, more: &[&str]| {
            let said = tag(folder.path(), "theirs")
                .args(more)
                .assert()
                .code(2)
                .stdout("");
            said.stderr(contains(expected.to_owned()));
        };
        let change = |from: &str, to: &str| {
            let path = theirs.join("config.json");
            let config = std::fs::read_to_string(&path).unwrap();
            assert!(config.contains(from), "{config}");
            std::fs::write(path, config.replace(from, to)).unwrap();
        };
        write(&theirs, &INFERENCE);
        refused("runs on libtorch alone", &["--engine", "embedded"]);
        change("\"hidden_size\":16", "\"hidden_size\":32");
        refused("the weights do not fit to config.json", &[]);
        change("\"hidden_size\":32", "\"hidden_size\":\"many\"");
        refused("rust-bert cannot read it", &[]);
        change("\"model_type\":\"bert\"", "\"model_type\":\"abacus\"");
        refused("rust-bert has no \"abacus\" (it has: bert", &[]);
        write(&theirs, &INFERENCE);
        std::fs::remove_file(theirs.join("vocab.txt")).unwrap();
        refused("vocab.txt: the file is missing", &[]);
        write(&theirs, &["peace", "trade"]);
        std::fs::write(
            folder.path().join("mine.toml"),
            TAXONOMY.replace("trade", "tea"),
        )
        .unwrap();
        refused(
            "do not name the theme \"tea\" (it has: peace, trade)",
            &["--taxonomy", "mine.toml"],
        );
        std::fs::write(theirs.join("model.safetensors"), "<html>").unwrap();
        refused("the weights do not fit", &[]);
    }
}
