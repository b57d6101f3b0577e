//! The parts of an archive, tagged apart, joined into the bytes of the whole.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::{Format, Output, OutputOptions, beside, read_manifest};
use crate::error::{Error, Result};
use crate::json_lines;
use crate::schema::{Counts, Manifest, Shard};

/// Rows of a document that are copied at once.
const CHUNK_ROWS: usize = 1_000;

/// Joins the records of all parts of an archive into `output`, in the archive's order, with one manifest and
/// one quarantine: the bytes that one run over the whole archive would have written.
///
/// # Errors
/// [`Error::Settings`] if the parts are not all there, or not parts of one run; [`Error::ReadRecords`] and
/// [`Error::ReadArchive`] if one cannot be read; [`Error::WriteRecords`].
pub fn merge(parts: &[PathBuf], output: &Path) -> Result<Manifest> {
    let manifests = parts
        .iter()
        .map(|path| read_manifest(path))
        .collect::<Result<Vec<_>>>()?;
    let order = order(parts, &manifests)?;
    let format = same_format(parts, output)?;
    let Some(mut run) = manifests.first().map(|manifest| manifest.run.clone()) else {
        return Err(problem("name the parts to join"));
    };
    run.shard = None;
    let options = OutputOptions {
        path: output.to_owned(),
        format,
        restart: true,
    };
    let (mut whole, _) = Output::open(&options, run)?;
    let mut sources = order
        .iter()
        .map(|&index| Part::open(&parts[index], &manifests[index], format))
        .collect::<Result<Vec<_>>>()?;
    let documents: usize = manifests.iter().map(|manifest| manifest.rows.len()).sum();
    let mut bytes = Vec::new();
    for place in 0..documents {
        let part = &mut sources[place % order.len()];
        match part.rows.get(place / order.len()) {
            Some(Some(rows)) => {
                for start in (0..*rows).step_by(CHUNK_ROWS) {
                    bytes.clear();
                    let chunk = (rows - start).min(CHUNK_ROWS as u64);
                    part.records.copy(chunk, &mut bytes)?;
                    whole.append_rows(&bytes)?;
                }
                whole.end_rows(*rows)?;
            }
            Some(None) => whole.quarantine(&part.next_quarantined()?)?,
            None => {
                return Err(part
                    .records
                    .lacking("documents than its place in the archive asks for"));
            }
        }
    }
    for part in &mut sources {
        part.records.end()?;
    }
    let mut counts = Counts::default();
    for manifest in &manifests {
        counts.add(&manifest.counts);
    }
    whole.set_counts(counts);
    whole.finish()
}

/// The places of the parts in their order, if they are all parts of one run.
fn order(parts: &[PathBuf], manifests: &[Manifest]) -> Result<Vec<usize>> {
    let mut order: Vec<Option<usize>> = vec![None; parts.len()];
    for (index, manifest) in manifests.iter().enumerate() {
        let path = parts[index].display();
        let Some(Shard { index: part, count }) = manifest.run.shard else {
            return Err(problem(format!(
                "{path} is no part of an archive: it was tagged without --shard"
            )));
        };
        let mut run = manifest.run.clone();
        run.shard = manifests[0].run.shard;
        let differences = manifests[0].run.differences(&run);
        if !differences.is_empty() {
            let differences = differences.join("; ");
            return Err(problem(format!(
                "{path} was tagged by another run ({differences}); tag the parts alike"
            )));
        }
        if count != parts.len() {
            return Err(problem(format!(
                "{path} is one of {count} parts, and {} were given",
                parts.len()
            )));
        }
        match order.get_mut(part.wrapping_sub(1)) {
            Some(place @ None) => *place = Some(index),
            _ => {
                return Err(problem(format!(
                    "{path} is part {part}/{count}, which is there already"
                )));
            }
        }
    }
    Ok(order.into_iter().flatten().collect())
}

fn same_format(parts: &[PathBuf], output: &Path) -> Result<Format> {
    let format = Format::of_output(output)?;
    match parts
        .iter()
        .find(|part| Format::of_path(part).unwrap_or_default() != format)
    {
        None => Ok(format),
        Some(part) => Err(problem(format!(
            "{} is of another format than {}; name an output of the parts' format",
            part.display(),
            output.display()
        ))),
    }
}

fn problem(problem: impl Into<String>) -> Error {
    Error::Settings {
        problem: problem.into(),
    }
}

/// A part that is being read.
struct Part<'a> {
    rows: &'a [Option<u64>],
    records: Rows,
    quarantine: Option<json_lines::Lines<serde_json::Value>>,
}

impl<'a> Part<'a> {
    fn open(path: &Path, manifest: &'a Manifest, format: Format) -> Result<Self> {
        let mut records = Rows {
            path: path.to_owned(),
            reader: json_lines::open(path)?,
            format,
            count: 0,
        };
        if format.has_head() && !records.reader.fill_buf().is_ok_and(<[u8]>::is_empty) {
            records.copy(1, &mut Vec::new())?;
        }
        let quarantine = beside(path, "quarantine.jsonl");
        let any = manifest.counts.quarantined > 0;
        Ok(Self {
            rows: &manifest.rows,
            records,
            quarantine: any.then(|| json_lines::read(&quarantine)).transpose()?,
        })
    }

    fn next_quarantined(&mut self) -> Result<serde_json::Value> {
        match self.quarantine.as_mut().and_then(Iterator::next) {
            Some(line) => Ok(line?.1),
            None => Err(self
                .records
                .lacking("quarantined documents than its manifest says")),
        }
    }
}

/// The rows of a file, as bytes.
struct Rows {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    format: Format,
    /// How many were read.
    count: u64,
}

impl Rows {
    /// Appends the next `rows` to `bytes`.
    fn copy(&mut self, rows: u64, bytes: &mut Vec<u8>) -> Result<()> {
        for _ in 0..rows {
            let start = bytes.len();
            // A line end within quotation marks does not end a table's row.
            while bytes.len() == start || self.is_open(&bytes[start..]) {
                let read = self.reader.read_until(b'\n', bytes);
                let read = read.map_err(|source| Error::ReadArchive {
                    path: self.path.clone(),
                    source: source.into(),
                })?;
                if read == 0 {
                    return Err(self.lacking("rows than its manifest says"));
                }
            }
            self.count += 1;
        }
        Ok(())
    }

    fn is_open(&self, row: &[u8]) -> bool {
        let open = row.iter().fold(false, |open, &byte| open ^ (byte == b'"'));
        self.format.has_head() && open
    }

    /// Says that nothing may be left.
    fn end(&mut self) -> Result<()> {
        match self.reader.fill_buf() {
            Ok([]) => Ok(()),
            Ok(_) => Err(self.damaged("more rows than its manifest says")),
            Err(source) => Err(Error::ReadArchive {
                path: self.path.clone(),
                source: source.into(),
            }),
        }
    }

    fn lacking(&self, what: &str) -> Error {
        self.damaged(&format!("fewer {what}"))
    }

    fn damaged(&self, what: &str) -> Error {
        Error::ReadRecords {
            path: self.path.clone(),
            line: usize::try_from(self.count)
                .unwrap_or(usize::MAX)
                .saturating_add(1),
            problem: format!("the part has {what}; tag it again"),
        }
    }
}
