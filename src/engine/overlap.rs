//! `overlap`: no weights; a theme by the share of a statement's words that its definition holds.
//!
//! Useful for: a floor to compare a model with, and runs and tests without any model. Not useful for:
//! labels that anybody reports: it knows neither stance nor word forms.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Engine, Outputs, Tensor, TokenBatch};
use crate::error::{Error, Result};
use crate::model::spec::{Head, Heads, LabelActivation, LabelSpec};
use crate::model::{ModelSpec, Tokenizer};
use crate::schema::{Probability, Stance, Taxonomy};

const NAME: &str = "overlap";
const OUTPUT: &str = "label_logits";
const SETTINGS: &str = include_str!("../../data/overlap.toml");

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Settings {
    share: f32,
    steepness: f32,
    function_words: BTreeSet<String>,
}

/// What stands in for a model folder.
#[derive(Debug)]
pub struct Overlap {
    spec: ModelSpec,
    tokenizer: Tokenizer,
    /// By the token's id: the themes whose definition holds the word.
    themes: Vec<Vec<usize>>,
}

impl Overlap {
    /// Makes it from the names, definitions and examples of a taxonomy. Words of every theme are left out.
    ///
    /// # Errors
    /// [`Error::Settings`] if the taxonomy has no theme or no content word.
    pub fn new(taxonomy: &Taxonomy) -> Result<Self> {
        let settings: Settings = toml::from_str(SETTINGS).map_err(|source| Error::Settings {
            problem: format!("data/overlap.toml is damaged: {source}"),
        })?;
        let mut words: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (index, theme) in taxonomy.themes.iter().enumerate() {
            let texts = [&theme.name, &theme.definition];
            for text in texts.into_iter().chain(&theme.examples) {
                for word in text.split(|c: char| !c.is_alphanumeric()) {
                    words.entry(word.to_lowercase()).or_default().insert(index);
                }
            }
        }
        let count = taxonomy.themes.len();
        words.retain(|word, themes| {
            let common = count > 1 && themes.len() == count;
            !(word.is_empty() || common || settings.function_words.contains(word))
        });
        if let Some(problem) = taxonomy.problem() {
            return Err(Error::Settings { problem });
        }
        let tokenizer = tokenizer(words.keys())?;
        let special = SPECIAL.iter().map(|_| Vec::new());
        let themes = words
            .into_values()
            .map(|themes| themes.into_iter().collect());
        Ok(Self {
            spec: spec(taxonomy, &settings),
            tokenizer,
            themes: special.chain(themes).collect(),
        })
    }

    /// The head, its columns and its calibration.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// A tokenizer of whole words.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The name that records carry.
    pub fn id(&self) -> &str {
        NAME
    }

    /// As many engines as are asked for.
    pub fn open(&self, sessions: usize) -> Vec<Box<dyn Engine>> {
        let engine = |_| OverlapEngine {
            columns: self.spec.taxonomy.themes.len() * Stance::ALL.len(),
            themes: self.themes.clone(),
        };
        (0..sessions)
            .map(|index| Box::new(engine(index)) as Box<dyn Engine>)
            .collect()
    }
}

/// The special tokens, in the order of their ids.
const SPECIAL: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];

fn tokenizer<'a>(words: impl Iterator<Item = &'a String>) -> Result<Tokenizer> {
    let special = SPECIAL.into_iter().map(str::to_owned);
    let vocabulary: serde_json::Map<String, serde_json::Value> = special
        .chain(words.cloned())
        .zip(0_u32..)
        .map(|(word, id)| (word, id.into()))
        .collect();
    let json = serde_json::json!({
        "version": "1.0",
        "normalizer": { "type": "Lowercase" },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]" },
        "added_tokens": [],
    });
    Tokenizer::made(&json, NAME)
}

/// A theme is given, as neutral, where the share of words passes; the other stances never.
fn spec(taxonomy: &Taxonomy, settings: &Settings) -> ModelSpec {
    let half = Probability::from_logit(0.0);
    let calibrated = |name: String| LabelSpec {
        name,
        threshold: half,
        scale: settings.steepness,
        offset: -settings.steepness * settings.share,
    };
    let columns: Vec<String> = taxonomy
        .label_keys()
        .map(|key| taxonomy.label_name(key))
        .collect();
    let labels = Head {
        output: OUTPUT.to_owned(),
        columns: columns.clone(),
    };
    ModelSpec {
        label_activation: LabelActivation::Sigmoid,
        heads: Heads {
            labels: Some(labels),
            ..Heads::default()
        },
        labels: columns.into_iter().map(calibrated).collect(),
        taxonomy: taxonomy.clone(),
        ..ModelSpec::of_encoder(NAME, 512)
    }
}

#[derive(Debug)]
struct OverlapEngine {
    columns: usize,
    themes: Vec<Vec<usize>>,
}

impl Engine for OverlapEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    /// 1 in the neutral column of every theme whose definition holds the word, else 0: the mean over a
    /// statement is the share of its words.
    fn run(&mut self, batch: &TokenBatch) -> Result<Outputs> {
        let mut values = vec![0.0; batch.ids.len() * self.columns];
        let neutral = Stance::ALL.len() - 1;
        for (row, id) in values.chunks_exact_mut(self.columns).zip(&batch.ids) {
            let themes = usize::try_from(*id).ok().and_then(|id| self.themes.get(id));
            for theme in themes.into_iter().flatten() {
                row[theme * Stance::ALL.len() + neutral] = 1.0;
            }
        }
        let shape = vec![batch.rows(), batch.columns, self.columns];
        Ok(Outputs(
            [(OUTPUT.to_owned(), Tensor { shape, values })].into(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Theme;

    fn overlap() -> Overlap {
        let theme = |name: &str, definition: &str| Theme {
            name: name.to_owned(),
            definition: definition.to_owned(),
            examples: Vec::new(),
        };
        let themes = vec![
            theme("peace", "Ceasefires and treaties of states."),
            theme("trade", "Tariffs, ports and markets of states."),
        ];
        Overlap::new(&Taxonomy { themes }).unwrap()
    }

    #[test]
    fn a_word_of_one_definition_speaks_for_its_theme_alone() {
        let overlap = overlap();
        let text = "The states signed CEASEFIRES, not tariffs";
        let tokens = overlap.tokenizer().encode(text).unwrap();
        let batch = TokenBatch {
            ids: tokens.iter().map(|token| token.id).collect(),
            type_ids: Vec::new(),
            lengths: vec![tokens.len()],
            columns: tokens.len(),
        };
        let outputs = overlap.open(1)[0].run(&batch).unwrap();
        let tensor = outputs.get(OUTPUT).unwrap();
        let column = |name: &str| {
            overlap
                .spec()
                .heads
                .labels
                .as_ref()
                .unwrap()
                .column(name)
                .unwrap()
        };
        let words = |column: usize| -> Vec<&str> {
            let rows = tensor.values.chunks(6).zip(&tokens);
            let hits = rows.filter(|(row, _)| row[column] > 0.0);
            hits.map(|(_, token)| text.get(token.start..token.end).unwrap())
                .collect()
        };
        assert_eq!(words(column("peace/neutral")), ["CEASEFIRES"]);
        assert_eq!(words(column("trade/neutral")), ["tariffs"]);
        assert!(words(column("peace/support")).is_empty());
    }
}
