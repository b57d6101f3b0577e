//! Packed files as streams, without unpacking to disk: gzip, Zstandard, xz and bzip2 around ZIP and tar,
//! containers in containers one level deep, all within [`UnpackLimits`]. Columns (Parquet, Arrow) are packed
//! rows to us, and unpack to JSON Lines.

mod book;
mod budget;
mod columns;
mod containers;

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use book::Book;
pub use budget::UnpackLimits;
use budget::{Budget, Guarded};
use containers::Container;

use super::CorpusOptions;
use super::formats::{self, Format, Found, Records};
use super::stream::{self, Counted, Stream, read_whole};
use super::walk::{Place, STDIN};

/// Takes what was found; breaks off when nobody listens any more.
pub(super) type Emit<'a> = dyn FnMut(Found) -> ControlFlow<()> + 'a;

/// Packings around one file: `.tar.gz` has one; more than this is no accident.
const MOST_PACKINGS: usize = 3;

/// Containers in each other: a container may hold containers.
const MOST_CONTAINERS: usize = 2;

/// Bytes of a packed file that has to be held, because it is read from its end, whatever a document may have.
const HELD_BYTES: usize = 32 << 20;

/// How the bytes of a stream are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstandard,
    Xz,
    Bzip2,
    Zip,
    Tar,
}

impl Packing {
    fn of_head(head: &[u8]) -> Option<Self> {
        let is_bzip2 = head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY");
        if head.starts_with(&[0x1F, 0x8B]) {
            Some(Self::Gzip)
        } else if head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
            Some(Self::Zstandard)
        } else if head.starts_with(b"\xFD7zXZ\0") {
            Some(Self::Xz)
        } else if is_bzip2 {
            Some(Self::Bzip2)
        } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            Some(Self::Zip)
        } else if head.get(257..262) == Some(b"ustar") {
            Some(Self::Tar)
        } else {
            None
        }
    }
}

/// Endings of names that say how the file is packed; the name without them tells the format.
const ENDINGS: [&str; 8] = [
    ".gz", ".zst", ".xz", ".bz2", ".tgz", ".tar", ".tzst", ".txz",
];

/// A name without the endings of its packing (`news.jsonl.gz` is `news.jsonl`).
pub(super) fn unpacked_name(name: &str) -> &str {
    let mut name = name;
    while let Some(rest) = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)) {
        if rest.is_empty() || rest.ends_with('/') {
            break;
        }
        name = rest;
    }
    name
}

/// ZIP files that are documents of office programs.
const OFFICE: [&str; 7] = [".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".pages"];

/// Reads one file of an archive, whatever it is packed in.
pub(super) struct Unpacker<'a> {
    options: &'a CorpusOptions,
    budget: Rc<Budget>,
    /// Bytes read of the whole archive.
    read: &'a Arc<AtomicU64>,
    emit: &'a mut Emit<'a>,
    /// What the book at hand says of itself.
    book: Option<Book>,
}

/// A stream with its name and how deep it was packed.
struct Part<'a> {
    /// The name of the file or member.
    name: String,
    /// The path within the file, in a container.
    member: Option<String>,
    stream: Stream<'a>,
    /// The file itself, where nothing is packed around it.
    file: Option<File>,
    packings: usize,
    containers: usize,
}

/// Reads a file and hands over its documents and what was refused.
pub(super) fn read_place(
    place: &Place,
    options: &CorpusOptions,
    read: &Arc<AtomicU64>,
    emit: &mut Emit<'_>,
) -> ControlFlow<()> {
    if let Some(problem) = &place.problem {
        return emit(Found::alone(Err(problem.clone().into())));
    }
    let of_file = Arc::new(AtomicU64::new(0));
    let counts = [Arc::clone(read), Arc::clone(&of_file)];
    let (stream, file): (Stream<'_>, _) = if place.path.as_os_str() == STDIN {
        (Box::new(Counted::new(std::io::stdin(), counts)), None)
    } else {
        match File::open(&place.path).and_then(|file| Ok((file.try_clone()?, file))) {
            Ok((stream, file)) => (Box::new(Counted::new(stream, counts)), Some(file)),
            Err(error) => {
                return emit(Found::alone(Err(format!("cannot be read: {error}").into())));
            }
        }
    };
    let mut unpacker = Unpacker {
        options,
        budget: Rc::new(Budget::new(options.unpack, of_file)),
        read,
        emit: &mut |found| emit(found),
        book: None,
    };
    unpacker.part(Part {
        name: place.relative.clone(),
        member: None,
        stream,
        file: file.filter(|file| file.metadata().is_ok_and(|found| found.is_file())),
        packings: 0,
        containers: 0,
    })
}

impl Unpacker<'_> {
    /// Hands over what was found in a member.
    fn found(&mut self, member: Option<&str>, mut found: Found) -> ControlFlow<()> {
        found.member = member.map(str::to_owned);
        if let (Some(book), Ok(draft)) = (&self.book, &mut found.draft) {
            book.describe(&mut draft.metadata);
        }
        (self.emit)(found)
    }

    /// Hands over all that was found in a member; a refusal that nothing follows is known as such.
    fn all(&mut self, member: Option<&str>, records: Records<'_>) -> ControlFlow<()> {
        let mut refused: Option<Found> = None;
        for found in records {
            if let Some(refused) = refused.take() {
                self.found(member, refused)?;
            }
            if found.draft.is_err() {
                refused = Some(found);
            } else {
                self.found(member, found)?;
            }
        }
        match refused {
            Some(refused) => {
                let last = refused.line.is_some();
                self.found(member, Found { last, ..refused })
            }
            None => ControlFlow::Continue(()),
        }
    }

    fn refuse(&mut self, member: Option<&str>, reason: String) -> ControlFlow<()> {
        self.found(member, Found::alone(Err(reason.into())))
    }

    /// Reads a stream, unpacking what it is packed in.
    fn part(&mut self, part: Part<'_>) -> ControlFlow<()> {
        let member = part.member.clone();
        let (head, stream) = match stream::peek(part.stream) {
            Ok(peeked) => peeked,
            Err(error) => {
                return self.refuse(member.as_deref(), format!("cannot be read: {error}"));
            }
        };
        let part = Part { stream, ..part };
        if let Some(kind) = self.columns_in(&head, &part.name) {
            return self.columns(kind, head.len(), part);
        }
        match Packing::of_head(&head) {
            None => self.records(&head, part),
            Some(_) if part.packings >= MOST_PACKINGS => {
                let reason = format!("packed more than {MOST_PACKINGS} times");
                self.refuse(member.as_deref(), reason)
            }
            Some(packing @ (Packing::Zip | Packing::Tar)) => self.container(packing, part),
            Some(packing) => {
                let stream = BufReader::new(part.stream);
                match self.decoded(packing, stream) {
                    Ok(stream) => self.part(Part {
                        stream,
                        file: None,
                        packings: part.packings + 1,
                        ..part
                    }),
                    Err(error) => {
                        self.refuse(member.as_deref(), format!("cannot be unpacked: {error}"))
                    }
                }
            }
        }
    }

    fn decoded<'s>(
        &self,
        packing: Packing,
        stream: BufReader<Stream<'s>>,
    ) -> std::io::Result<Stream<'s>> {
        let decoder: Stream<'s> = match packing {
            Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(stream)),
            Packing::Zstandard => Box::new(zstd::stream::read::Decoder::with_buffer(stream)?),
            Packing::Xz => Box::new(lzma_rust2::XzReader::new(stream, true)),
            Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(stream)),
            Packing::Zip | Packing::Tar => Box::new(stream),
        };
        Ok(Box::new(Guarded::new(decoder, Rc::clone(&self.budget))))
    }

    fn container(&mut self, packing: Packing, part: Part<'_>) -> ControlFlow<()> {
        let member = part.member.clone();
        let name = part.name.to_ascii_lowercase();
        if OFFICE.iter().any(|ending| name.ends_with(ending)) {
            let reason = "not text but a file of an office program: save it as text first";
            return self.refuse(member.as_deref(), reason.to_owned());
        }
        if part.containers >= MOST_CONTAINERS {
            let reason = "an archive in an archive in an archive: unpack the outer one first";
            return self.refuse(member.as_deref(), reason.to_owned());
        }
        if packing == Packing::Tar {
            return self.tar(part);
        }
        let container = Container::new(&part.name, member.as_deref(), part.containers);
        if let Some(file) = part.file {
            let file = Counted::new(file, [self.budget.read(), Arc::clone(self.read)]);
            return self.zip(BufReader::new(file), &container);
        }
        // A ZIP file is read from its end: one that comes as a stream has to be held.
        let limit = self.options.max_document_bytes.max(HELD_BYTES);
        match read_whole(part.stream, limit) {
            Ok(Some(bytes)) => self.zip(Cursor::new(bytes), &container),
            Ok(None) => {
                let reason =
                    format!("a ZIP file of more than {limit} bytes in a stream: unpack it first");
                self.refuse(member.as_deref(), reason)
            }
            Err(error) => self.refuse(member.as_deref(), format!("cannot be read: {error}")),
        }
    }

    fn records(&mut self, head: &[u8], part: Part<'_>) -> ControlFlow<()> {
        let member = part.member.as_deref();
        let name = unpacked_name(&part.name);
        let format = self
            .options
            .format
            .or_else(|| Format::of_path(name.as_ref()));
        match formats::records(format, head, part.stream, self.options) {
            Ok(records) => self.all(member, records),
            Err(reason) => self.refuse(member, reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_endings_of_their_packing() {
        for (name, expected) in [
            ("news.jsonl.gz", "news.jsonl"),
            ("a/b.tar.xz", "a/b"),
            ("plain.txt", "plain.txt"),
            (".gz", ".gz"),
        ] {
            assert_eq!(unpacked_name(name), expected);
        }
    }
}
