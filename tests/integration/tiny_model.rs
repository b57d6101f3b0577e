//! A model folder with a tiny BERT of random weights, made on the spot.

use std::collections::BTreeMap;
use std::path::Path;

use plenary::engine::calibrate::prepare_int8;
use plenary::model::graph::linear_layers;
use plenary::model::spec::ActivationRange;
use plenary::model::{BertConfig, ModelFolder, ModelSpec, Tensor, Weights};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const CONFIG: &str = r#"{
  "model_type": "bert", "vocab_size": 40, "hidden_size": 64, "num_hidden_layers": 2,
  "num_attention_heads": 4, "intermediate_size": 128, "hidden_act": "gelu",
  "max_position_embeddings": 48, "type_vocab_size": 2, "layer_norm_eps": 1e-12
}"#;

const SPEC: &str = r#"
format = 1
name = "tiny"
max-tokens = 48

[heads.labels]
output = "label_logits"
columns = ["peace/support", "peace/oppose", "peace/neutral"]

[heads.targets]
output = "target_logits"
columns = ["O", "B", "I"]

[heads.stances]
output = "stance_logits"
columns = ["support", "oppose", "neutral"]

[[label]]
name = "peace/support"
threshold = 0.5
scale = 1.0
offset = 0.0

[[label]]
name = "peace/oppose"
threshold = 0.5
scale = 1.0
offset = 0.0

[[label]]
name = "peace/neutral"
threshold = 0.5
scale = 1.0
offset = 0.0

[[taxonomy.theme]]
name = "peace"
definition = "An end to fighting."
"#;

/// Writes the four files, with ranges for int8, into `folder` and opens it.
pub(crate) fn write(folder: &Path) -> ModelFolder {
    std::fs::write(folder.join("config.json"), CONFIG).expect("the folder is ours");
    std::fs::write(folder.join("tokenizer.json"), tokenizer()).expect("the folder is ours");
    let config = BertConfig::read(&folder.join("config.json")).expect("it was just written");
    let spec: ModelSpec = toml::from_str(SPEC).expect("it is complete");
    write_weights(&folder.join("model.safetensors"), &config, &spec);
    spec.write(&folder.join("plenary.toml"))
        .expect("the folder is ours");
    let texts: Vec<String> = (0..20).map(|start| text(start, 30)).collect();
    prepare_int8(folder, &texts).expect("embedded runs it");
    ModelFolder::open(folder).expect("it is whole")
}

/// A text of letters, each a token.
pub(crate) fn text(start: usize, length: usize) -> String {
    let letter =
        |index: usize| char::from(b'a' + u8::try_from((start + index * index) % 26).unwrap_or(0));
    (0..length)
        .map(letter)
        .flat_map(|letter| [letter, ' '])
        .collect()
}

fn tokenizer() -> String {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map(str::to_owned);
    let words = special.into_iter().chain(('a'..='z').map(String::from));
    let vocabulary: BTreeMap<String, usize> = words.zip(0..).collect();
    serde_json::json!({
        "version": "1.0",
        "normalizer": { "type": "Lowercase" },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]" },
        "added_tokens": [],
    })
    .to_string()
}

/// Embeddings and matrices of the size that training gives, and a normalisation that changes something.
fn write_weights(path: &Path, config: &BertConfig, spec: &ModelSpec) {
    let mut random = StdRng::seed_from_u64(7);
    let mut tensors = BTreeMap::new();
    let mut add = |name: String, shape: Vec<usize>| {
        let (middle, width) = match (name.contains("LayerNorm.weight"), shape.len()) {
            (true, _) => (1.0, 0.2),
            (_, 1) => (0.0, 0.1),
            _ => (0.0, 0.3),
        };
        let number = |_| middle + width * (random.random::<f32>() * 2.0 - 1.0);
        let values = (0..shape.iter().product()).map(number).collect();
        tensors.insert(name, Tensor { shape, values }.into());
    };
    for tensor in config.tensors() {
        add(tensor.name, tensor.shape);
    }
    for head in spec.heads.iter() {
        add(
            format!("{}.weight", head.output),
            vec![head.columns.len(), config.hidden_size],
        );
        add(format!("{}.bias", head.output), vec![head.columns.len()]);
    }
    Weights::write(path, &tensors).expect("the folder is ours");
}

#[test]
fn every_linear_layer_has_a_range_that_spans_0() {
    let folder = tempfile::tempdir().expect("there is room");
    let model = write(folder.path());
    let ranges = &model.spec().activations;
    let names: Vec<&String> = ranges.keys().collect();
    let mut layers = linear_layers(model.config());
    layers.sort();
    assert_eq!(names, layers.iter().collect::<Vec<_>>());
    let spans = |range: &ActivationRange| range.low < 0.0 && range.high > 0.0;
    assert!(ranges.values().all(spans), "{ranges:?}");
}
