//! Themes that a model has no head for: by how like a statement is to a theme's name, definition and examples.
//!
//! An encoder that nobody fine-tuned reads them. A statement's likeness is the mean over its tokens of the cosine with
//! the theme's direction, seen from the centre of ordinary statements; a logistic function that was fitted on other
//! themes makes a probability of it. Its stance is what the model's own themes have in common: the mean of their
//! logits, stance by stance; and so are the words that it is toward.
//!
//! *Useful for* a first look at a theme of one's own. *Not useful for* figures that anybody reports without having
//! read a sample: on themes that nothing was fitted on, F1 was as `data/similarity.toml` says.

use serde::Deserialize;

use crate::engine::similarity::{Directions, unit};
use crate::engine::{EmbeddedEngine, TokenBatch};
use crate::error::{Error, Result};
use crate::model::graph::HIDDEN;
use crate::model::spec::{Head, LabelSpec};
use crate::model::{ModelFolder, ModelSpec};
use crate::schema::{Probability, Taxonomy, Theme};

const SETTINGS: &str = include_str!("../../../data/similarity.toml");

/// The output of the engine that reads definitions.
pub const SIMILARITY: &str = "similarity";

/// How likeness is measured, and what it means.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Definitions {
    /// SHA-256 of the weights that the numbers were measured with.
    pub encoder: String,
    /// As how many examples name and definition count together.
    pub definition_weight: f32,
    /// What the cosine is multiplied with to be a logit.
    pub scale: f32,
    /// What is then added.
    pub offset: f32,
    /// By how much less that is with many examples, whose direction all statements are nearer to.
    pub examples_offset: f32,
    /// With so many examples it is half of that.
    pub examples_half: f32,
    /// From which probability on a theme is given.
    pub threshold: Probability,
    /// How trustworthy that is, as measured; for people.
    pub measured: String,
    /// How often the stance is right where the theme is; for people.
    pub measured_stance: String,
    /// Ordinary statements.
    pub background: Vec<String>,
}

impl Definitions {
    /// The settings of `data/similarity.toml`.
    ///
    /// # Errors
    /// [`Error::Settings`] for a broken file; a bug that a test finds.
    pub fn shipped() -> Result<Self> {
        toml::from_str(SETTINGS).map_err(|source| Error::Settings {
            problem: format!("data/similarity.toml is damaged: {source}"),
        })
    }

    /// The texts that the encoder reads before a run: for the centre, and to measure its ranges for int8.
    ///
    /// # Errors
    /// As [`Taxonomy::standard`].
    pub fn texts(&self) -> Result<Vec<String>> {
        let standard = Taxonomy::standard()?.themes.into_iter();
        let standard =
            standard.flat_map(|theme| theme.examples.into_iter().chain([theme.definition]));
        Ok(self.background.iter().cloned().chain(standard).collect())
    }

    /// The directions of themes in the space of the encoder.
    ///
    /// # Errors
    /// [`Error::Settings`] for a theme without words; what running the encoder gives.
    pub fn directions(&self, encoder: &ModelFolder, themes: &[Theme]) -> Result<Directions> {
        let reader = Reader {
            encoder,
            engine: EmbeddedEngine::open_encoder(encoder)?,
        };
        let mut found = Directions {
            centre: vec![0.0; encoder.config().hidden_size],
            directions: Vec::new(),
        };
        let mut tokens = Vec::new();
        for text in self.texts()? {
            tokens.extend(reader.tokens(&text)?);
        }
        found.centre = mean(&tokens);
        for theme in themes {
            let own = [&theme.name, &theme.definition];
            let own = own.into_iter().filter(|text| !text.trim().is_empty());
            let own = own.map(|text| reader.pointing(text, &found));
            let mut sum = unit(mean(&own.collect::<Result<Vec<_>>>()?));
            for x in &mut sum {
                *x *= self.definition_weight;
            }
            for example in &theme.examples {
                for (sum, x) in sum.iter_mut().zip(reader.pointing(example, &found)?) {
                    *sum += x;
                }
            }
            found.directions.push(unit(sum));
        }
        Ok(found)
    }

    /// The description of a model that also has the taxonomy's themes which `spec` has not, by their definitions.
    ///
    /// # Errors
    /// [`Error::Settings`] if the model has no head that stances could be taken from.
    pub fn join(&self, spec: &ModelSpec, taxonomy: &Taxonomy) -> Result<ModelSpec> {
        let unknown = unknown(spec, taxonomy);
        let mut joined = spec.clone();
        joined.taxonomy = taxonomy.clone();
        let Some(first) = spec.labels.first() else {
            return Err(Error::Settings {
                problem: format!(
                    "model {:?} has no label head; choose another model",
                    spec.name
                ),
            });
        };
        joined.heads.themes = Some(Head {
            output: SIMILARITY.to_owned(),
            columns: unknown.iter().map(|theme| theme.name.clone()).collect(),
        });
        // A stance's temperature is that of the model's themes on the whole.
        let scale =
            spec.labels.iter().map(|label| label.scale).sum::<f32>() / spec.labels.len() as f32;
        for theme in &unknown {
            let examples = theme.examples.len() as f32;
            joined.theme_scores.push(LabelSpec {
                name: theme.name.clone(),
                threshold: self.threshold,
                scale: self.scale,
                offset: self.offset
                    - self.examples_offset * examples / (examples + self.examples_half),
            });
            for stance in crate::schema::Stance::ALL {
                joined.labels.push(LabelSpec {
                    name: format!("{}/{stance}", theme.name),
                    scale,
                    ..first.clone()
                });
            }
        }
        Ok(joined)
    }
}

/// The themes of a taxonomy that a model has no head for.
pub fn unknown(spec: &ModelSpec, taxonomy: &Taxonomy) -> Vec<Theme> {
    let known = |theme: &&Theme| spec.taxonomy.theme_index(&theme.name).is_none();
    taxonomy.themes.iter().filter(known).cloned().collect()
}

/// The encoder, reading texts alone.
struct Reader<'e> {
    encoder: &'e ModelFolder,
    engine: EmbeddedEngine,
}

impl Reader<'_> {
    /// The hidden states of a text's tokens.
    fn tokens(&self, text: &str) -> Result<Vec<Vec<f32>>> {
        let max_tokens = self.encoder.spec().max_tokens;
        let batch = TokenBatch::of_text(text, self.encoder.tokenizer(), max_tokens)?;
        let outputs = self.engine.tensors(&batch, &[])?;
        let size = self.encoder.config().hidden_size;
        let tokens = outputs.get(HIDDEN)?.values.chunks_exact(size);
        let tokens = tokens.skip(1).take(batch.columns - 2);
        Ok(tokens.map(<[f32]>::to_vec).collect())
    }

    /// Where a text's tokens point on the whole.
    fn pointing(&self, text: &str, from: &Directions) -> Result<Vec<f32>> {
        let tokens = self.tokens(text)?;
        if tokens.is_empty() {
            return Err(Error::Settings {
                problem: format!("a theme's text has no words: {text:?}"),
            });
        }
        let tokens: Vec<_> = tokens.iter().map(|token| from.unit(token)).collect();
        Ok(unit(mean(&tokens)))
    }
}

/// Nothing of nothing.
fn mean(vectors: &[Vec<f32>]) -> Vec<f32> {
    let mut mean = vec![0.0; vectors.first().map_or(0, Vec::len)];
    for vector in vectors {
        for (mean, x) in mean.iter_mut().zip(vector) {
            *mean += x / vectors.len() as f32;
        }
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_settings_are_sound() {
        let definitions = Definitions::shipped().unwrap();
        assert_eq!(definitions.encoder.len(), 64);
        assert!(definitions.scale > 0.0 && definitions.texts().unwrap().len() > 40);
    }
}
