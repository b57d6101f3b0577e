//! `plenary compare`: how much groups of speakers say on each theme, where they stand, and how sure that is.

use std::io::{BufWriter, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use plenary::comparison::collect::period::Granularity;
use plenary::comparison::options::{By, Options};
use plenary::comparison::result::Comparison;
use plenary::comparison::{self, Meaning, plots, report, write};
use plenary::stages::embed::SentenceEncoder;

use super::Status;

const EXAMPLES: &str = "\
Examples:
  plenary compare records.jsonl                              speakers, on the terminal
  plenary compare records.jsonl --by country --groups 'France,China' --over year
  plenary compare records.jsonl --by country --report report.html --plots plots/
  plenary compare records.jsonl --checked checked.jsonl      corrected for the classifier's errors
  plenary compare records.jsonl --target-encoder .base-model targets grouped by meaning (`make base-model`)
  plenary compare a.jsonl.gz b.csv --by source --format csv > shares.csv

Exit status: 0 done; 1 done, but some lines were set aside (named on stderr); 2 could not run.";

/// Compares what groups of speakers stress and where they stand, from records alone.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Records: JSON Lines (.jsonl), CSV or Parquet, plain or .gz or .zst; `-` is standard input (JSON Lines).
    #[arg(required = true, value_name = "RECORDS")]
    records: Vec<PathBuf>,
    /// What makes a group: speaker, role, source, document, or any field of the documents (country).
    #[arg(long, default_value = "speaker", value_name = "FIELD")]
    by: String,
    /// Keeps spellings of a speaker's name apart: Sergei Lavrov, Sergey Lavrov.
    #[arg(long)]
    exact_names: bool,
    /// Only these groups, separated by commas (a comma inside a name is written `\,`).
    #[arg(long, value_name = "NAMES")]
    groups: Vec<String>,
    /// At most this many groups, those with the most statements (where --groups names none).
    #[arg(long, default_value_t = Options::default().max_groups, value_name = "N")]
    max_groups: usize,
    /// Only these themes, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    themes: Vec<String>,
    /// A group or a period with fewer statements gets no share.
    #[arg(long, default_value_t = Options::default().min_statements, value_name = "N")]
    min_statements: usize,
    /// Also shares over time, and when they changed.
    #[arg(long, value_enum)]
    over: Option<Over>,
    /// Statements that a person has checked, drawn at random from the records: corrects shares and
    /// differences for the classifier's errors. Records or gold lines with the right labels; statements
    /// that were not drawn with equal chances carry a `sampling_probability`.
    #[arg(long, value_name = "FILE")]
    checked: Option<PathBuf>,
    /// Also joins targets that mean the same in other words ('the conflict in Gaza', 'the war in Gaza'), by the vectors of
    /// a sentence encoder: the folder that `make base-model` fetches. Every group names its wordings.
    #[arg(long, value_name = "DIR")]
    target_encoder: Option<PathBuf>,
    /// Seed of all random draws: the same seed and records give the same bytes.
    #[arg(long, default_value_t = Options::default().seed, value_name = "N")]
    seed: u64,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Writes an interactive report: one HTML file that needs no network.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Writes the pictures into this folder, as SVG and PNG.
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
}

/// What goes to standard output.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// A summary of at most 100 columns.
    #[default]
    Table,
    /// A row a number.
    Csv,
    /// Everything.
    Json,
}

/// The step of the time axis.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Over {
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

impl Arguments {
    /// Compares, writes what was asked for, and names the lines that were set aside.
    ///
    /// # Errors
    /// Where records cannot be read or hold nothing to compare, or an output cannot be written.
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let mut options = self.options()?;
        let encoder = self.target_encoder.as_deref().map(encoder).transpose()?;
        options.target_encoder = encoder.as_ref().map(|encoder| encoder.id().to_owned());
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let meaning = encoder
            .as_ref()
            .map(|encoder| |texts: &[String]| encoder.vectors(texts, threads));
        let meaning = meaning.as_ref().map(|meaning| meaning as &Meaning<'_>);
        let comparison =
            comparison::compare(&self.records, self.checked.as_deref(), &options, meaning)?;
        if let Some(path) = &self.report {
            write_file(path, report::html(&comparison)?.as_bytes())?;
        }
        if let Some(folder) = &self.plots {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            for picture in plots::pictures(&comparison)? {
                write_file(&folder.join(&picture.name), &picture.bytes)?;
            }
        }
        let mut stdout = BufWriter::new(std::io::stdout().lock());
        match self.format {
            Format::Table => stdout.write_all(write::table::text(&comparison).as_bytes())?,
            Format::Csv => stdout.write_all(write::csv::text(&comparison)?.as_bytes())?,
            Format::Json => {
                write::json::write(&comparison, &mut stdout).map_err(std::io::Error::from)?;
                writeln!(stdout)?;
            }
        }
        stdout.flush()?;
        name_quarantined(&comparison)?;
        let damaged = comparison.input.tally.quarantined > 0;
        Ok(if damaged {
            Status::Quarantined
        } else {
            Status::Done
        })
    }

    fn options(&self) -> anyhow::Result<Options> {
        ensure!(
            self.max_groups > 0,
            "--max-groups 0 leaves nothing to compare; give 1 or more"
        );
        ensure!(
            self.min_statements > 0,
            "--min-statements is 1 or more: a share of nothing is not defined"
        );
        Ok(Options {
            by: By::from(self.by.as_str()),
            exact_names: self.exact_names,
            groups: self
                .groups
                .iter()
                .flat_map(|names| split_names(names))
                .collect(),
            max_groups: self.max_groups,
            themes: self
                .themes
                .iter()
                .map(|name| name.trim().to_owned())
                .collect(),
            min_statements: self.min_statements,
            over: self.over.map(|over| match over {
                Over::Month => Granularity::Month,
                Over::Year => Granularity::Year,
            }),
            seed: self.seed,
            ..Options::default()
        })
    }
}

/// What is asked which targets mean the same.
fn encoder(path: &Path) -> anyhow::Result<SentenceEncoder> {
    SentenceEncoder::open(path).with_context(|| {
        format!(
            "--target-encoder {}: `make base-model` fetches one into .base-model",
            path.display()
        )
    })
}

/// The names in a list separated by commas; `\,` is a comma inside a name.
fn split_names(list: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut characters = list.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.next_if_eq(&',').is_some() => push(&mut names, ','),
            ',' => names.push(String::new()),
            other => push(&mut names, other),
        }
    }
    names
        .iter()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

fn push(names: &mut [String], character: char) {
    if let Some(name) = names.last_mut() {
        name.push(character);
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Names the first lines that were set aside, on stderr.
fn name_quarantined(comparison: &Comparison) -> std::io::Result<()> {
    let mut stderr = std::io::stderr().lock();
    let named = &comparison.input.quarantined_lines;
    for bad in named {
        writeln!(
            stderr,
            "set aside: {}, line {}: {}",
            bad.path.display(),
            bad.line,
            bad.problem
        )?;
    }
    let more = comparison
        .input
        .tally
        .quarantined
        .saturating_sub(named.len() as u64);
    if more > 0 {
        writeln!(stderr, "set aside: {more} more lines")?;
    }
    Ok(())
}
