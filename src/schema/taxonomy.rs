//! Which themes there are, and the three stances.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// The speaker's own position toward the target that a statement names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stance {
    /// Endorses, calls for, welcomes, commits to.
    Support,
    /// Condemns, rejects, warns against, calls to end.
    Oppose,
    /// Reports or mentions, with no position of the speaker's own.
    Neutral,
}

impl Stance {
    /// All stances, in the order in which label heads give them.
    pub const ALL: [Self; 3] = [Self::Support, Self::Oppose, Self::Neutral];

    /// The word that files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Oppose => "oppose",
            Self::Neutral => "neutral",
        }
    }
}

impl fmt::Display for Stance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A theme: what a statement can be about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Theme {
    /// The word that records use: `anti-hegemony`.
    pub name: String,
    /// What counts and what does not, in a few sentences.
    pub definition: String,
    /// Statements that carry the theme, written by whoever made the taxonomy.
    #[serde(default)]
    pub examples: Vec<String>,
}

/// The themes of a run, in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Taxonomy {
    /// The themes; reports keep this order.
    #[serde(rename = "theme")]
    pub themes: Vec<Theme>,
}

/// What a label head scores: a theme of the taxonomy with a stance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelKey {
    /// The theme's place in [`Taxonomy::themes`].
    pub theme_index: usize,
    /// The stance.
    pub stance: Stance,
}

/// The taxonomy that the shipped model knows.
const STANDARD: &str = include_str!("../../data/taxonomy.toml");

impl Taxonomy {
    /// The taxonomy of `data/taxonomy.toml`: security, development, anti-hegemony.
    ///
    /// # Errors
    /// As [`Taxonomy::parse`]; a broken `data/taxonomy.toml` is a bug that a test finds.
    pub fn standard() -> Result<Self> {
        Self::parse(STANDARD, Path::new("data/taxonomy.toml"))
    }

    /// Reads and checks the text of a taxonomy that came from `path`.
    ///
    /// # Errors
    /// [`Error::Taxonomy`] for what is missing, unknown or there twice.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let failed = |problem: String| Error::Taxonomy {
            path: path.into(),
            problem,
        };
        let taxonomy: Self = toml::from_str(text).map_err(|source| failed(source.to_string()))?;
        taxonomy
            .problem()
            .map_or(Ok(taxonomy), |problem| Err(failed(problem)))
    }

    /// SHA-256 of names, definitions and examples, in hexadecimal.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for theme in &self.themes {
            let texts = [&theme.name, &theme.definition];
            for part in texts.into_iter().chain(&theme.examples) {
                hash.update(part.as_bytes());
                hash.update([0]);
            }
            hash.update([1]);
        }
        format!("{:x}", hash.finalize())
    }

    /// Every (theme, stance) pair, themes varying slowest.
    pub fn label_keys(&self) -> impl Iterator<Item = LabelKey> + '_ {
        (0..self.themes.len()).flat_map(|theme_index| {
            Stance::ALL.into_iter().map(move |stance| LabelKey {
                theme_index,
                stance,
            })
        })
    }

    /// The place of the theme called `name`.
    pub fn theme_index(&self, name: &str) -> Option<usize> {
        self.themes.iter().position(|theme| theme.name == name)
    }

    /// The column name of a label: `security/oppose`.
    pub fn label_name(&self, key: LabelKey) -> String {
        format!("{}/{}", self.themes[key.theme_index].name, key.stance)
    }

    /// What is wrong with the taxonomy, if anything is: no theme, a name twice, an empty or odd name, an empty
    /// example.
    pub fn problem(&self) -> Option<String> {
        if self.themes.is_empty() {
            return Some("it has no theme; add a [[theme]] with name and definition".to_owned());
        }
        for (index, theme) in self.themes.iter().enumerate() {
            if theme.name.trim().is_empty() || theme.name.contains('/') {
                let name = &theme.name;
                return Some(format!(
                    "theme {} has the name {name:?}; names are not empty and have no '/'",
                    index + 1
                ));
            }
            if self.theme_index(&theme.name) != Some(index) {
                return Some(format!("theme {:?} is there twice", theme.name));
            }
            if theme
                .examples
                .iter()
                .any(|example| example.trim().is_empty())
            {
                return Some(format!("an example of the theme {:?} is empty", theme.name));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_taxonomy_has_three_themes_with_examples() {
        let taxonomy = Taxonomy::standard().unwrap();
        let names: Vec<&str> = taxonomy
            .themes
            .iter()
            .map(|theme| theme.name.as_str())
            .collect();
        assert_eq!(names, ["security", "development", "anti-hegemony"]);
        assert!(
            taxonomy
                .themes
                .iter()
                .all(|theme| theme.examples.len() >= 3)
        );
    }

    #[test]
    fn a_theme_that_is_there_twice_is_refused() {
        let text = "[[theme]]\nname = 'a'\ndefinition = ''\n[[theme]]\nname = 'a'\ndefinition = ''";
        let error = Taxonomy::parse(text, Path::new("mine.toml")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "taxonomy mine.toml: theme \"a\" is there twice"
        );
    }

    #[test]
    fn another_word_in_a_definition_is_another_taxonomy() {
        let taxonomy = Taxonomy::standard().unwrap();
        let mut other = taxonomy.clone();
        other.themes[0].definition.push('.');
        assert_ne!(taxonomy.hash(), other.hash());
    }
}
