//! The flags that say how speakers are named.

use std::path::PathBuf;

use plenary::error::Result;
use plenary::schema::Probability;
use plenary::stages::attribute::{Aliases, Attributor, AttributorOptions};

use super::labels::probability;
use super::reading::file_setting;

/// From when on a speaker is named, and how.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Speakers")]
pub(crate) struct SpeakerArguments {
    /// Leave out speakers less likely than P: unknown rather than wrong
    #[arg(long, value_name = "P", default_value = "0", value_parser = probability)]
    pub(crate) min_speaker_probability: Probability,

    /// Names of the same speaker, CSV (`name,alias,alias …` a row, no heading) or TOML
    /// (`"name" = ["alias", …]`); records have the first
    #[arg(long = "speakers", value_name = "FILE")]
    pub(crate) aliases: Option<PathBuf>,
}

impl SpeakerArguments {
    /// The stage that names speakers.
    ///
    /// # Errors
    /// If the table of names cannot be used.
    pub(crate) fn attributor(&self) -> Result<Attributor> {
        let aliases = self.aliases.as_deref().map(Aliases::open).transpose()?;
        Ok(Attributor::new(AttributorOptions {
            threshold: self.min_speaker_probability,
            aliases: aliases.unwrap_or_default(),
        }))
    }

    /// The settings that bear on the records, by their flags' names.
    pub(crate) fn settings(&self) -> Vec<(String, serde_json::Value)> {
        vec![
            (
                "min-speaker-probability".to_owned(),
                self.min_speaker_probability.rounded().into(),
            ),
            ("speakers".to_owned(), file_setting(self.aliases.as_deref())),
        ]
    }
}
