//! One file a command; what they share is the exit status and the progress on the terminal.

use std::process::ExitCode;

mod compare;
mod entries;
mod evaluate;
mod export;
mod gather;
mod hub;
mod labels;
mod loading;
mod merge;
mod models;
mod progress;
mod reading;
mod record_sink;
mod setup;
mod speakers;
mod summary;
mod tag;
mod taxonomy;
mod train;
mod utterances;
mod verify;

/// Says who says what, about which themes, and where they stand, over archives of articles and speeches.
#[derive(Debug, clap::Parser)]
#[command(name = "plenary", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  plenary tag articles/ -o records.jsonl       every statement of a folder, with speaker, themes and stances
  plenary tag speech.txt -o - | head           to a pipe
  plenary evaluate gold.jsonl records.jsonl    how good are the records?

Exit status: 0 done; 1 done, but some input was quarantined; 2 could not run.";

#[derive(Debug, clap::Subcommand)]
enum Command {
    Models(models::Arguments),
    Compare(Box<compare::Arguments>),
    Tag(Box<tag::Arguments>),
    Train(Box<train::Arguments>),
    Evaluate(Box<evaluate::Arguments>),
    Merge(merge::Arguments),
    Export(export::Arguments),
    Utterances(utterances::Arguments),
    Verify(Box<verify::Arguments>),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Everything asked for was done.
    Done,
    /// Done, but some input was quarantined or some check failed; it was named on stderr.
    Quarantined,
    /// Could not run, or could not go on.
    CouldNotRun,
    /// Stopped by Ctrl-C, ready to be resumed.
    Interrupted,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Done => 0,
            Status::Quarantined => 1,
            Status::CouldNotRun => 2,
            Status::Interrupted => 130,
        })
    }
}

impl Cli {
    /// Runs the command that was asked for.
    ///
    /// # Errors
    /// Whatever kept it from running; the chain of causes is for people to read.
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        match self.command {
            Command::Models(arguments) => arguments.run(),
            Command::Compare(command) => command.run(),
            Command::Tag(arguments) => arguments.run(),
            Command::Train(arguments) => arguments.run(),
            Command::Evaluate(arguments) => arguments.run(),
            Command::Merge(arguments) => arguments.run(),
            Command::Export(arguments) => arguments.run(),
            Command::Utterances(arguments) => arguments.run(),
            Command::Verify(arguments) => arguments.run(),
        }
    }
}

/// Whether the reader of our output went away (`plenary tag -o - | head`), which is no failure.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
