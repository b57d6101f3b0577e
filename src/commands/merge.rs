//! `plenary merge`: the parts of an archive joined into the whole.

use std::io::Write as _;
use std::path::PathBuf;

use plenary::output;

use super::Status;

const EXAMPLES: &str = "\
Examples:
  plenary tag archive/ --shard 1/2 -o 1.jsonl        on one machine
  plenary tag archive/ --shard 2/2 -o 2.jsonl        on another
  plenary merge 1.jsonl 2.jsonl -o records.jsonl     the bytes of `plenary tag archive/ -o records.jsonl`";

/// Join the parts that `tag --shard` wrote into the bytes of the whole
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The records of every part, with their manifests beside them, in any order
    #[arg(required = true, value_name = "RECORDS")]
    parts: Vec<PathBuf>,

    /// Where the whole goes, in the parts' format
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Nothing on stderr but errors
    #[arg(short, long)]
    quiet: bool,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let counts = output::merge(&self.parts, &self.output)?.counts;
        if !self.quiet {
            writeln!(
                std::io::stderr(),
                "{}: {} documents, {} statements, {} quarantined",
                self.output.display(),
                counts.written,
                counts.statements,
                counts.quarantined
            )?;
        }
        Ok(match counts.quarantined {
            0 => Status::Done,
            _ => Status::Quarantined,
        })
    }
}
