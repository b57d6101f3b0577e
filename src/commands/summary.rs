//! The short table at the end of a run.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::HumanCount;
use plenary::corpus::duplicates::DUPLICATE_OF;
use plenary::output::beside;
use plenary::schema::{Analysis, Annotated, Manifest, Quarantined, Stance, Taxonomy};

use super::progress::{duration, rate};

/// How many merged names are shown; all of them are in the records.
const MERGED: usize = 10;
/// How many quarantined entries are named; the rest is in the file.
const NAMED: usize = 5;

/// What the table says beside the manifest's counts.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Whether the run went on with an earlier part. What is counted here is then of this part alone, other than the
    /// manifest's counts.
    goes_on: bool,
    tagged: u64,
    /// Documents of the archive that no row of its metadata table describes.
    pub(crate) without_row: u64,
    /// What of web archives is no page.
    pub(crate) no_pages: u64,
    /// With a taxonomy of the user's, what tells each theme; a line each.
    told_by: Vec<String>,
    /// The thresholds in force, a line each.
    thresholds: Vec<String>,
    not_scored: u64,
    duplicates: u64,
    furniture_bytes: usize,
    text_bytes: usize,
    quarantined: Vec<String>,
    /// Statements by the name that the document gives and the one under which the speaker is known.
    merged: BTreeMap<(String, String), u64>,
}

impl Summary {
    /// Nothing counted yet, of a run that began anew or went on, with what tells themes and the thresholds in words.
    pub(crate) fn new(goes_on: bool, told_by: Vec<String>, thresholds: Vec<String>) -> Self {
        Self {
            goes_on,
            told_by,
            thresholds,
            ..Self::default()
        }
    }

    pub(crate) fn document(&mut self, analysis: &Analysis<Annotated>) {
        self.tagged += analysis.statements.len() as u64;
        let fields = &analysis.document.metadata.fields;
        self.duplicates += u64::from(fields.contains_key(DUPLICATE_OF));
        let not_scored = analysis.statements.iter().filter(|s| s.scores.is_empty());
        self.not_scored += not_scored.count() as u64;
        self.furniture_bytes += analysis
            .furniture
            .iter()
            .map(|span| span.len())
            .sum::<usize>();
        for speaker in analysis
            .statements
            .iter()
            .filter_map(|statement| statement.attributed.speaker.as_ref())
        {
            let merged = match (&speaker.given_name, &speaker.known_as) {
                (Some(given), _) => (given, &speaker.name),
                (None, Some(known)) => (&speaker.name, known),
                (None, None) => continue,
            };
            let names = (merged.0.clone(), merged.1.clone());
            *self.merged.entry(names).or_default() += 1;
        }
        self.text_bytes += analysis.document.text().len();
    }

    pub(crate) fn quarantined(&mut self, quarantined: &Quarantined) {
        if self.quarantined.len() < NAMED {
            self.quarantined.push(quarantined.to_string());
        }
    }

    /// Prints the table on stderr.
    ///
    /// # Errors
    /// If stderr cannot be written.
    pub(crate) fn print(
        &self,
        manifest: &Manifest,
        (taxonomy, records, engine): (&Taxonomy, &Path, &str),
        elapsed: Duration,
    ) -> io::Result<()> {
        let mut out = io::stderr().lock();
        let counts = &manifest.counts;
        let rate = rate(self.tagged, elapsed).map(|rate| format!(", {rate:.0} statements/s"));
        writeln!(
            out,
            "documents    {:>9}",
            HumanCount(counts.written).to_string()
        )?;
        writeln!(
            out,
            "statements   {:>9}  {}in {}{} ({engine}, {})",
            HumanCount(counts.statements).to_string(),
            self.of_them(),
            duration(elapsed),
            rate.unwrap_or_default(),
            manifest.run.model,
        )?;
        writeln!(
            out,
            "with speaker {:>9}  {}",
            HumanCount(counts.with_speaker).to_string(),
            percent(counts.with_speaker, counts.statements)
        )?;
        self.print_merged(&mut out)?;
        self.print_passed_over(&mut out)?;
        for line in self.told_by.iter().chain(&self.thresholds) {
            writeln!(out, "{line}")?;
        }
        labels(&mut out, manifest, taxonomy)?;
        self.print_quarantined(&mut out, manifest, records)
    }

    /// What there was beside the statements that were scored, where there was any.
    fn print_passed_over(&self, out: &mut impl Write) -> io::Result<()> {
        let part = self.of_part();
        let duplicates = format!("documents that repeat an earlier one (field {DUPLICATE_OF})");
        let lines = [
            (
                "no metadata",
                self.without_row,
                "documents without a row in the table",
                "",
            ),
            (
                "no pages",
                self.no_pages,
                "answers in web archives (images, redirects, errors)",
                "",
            ),
            (
                "not scored",
                self.not_scored,
                "statements in other languages (--any-language scores them)",
                part,
            ),
            ("duplicates", self.duplicates, &duplicates, part),
        ];
        for (name, count, what, part) in lines.into_iter().filter(|line| line.1 > 0) {
            writeln!(
                out,
                "{name:12} {:>9}  {what}{part}",
                HumanCount(count).to_string()
            )?;
        }
        if self.furniture_bytes > 0 {
            let share = percent(self.furniture_bytes as u64, self.text_bytes as u64);
            writeln!(
                out,
                "page furniture {share:>7}  of the text is no statement{part}"
            )?;
        }
        Ok(())
    }

    /// What stands behind a count that is not of the whole run.
    fn of_part(&self) -> &'static str {
        if self.goes_on { " (this part)" } else { "" }
    }

    /// How many of all statements the time was for.
    fn of_them(&self) -> String {
        if self.goes_on {
            format!("{} of them now, ", HumanCount(self.tagged))
        } else {
            String::new()
        }
    }

    /// The names that were merged, the most frequent first.
    fn print_merged(&self, out: &mut impl Write) -> io::Result<()> {
        let mut merged: Vec<_> = self.merged.iter().collect();
        merged.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (index, ((given, name), count)) in merged.iter().take(MERGED).enumerate() {
            let head = if index == 0 { "merged" } else { "" };
            let count = HumanCount(**count).to_string();
            writeln!(
                out,
                "{head:12} {count:>9}  {given} = {name}{}",
                self.of_part()
            )?;
        }
        let more = merged.len().saturating_sub(MERGED);
        if more > 0 {
            writeln!(
                out,
                "{:22}  and {more} more, see given_name and known_as in the records",
                ""
            )?;
        }
        Ok(())
    }

    fn print_quarantined(
        &self,
        out: &mut impl Write,
        manifest: &Manifest,
        records: &Path,
    ) -> io::Result<()> {
        let count = manifest.counts.quarantined;
        if count == 0 {
            return Ok(());
        }
        writeln!(out, "quarantined  {:>9}", HumanCount(count).to_string())?;
        if self.goes_on && !self.quarantined.is_empty() {
            writeln!(out, "  of this part:")?;
        }
        for line in &self.quarantined {
            writeln!(out, "  {line}")?;
        }
        if records != Path::new("-") {
            writeln!(
                out,
                "  all of them: {}",
                beside(records, "quarantine.jsonl").display()
            )?;
        }
        Ok(())
    }
}

/// A table of labels, a theme a row and a stance a column.
fn labels(out: &mut impl Write, manifest: &Manifest, taxonomy: &Taxonomy) -> io::Result<()> {
    let width = taxonomy
        .themes
        .iter()
        .map(|theme| theme.name.chars().count())
        .max();
    let width = width.unwrap_or_default().max("labels".len());
    write!(out, "\n{:width$}", "labels")?;
    for stance in Stance::ALL {
        write!(out, "  {:>9}", stance.name())?;
    }
    writeln!(out)?;
    for theme in &taxonomy.themes {
        write!(out, "{:width$}", theme.name)?;
        for stance in Stance::ALL {
            let count = manifest
                .counts
                .labels
                .get(&format!("{}/{stance}", theme.name));
            write!(
                out,
                "  {:>9}",
                HumanCount(count.copied().unwrap_or_default()).to_string()
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// `part` of `whole` in per cent; a dash where there is no whole.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    format!("{:.1}%", 100.0 * part as f64 / whole as f64)
}
