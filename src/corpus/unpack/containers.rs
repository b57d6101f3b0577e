//! ZIP and tar: their members one after the other, as they stand in the container.

use std::io::{self, Read, Seek};
use std::ops::ControlFlow;
use std::path::{Component, Path};
use std::rc::Rc;

use tar::EntryType;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::budget::Guarded;
use super::{Part, Unpacker};
use crate::corpus::stream::Stream;

/// A container that is being read.
pub(super) struct Container<'a> {
    /// Its own path, if it is the member of another.
    path: Option<&'a str>,
    /// How many containers its members lie in.
    depth: usize,
    /// Whether it is an EPUB book: a ZIP file whose chapters are pages, among much that is no text.
    is_book: bool,
}

/// The endings of a book's chapters.
const CHAPTERS: [&str; 3] = ["xhtml", "html", "htm"];

impl<'a> Container<'a> {
    /// The container that is called `name`, or lies at `path` in another.
    pub(super) fn new(name: &str, path: Option<&'a str>, containers: usize) -> Self {
        let ending = Path::new(name).extension();
        Self {
            path,
            depth: containers + 1,
            is_book: ending.is_some_and(|ending| ending.eq_ignore_ascii_case("epub")),
        }
    }

    /// Whether a member is read.
    fn holds(&self, member: &str) -> bool {
        let ending = Path::new(member).extension();
        let is_chapter = ending.is_some_and(|ending| {
            CHAPTERS
                .iter()
                .any(|chapter| ending.eq_ignore_ascii_case(chapter))
        });
        !is_hidden(member) && (!self.is_book || is_chapter)
    }

    fn path_of(&self, name: &str) -> String {
        match self.path {
            Some(path) => format!("{path}/{name}"),
            None => name.to_owned(),
        }
    }
}

impl Unpacker<'_> {
    /// The members of a tar file.
    pub(super) fn tar(&mut self, part: Part<'_>) -> ControlFlow<()> {
        let container = Container::new(&part.name, part.member.as_deref(), part.containers);
        let stopped = |error: io::Error| format!("reading stopped here: {error}");
        let mut archive = tar::Archive::new(part.stream);
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return self.refuse(container.path, stopped(error)),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.refuse(container.path, stopped(error)),
            };
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            match entry.header().entry_type() {
                EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {}
                EntryType::Link | EntryType::Symlink => {
                    self.refuse(
                        Some(&container.path_of(&name)),
                        "a link, not a file".to_owned(),
                    )?;
                    continue;
                }
                _ => continue,
            }
            if let Err(reason) = self.budget.member() {
                return self.refuse(container.path, reason);
            }
            let left = entry.size();
            let whole = Whole { entry, left };
            self.member(&container, &name, Box::new(whole))?;
        }
        ControlFlow::Continue(())
    }

    /// The members of a ZIP file.
    pub(super) fn zip(
        &mut self,
        file: impl Read + Seek,
        container: &Container<'_>,
    ) -> ControlFlow<()> {
        let path = container.path;
        let mut archive = match ZipArchive::new(file) {
            Ok(archive) => archive,
            Err(error) => return self.refuse(path, format!("not a readable ZIP file: {error}")),
        };
        let book = container.is_book.then(|| self.book(&mut archive));
        let order = match &book {
            Some(book) => book.order(&archive),
            None => (0..archive.len()).collect(),
        };
        let outer = std::mem::replace(&mut self.book, book);
        let flow = self.zip_members(&mut archive, order, container);
        self.book = outer;
        flow
    }

    /// The members of a ZIP file in the order given.
    fn zip_members(
        &mut self,
        archive: &mut ZipArchive<impl Read + Seek>,
        order: Vec<usize>,
        container: &Container<'_>,
    ) -> ControlFlow<()> {
        let path = container.path;
        for index in order {
            let name = match archive.name_for_index(index) {
                Some(Ok(name)) => name.into_owned(),
                _ => format!("member {}", index + 1),
            };
            if let Err(reason) = self.budget.member() {
                return self.refuse(path, reason);
            }
            let refused = match archive.by_index(index) {
                Ok(file) if file.is_dir() => continue,
                Ok(file) if file.is_symlink() => "a link, not a file".to_owned(),
                Ok(file) => match unread(file.compression()) {
                    Some(_) if !container.holds(&name) => continue,
                    Some(method) => format!(
                        "packed by {method}, which is not read: unpack it, or pack it again as usual"
                    ),
                    None => {
                        let stream = Guarded::new(file, Rc::clone(&self.budget));
                        self.member(container, &name, Box::new(stream))?;
                        continue;
                    }
                },
                Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                    "encrypted: unpack it with its password first".to_owned()
                }
                Err(error) => format!("cannot be unpacked: {error}"),
            };
            self.refuse(Some(&container.path_of(&name)), refused)?;
        }
        ControlFlow::Continue(())
    }

    fn member(
        &mut self,
        container: &Container<'_>,
        name: &str,
        stream: Stream<'_>,
    ) -> ControlFlow<()> {
        if !container.holds(name) {
            return ControlFlow::Continue(());
        }
        let path = container.path_of(name);
        if leads_out(name) {
            return self.refuse(Some(&path), "its path leads out of the archive".to_owned());
        }
        self.part(Part {
            name: name.to_owned(),
            member: Some(path),
            stream,
            file: None,
            packings: 0,
            containers: container.depth,
        })
    }
}

/// A member that has to be as long as its header says: where an archive is cut off, its reader takes what is
/// left of the member for all of it.
struct Whole<R> {
    entry: R,
    left: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let cut_off = |kind| io::Error::new(kind, "the archive is cut off within it");
        let read = match self.entry.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(cut_off(error.kind()));
            }
            read => read?,
        };
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(cut_off(io::ErrorKind::UnexpectedEof));
        }
        self.left = self
            .left
            .saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

/// The methods of packing that are read.
const METHODS: [&str; 3] = ["Stored", "Deflated", "Bzip2"];

/// The name of a method of packing, if it is one that is not read.
fn unread(method: CompressionMethod) -> Option<String> {
    let name = method.to_string();
    (!METHODS.contains(&name.as_str())).then_some(name)
}

/// Whether a path is absolute or climbs above where the container would be unpacked.
fn leads_out(name: &str) -> bool {
    let mut depth = 0_usize;
    for component in Path::new(name).components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return true,
        }
    }
    name.contains('\\') && (name.starts_with('\\') || name.contains("..\\") || name.contains(":\\"))
}

/// Files that systems put into archives beside what the user put there.
fn is_hidden(name: &str) -> bool {
    let mut parts = name.split('/').filter(|part| !matches!(*part, "." | ".."));
    parts.any(|part| part.starts_with('.') || part == "__MACOSX")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_are_known() {
        for (name, expected) in [
            ("a/b.txt", false),
            ("a/../b.txt", false),
            ("../b.txt", true),
            ("a/../../b.txt", true),
            ("/etc/passwd", true),
            ("..\\b.txt", true),
            ("C:\\b.txt", true),
        ] {
            assert_eq!(leads_out(name), expected, "{name}");
        }
    }
}
