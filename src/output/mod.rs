//! Records out: from what the stages found to a file that is complete or resumable.
//!
//! [`records`] turns an analysed document into [`Record`](crate::schema::Record)s; [`Format`] gives them
//! their bytes (JSON Lines, CSV, compressed by ending); [`Output`] brings the bytes under their final name
//! only when all are there, and keeps a journal meanwhile, so that an interrupted run goes on where it stopped
//! ([`Resume`]). Parquet and Arrow are JSON Lines until then and are made of them at the end, so that there is
//! one way to go on and to join. `manifest` writes and reads the run's manifest beside the records; [`merge`]
//! joins the parts of an archive; [`export`] makes a dataset folder of records.

mod compression;
mod csv;
mod dataset;
mod format;
mod journal;
mod manifest;
mod merge;
mod partial;
mod record;
mod resume;
mod writer;

pub use dataset::export;
pub use format::Format;
pub use manifest::{beside, files_of, read_manifest};
pub use merge::merge;
pub use record::records;
pub use resume::Resume;
pub use writer::{Output, OutputOptions};

use crate::error::Error;
use std::io;
use std::path::Path;

/// The error for a failed write to `path`, with the next step.
fn write_error(path: &Path, source: io::Error, advice: impl Into<String>) -> Error {
    let advice = advice.into();
    // One error of the same kind, not one around the other: a chain of causes would tell the cause twice.
    let source = if advice.is_empty() {
        source
    } else {
        io::Error::new(source.kind(), format!("{source}; {advice}"))
    };
    Error::WriteRecords {
        path: path.to_owned(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests;
