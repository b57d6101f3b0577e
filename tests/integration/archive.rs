//! Real archives, where they are at hand: nothing is lost, and the sample article comes out right.

use std::path::Path;

use plenary::corpus::{self, CorpusOptions, Entry};
use plenary::stages::segment::{Segmenter, SegmenterOptions};
use serde_json::Value;

use crate::hostile::check::lost_or_double;
use crate::{default_model, plenary, shared_dir};

#[test]
fn every_word_of_the_archives_stands_in_one_statement_or_is_furniture() {
    let Some(shared) = shared_dir() else { return };
    let folders = ["news", "ungd", "whitehouse"].map(|name| shared.join("archive").join(name));
    let archive = corpus::open(&folders, &CorpusOptions::default()).unwrap();
    let segmenter = Segmenter::new(SegmenterOptions::default());
    let (mut documents, mut wrong) = (0, Vec::new());
    for entry in archive {
        documents += usize::from(matches!(entry, Entry::Document(_)));
        wrong.extend(lost_or_double(entry, &segmenter));
    }
    assert!(documents > 4000, "{documents}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The records of one document, tagged by the model of the repo on the embedded engine.
fn tagged(path: &Path) -> Vec<Value> {
    let output = plenary()
        .args([
            "tag", "--engine", "embedded", "--quiet", "-o", "-", "--model",
        ])
        .arg(default_model())
        .arg(path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn the_sample_article_has_its_speakers_and_labels() {
    let Some(shared) = shared_dir() else { return };
    let records = tagged(&shared.join("archive/azertac-sco-2025-07-16.txt"));
    let speaker = |record: &Value| record["speaker"]["name"].as_str().map(str::to_owned);
    let of = |start: &str| {
        let found = records
            .iter()
            .find(|r| r["text"].as_str().unwrap().starts_with(start));
        found.unwrap_or_else(|| panic!("no statement starts with {start:?}"))
    };
    for (start, name) in [
        ("He noted that", "Xi Jinping"),
        ("China has always", "Xi Jinping"),
        ("He added that since", "Xi Jinping"),
        ("With the SCO Summit", "Xi Jinping"),
        ("He stressed that", "Xi Jinping"),
        ("Xi called on", "Xi Jinping"),
        ("The organization should", "Xi Jinping"),
        ("Xi also called", "Xi Jinping"),
        ("He emphasized", "Xi Jinping"),
        ("The SCO should unite", "Xi Jinping"),
        ("Wang Yi, as the chair", "Wang Yi"),
        ("On behalf of", "Sergey Lavrov"),
        ("Practice has proven", "Sergey Lavrov"),
        ("Lavrov said", "Sergey Lavrov"),
        ("Facing a complex", "Sergey Lavrov"),
    ] {
        assert_eq!(speaker(of(start)).as_deref(), Some(name), "{start}");
    }
    let labels = of("Xi also called")["labels"].as_array().unwrap();
    let hegemony = labels
        .iter()
        .find(|l| l["theme"] == "anti-hegemony" && l["stance"] == "oppose");
    let target = hegemony.expect("anti-hegemony, oppose")["target"].as_str();
    assert_eq!(target, Some("hegemony, power politics, and bullying"));
}

#[test]
fn threads_and_batches_do_not_change_a_byte_of_the_models_records() {
    let run = |threads: &str, tokens: &str| {
        let mut command = plenary();
        command.args([
            "tag", "--engine", "embedded", "--quiet", "-o", "-", "--model",
        ]);
        command.arg(default_model()).arg(crate::sample());
        command
            .args(["--threads", threads, "--batch-tokens", tokens])
            .output()
            .unwrap()
            .stdout
    };
    let alone = run("1", "1");
    assert!(!alone.is_empty());
    assert!(alone == run("2", "4096"), "records differ");
}
