//! `plenary verify`: records held against the archive that they come from.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{bail, ensure};
use plenary::output::{self, Format};
use plenary::provenance;

use super::Status;
use super::reading::ReadingArguments;

const EXAMPLES: &str = "\
Examples:
  plenary verify records.jsonl articles/
  plenary verify answers.parquet survey.csv --field text=answer     read as `plenary tag` read it

Every record's words have to stand in the archive at its span, and every document has to have its hash and to stand
in the file, in the member, on the line and at the bytes that its records give.
Exit status: 0 they do; 1 they do not, and the first record that does not lead back is named; 2 could not run.";

/// Hold records against their archive: every span must still read the same
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What `plenary tag` wrote: JSON Lines, Parquet or Arrow
    #[arg(value_name = "RECORDS")]
    records: PathBuf,

    /// The inputs that were tagged
    #[arg(required = true, value_name = "ARCHIVE")]
    inputs: Vec<PathBuf>,

    /// Nothing on stderr but what is wrong
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    reading: ReadingArguments,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let records = self.records.display();
        if matches!(Format::of_path(&self.records), Some(Format::Csv)) {
            bail!("{records}: tables are not verified; tag to JSON Lines, Parquet or Arrow");
        }
        let expected = self.expected()?;
        let opened = self.reading.open(&self.inputs, &self.records)?;
        let found = provenance::verify(&self.records, opened.entries)?;
        let mut stderr = std::io::stderr();
        match found {
            Err(broken) => {
                writeln!(stderr, "{records}, {broken}")?;
                Ok(Status::Quarantined)
            }
            Ok(found) if expected.is_some_and(|count| count != found.records) => {
                let count = expected.unwrap_or_default();
                let found = found.records;
                writeln!(
                    stderr,
                    "{records} has {found} records, and its manifest says {count}"
                )?;
                Ok(Status::Quarantined)
            }
            Ok(found) => {
                if !self.quiet {
                    let (count, documents) = (found.records, found.documents);
                    writeln!(stderr, "{count} records of {documents} documents lead back")?;
                }
                Ok(Status::Done)
            }
        }
    }

    /// How many records the manifest promises, where there is one beside them.
    fn expected(&self) -> anyhow::Result<Option<u64>> {
        if !output::beside(&self.records, "manifest.json").exists() {
            return Ok(None);
        }
        let manifest = output::read_manifest(&self.records)?;
        for (name, mine) in self.reading.settings(&[]) {
            // The others bear on which documents were tagged, not on what stands in them.
            if !matches!(name.as_str(), "field" | "input-format" | "encoding") {
                continue;
            }
            let theirs = manifest.run.settings.get(&name);
            ensure!(
                theirs.is_none_or(|theirs| *theirs == mine),
                "{} was read with --{name} {}; give the same here",
                self.records.display(),
                theirs.cloned().unwrap_or_default()
            );
        }
        Ok(Some(manifest.counts.statements))
    }
}
