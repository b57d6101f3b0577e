//! What must hold of any bytes, for the tests and for the fuzz target.

use std::path::Path;
use std::sync::Arc;

use plenary::comparison;
use plenary::corpus::{self, CorpusOptions, Entry};
use plenary::json_lines;
use plenary::schema::Document;
use plenary::schema::document::Metadata;
use plenary::stages::attribute::Attributor;
use plenary::stages::encode::Encoding;
use plenary::stages::segment::Segmenter;

/// A complaint if these bytes, in a file of this name, are not taken as they should be: `text` is segmented and
/// attributed, `records.*` are read as records, and all else is read as an archive.
pub(crate) fn complaint(name: &str, bytes: &[u8]) -> Option<String> {
    if name == "text" {
        return of_text(&String::from_utf8_lossy(bytes));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    if name.starts_with("records.") {
        return of_records(&path);
    }
    of_archive(&path)
}

/// Segments a text and looks for the quotations in it.
fn of_text(text: &str) -> Option<String> {
    let metadata = Metadata {
        language: Some("en".to_owned()),
        ..Metadata::default()
    };
    let document = Document::new(metadata, text.to_owned());
    let segmenter = Segmenter::default();
    let analysis = segmenter.segment(Arc::new(document.clone()));
    let count = analysis.statements.len();
    let attributed = Attributor::default().attribute(analysis, &Encoding::default());
    if attributed.statements.len() != count {
        return Some("a statement was lost when it was attributed".to_owned());
    }
    lost_or_double(Entry::Document(document), &segmenter)
}

/// Records are read or refused, never more.
fn of_records(path: &Path) -> Option<String> {
    // Whether they are refused is the business of other tests; here it counts that nothing fails on the way.
    let lines = json_lines::read_records(path).map(Iterator::count);
    let rows = comparison::input::read(path, &mut |_| Ok(()));
    drop((lines, rows));
    None
}

/// Reads an archive and segments what is in it.
fn of_archive(path: &Path) -> Option<String> {
    let options = CorpusOptions {
        max_document_bytes: 1 << 20,
        ..CorpusOptions::default()
    };
    let segmenter = Segmenter::default();
    let mut entries = 0;
    for entry in corpus::open(&[path.to_owned()], &options).unwrap() {
        entries += 1;
        match entry {
            Entry::Quarantined(place) if place.reason.contains("please report") => {
                return Some(place.reason);
            }
            Entry::Quarantined(place) if place.reason.is_empty() => {
                return Some("set aside without a reason".to_owned());
            }
            Entry::Quarantined(_) => {}
            Entry::Document(document) if document.text().trim().is_empty() => {
                return Some("a document without words".to_owned());
            }
            document @ Entry::Document(_) => {
                if let Some(lost) = lost_or_double(document, &segmenter) {
                    return Some(lost);
                }
            }
        }
    }
    let is_text = path.extension().is_some_and(|ending| ending == "txt");
    (entries == 0 && is_text).then(|| "nothing was said of a text".to_owned())
}

/// The words of a document that stand in no statement and in no furniture, or in two of them.
pub(crate) fn lost_or_double(entry: Entry, segmenter: &Segmenter) -> Option<String> {
    let Entry::Document(document) = entry else {
        return None;
    };
    let analysis = segmenter.segment(Arc::new(document));
    let document = &analysis.document;
    let statements = analysis.statements.iter().map(|s| s.span);
    let mut spans: Vec<_> = statements
        .chain(analysis.furniture.iter().copied())
        .collect();
    spans.sort();
    let mut end = 0;
    for span in spans
        .into_iter()
        .chain(document.span(document.text().len()..document.text().len()))
    {
        let between = document.text().get(end..span.start());
        if between.is_none_or(|between| !between.trim().is_empty()) {
            let id = &document.metadata.id;
            return Some(format!("{id} at byte {end}: {between:?} before {span:?}"));
        }
        end = span.end();
    }
    None
}
