//! The stages of one document, before and after the engine.

use std::sync::Arc;

use crate::corpus::detect_statement;
use crate::error::Result;
use crate::model::{ModelSpec, Tokenizer};
use crate::schema::{Analysis, Annotated, Document, Statement};
use crate::stages::attribute::Attributor;
use crate::stages::classify::{Classifier, ClassifierOptions, NamedTargets};
use crate::stages::encode::{Encoding, Question, Window, WindowOptions, windows};
use crate::stages::segment::Segmenter;

/// All stages with their settings; shared by the threads of a run.
#[derive(Debug)]
pub struct Pipeline {
    /// Text to statements.
    pub segmenter: Segmenter,
    /// Statements to the model's tokens.
    pub tokenizer: Tokenizer,
    /// How tokens are cut into windows.
    pub windows: WindowOptions,
    /// Who speaks.
    pub attributor: Attributor,
    /// Which labels.
    pub classifier: Classifier,
    /// What the user wants stances toward, beside the themes.
    pub targets: NamedTargets,
    /// The languages (ISO 639-1) whose documents and statements are scored; empty for all. What is of no
    /// certain language is scored.
    pub languages: Vec<String>,
}

/// A document ready for the engine.
#[derive(Debug)]
pub struct Prepared {
    /// Its statements.
    pub analysis: Analysis<Statement>,
    /// What the engine is to read; nothing where the document is not to be scored.
    pub windows: Vec<Window>,
    /// What it is to be asked about statements.
    pub questions: Vec<Question>,
}

impl Prepared {
    /// What the engine reads: the windows, then the questions.
    pub fn rows(&self) -> impl Iterator<Item = &[u32]> {
        let windows = self.windows.iter().map(|window| window.ids.as_slice());
        let questions = self
            .questions
            .iter()
            .map(|question| question.ids.as_slice());
        windows.chain(questions)
    }
}

impl Pipeline {
    /// The stages for a model, with every setting at its default.
    ///
    /// # Errors
    /// If the model's description lacks what a stage needs, such as a label head.
    pub fn new(spec: &ModelSpec, tokenizer: Tokenizer) -> Result<Self> {
        Ok(Self {
            segmenter: Segmenter::default(),
            windows: WindowOptions {
                max_tokens: spec.max_tokens,
                start_id: tokenizer.start_id(),
                end_id: tokenizer.end_id(),
                alone: false,
            },
            tokenizer,
            attributor: Attributor::default(),
            classifier: Classifier::new(spec, &ClassifierOptions::default())?,
            targets: NamedTargets::default(),
            languages: vec!["en".to_owned()],
        })
    }

    /// Segments and tokenizes.
    ///
    /// # Errors
    /// If the tokenizer has no tokens for something in the text.
    pub fn prepare(&self, document: Document) -> Result<Prepared> {
        let scored = self.scores(document.metadata.language.as_ref());
        let analysis = self.segmenter.segment(Arc::new(document));
        let windows = if scored {
            windows(&analysis, self.windows, |words| {
                if self.languages.is_empty() || self.scores(detect_statement(words).as_ref()) {
                    self.tokenizer.encode(words)
                } else {
                    // What has no tokens has no scores.
                    Ok(Vec::new())
                }
            })?
        } else {
            Vec::new()
        };
        let questions = if scored {
            self.targets.questions(&analysis, &self.tokenizer)?
        } else {
            Vec::new()
        };
        Ok(Prepared {
            analysis,
            windows,
            questions,
        })
    }

    fn scores(&self, language: Option<&String>) -> bool {
        language
            .is_none_or(|language| self.languages.is_empty() || self.languages.contains(language))
    }

    /// Attributes and classifies with what the engine said.
    ///
    /// # Errors
    /// If the engine's outputs are not those that the model folder describes.
    pub fn finish(&self, prepared: &Prepared, encoding: &Encoding) -> Result<Analysis<Annotated>> {
        let attributed = self
            .attributor
            .attribute(prepared.analysis.clone(), encoding);
        self.classifier.classify(attributed, encoding)
    }
}
