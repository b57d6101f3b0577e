//! The engines agree with each other, and a row's result is its own.

use std::path::{Path, PathBuf};

use plenary::engine::{self, Engine, EngineChoice, EngineOptions, Outputs, TokenBatch};
use plenary::error::Error;
use plenary::model::ModelFolder;
use plenary::model::graph::Precision;

use crate::tiny_model;

/// How far two engines' probabilities in single precision may be apart.
const PROBABILITY_TOLERANCE: f32 = 1e-4;

/// Where `make onnxruntime` and others put the library.
fn library_places() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    vec![
        root.join(".onnxruntime"),
        root.join(".venv"),
        "/usr/local".into(),
        "/usr".into(),
    ]
}

fn options(choice: EngineChoice, precision: Precision) -> EngineOptions {
    EngineOptions {
        choice,
        precision,
        library_places: library_places(),
        ..EngineOptions::default()
    }
}

/// An engine, or `None` with the reason printed if it is not on this machine.
fn open(
    folder: &ModelFolder,
    choice: EngineChoice,
    precision: Precision,
) -> Option<Box<dyn Engine>> {
    match engine::open(folder, &options(choice, precision)) {
        Ok(mut opened) => opened.engines.pop(),
        Err(error @ Error::OpenEngine { .. }) => {
            println!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Every engine on this machine, in every precision it has.
fn all_engines(folder: &ModelFolder) -> Vec<(Box<dyn Engine>, Precision)> {
    let kinds = [
        (EngineChoice::Embedded, Precision::F32),
        (EngineChoice::Embedded, Precision::Int8),
        (EngineChoice::OnnxRuntime, Precision::F32),
        (EngineChoice::OnnxRuntime, Precision::Int8),
        (EngineChoice::Libtorch, Precision::F32),
    ];
    let open = |(choice, precision)| Some((open(folder, choice, precision)?, precision));
    kinds.into_iter().filter_map(open).collect()
}

/// `[CLS] … [SEP]` of a text, as one row.
fn row(folder: &ModelFolder, text: &str) -> Vec<u32> {
    let batch = TokenBatch::of_text(text, folder.tokenizer(), folder.spec().max_tokens);
    batch.expect("every text has tokens").ids
}

/// Rows of any lengths as one batch, padded with 0.
fn batch(rows: &[Vec<u32>]) -> TokenBatch {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let padded = |row: &Vec<u32>| {
        row.iter()
            .copied()
            .chain([0].repeat(columns - row.len()))
            .collect()
    };
    TokenBatch {
        ids: rows.iter().map(padded).collect::<Vec<Vec<u32>>>().concat(),
        type_ids: Vec::new(),
        lengths: rows.iter().map(Vec::len).collect(),
        columns,
    }
}

/// The numbers of one row of all outputs, without its padding.
fn row_values(outputs: &Outputs, index: usize, length: usize) -> Vec<f32> {
    let tensors = outputs.0.values();
    let values = tensors.flat_map(|tensor| {
        let [_, columns, width] = tensor.shape[..] else {
            panic!("shape {:?}", tensor.shape)
        };
        let start = index * columns * width;
        tensor.values[start..start + length * width].iter().copied()
    });
    values.collect()
}

fn run(engine: &mut dyn Engine, rows: &[Vec<u32>]) -> Vec<Vec<f32>> {
    let outputs = engine.run(&batch(rows)).expect("the engine runs");
    rows.iter()
        .enumerate()
        .map(|(index, row)| row_values(&outputs, index, row.len()))
        .collect()
}

fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// Statements of the taxonomy's examples and their halves, long and short.
fn statements(folder: &ModelFolder) -> Vec<Vec<u32>> {
    let themes = &folder.spec().taxonomy.themes;
    let texts = themes.iter().flat_map(|theme| {
        let definition = theme.definition.split(['.', ',', ';']).map(str::to_owned);
        theme.examples.iter().cloned().chain(definition)
    });
    let mut rows: Vec<_> = texts.map(|text| row(folder, &text)).collect();
    rows.retain(|row| row.len() > 2);
    rows
}

/// The model of the repo, where it is.
fn default_model() -> Option<ModelFolder> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
    if path.is_dir() {
        return Some(ModelFolder::open(&path).expect("the default model is whole"));
    }
    println!("skipped: no models/default");
    None
}

fn assert_engines_agree(folder: &ModelFolder, rows: &[Vec<u32>]) {
    let mut exact = all_engines(folder)
        .into_iter()
        .filter(|(_, kind)| *kind == Precision::F32);
    let (mut first, _) = exact.next().expect("embedded is always there");
    let expected = run(&mut *first, rows);
    for (mut engine, _) in exact {
        for (index, (got, expected)) in run(&mut *engine, rows).iter().zip(&expected).enumerate() {
            for (got, expected) in got.iter().zip(expected) {
                let difference = (sigmoid(*got) - sigmoid(*expected)).abs();
                assert!(
                    difference <= PROBABILITY_TOLERANCE,
                    "row {index}: {} gives {got}, {} gives {expected}",
                    engine.name(),
                    first.name()
                );
            }
        }
    }
}

#[test]
fn all_engines_give_the_same_probabilities_in_f32() {
    let folder = tempfile::tempdir().expect("there is room");
    let model = tiny_model::write(folder.path());
    let rows: Vec<_> = (1..40)
        .map(|n| row(&model, &tiny_model::text(n, n)))
        .collect();
    assert_engines_agree(&model, &rows);
}

#[test]
fn all_engines_give_the_same_probabilities_in_f32_on_the_default_model() {
    if let Some(model) = default_model() {
        assert_engines_agree(&model, &statements(&model));
    }
}

fn assert_rows_are_their_own(folder: &ModelFolder, rows: &[Vec<u32>]) {
    for (mut engine, precision) in all_engines(folder) {
        let alone: Vec<_> = rows
            .iter()
            .flat_map(|row| run(&mut *engine, std::slice::from_ref(row)))
            .collect();
        for size in [2, 7, 64] {
            let mut order: Vec<usize> = (0..rows.len()).collect();
            order.sort_by_key(|index| (index * 31 + size) % rows.len());
            for chosen in order.chunks(size) {
                let batch: Vec<_> = chosen.iter().map(|&index| rows[index].clone()).collect();
                for (&index, got) in chosen.iter().zip(run(&mut *engine, &batch)) {
                    let same = got
                        .iter()
                        .zip(&alone[index])
                        .all(|(a, b)| a.to_bits() == b.to_bits());
                    let name = engine.name();
                    assert!(
                        same,
                        "{name} {precision:?}: row {index} differs in a batch of {size}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_row_has_the_same_bits_alone_and_in_any_batch() {
    let folder = tempfile::tempdir().expect("there is room");
    let model = tiny_model::write(folder.path());
    // Two lengths of one to three tokens, where engines take other paths, and some longer ones.
    for length in [0, 1, 5, 30] {
        let rows: Vec<_> = (0..70)
            .map(|n| row(&model, &tiny_model::text(n, length)))
            .collect();
        assert_rows_are_their_own(&model, &rows);
    }
    let mixed: Vec<_> = (0..40)
        .map(|n| row(&model, &tiny_model::text(n, n % 9)))
        .collect();
    assert_rows_are_their_own(&model, &mixed);
}

#[test]
fn a_row_has_the_same_bits_alone_and_in_any_batch_of_the_default_model() {
    if let Some(model) = default_model() {
        assert_rows_are_their_own(&model, &statements(&model));
    }
}

#[test]
fn int8_stays_near_f32() {
    let folder = tempfile::tempdir().expect("there is room");
    let model = tiny_model::write(folder.path());
    let rows: Vec<_> = (1..40)
        .map(|n| row(&model, &tiny_model::text(n, n)))
        .collect();
    for choice in [EngineChoice::Embedded, EngineChoice::OnnxRuntime] {
        let Some(mut exact) = open(&model, choice, Precision::F32) else {
            continue;
        };
        let Some(mut rounded) = open(&model, choice, Precision::Int8) else {
            continue;
        };
        let exact = run(&mut *exact, &rows).concat();
        let rounded = run(&mut *rounded, &rows).concat();
        let same = exact
            .iter()
            .zip(&rounded)
            .filter(|(a, b)| (**a > 0.0) == (**b > 0.0))
            .count();
        let share = same as f64 / exact.len() as f64;
        assert!(
            share > 0.97,
            "{choice}: {share:.3} of the logits have the same sign"
        );
    }
}

#[test]
fn a_missing_engine_says_how_to_get_it() {
    let folder = tempfile::tempdir().expect("there is room");
    let model = tiny_model::write(folder.path());
    let nowhere = EngineOptions {
        library_places: vec![folder.path().to_owned()],
        ..options(EngineChoice::OnnxRuntime, Precision::F32)
    };
    let error = engine::open(&model, &nowhere)
        .expect_err("there is no library")
        .to_string();
    assert!(error.contains("make onnxruntime"), "{error}");
    let auto = EngineOptions {
        choice: EngineChoice::Auto,
        ..nowhere
    };
    let opened = engine::open(&model, &auto).expect("embedded is always there");
    assert_eq!(opened.name, "embedded");
    assert!(opened.note.contains("onnxruntime"), "{}", opened.note);
}

#[test]
fn int8_without_ranges_says_what_is_missing() {
    let folder = tempfile::tempdir().expect("there is room");
    let mut spec = tiny_model::write(folder.path()).spec().clone();
    spec.activations.clear();
    spec.write(&folder.path().join("plenary.toml"))
        .expect("the folder is ours");
    let model = ModelFolder::open(folder.path()).expect("it is whole");
    let error = engine::open(&model, &options(EngineChoice::Embedded, Precision::Int8));
    let error = error.expect_err("there are no ranges").to_string();
    assert!(
        error.contains("[activations]") && error.contains("f32"),
        "{error}"
    );
}

/// What is done to a file of a whole folder, and what the error names.
type Damage = (&'static str, fn(Vec<u8>) -> Option<Vec<u8>>, &'static str);

#[test]
fn a_damaged_folder_names_the_file_and_what_is_wrong() {
    let cases: [Damage; 9] = [
        ("plenary.toml", |_| None, "missing"),
        ("config.json", |_| None, "missing"),
        ("tokenizer.json", |_| None, "missing"),
        ("model.safetensors", |_| None, "missing"),
        (
            "model.safetensors",
            |bytes| Some(bytes[..bytes.len() / 2].to_vec()),
            "copy or download",
        ),
        (
            "model.safetensors",
            |_| Some(b"<html>not found</html>".to_vec()),
            "copy or download",
        ),
        (
            "tokenizer.json",
            |_| Some(b"{}".to_vec()),
            "copy or download",
        ),
        (
            "config.json",
            |bytes| {
                Some(replace(
                    &bytes,
                    "\"hidden_size\": 64",
                    "\"hidden_size\": 32",
                ))
            },
            "shape",
        ),
        (
            "plenary.toml",
            |bytes| Some(replace(&bytes, "max-tokens = 48", "max-tokens = 480")),
            "480",
        ),
    ];
    for (file, damage, expected) in cases {
        let folder = tempfile::tempdir().expect("there is room");
        tiny_model::write(folder.path());
        let path = folder.path().join(file);
        let bytes = std::fs::read(&path).expect("it was just written");
        match damage(bytes) {
            Some(bytes) => std::fs::write(&path, bytes).expect("the folder is ours"),
            None => std::fs::remove_file(&path).expect("the folder is ours"),
        }
        let error = ModelFolder::open(folder.path())
            .expect_err("it is damaged")
            .to_string();
        assert!(error.contains(expected), "{file}: {error}");
        let named = if expected == "shape" {
            "model.safetensors"
        } else {
            file
        };
        assert!(error.contains(named), "{file}: {error}");
    }
}

fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    assert!(text.contains(from), "{text}");
    text.replace(from, to).into_bytes()
}
