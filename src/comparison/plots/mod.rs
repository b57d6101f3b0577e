//! Pictures for papers: the same shapes as SVG (for print) and PNG.
//!
//! A picture is a list of `shape`s, made by `emphasis`, `stance`, `words` and `trend`, and painted by
//! `paint` with plotters and a font of our own, so that it looks the same on any machine.

mod emphasis;
mod paint;
mod shape;
mod stance;
mod trend;
mod words;

use super::result::Comparison;
use crate::error::{Cause, Error, Result};
use shape::Picture;

/// A picture ready to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The file's name: `emphasis.svg`.
    pub name: String,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

/// All pictures that the comparison has something to show in, each as SVG and as PNG.
///
/// # Errors
/// [`Error::WriteRecords`] if a picture cannot be painted.
pub fn pictures(comparison: &Comparison) -> Result<Vec<Saved>> {
    let drawn: Vec<(&str, Option<Picture>)> = vec![
        ("emphasis", emphasis::emphasis(comparison)),
        ("heat-map", emphasis::heat_map(comparison)),
        ("stance", stance::stance(comparison)),
        ("words", words::words(comparison)),
        ("trend", trend::trend(comparison)),
    ];
    let mut saved = Vec::new();
    for (name, picture) in drawn {
        let Some(picture) = picture else { continue };
        let failed = |source: Cause| Error::WriteRecords {
            path: name.into(),
            source,
        };
        saved.push(Saved {
            name: format!("{name}.svg"),
            bytes: paint::svg(&picture).map_err(failed)?.into_bytes(),
        });
        saved.push(Saved {
            name: format!("{name}.png"),
            bytes: paint::png(&picture).map_err(failed)?,
        });
    }
    Ok(saved)
}
