//! The texts that stand-off labels point into: archives that may be read and not be passed on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::corpus::{self, CorpusOptions, Entry};
use crate::error::Result;
use crate::schema::{CodePoints, Document};

/// Documents by their ids.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    documents: BTreeMap<String, Document>,
}

impl Texts {
    /// Reads the `wanted` documents of `archives`; those that are not there are not in the result. Of two
    /// with one id the first counts.
    ///
    /// # Errors
    /// As [`corpus::open`].
    pub fn read(archives: &[PathBuf], wanted: &BTreeSet<&str>) -> Result<Self> {
        let mut documents = BTreeMap::new();
        if archives.is_empty() || wanted.is_empty() {
            return Ok(Self { documents });
        }
        for entry in corpus::open(archives, &CorpusOptions::default())? {
            if let Entry::Document(document) = entry
                && wanted.contains(document.metadata.id.as_str())
            {
                let id = document.metadata.id.clone();
                documents.entry(id).or_insert(document);
            }
        }
        Ok(Self { documents })
    }

    /// The words at `span` of a document, or why there are none.
    ///
    /// # Errors
    /// A sentence for the person who gave the labels.
    pub fn words(&self, document: &str, span: CodePoints) -> std::result::Result<&str, String> {
        let found = self.documents.get(document).ok_or_else(|| {
            format!(
                "there is no text, and no document {document:?} to take it from; name its archive with --texts"
            )
        })?;
        let CodePoints(start, end) = span;
        let span = found.span_at(span).ok_or_else(|| {
            format!(
                "document {document:?} has no span [{start}, {end}]; is it another edition of it?"
            )
        })?;
        Ok(found.slice(span))
    }
}
