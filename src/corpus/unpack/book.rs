//! What an EPUB book says of itself: its title, authors and date, and in which order its chapters are read.
//!
//! # Source
//! EPUB 3.3, W3C Recommendation, 4.2.6.3 (container file) and 5 (package document). Real books are often no
//! valid XML, and of theirs we need the attributes of a few elements: they are looked for, not parsed.

use std::collections::HashMap;
use std::io::{Read, Seek};
use std::rc::Rc;
use std::sync::LazyLock;

use regex::Regex;
use zip::ZipArchive;

use super::Unpacker;
use super::budget::Guarded;
use crate::corpus::describe::date;
use crate::corpus::encoding;
use crate::corpus::formats::html_words;
use crate::corpus::stream::read_whole;
use crate::schema::document::Metadata;

/// Where every book names its package document.
const CONTAINER: &str = "META-INF/container.xml";

/// The most bytes of a package document: those of large books have some hundred thousand.
const PACKAGE_BYTES: usize = 8 << 20;

/// An element that says something, with its attributes and the words after it.
#[expect(clippy::expect_used, reason = "a constant pattern")]
static ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?s)<!--.*?-->|<(?:[\w.-]+:)?(rootfile|item|itemref|title|creator|date)((?:\s[^<>]*)?)>([^<]*)",
    )
    .expect("a pattern: bug")
});

#[expect(clippy::expect_used, reason = "a constant pattern")]
static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s:])([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')"#).expect("a pattern: bug")
});

/// What a book says of itself.
#[derive(Debug, Default)]
pub(super) struct Book {
    title: Option<String>,
    author: Option<String>,
    date: Option<String>,
    /// The paths of its chapters, in the order of reading.
    spine: Vec<String>,
}

/// An element of a package document.
struct Element<'a> {
    name: &'a str,
    attributes: &'a str,
    words: &'a str,
}

impl Element<'_> {
    fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = ATTRIBUTE.captures_iter(self.attributes);
        let found = attributes.find(|found| found.get(1).is_some_and(|at| at.as_str() == name))?;
        let value = found.get(2).or_else(|| found.get(3))?;
        plain(value.as_str())
    }
}

fn elements(xml: &str) -> impl Iterator<Item = Element<'_>> {
    ELEMENT.captures_iter(xml).filter_map(|found| {
        Some(Element {
            name: found.get(1)?.as_str(),
            attributes: found.get(2)?.as_str(),
            words: found.get(3)?.as_str(),
        })
    })
}

/// Words without entities and line breaks; `None` if there are none.
fn plain(words: &str) -> Option<String> {
    let words = if words.contains('&') {
        html_words(words).ok()?
    } else {
        words.to_owned()
    };
    let words: Vec<&str> = words.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

impl Book {
    /// What a package document says that lies at `path` in the book.
    fn of_package(xml: &str, path: &str) -> Self {
        let mut book = Self::default();
        let (mut authors, mut items) = (Vec::new(), HashMap::new());
        for element in elements(xml) {
            match element.name {
                "item" => items.extend(element.attribute("id").zip(element.attribute("href"))),
                "itemref" => {
                    let item = element.attribute("idref").and_then(|id| items.get(&id));
                    book.spine
                        .extend(item.map(|href: &String| resolved(path, href)));
                }
                "title" if book.title.is_none() => book.title = plain(element.words),
                // Illustrators and translators have other roles.
                "creator" if element.attribute("role").is_none_or(|role| role == "aut") => {
                    authors.extend(plain(element.words));
                }
                "date"
                    if book.date.is_none()
                        && element
                            .attribute("event")
                            .is_none_or(|event| event == "publication") =>
                {
                    book.date = date::normalise(element.words);
                }
                _ => {}
            }
        }
        book.author = (!authors.is_empty()).then(|| authors.join(", "));
        book
    }

    /// The members of the book: its chapters in the order of reading, then the others as they stand in it.
    pub(super) fn order<R: Read + Seek>(&self, archive: &ZipArchive<R>) -> Vec<usize> {
        let read = self.spine.iter();
        let read = read.filter_map(|path| archive.index_for_name(path));
        let order: indexmap::IndexSet<usize> = read.chain(0..archive.len()).collect();
        order.into_iter().collect()
    }

    /// Fills in what a chapter does not say itself.
    pub(super) fn describe(&self, chapter: &mut Metadata) {
        if chapter.date.is_none() {
            chapter.date.clone_from(&self.date);
        }
        for (name, value) in [("author", &self.author), ("book", &self.title)] {
            if let Some(value) = value {
                let field = chapter.fields.entry(name.to_owned());
                field.or_insert_with(|| value.clone());
            }
        }
    }
}

/// The path in the book that a package document at `path` means by `href`.
fn resolved(path: &str, href: &str) -> String {
    let href = decoded(href.split('#').next().unwrap_or_default());
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in href.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A path without `%20` and the like.
fn decoded(href: &str) -> String {
    let mut bytes = Vec::new();
    let mut left = href.as_bytes();
    while let Some((&byte, rest)) = left.split_first() {
        let written = (byte == b'%').then(|| rest.get(..2)).flatten();
        let written = written.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = written.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            left = rest.get(2..).unwrap_or_default();
        } else {
            bytes.push(byte);
            left = rest;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Unpacker<'_> {
    /// What a book says of itself: nothing if its package document is not to be found.
    pub(super) fn book(&self, archive: &mut ZipArchive<impl Read + Seek>) -> Book {
        let package = self.text_in(archive, CONTAINER).and_then(|container| {
            let mut roots = elements(&container).filter(|element| element.name == "rootfile");
            let path = roots.find_map(|element| element.attribute("full-path"))?;
            Some((self.text_in(archive, &path)?, path))
        });
        package
            .map(|(package, path)| Book::of_package(&package, &path))
            .unwrap_or_default()
    }

    fn text_in(&self, archive: &mut ZipArchive<impl Read + Seek>, name: &str) -> Option<String> {
        let file = archive.by_name(name).ok()?;
        let stream = Guarded::new(file, Rc::clone(&self.budget));
        let bytes = read_whole(Box::new(stream), PACKAGE_BYTES).ok()??;
        encoding::decode(&bytes, None).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_document_need_not_be_tidy() {
        let package = "<package><opf:metadata><!-- <dc:title>Not this</dc:title> -->\
            <dc:title id='t'>War &amp;\n Peace</dc:title><dc:creator opf:role=\"aut\">A. Writer</dc:creator>\
            <dc:creator opf:role=\"trl\">B. Translator</dc:creator><dc:creator>C. Other</dc:creator>\
            <dc:date opf:event='modification'>2020-01-01</dc:date><dc:date>1969-07-16T00:00:00Z</dc:date>\
            </opf:metadata><opf:item href='text/a%20b.xhtml' id='a'/><item id=\"b\" href=\"../b.xhtml#x\"></item>\
            <spine toc='ncx'><itemref idref='b'/><itemref idref='none'/><opf:itemref linear='no' idref='a'/></spine>";
        let book = Book::of_package(package, "OEBPS/content.opf");
        assert_eq!(book.title.as_deref(), Some("War & Peace"));
        assert_eq!(book.author.as_deref(), Some("A. Writer, C. Other"));
        assert_eq!(book.date.as_deref(), Some("1969-07-16"));
        assert_eq!(book.spine, ["b.xhtml", "OEBPS/text/a b.xhtml"]);
    }
}
