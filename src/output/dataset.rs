//! Records as a folder that is a dataset to Hugging Face: Parquet, and a card that says what is in it.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::{Format, beside, read_manifest, write_error};
use crate::columnar::{self, Kind};
use crate::error::{Error, Result};
use crate::json_lines;
use crate::schema::{Manifest, Stance};

/// The columns, as the card describes them.
const COLUMNS: &str = include_str!("columns.md");

/// Writes the records at `records`, whose manifest lies beside them, into a new folder: `README.md` (the card),
/// `data/records.parquet` and `manifest.json`. The folder has its name when it is complete.
///
/// # Errors
/// [`Error::Settings`] if there is something of the folder's name, or the records are a table;
/// [`Error::ReadRecords`] without a manifest; [`Error::ReadArchive`]; [`Error::WriteRecords`].
pub fn export(records: &Path, folder: &Path) -> Result<Manifest> {
    let problem = |problem: String| Error::Settings { problem };
    if folder.exists() {
        let problem_of = folder.display();
        return Err(problem(format!(
            "{problem_of} is there already; name a folder to make"
        )));
    }
    if Format::of_path(records).is_some_and(Format::has_head) {
        let table = records.display();
        return Err(problem(format!(
            "{table} is a table; export JSON Lines, Parquet or Arrow"
        )));
    }
    let manifest = read_manifest(records)?;
    // The records are opened here, too, so that what cannot be read is told as that.
    json_lines::open(records)?;
    let partial = beside(folder, "partial");
    let written = fill(&partial, records, &manifest).and_then(|()| fs::rename(&partial, folder));
    written.map_err(|source| write_error(folder, source, ""))?;
    Ok(manifest)
}

fn fill(folder: &Path, records: &Path, manifest: &Manifest) -> std::io::Result<()> {
    let parquet: PathBuf = folder.join("data").join("records.parquet");
    fs::create_dir_all(folder.join("data"))?;
    let mut out = BufWriter::new(File::create(parquet)?);
    let open = || json_lines::open(records).map_err(std::io::Error::other);
    columnar::write(Kind::Parquet, &manifest.run.themes, open, &mut out)?;
    out.flush()?;
    out.get_ref().sync_all()?;
    let mut bytes = serde_json::to_vec_pretty(manifest)?;
    bytes.push(b'\n');
    fs::write(folder.join("manifest.json"), bytes)?;
    fs::write(folder.join("README.md"), card(manifest))
}

/// The card: a head for machines, then what a reader of the data has to know.
fn card(manifest: &Manifest) -> String {
    let Manifest { run, counts, .. } = manifest;
    let mut card = format!(
        "---\n\
         pretty_name: Statements with speakers, themes and stances\n\
         task_categories:\n- text-classification\n- token-classification\n\
         tags:\n- stance-detection\n- quotation-attribution\n- plenary\n\
         size_categories:\n- {}\n\
         configs:\n- config_name: default\n  data_files: data/records.parquet\n\
         ---\n\n\
         # Statements with speakers, themes and stances\n\n\
         {} statements of {} documents, one a row: who speaks, which themes the statement touches, and where \
         the speaker stands toward the target that it names. {} of them have a speaker.\n\n\
         The labels were given by a model, not by people. The texts belong to those who published them: before \
         you publish this folder, put their licence into the head of this card (`license:`).\n\n\
         ## Labels\n\n| theme | {} |\n|---|---:|---:|---:|\n",
        size(counts.statements),
        counts.statements,
        counts.written,
        counts.with_speaker,
        Stance::ALL.map(Stance::name).join(" | "),
    );
    for theme in &run.themes {
        let of = |stance: Stance| {
            let count = counts.labels.get(&format!("{theme}/{stance}"));
            count.copied().unwrap_or_default().to_string()
        };
        let counts = Stance::ALL.map(of).join(" | ");
        // Writing to a string cannot fail.
        let _ = writeln!(card, "| {theme} | {counts} |");
    }
    let _ = write!(
        card,
        "\n## Columns\n\n{COLUMNS}\n## How it was made\n\n\
         `plenary tag`, version {}, model {}, taxonomy {}. All settings in force are in `manifest.json`.\n",
        run.version,
        run.model,
        run.taxonomy_sha256.get(..8).unwrap_or(&run.taxonomy_sha256),
    );
    card
}

/// The size as the hub names it.
fn size(rows: u64) -> &'static str {
    match rows {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        _ => "10M<n<100M",
    }
}
