//! What an encoder that stays as it is makes of statements.

use std::collections::BTreeMap;

use super::Taught;
use crate::engine::TokenBatch;
use crate::error::Result;
use crate::model::ModelFolder;
use crate::schema::Taxonomy;
use crate::stages::embed::SentenceEncoder;
use crate::training::dataset::{self, STATES, Unit};
use crate::training::figures::{Figures, Prediction, figures};
use crate::training::gold::LabelledStatement;
use crate::training::logistic::Example;
use crate::training::recipe::Recipe;

/// The base's encoder, and what becomes of statements in it.
pub(super) struct Encoder<'f> {
    folder: &'f ModelFolder,
    sentences: SentenceEncoder,
}

impl<'f> Encoder<'f> {
    pub(super) fn open(folder: &'f ModelFolder) -> Result<Self> {
        Ok(Self {
            folder,
            sentences: SentenceEncoder::of(folder)?,
        })
    }

    fn units(&self, statements: &[LabelledStatement], themes: &Taxonomy) -> Result<Vec<Unit>> {
        let room = self.folder.spec().max_tokens - 2;
        dataset::labelled(statements, themes, self.folder.tokenizer(), room)
    }

    /// For each statement one example a theme.
    pub(super) fn examples(
        &self,
        statements: &[LabelledStatement],
        themes: &Taxonomy,
    ) -> Result<Vec<Vec<Example>>> {
        let examples = self.units(statements, themes)?.into_iter().map(|unit| {
            let features = self.features(&unit)?;
            let wanted = unit.labels.unwrap_or_default();
            let example = |wanted: &[f32]| Example {
                features: features.clone(),
                wanted: wanted.to_vec(),
            };
            Ok(wanted.chunks_exact(STATES).map(example).collect())
        });
        examples.collect()
    }

    /// The mean of the last hidden states of a unit's tokens.
    fn features(&self, unit: &Unit) -> Result<Vec<f32>> {
        let batch = TokenBatch::of_tokens(unit.ids.iter().copied(), self.folder.tokenizer());
        Ok(self.sentences.means(&batch)?.concat())
    }

    pub(super) fn figures(
        &self,
        dev: &[LabelledStatement],
        themes: &Taxonomy,
        heads: &BTreeMap<String, Taught>,
        recipe: &Recipe,
    ) -> Result<Option<Figures>> {
        if dev.is_empty() {
            return Ok(None);
        }
        let units = self.units(dev, themes)?;
        let predict = |unit: &Unit| {
            let features = self.features(unit)?;
            let mut labels = Vec::new();
            for theme in &themes.themes {
                let head = &heads[&theme.name];
                let logits = head.linear.logits(&features);
                labels.extend(logits.iter().map(|logit| logit / head.temperature));
            }
            Ok(Prediction {
                labels,
                targets: Vec::new(),
            })
        };
        let predictions = units.iter().map(predict).collect::<Result<Vec<_>>>()?;
        let units: Vec<&Unit> = units.iter().collect();
        Ok(Some(figures(&predictions, &units, recipe)))
    }
}
