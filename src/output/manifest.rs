//! The manifest, and the names of the files beside the records.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::schema::Manifest;
use crate::schema::record::SCHEMA;

/// The file beside `records` whose name goes on with `ending`: `news.jsonl` and `manifest.json` make
/// `news.jsonl.manifest.json`.
pub fn beside(records: &Path, ending: &str) -> PathBuf {
    let mut name = records.file_name().map(OsString::from).unwrap_or_default();
    name.push(".");
    name.push(ending);
    records.with_file_name(name)
}

/// Every file that a run which writes `records` leaves or works with; none for `-`, standard output.
pub fn files_of(records: &Path) -> Vec<PathBuf> {
    if records == Path::new("-") {
        return Vec::new();
    }
    let endings = [
        "partial",
        "partial.state",
        "partial.columns",
        "manifest.json",
        "manifest.json.partial",
        "quarantine.jsonl",
        "quarantine.jsonl.partial",
    ];
    let beside = endings.map(|ending| beside(records, ending));
    std::iter::once(records.to_owned()).chain(beside).collect()
}

/// Writes the manifest of the run whose records are in `records`, whole or not at all.
pub(super) fn write_manifest(records: &Path, manifest: &Manifest) -> io::Result<()> {
    let path = beside(records, "manifest.json");
    let partial = beside(&path, "partial");
    let mut bytes = serde_json::to_vec_pretty(manifest)?;
    bytes.push(b'\n');
    let mut file = File::create(&partial)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&partial, path)
}

/// Reads the manifest beside `records`.
///
/// # Errors
/// [`Error::ReadRecords`] if there is none, if it is damaged, or if another version of the format wrote it.
pub fn read_manifest(records: &Path) -> Result<Manifest> {
    let path = beside(records, "manifest.json");
    let problem = |line: usize, problem: String| Error::ReadRecords {
        path: path.clone(),
        line,
        problem,
    };
    let bytes = fs::read(&path).map_err(|source| {
        let next = "a finished `plenary tag` writes it beside its records";
        problem(1, format!("cannot read the manifest ({source}); {next}"))
    })?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|source| problem(source.line(), format!("damaged manifest ({source})")))?;
    if manifest.run.schema != SCHEMA {
        let found = manifest.run.schema;
        return Err(problem(
            1,
            format!(
                "the records have schema {found}, this program reads schema {SCHEMA}; use the version of plenary that wrote them, or tag again"
            ),
        ));
    }
    Ok(manifest)
}
