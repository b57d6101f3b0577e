//! The documents of an archive one after the other, with ids and all that is known of them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender};

use super::describe::{date, language};
use super::formats::{Draft, Found};
use super::tables::{self, Located};
use super::walk::{self, Input, LeftOut, Place, STDIN};
use super::wanted::Wanted;
use super::{CorpusOptions, Entry, unpack};
use crate::error::{Error, Result};
use crate::schema::document::Metadata;
use crate::schema::{Document, Origin, Quarantined};

/// How far an archive was read; cheap to clone and to ask from another thread.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    read: Arc<AtomicU64>,
    total: Option<u64>,
    /// Documents without a row in a table that lies above them, if there is one.
    without_row: Option<Arc<AtomicU64>>,
    no_pages: Arc<AtomicU64>,
}

impl Progress {
    /// Bytes of the archive's files that were read.
    pub fn read_bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Bytes of all the archive's files; `None` where standard input is among them.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total
    }

    /// Documents so far that no row of a metadata table describes; `None` where there is no table.
    pub fn without_row(&self) -> Option<u64> {
        let count = self.without_row.as_ref()?;
        Some(count.load(Ordering::Relaxed))
    }

    /// What was passed over so far, of kinds that never hold a document: images and redirects in web archives.
    pub fn no_pages(&self) -> u64 {
        self.no_pages.load(Ordering::Relaxed)
    }
}

/// Documents that are read ahead: enough to keep both sides busy, few enough to bound the memory when
/// each is as long as it may be.
const AHEAD: usize = 8;

/// The stack of the reading thread; parsers of web pages go down as deep as the pages are nested.
const STACK_BYTES: usize = 256 << 20;

/// An archive that is being read: an iterator over its documents and what was set aside.
#[derive(Debug)]
pub struct Archive {
    found: Receiver<(Arc<Place>, Found)>,
    reading: Option<JoinHandle<()>>,
    tables: Vec<Located>,
    table_paths: Vec<PathBuf>,
    ids: Ids,
    /// What is read of it; everything if nothing is said.
    wanted: Option<Wanted>,
    progress: Progress,
}

impl Archive {
    pub(super) fn open(named: &[PathBuf], options: &CorpusOptions) -> Result<Self> {
        let left_out = LeftOut::new(&options.leave_out);
        Self::of_inputs(walk::inputs(named, &left_out)?, options, left_out)
    }

    pub(super) fn open_again(listed: Vec<Quarantined>, options: &CorpusOptions) -> Result<Self> {
        let places: indexmap::IndexSet<Place> = listed
            .iter()
            .map(|quarantined| walk::place_again(&quarantined.origin))
            .collect();
        let inputs = places.into_iter().map(Input::Place).collect();
        let left_out = LeftOut::new(&options.leave_out);
        let mut archive = Self::of_inputs(inputs, options, left_out)?;
        archive.wanted = Some(Wanted::new(listed));
        Ok(archive)
    }

    fn of_inputs(inputs: Vec<Input>, options: &CorpusOptions, left_out: LeftOut) -> Result<Self> {
        let first = inputs.first().map(|input| input.root().to_owned());
        let tables = tables::of(&inputs, options, &left_out)?;
        let table_paths: Vec<PathBuf> = tables.iter().map(|table| table.path.clone()).collect();
        let progress = Progress {
            read: Arc::default(),
            total: total_bytes(&inputs, &left_out)?,
            without_row: (!tables.is_empty()).then(Arc::default),
            no_pages: Arc::default(),
        };
        let (sender, found) = crossbeam_channel::bounded(AHEAD);
        let reader = Reader {
            inputs,
            options: options.clone(),
            left_out,
            table_paths: table_paths
                .iter()
                .filter_map(|path| path.canonicalize().ok())
                .collect(),
            read: Arc::clone(&progress.read),
            sender,
        };
        let reading = std::thread::Builder::new()
            .name("reader".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || reader.run())
            .map_err(|source| Error::ReadArchive {
                path: first.unwrap_or_default(),
                source: source.into(),
            })?;
        Ok(Self {
            found,
            reading: Some(reading),
            tables,
            table_paths,
            ids: Ids::default(),
            wanted: None,
            progress,
        })
    }

    /// How far the archive was read.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// The tables of metadata that describe its documents, given or found.
    pub fn tables(&self) -> &[PathBuf] {
        &self.table_paths
    }

    /// What was found, if it is wanted.
    fn entry(&mut self, place: &Place, found: Found) -> Option<Entry> {
        if found.draft.as_ref().is_err_and(|refusal| refusal.no_page) {
            self.progress.no_pages.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let path = place.path.to_string_lossy().into_owned();
        let relative = if place.relative == path {
            String::new()
        } else {
            place.relative.clone()
        };
        let origin = Origin {
            path,
            relative,
            member: found.member,
            line: found.line,
            bytes: found.bytes.map(|bytes| (bytes.start, bytes.end)),
        };
        if self
            .wanted
            .as_ref()
            .is_some_and(|wanted| !wanted.holds(&origin))
        {
            return None;
        }
        Some(match found.draft {
            Ok(draft) => Entry::Document(self.document(place, origin, draft)),
            Err(refusal) => Entry::Quarantined(Quarantined {
                origin,
                id: refusal.id,
                reason: refusal.reason,
                last: found.last,
            }),
        })
    }

    fn document(&mut self, place: &Place, origin: Origin, draft: Draft) -> Document {
        let Draft { mut metadata, text } = draft;
        let relative = match &origin.member {
            Some(member) => format!("{}/{}", place.relative, unpack::unpacked_name(member)),
            None => unpack::unpacked_name(&place.relative).to_owned(),
        };
        if metadata.id.is_empty() {
            metadata.id = id_of(&relative, origin.line);
        }
        let mut rows = self
            .tables
            .iter()
            .filter_map(|table| table.describe(&place.path, &relative, &mut metadata));
        let found = rows
            .next()
            .map(|first| rows.fold(first, |one, other| one | other));
        let without_row = self.progress.without_row.as_ref();
        if let Some(count) = without_row.filter(|_| found == Some(false)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        complete(&mut metadata, &relative, &text);
        metadata.id = self.ids.unique(metadata.id);
        metadata.origin = origin;
        Document::new(metadata, text)
    }
}

impl Iterator for Archive {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        while let Ok((place, found)) = self.found.recv() {
            let entry = self.entry(&place, found);
            if entry.is_some() {
                return entry;
            }
        }
        // The reader has ended. If it failed, that must not look like the end of the archive.
        let ended = self.reading.take()?.join();
        ended.is_err().then(|| {
            Entry::Quarantined(Quarantined {
                origin: Origin::default(),
                id: None,
                reason: "the reader failed, and what was left of the archive is not read; please report it"
                    .to_owned(),
                last: true,
            })
        })
    }
}

/// What the reading thread works with.
struct Reader {
    inputs: Vec<Input>,
    options: CorpusOptions,
    left_out: LeftOut,
    /// The metadata tables, which are no documents.
    table_paths: Vec<PathBuf>,
    read: Arc<AtomicU64>,
    sender: Sender<(Arc<Place>, Found)>,
}

impl Reader {
    fn run(self) {
        let Self {
            inputs,
            options,
            left_out,
            table_paths,
            read,
            sender,
        } = self;
        let places = |input| walk::places(input, &left_out);
        for place in inputs.into_iter().flat_map(places) {
            let is_table = !table_paths.is_empty()
                && place
                    .path
                    .canonicalize()
                    .is_ok_and(|path| table_paths.contains(&path));
            if is_table {
                continue;
            }
            let place = Arc::new(place);
            let mut emit = |found| match sender.send((Arc::clone(&place), found)) {
                Ok(()) => ControlFlow::Continue(()),
                // Nobody listens any more.
                Err(_) => ControlFlow::Break(()),
            };
            if unpack::read_place(&place, &options, &read, &mut emit).is_break() {
                return;
            }
        }
    }
}

/// The bytes of all files, where they are known.
///
/// # Errors
/// [`Error::ReadArchive`] if there is nothing to read.
fn total_bytes(inputs: &[Input], left_out: &LeftOut) -> Result<Option<u64>> {
    let (mut count, mut total) = (0_usize, Some(0_u64));
    let places = |input| walk::places(input, left_out);
    for place in inputs.iter().cloned().flat_map(places) {
        count += 1;
        if place.path.as_os_str() == STDIN {
            total = None;
        } else if let Ok(found) = std::fs::metadata(&place.path) {
            total = total.map(|total| total + found.len());
        }
    }
    match inputs.first() {
        Some(input) if count == 0 => Err(Error::ReadArchive {
            path: input.root().to_owned(),
            source: "there is no file in it (hidden files are left out)".into(),
        }),
        _ => Ok(total),
    }
}

fn id_of(relative: &str, line: Option<usize>) -> String {
    let Some(line) = line else {
        return relative.to_owned();
    };
    let path = Path::new(relative);
    format!("{}#{line}", path.with_extension("").to_string_lossy())
}

/// Fills in what the file's name and the text itself tell.
fn complete(metadata: &mut Metadata, relative: &str, text: &str) {
    if metadata.date.is_none() {
        metadata.date = date::in_name(relative);
    }
    if metadata.language.is_none() {
        metadata.language = language::detect(text);
    }
}

/// The ids that were given out, by their hashes: some 16 bytes a document.
#[derive(Debug, Default)]
struct Ids {
    counts: HashMap<u64, u32>,
}

impl Ids {
    fn unique(&mut self, id: String) -> String {
        let count = *self
            .counts
            .entry(hash(&id))
            .and_modify(|count| *count += 1)
            .or_insert(1);
        if count == 1 {
            return id;
        }
        // `a~2` may be a given id itself.
        self.unique(format!("{id}~{count}"))
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
