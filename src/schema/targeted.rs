//! A text and something that it may take a stance toward.

use serde::Deserialize;

use super::Stance;

/// A text, a target that need not be in it, and the stance: one line of a stance file (the form of `NewsMTSC`, VAST and the
/// IBM claims in JSON Lines).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TargetedText {
    /// The words.
    pub text: String,
    /// What the stance is toward.
    pub target: String,
    /// The stance; `None` (`null`) where the target is not at issue.
    #[serde(deserialize_with = "Option::deserialize")]
    pub stance: Option<Stance>,
}

impl TargetedText {
    /// What is wrong with it, if anything is.
    pub fn problem(&self) -> Option<String> {
        let parts = [("text", &self.text), ("target", &self.target)];
        let mut empty = parts.iter().filter(|(_, words)| words.trim().is_empty());
        empty.next().map(|(name, _)| format!("{name} is empty"))
    }
}
