//! The one fuzz target: any bytes for the reader that `FUZZ_READER` names, such as `a.csv` (all names are in
//! `tests/integration/hostile/good.rs`). The tests hold the same check against bytes that they damage themselves.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "../tests/integration/hostile/check.rs"]
mod check;
#[path = "../tests/integration/hostile/good.rs"]
mod good;

static READER: LazyLock<String> = LazyLock::new(|| {
    let known: Vec<_> = good::GOOD.iter().map(|(name, _)| *name).collect();
    match std::env::var("FUZZ_READER") {
        Ok(name) if known.contains(&&*name) => name,
        _ => panic!("FUZZ_READER is one of {}", known.join(" ")),
    }
});

/// Puts the good file into the folder that the search begins in, the last of the arguments.
fn begin() {
    // The program catches what the parsers of others throw; that is no finding.
    drop(std::panic::take_hook());
    let folder = std::env::args().rfind(|argument| !argument.starts_with('-'));
    let good = good::GOOD.iter().find(|(name, _)| *name == *READER);
    if let (Some(folder), Some((name, bytes))) = (folder, good)
        && std::path::Path::new(&folder).is_dir()
    {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
    }
}

fuzz_target!(init: begin(), |bytes: &[u8]| {
    if let Some(complaint) = check::complaint(&READER, bytes) {
        panic!("{complaint}");
    }
});
