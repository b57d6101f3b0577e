//! `plenary utterances`: what many papers print, once.

use std::io::Write as _;
use std::path::PathBuf;

use plenary::utterances;

use super::Status;

const EXAMPLES: &str = "\
Examples:
  plenary utterances records.jsonl -o said.jsonl
  plenary compare said.jsonl --by speaker          what is said, not how often it is printed
  jq -c 'select(.printings > 9) | [.printings, .speaker.name, .text]' said.jsonl

The earliest record of each utterance stays, with \"printings\", the count of documents that print it. Narration
stays as it is; `plenary tag --duplicates drop` leaves whole articles out that the archive has twice.";

/// Leave out what other documents print again: every utterance once, with the count of its printings
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What `plenary tag` wrote (JSON Lines, Parquet or Arrow), with its manifest beside it
    #[arg(value_name = "RECORDS")]
    records: PathBuf,

    /// Where the records go: JSON Lines, Parquet or Arrow, by its ending
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Nothing on stderr but errors
    #[arg(short, long)]
    quiet: bool,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let found = utterances::once(&self.records, &self.output)?;
        if !self.quiet {
            writeln!(
                std::io::stderr(),
                "{}: {} records; {} utterances stand in several documents, {} records that print them again are left out",
                self.output.display(),
                found.records,
                found.reprinted,
                found.left_out
            )?;
        }
        Ok(Status::Done)
    }
}
