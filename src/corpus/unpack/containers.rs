//! ZIP and tar: their members one after the other, as they stand in the container.

use std::io::{Read, Seek};
use std::ops::ControlFlow;
use std::path::{Component, Path};
use std::rc::Rc;

use tar::EntryType;
use zip::ZipArchive;
use zip::result::ZipError;

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
        let stopped = |error: std::io::Error| format!("reading stopped here: {error}");
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
            self.member(&container, &name, Box::new(entry))?;
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
        for index in 0..archive.len() {
            let name = match archive.name_for_index(index) {
                Some(Ok(name)) => name.into_owned(),
                _ => format!("member {}", index + 1),
            };
            if let Err(reason) = self.budget.member() {
                return self.refuse(path, reason);
            }
            match archive.by_index(index) {
                Ok(file) if file.is_dir() => {}
                Ok(file) if file.is_symlink() => {
                    let reason = "a link, not a file".to_owned();
                    self.refuse(Some(&container.path_of(&name)), reason)?;
                }
                Ok(file) => {
                    let stream = Guarded::new(file, Rc::clone(&self.budget));
                    self.member(container, &name, Box::new(stream))?;
                }
                Err(error) => {
                    let reason = match error {
                        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
                            "encrypted: unpack it with its password first".to_owned()
                        }
                        error => format!("cannot be unpacked: {error}"),
                    };
                    self.refuse(Some(&container.path_of(&name)), reason)?;
                }
            }
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
