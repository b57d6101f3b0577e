//! `data/targets.toml`: which words keep targets apart, and how near targets must be to be one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) near: Near,
    /// By kind. A word with a star is the beginning of words.
    pub(super) turning: BTreeMap<String, Vec<String>>,
    pub(super) opposites: Words,
    pub(super) numbers: Words,
    pub(super) names: Names,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Near {
    pub(super) meaning: f32,
    pub(super) words: f64,
    pub(super) words_within: f64,
    pub(super) least_shared: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Names {
    pub(super) endings: Vec<String>,
    pub(super) least_letters: usize,
    pub(super) done_to: Vec<String>,
    pub(super) done_by: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program")]
pub(super) static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../data/targets.toml")).expect("data/targets.toml: bug")
});
