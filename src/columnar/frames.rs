//! The messages of an Arrow stream, each looked at before the library decodes it: a length that was made up
//! must not make it reserve memory that there is not.

use std::io::{self, Read};

use arrow_ipc::{Buffer as Place, Message, RecordBatch, root_as_message};

use super::CONTINUATION;

/// The most bytes of one message, as it stands or unpacked: what a run has of memory.
const MOST_BYTES: u64 = 256 << 20;

/// Reads message by message.
pub(super) struct Frames<R> {
    stream: R,
    /// Whether the end of the stream has to be marked, as it is in a file.
    needs_end: bool,
    is_first: bool,
    ended: bool,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(stream: R, needs_end: bool) -> Self {
        Self {
            stream,
            needs_end,
            is_first: needs_end,
            ended: false,
        }
    }

    /// The next message with the lengths before it; `None` at the end.
    pub(super) fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.ended {
            return Ok(None);
        }
        let mut frame = Vec::new();
        self.append(4, &mut frame)?;
        // Some writers fill up more than the 8 bytes at the beginning of a file.
        while self.is_first && frame == [0; 4] {
            frame.clear();
            self.append(4, &mut frame)?;
        }
        self.is_first = false;
        if frame.is_empty() && !self.needs_end {
            self.ended = true;
            return Ok(None);
        }
        // Streams of before Arrow 0.15 have no mark before the length.
        if frame == CONTINUATION {
            self.append(4, &mut frame)?;
        }
        let length = frame.last_chunk().map(|length| u32::from_le_bytes(*length));
        let length = length.ok_or_else(cut)?;
        if length == 0 {
            self.ended = true;
            return Ok(None);
        }
        let start = frame.len();
        self.append_whole(u64::from(length), &mut frame)?;
        let message = frame.get(start..).unwrap_or_default();
        let message = root_as_message(message).map_err(|error| damaged(&error.to_string()))?;
        let body =
            u64::try_from(message.bodyLength()).map_err(|error| damaged(&error.to_string()))?;
        let packed = packed_places(&message);
        let start = frame.len();
        self.append_whole(body, &mut frame)?;
        let body = frame.get(start..).unwrap_or_default();
        if packed
            .iter()
            .map(|place| unpacked_bytes(body, place))
            .sum::<u64>()
            > MOST_BYTES
        {
            return Err(too_long());
        }
        Ok(Some(frame))
    }

    /// Appends up to `count` bytes, as many as there are.
    fn append(&mut self, count: u64, frame: &mut Vec<u8>) -> io::Result<()> {
        self.stream
            .by_ref()
            .take(count)
            .read_to_end(frame)
            .map(drop)
    }

    fn append_whole(&mut self, count: u64, frame: &mut Vec<u8>) -> io::Result<()> {
        if count > MOST_BYTES {
            return Err(too_long());
        }
        let before = frame.len();
        self.append(count, frame)?;
        if (frame.len() - before) as u64 == count {
            Ok(())
        } else {
            Err(cut())
        }
    }
}

/// Where in a message's body there are bytes that will be unpacked.
fn packed_places(message: &Message<'_>) -> Vec<Place> {
    let dictionary = message.header_as_dictionary_batch();
    let batch = message
        .header_as_record_batch()
        .or_else(|| dictionary.and_then(|dictionary| dictionary.data()));
    batch
        .filter(|batch| batch.compression().is_some())
        .and_then(|batch: RecordBatch<'_>| batch.buffers())
        .map(|places| places.iter().copied().collect())
        .unwrap_or_default()
}

/// What the bytes at `place` say they unpack to: the number before them, which is -1 for bytes as they are.
fn unpacked_bytes(body: &[u8], place: &Place) -> u64 {
    let length = usize::try_from(place.offset())
        .ok()
        .and_then(|start| body.get(start..)?.first_chunk())
        .map(|length| i64::from_le_bytes(*length));
    length
        .map_or(0, |length| u64::try_from(length).unwrap_or(0))
        .min(MOST_BYTES + 1)
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends early")
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

fn too_long() -> io::Error {
    let reason = format!("a batch of more than {MOST_BYTES} bytes: write it in smaller ones");
    io::Error::new(io::ErrorKind::FileTooLarge, reason)
}
