//! Compressed outputs, as a row of frames that each hold whole documents, or a part of a very long one.

use std::io::{self, Write};
use std::path::Path;

/// How the bytes of a file are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Compression {
    /// Not at all.
    #[default]
    None,
    /// As gzip members one after another, which every gzip reader takes for one file.
    Gzip,
    /// As Zstandard frames one after another.
    Zstd,
}

/// A frame is closed at the end of the document with which it holds this much, in bytes before compression:
/// large enough to compress nearly as well as one frame, and no more work than that is lost by a kill.
const FRAME_BYTES: usize = 1 << 20;

impl Compression {
    /// What a file's ending asks for.
    pub(super) fn of_path(path: &Path) -> Self {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("gz") => Self::Gzip,
            Some("zst") => Self::Zstd,
            _ => Self::None,
        }
    }

    /// Whether a block of so many bytes is worth a commit.
    pub(super) fn is_full(self, bytes: usize) -> bool {
        self == Self::None || bytes >= FRAME_BYTES
    }

    /// The bytes of a block as the file holds them; the same in, the same out.
    pub(super) fn frame(self, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Self::None => Ok(bytes),
            Self::Gzip => {
                let level = flate2::Compression::default();
                let mut frame = flate2::write::GzEncoder::new(Vec::new(), level);
                frame.write_all(&bytes)?;
                frame.finish()
            }
            Self::Zstd => zstd::encode_all(bytes.as_slice(), zstd::DEFAULT_COMPRESSION_LEVEL),
        }
    }
}
