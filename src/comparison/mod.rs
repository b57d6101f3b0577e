//! What speakers stress, where they stand, and how sure one can be: from records alone.
//!
//! [`input`] reads records, [`collect`] keeps counts and samples of them in one pass, `analyse` turns
//! counts into a [`result::Comparison`] with [`statistics`]; [`options`] says what is compared.

pub mod analyse;
pub mod collect;
pub mod input;
pub mod options;
pub mod plots;
pub mod report;
pub mod result;
pub mod statistics;
pub mod write;

use std::path::{Path, PathBuf};

use crate::error::Result;
use analyse::{NAMED_QUARANTINED, Reading};
use collect::Collector;
use input::checked::CheckedSample;
use options::Options;
use result::Comparison;

/// What says how near texts are in meaning, an encoder, which stands above this part of the program: a vector of length 1
/// a text; vectors of texts that mean the same have a dot product near 1.
pub type Meaning<'m> = dyn Fn(&[String]) -> Result<Vec<Vec<f32>>> + 'm;

/// Reads, collects and analyses; targets are grouped by their words, and by `meaning` if it is given.
///
/// # Errors
/// Whatever reading reports (see [`input::read`]), and [`Error::Settings`](crate::error::Error::Settings) where there is
/// nothing to compare; whatever `meaning` reports.
pub fn compare(
    paths: &[PathBuf],
    checked: Option<&Path>,
    options: &Options,
    meaning: Option<&Meaning<'_>>,
) -> Result<Comparison> {
    let sample = checked.map(CheckedSample::open).transpose()?;
    let mut collector = Collector::new(options, sample.as_ref());
    let mut quarantined = Vec::new();
    for path in paths {
        input::read(path, &mut |entry| {
            match entry {
                Ok(row) => collector.take(&row),
                Err(bad) => {
                    collector.count_quarantined();
                    if quarantined.len() < NAMED_QUARANTINED {
                        quarantined.push(bad);
                    }
                }
            }
            Ok(())
        })?;
    }
    let reading = Reading {
        files: paths
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
        quarantined,
        checked: checked
            .zip(sample.as_ref())
            .map(|(path, sample)| (path.display().to_string(), sample.len())),
    };
    analyse::analyse(&collector.finish(), options, reading, meaning)
}
