//! `plenary export`: records as a dataset to publish.

use std::io::Write as _;
use std::path::PathBuf;

use plenary::output;

use super::Status;

const EXAMPLES: &str = "\
Examples:
  plenary export records.jsonl -o harbour-statements/
  huggingface-cli upload me/harbour-statements harbour-statements/ --repo-type dataset
  python3 -c 'import datasets; print(datasets.load_dataset(\"harbour-statements\"))'";

/// Write records as a dataset folder with a card, as Hugging Face reads it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What `plenary tag` wrote (JSON Lines, Parquet or Arrow), with its manifest beside it
    #[arg(value_name = "RECORDS")]
    records: PathBuf,

    /// The folder to make
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,

    /// Nothing on stderr but errors
    #[arg(short, long)]
    quiet: bool,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let manifest = output::export(&self.records, &self.output)?;
        if !self.quiet {
            writeln!(
                std::io::stderr(),
                "{}: {} statements; README.md is its card: name the licence of the texts in it",
                self.output.display(),
                manifest.counts.statements
            )?;
        }
        Ok(Status::Done)
    }
}
