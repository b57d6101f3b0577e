//! All integration tests in one binary: they see the crate as its users do.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]

use std::path::PathBuf;

mod archive;
mod attribution;
mod bad_input;
mod columns;
mod compare;
mod corpus;
mod engines;
mod evaluate;
mod foreign;
mod hostile;
mod layers;
mod named_targets;
mod output;
mod packed;
mod provenance;
mod resume;
mod tag;
mod taxonomy;
mod thresholds;
mod tiny_model;
mod training;
mod utterances;

/// The folder of real archives and gold, which are not part of the repo; `None`, with the reason printed,
/// where it is absent, and the test that asked has nothing to do.
pub fn shared_dir() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests may look for their archives"
    )]
    let given = std::env::var("PLENARY_SHARED").ok().map(PathBuf::from);
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared"));
    let found = given.into_iter().chain([beside]).find(|path| path.is_dir());
    if found.is_none() {
        println!("skipped: no folder ../shared and none named by PLENARY_SHARED");
    }
    found
}

/// A file or folder of `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).join(name)
}

/// The program, built for the tests.
pub fn plenary() -> assert_cmd::Command {
    assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("plenary"))
}

/// The sample archive that comes with the project.
pub fn sample() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/data/sample"))
}

/// The model that comes with the project.
pub fn default_model() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/models/default"))
}
