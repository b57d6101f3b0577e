//! Targets that the user names (`--target 'NATO enlargement'`): every statement in which one may be at issue is read once
//! more, together with the target, and the stance head says support, oppose, neutral, or not at issue.
//!
//! *Useful for* things that can be named in a few words. *Not useful for* statements that speak of the target in other words
//! alone ('it', 'this plan'): name more wordings. Where no wording has all its words in a statement nothing is asked, so
//! that archives cost little more time than without.
//!
//! # Source
//! Augenstein et al. (2016), "Stance Detection with Bidirectional Conditional Encoding", EMNLP, for stance toward a target
//! that need not be in the text; text and target as one row of BERT: Devlin et al. (2019), NAACL.

use std::sync::LazyLock;

use serde::Deserialize;

use super::pooling::log_sum_exp;
use crate::engine::{Engine, TokenBatch};
use crate::error::{Error, Result};
use crate::model::Tokenizer;
use crate::model::spec::{Head, LabelSpec, ModelSpec};
use crate::schema::{Analysis, Probability, Stance, Statement, TargetedText, Taxonomy, Theme};
use crate::stages::embed::BATCH;
use crate::stages::encode::{Batcher, Question, question};

/// `data/named-targets.toml`, which says what each is for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Settings {
    threshold: Probability,
    least_letters: usize,
    ending: usize,
    empty_words: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program")]
static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/named-targets.toml"))
        .expect("data/named-targets.toml: bug")
});

/// What the user wants stances toward.
#[derive(Clone, Debug, Default)]
pub struct NamedTargets {
    targets: Vec<NamedTarget>,
    head: String,
    /// The most tokens of a row.
    max_tokens: usize,
}

#[derive(Clone, Debug)]
struct NamedTarget {
    name: String,
    /// The words of each of its wordings, in lower case.
    wordings: Vec<Vec<String>>,
    ids: Vec<u32>,
}

impl NamedTargets {
    /// Targets as the user writes them: `name`, or `name|other wording|…`.
    ///
    /// # Errors
    /// [`Error::Settings`] for a target without words, one that is there twice or is a theme, and a model without a stance
    /// head.
    pub fn new(targets: &[String], spec: &ModelSpec, tokenizer: &Tokenizer) -> Result<Self> {
        if targets.is_empty() {
            return Ok(Self::default());
        }
        let head = stance_head(spec)?;
        let mut found: Vec<NamedTarget> = Vec::new();
        for target in targets {
            let name = name_of(target);
            let wordings: Vec<Vec<String>> = target
                .split('|')
                .map(|wording| SETTINGS.words(wording))
                .collect();
            if wordings.iter().any(Vec::is_empty) {
                return Err(wrong(format!(
                    "target {target:?} has a wording without a word that could be looked for; name the thing, such as 'NATO enlargement'"
                )));
            }
            if found.iter().any(|other| other.name == name)
                || spec.taxonomy.theme_index(name).is_some()
            {
                return Err(wrong(format!(
                    "target {name:?} is there twice, or is a theme; name each thing once"
                )));
            }
            found.push(NamedTarget {
                name: name.to_owned(),
                wordings,
                ids: tokenizer.ids(name)?,
            });
        }
        Ok(Self {
            targets: found,
            head: head.output.clone(),
            max_tokens: spec.max_tokens,
        })
    }

    /// The stance head's output.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The description of a model that also has the targets as themes, told by its stance head.
    pub fn join(&self, mut spec: ModelSpec) -> ModelSpec {
        if self.targets.is_empty() {
            return spec;
        }
        let mut columns = Vec::new();
        for theme in themes(self.targets.iter().map(|target| target.name.as_str())) {
            let label = |name: &str, scale: f32| LabelSpec {
                name: name.to_owned(),
                threshold: SETTINGS.threshold,
                scale,
                offset: 0.0,
            };
            for stance in Stance::ALL {
                let name = format!("{}/{stance}", theme.name);
                spec.labels.push(label(&name, spec.stance_scale));
                columns.push(name);
            }
            spec.theme_scores.push(label(&theme.name, 1.0));
            spec.taxonomy.themes.push(theme);
        }
        spec.heads.asked = Some(Head {
            output: self.head.clone(),
            columns,
        });
        spec
    }

    /// What is to be asked about the statements of a document.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub fn questions(
        &self,
        analysis: &Analysis<Statement>,
        tokenizer: &Tokenizer,
    ) -> Result<Vec<Question>> {
        let mut questions = Vec::new();
        if self.targets.is_empty() {
            return Ok(questions);
        }
        for statement in &analysis.statements {
            let text = analysis.document.slice(statement.span);
            let words = SETTINGS.words(text);
            let shares =
                |(_, target): &(usize, &NamedTarget)| SETTINGS.has_one(&words, &target.wordings);
            let mut at_issue = self.targets.iter().enumerate().filter(shares).peekable();
            if at_issue.peek().is_none() {
                continue;
            }
            let text = tokenizer.ids(text)?;
            questions.extend(at_issue.map(|(target_index, target)| Question {
                statement_index: statement.index,
                target_index,
                ids: row(&text, &target.ids, tokenizer, self.max_tokens),
            }));
        }
        Ok(questions)
    }
}

/// The probability of each stance that lone texts take toward their targets, and last that it is not at issue.
///
/// # Errors
/// [`Error::Settings`] for a model without a stance head; what running the engine gives.
pub fn stances(
    texts: &[TargetedText],
    engine: &mut dyn Engine,
    (spec, tokenizer): (&ModelSpec, &Tokenizer),
) -> Result<Vec<[f32; Stance::ALL.len() + 1]>> {
    let head = stance_head(spec)?;
    let mut gathered = Batcher::new(BATCH);
    let mut batches = Vec::new();
    for (place, TargetedText { text, target, .. }) in texts.iter().enumerate() {
        let [text, target] = [text, target].map(|words| tokenizer.ids(words));
        batches.extend(gathered.push(place, &row(&text?, &target?, tokenizer, spec.max_tokens)));
    }
    batches.extend(gathered.finish());
    let mut found = vec![[0.0; Stance::ALL.len() + 1]; texts.len()];
    for batch in batches {
        let outputs = engine.run(&batch.tokens)?;
        let rows = outputs
            .get(&head.output)?
            .values
            .chunks_exact(batch.tokens.columns * Stance::ALL.len());
        for (place, row) in batch.origins.into_iter().zip(rows) {
            found[place] = probabilities(&row[..Stance::ALL.len()], spec.stance_scale);
        }
    }
    Ok(found)
}

/// Of the stances against 'not at issue', whose logit is 0.
fn probabilities(logits: &[f32], scale: f32) -> [f32; Stance::ALL.len() + 1] {
    let mut found = [0.0; Stance::ALL.len() + 1];
    for (found, logit) in found.iter_mut().zip(logits) {
        *found = scale * logit;
    }
    let all = log_sum_exp(found.into_iter());
    found.map(|logit| (logit - all).exp())
}

/// The row of a text and a target, with the special tokens.
fn row(text: &[u32], target: &[u32], tokenizer: &Tokenizer, max_tokens: usize) -> Vec<u32> {
    let room = max_tokens.saturating_sub(2);
    let inner = question(text, target, tokenizer.end_id(), room);
    TokenBatch::of_tokens(inner.into_iter(), tokenizer).ids
}

/// A taxonomy that also has targets as themes, for models that are asked about themes by their names.
pub fn with_targets(mut taxonomy: Taxonomy, targets: &[String]) -> Taxonomy {
    let names = targets.iter().map(|target| name_of(target));
    taxonomy.themes.extend(themes(names));
    taxonomy
}

fn themes<'n>(names: impl Iterator<Item = &'n str>) -> impl Iterator<Item = Theme> {
    names.map(|name| Theme {
        name: name.to_owned(),
        definition: String::new(),
        examples: Vec::new(),
    })
}

/// The first wording.
fn name_of(target: &str) -> &str {
    target.split('|').next().unwrap_or_default().trim()
}

impl Settings {
    /// The words that say what a text is about, in lower case.
    fn words(&self, text: &str) -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        let telling = words.filter(|word| {
            let letters = word.chars().count();
            letters >= self.least_letters || (letters > 1 && word.chars().all(char::is_uppercase))
        });
        telling
            .map(str::to_lowercase)
            .filter(|word| !self.empty_words.contains(word))
            .collect()
    }

    /// Whether all words of one of the wordings are there.
    fn has_one(&self, words: &[String], wordings: &[Vec<String>]) -> bool {
        let has = |wanted: &String| words.iter().any(|word| self.alike(word, wanted));
        wordings.iter().any(|wording| wording.iter().all(has))
    }

    /// Whether two words are one but for their endings: 'enlarge', 'enlarging'. Rather too often
    /// than too seldom: the model is asked then.
    fn alike(&self, word: &str, other: &str) -> bool {
        let [length, other_length] = [word, other].map(|word| word.chars().count());
        let both = word.chars().zip(other.chars());
        let begin = both.take_while(|(a, b)| a == b).count();
        let rest = length.max(other_length) - begin;
        word == other || (begin >= self.least_letters && rest <= self.ending)
    }
}

fn stance_head(spec: &ModelSpec) -> Result<&Head> {
    spec.heads.stances.as_ref().ok_or_else(|| {
        wrong(format!(
            "model {:?} has no head for stances toward a target; take the default model, or one trained with \
             `plenary train --stances`",
            spec.name
        ))
    })
}

fn wrong(problem: String) -> Error {
    Error::Settings { problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_alike_but_for_their_endings() {
        for (word, other, alike) in [
            ("nato", "nato", true),
            ("enlarge", "enlargement", true),
            ("enlarging", "enlargement", true),
            ("sanctions", "sanction", true),
            ("policies", "policy", true),
            ("nation", "nato", false),
            ("reform", "refuse", false),
            ("nuclear", "nucleotides", false),
        ] {
            assert_eq!(SETTINGS.alike(word, other), alike, "{word} {other}");
            assert_eq!(SETTINGS.alike(other, word), alike, "{other} {word}");
        }
    }

    #[test]
    fn words_without_meaning_do_not_count() {
        assert_eq!(
            SETTINGS.words("The EU's use of force, as it is"),
            ["eu", "force"]
        );
    }
}
