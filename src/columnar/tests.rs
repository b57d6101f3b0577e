//! Columns become lines and back, and damaged files are told, whatever is in them.

use std::io::{self, Cursor, Read};

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

const LINES: &str = r#"{"schema":1,"document":{"id":"a","sha256":"00","fields":{"country":"SU","year":"2024"}},"statement":0,"span":[0,9],"text":"We agree.","speaker":{"name":"Ana"},"speech":"direct","attributions":[{"source":[[1,2]],"cue":[],"content":[[3,4],[5,6]]}],"labels":[{"theme":"security","stance":"support","target":"peace","target_span":[3,4],"probability":0.8868}],"scores":{"security":0.9538},"model":"m"}
{"schema":1,"document":{"id":"b","origin":{"path":"b.zip","member":"c","line":3}},"statement":7,"span":[1,2],"text":"Né.","speech":"none","attributions":[],"labels":[],"scores":{},"model":"m"}
"#;

const KINDS: [Kind; 3] = [Kind::Parquet, Kind::ArrowFile, Kind::ArrowStream];

fn written(kind: Kind, lines: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let themes = ["security".to_owned()];
    write(kind, &themes, || Ok(Cursor::new(lines)), &mut bytes).unwrap();
    bytes
}

fn read(kind: Kind, bytes: Vec<u8>) -> io::Result<String> {
    let mut rows = match kind {
        Kind::Parquet => Rows::of_parquet(Bytes::from(bytes), Nulls::LeftOut)?,
        Kind::ArrowFile | Kind::ArrowStream => Rows::of_arrow(Cursor::new(bytes), Nulls::LeftOut)?,
    };
    let mut lines = String::new();
    rows.read_to_string(&mut lines)?;
    Ok(lines)
}

#[test]
fn lines_become_columns_and_come_back_as_they_were() {
    for kind in KINDS {
        let bytes = written(kind, LINES);
        assert_eq!(Kind::of_head(&bytes), Some(kind));
        assert_eq!(read(kind, bytes).unwrap(), LINES, "{kind:?}");
        assert_eq!(read(kind, written(kind, "")).unwrap(), "", "{kind:?}");
    }
}

#[test]
fn many_rows_keep_their_order() {
    let line = |i: usize| format!("{{\"document\":{{\"id\":\"{i}\"}},\"text\":\"Text {i}.\"}}\n");
    let lines: String = (0..10_000).map(line).collect();
    for kind in KINDS {
        let found = read(kind, written(kind, &lines)).unwrap();
        let ids = found.lines().map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            record["document"]["id"].as_str().unwrap().to_owned()
        });
        assert!(ids.eq((0..10_000).map(|i| i.to_string())), "{kind:?}");
    }
}

#[test]
fn a_file_that_ends_early_is_told_wherever_it_was_cut() {
    for kind in [Kind::Parquet, Kind::ArrowFile] {
        let whole = written(kind, LINES);
        // The end of an Arrow file is a second description of its columns, which nobody needs.
        let needed = if kind == Kind::Parquet {
            whole.len()
        } else {
            whole.len() / 2
        };
        for length in 1..needed {
            assert!(
                read(kind, whole[..length].to_vec()).is_err(),
                "{kind:?} at {length}"
            );
        }
    }
}

#[test]
fn lengths_that_were_made_up_reserve_no_memory() {
    let message = [&[0xFF; 4][..], &(1_u32 << 30).to_le_bytes(), &[0; 64]].concat();
    let error = read(Kind::ArrowStream, message).unwrap_err();
    assert!(
        error.to_string().contains("write it in smaller ones"),
        "{error}"
    );
}

#[test]
fn a_buffer_that_claims_to_unpack_to_the_whole_memory_is_refused() {
    use arrow_array::{ArrayRef, RecordBatch, StringArray};
    use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
    use std::sync::Arc;
    for codec in [
        arrow_ipc::CompressionType::ZSTD,
        arrow_ipc::CompressionType::LZ4_FRAME,
    ] {
        let text: ArrayRef = Arc::new(StringArray::from(vec!["We agree. ".repeat(1000)]));
        let batch = RecordBatch::try_from_iter([("text", text)]).unwrap();
        let options = IpcWriteOptions::default()
            .try_with_compression(Some(codec))
            .unwrap();
        let mut bytes = Vec::new();
        let schema = batch.schema();
        let mut writer = StreamWriter::try_new_with_options(&mut bytes, &schema, options).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
        drop(writer);
        assert!(
            read(Kind::ArrowStream, bytes.clone())
                .unwrap()
                .contains("We agree.")
        );
        let length = 10_000_i64.to_le_bytes();
        // The last: the first is that of the offsets, which hold the same number.
        let mut windows = bytes.windows(8);
        let at = windows.rposition(|window| window == length).unwrap();
        bytes[at..at + 8].copy_from_slice(&(1_i64 << 46).to_le_bytes());
        let error = read(Kind::ArrowStream, bytes).unwrap_err();
        assert!(
            error.to_string().contains("write it in smaller ones"),
            "{codec:?}: {error}"
        );
    }
}

proptest! {
    #[test]
    fn whatever_is_damaged_gives_rows_or_a_reason(
        kind in prop::sample::select(&KINDS),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = written(kind, LINES);
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        // What it says does not matter: that it says it, and neither panics nor ends the process.
        drop(read(kind, bytes));
    }
}
