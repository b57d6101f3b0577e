//! How the network is trained: every number that decides it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

const DEFAULT: &str = include_str!("../../data/training.toml");

/// The settings of a training; `data/training.toml` says what each is for and holds the defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recipe {
    /// Passes over the labelled statements.
    pub epochs: usize,
    /// Labelled statements in a step.
    pub statements_per_step: usize,
    /// Windows of articles with attributions in a step.
    pub articles_per_step: usize,
    /// Texts with a target, and the stance toward it, in a step.
    pub targeted_per_step: usize,
    /// Share of the steps whose statements stand together in windows, 0 to 1.
    pub packed: f64,
    /// Tokens of a window, the two special ones included.
    pub max_tokens: usize,
    /// The highest learning rate of the encoder's last layer.
    pub learning_rate: f64,
    /// The highest learning rate of the heads.
    pub head_learning_rate: f64,
    /// A layer's learning rate as a share of that of the layer above.
    pub layer_decay: f64,
    /// Share of the steps over which the learning rate rises.
    pub warmup: f64,
    /// Share of a weight that is taken off at each step, times its learning rate.
    pub weight_decay: f64,
    /// How slowly the mean square of gradients moves (β₂).
    pub beta_square: f64,
    /// The largest norm of all gradients together.
    pub clip_norm: f64,
    /// Share of the tokens that stand as `[MASK]` while the network learns, drawn anew at each step (word dropout:
    /// Iyyer et al. 2015, "Deep Unordered Composition Rivals Syntactic Methods for Text Classification", ACL).
    pub hidden_tokens: f64,
    /// Dropout behind embeddings and layers, 0 to 1.
    pub hidden_dropout: f64,
    /// Dropout of attention weights, 0 to 1.
    pub attention_dropout: f64,
    /// Dropout before the heads, 0 to 1.
    pub head_dropout: f64,
    /// Whether the encoder computes in bfloat16 while it is trained, where the processor knows it.
    pub bfloat16: bool,
    /// How much the loss of the label head counts.
    pub label_weight: f64,
    /// How much the loss of the target head counts.
    pub target_weight: f64,
    /// How much the loss of the attribution head counts.
    pub attribution_weight: f64,
    /// How much the loss of the stance head counts.
    pub stance_weight: f64,
    /// How much a token counts in the target columns of pairs that its statement does not carry.
    pub other_target_weight: f64,
    /// What the biases of label and target head start from.
    pub first_bias: f64,
    /// Share of the labelled statements, by whole documents, that calibration is fitted on, 0 to 1.
    pub held_out: f64,
    /// From which probability on a theme is found.
    pub theme_threshold: f32,
    /// From which probability on a found theme has another stance than its likeliest.
    pub second_stance_threshold: f32,
    /// Passes without a better figure on the dev set after which training stops.
    pub patience: usize,
}

impl Recipe {
    /// The recipe of the shipped model.
    ///
    /// # Errors
    /// As [`Recipe::parse`]; a broken `data/training.toml` is a bug that a test finds.
    pub fn shipped() -> Result<Self> {
        Self::parse(DEFAULT, Path::new("data/training.toml"))
    }

    /// Reads and checks a recipe.
    ///
    /// # Errors
    /// [`Error::ReadArchive`] if the file cannot be read, else as [`Recipe::parse`].
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::ReadArchive {
            path: path.into(),
            source: source.into(),
        })?;
        Self::parse(&text, path)
    }

    /// Checks the text of a recipe that came from `path`.
    ///
    /// # Errors
    /// [`Error::Settings`] for what is missing, unknown or out of range.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let failed = |problem: String| Error::Settings {
            problem: format!("recipe {}: {problem}", path.display()),
        };
        let recipe: Self = toml::from_str(text).map_err(|source| failed(source.to_string()))?;
        recipe
            .problem()
            .map_or(Ok(recipe), |problem| Err(failed(problem)))
    }

    /// Whether the encoder computes in bfloat16 on this machine: others take each number apart, ten times slower than f32.
    #[must_use]
    pub fn computes_in_bfloat16(&self) -> bool {
        #[cfg(target_arch = "x86_64")]
        let known = std::arch::is_x86_feature_detected!("avx512bf16");
        #[cfg(target_arch = "aarch64")]
        let known = std::arch::is_aarch64_feature_detected!("bf16");
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let known = false;
        self.bfloat16 && known
    }

    fn problem(&self) -> Option<String> {
        let shares = [
            ("packed", self.packed),
            ("held-out", self.held_out),
            ("theme-threshold", self.theme_threshold.into()),
            (
                "second-stance-threshold",
                self.second_stance_threshold.into(),
            ),
            ("warmup", self.warmup),
            ("layer-decay", self.layer_decay),
            ("beta-square", self.beta_square),
            ("hidden-tokens", self.hidden_tokens),
            ("hidden-dropout", self.hidden_dropout),
            ("attention-dropout", self.attention_dropout),
            ("head-dropout", self.head_dropout),
        ];
        if let Some((name, value)) = shares.iter().find(|(_, v)| !(0.0..=1.0).contains(v)) {
            return Some(format!("{name} is {value}; it is a share from 0 to 1"));
        }
        let sizes = [
            ("learning-rate", self.learning_rate),
            ("head-learning-rate", self.head_learning_rate),
            ("clip-norm", self.clip_norm),
        ];
        if let Some((name, value)) = sizes.iter().find(|(_, v)| !(v.is_finite() && *v > 0.0)) {
            return Some(format!("{name} is {value}; it is above 0"));
        }
        let counts = [
            ("epochs", self.epochs, 1),
            ("statements-per-step", self.statements_per_step, 1),
            ("max-tokens", self.max_tokens, 8),
        ];
        let small = counts.iter().find(|(_, count, least)| count < least)?;
        Some(format!(
            "{} is {}; it is at least {}",
            small.0, small.1, small.2
        ))
    }

    /// What the learning rates are multiplied with at a step of `steps`.
    pub fn rate(&self, step: usize, steps: usize) -> f64 {
        let done = step as f64 / steps.max(1) as f64;
        if done < self.warmup {
            done / self.warmup
        } else {
            ((1.0 - done) / (1.0 - self.warmup)).max(0.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_recipe_is_sound() {
        let recipe = Recipe::shipped().unwrap();
        let text = toml::to_string(&recipe).unwrap();
        assert_eq!(Recipe::parse(&text, Path::new("again")).unwrap(), recipe);
        let finishing = concat!(env!("CARGO_MANIFEST_DIR"), "/data/finishing.toml");
        Recipe::read(Path::new(finishing)).unwrap();
    }

    #[test]
    fn the_rate_rises_and_falls() {
        let recipe = Recipe {
            warmup: 0.5,
            ..Recipe::shipped().unwrap()
        };
        let rates: Vec<f64> = (0..=4).map(|step| recipe.rate(step, 4)).collect();
        assert_eq!(rates, [0.0, 0.5, 1.0, 0.5, 0.0]);
    }

    #[test]
    fn a_share_above_one_is_refused() {
        let text = DEFAULT.replace("packed = 0.5", "packed = 1.5");
        let error = Recipe::parse(&text, Path::new("mine.toml")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "recipe mine.toml: packed is 1.5; it is a share from 0 to 1"
        );
    }
}
