//! The thresholds of `data/speakers.toml`, which says what each is for.

use std::sync::LazyLock;

use serde::Deserialize;

/// The thresholds of the rules.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::stages::attribute) struct Settings {
    /// Share of statements in the first person from which on a document is somebody's own words.
    pub(in crate::stages::attribute) own_words: f32,
    /// Share of a statement in quotation marks from which on it belongs to the quotation.
    pub(in crate::stages::attribute) quoted_share: f32,
    /// Share of content at which the tagger tells nothing.
    pub(in crate::stages::attribute) tagged_share: f32,
    /// How much the tagger's share of content weighs.
    pub(in crate::stages::attribute) tagged_weight: f32,
    /// How often each way to a speaker is right.
    pub(in crate::stages::attribute) certainty: Certainty,
}

/// How often each way to a speaker is right: in direct, in mixed and in indirect speech.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::stages::attribute) struct Certainty {
    /// A full name or a surname.
    pub(in crate::stages::attribute) name: [f32; 3],
    /// A role.
    pub(in crate::stages::attribute) role: [f32; 3],
    /// A pronoun.
    pub(in crate::stages::attribute) pronoun: [f32; 3],
    /// A noun without a name.
    pub(in crate::stages::attribute) noun: [f32; 3],
    /// No words: a quotation or a paraphrase goes on.
    pub(in crate::stages::attribute) goes_on: [f32; 3],
    /// A turn of a transcript.
    pub(in crate::stages::attribute) turn: f32,
    /// The author of an address, whom its title names.
    pub(in crate::stages::attribute) author: f32,
}

#[expect(clippy::expect_used, reason = "the file is part of the program")]
static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../data/speakers.toml")).expect("data/speakers.toml: bug")
});

/// The thresholds, read once.
pub(in crate::stages::attribute) fn settings() -> &'static Settings {
    &SETTINGS
}
