//! The `plenary` command: reads the command line, runs one command, turns its outcome into an exit code.

use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;

mod commands;

fn main() -> ExitCode {
    let outcome = commands::Cli::parse().run();
    match outcome {
        Ok(status) => status.into(),
        Err(error) if commands::is_broken_pipe(&error) => commands::Status::Done.into(),
        Err(error) => {
            let mut stderr = std::io::stderr().lock();
            // Where stderr itself is closed there is nobody left to tell.
            let _ = writeln!(stderr, "error: {error}");
            for cause in error.chain().skip(1) {
                let _ = writeln!(stderr, "cause: {cause}");
            }
            commands::Status::CouldNotRun.into()
        }
    }
}
