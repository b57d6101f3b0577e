//! What was said once and printed many times: one agency sentence in forty papers is one utterance.
//!
//! `quotation` says what of a record is compared, `same` finds which of them are one utterance; [`once`] writes
//! the records with every utterance once, where it was printed first.
//!
//! *Useful for* direct and reported speech in languages that part their words with spaces. *Not useful for*
//! narration, which stays as it is: for whole articles printed twice there is [`crate::corpus::duplicates`].

mod quotation;
mod same;

use std::path::Path;

use crate::error::{Error, Result};
use crate::json_lines;
use crate::output::{Format, Output, OutputOptions, read_manifest};
use crate::schema::{Manifest, Record};
use quotation::{Quotation, said};

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Records written.
    pub records: u64,
    /// Utterances that were printed in more than one document.
    pub reprinted: u64,
    /// Records left out, because an earlier one prints the same utterance.
    pub left_out: u64,
}

/// Records that are written at once.
const CHUNK_RECORDS: usize = 1_000;

/// Writes the records at `records`, whose manifest lies beside them, to `output`, in their order: of the records
/// that print one utterance the earliest alone (by the date of its document, then by their order), with the count
/// of documents that print it.
///
/// Two records print one utterance if they stand in two documents, their words are nearly the same, no other
/// speaker is named, and their dates, where both have one, are no further apart than `data/resemblance.toml` says.
///
/// # Units
/// Some 90 bytes of memory a quotation, twice that while the list of them grows; the records are read twice, as a stream.
///
/// # Errors
/// [`Error::Settings`] for a part of an archive, tables and an output that is the input;
/// [`Error::ReadRecords`] and [`Error::ReadArchive`] if the records or their manifest cannot be read;
/// [`Error::WriteRecords`].
pub fn once(records: &Path, output: &Path) -> Result<Found> {
    let manifest = read_manifest(records)?;
    let (run, format) = (run(records, output, manifest)?, format(output)?);
    let printings = same::printings(quotations(records)?);
    let options = OutputOptions {
        path: output.to_owned(),
        format,
        restart: true,
    };
    let (mut out, _) = Output::open(&options, run)?;
    let found = write(records, printings, &mut out)?;
    out.finish()?;
    Ok(found)
}

/// The quotations in the records, in their order.
fn quotations(records: &Path) -> Result<Vec<Quotation>> {
    let (mut quotations, mut documents) = (Vec::new(), Documents::default());
    for found in json_lines::read_records(records)? {
        let (_, record) = found?;
        let document = documents.of(&record);
        if let Some(words) = said(&record) {
            let number = quotations.len();
            quotations.push(Quotation::new(&record, &words, number, document));
        }
    }
    Ok(quotations)
}

/// Writes the records again, without those whose quotation has no `printings` of its own.
fn write(records: &Path, printings: Vec<u32>, out: &mut Output) -> Result<Found> {
    let mut printings = printings.into_iter();
    let (mut found, mut chunk) = (Found::default(), Vec::new());
    let (mut documents, mut written) = (Documents::default(), 0);
    for record in json_lines::read_records(records)? {
        let (_, mut record) = record?;
        // The file is the one that was read before; if it has grown meanwhile, what is new stays.
        match said(&record).map(|_| printings.next().unwrap_or(1)) {
            Some(0) => {
                found.left_out += 1;
                continue;
            }
            Some(count) if count > 1 => {
                found.reprinted += 1;
                record.printings = Some(count.into());
            }
            _ => {}
        }
        found.records += 1;
        documents.of(&record);
        chunk.push(record);
        if chunk.len() == CHUNK_RECORDS {
            out.write_again(std::mem::take(&mut chunk), documents.count - written)?;
            written = documents.count;
        }
    }
    out.write_again(chunk, documents.count - written)?;
    Ok(found)
}

/// Counts documents, of which each has its records side by side.
#[derive(Default)]
struct Documents {
    id: Option<String>,
    count: u64,
}

impl Documents {
    /// The number of the record's document, from 1.
    fn of(&mut self, record: &Record) -> u64 {
        let id = &record.document.id;
        if self.id.as_ref() != Some(id) {
            self.id = Some(id.clone());
            self.count += 1;
        }
        self.count
    }
}

/// What decides the output.
fn run(records: &Path, output: &Path, manifest: Manifest) -> Result<crate::schema::Run> {
    let problem = |problem: String| Err(Error::Settings { problem });
    if let Some(shard) = manifest.run.shard {
        let path = records.display();
        return problem(format!(
            "{path} is part {shard} of an archive, and an utterance may be printed in another; join them with \
             `plenary merge` first"
        ));
    }
    let is_same = records.canonicalize().ok().zip(output.canonicalize().ok());
    if is_same.is_some_and(|(records, output)| records == output) {
        let path = output.display();
        return problem(format!(
            "{path} would be written over while it is read; name another output"
        ));
    }
    let mut run = manifest.run;
    run.settings.insert("utterances".to_owned(), "once".into());
    Ok(run)
}

fn format(output: &Path) -> Result<Format> {
    match Format::of_output(output)? {
        Format::Csv | Format::CsvWide => Err(Error::Settings {
            problem: format!(
                "{}: a table has no place for the count of printings; name JSON Lines, Parquet or Arrow",
                output.display()
            ),
        }),
        format => Ok(format),
    }
}

#[cfg(test)]
mod tests;
