//! Parquet and Arrow files: their rows as JSON Lines.

use std::io;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use super::budget::Guarded;
use super::{HELD_BYTES, Packing, Part, Unpacker, unpacked_name};
use crate::columnar::{Kind, Nulls, Rows};
use crate::corpus::formats;
use crate::corpus::stream::read_whole;

impl Unpacker<'_> {
    /// The kind of columns that a stream holds, by how it begins or by what its name promises.
    pub(super) fn columns_in(&self, head: &[u8], name: &str) -> Option<Kind> {
        if self.options.format.is_some() || head.is_empty() || Packing::of_head(head).is_some() {
            return None;
        }
        Kind::of_head(head).or_else(|| Kind::of_path(unpacked_name(name).as_ref()))
    }

    /// The rows of a file of columns, of which `peeked` bytes were counted as read.
    pub(super) fn columns(&mut self, kind: Kind, peeked: usize, part: Part<'_>) -> ControlFlow<()> {
        let member = part.member.clone();
        match self.rows(kind, peeked, part) {
            Ok(rows) => {
                let rows = Guarded::new(rows, Rc::clone(&self.budget));
                self.all(
                    member.as_deref(),
                    formats::rows(Box::new(rows), self.options),
                )
            }
            Err(error) => {
                let name = match kind {
                    Kind::Parquet => "Parquet",
                    Kind::ArrowFile | Kind::ArrowStream => "Arrow",
                };
                let reason = format!("not a readable {name} file: {error}");
                self.refuse(member.as_deref(), reason)
            }
        }
    }

    fn rows<'s>(&self, kind: Kind, peeked: usize, part: Part<'s>) -> io::Result<Rows<'s>> {
        if kind != Kind::Parquet {
            return Rows::of_arrow(part.stream, Nulls::Written);
        }
        // Parquet is read from its end: one that comes as a stream has to be held.
        if let Some(file) = part.file {
            let bytes = file.metadata()?.len();
            let left = bytes.saturating_sub(u64::try_from(peeked).unwrap_or(u64::MAX));
            for read in [&self.budget.read(), self.read] {
                read.fetch_add(left, Ordering::Relaxed);
            }
            return Rows::of_parquet(file, Nulls::Written);
        }
        let limit = self.options.max_document_bytes.max(HELD_BYTES);
        match read_whole(part.stream, limit)? {
            Some(bytes) => Rows::of_parquet(Bytes::from(bytes), Nulls::Written),
            None => Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("it has more than {limit} bytes and comes packed; unpack it first"),
            )),
        }
    }
}
