//! Parquet and Arrow, in and out, as users meet them; and the dataset folder made of them.

use std::fs;
use std::path::{Path, PathBuf};

use plenary::columnar::{self, Kind};
use plenary::json_lines::read_records;
use plenary::schema::Record;
use predicates::prelude::*;

use crate::{plenary, sample};

/// Tags the sample archive into `folder/name`.
fn tagged(folder: &Path, name: &str, more: &[&str]) -> PathBuf {
    let output = folder.join(name);
    plenary()
        .args(["tag", "--engine", "overlap", "--quiet"])
        .args(more)
        .arg(sample())
        .arg("-o")
        .arg(&output)
        .assert()
        .code(0);
    output
}

fn records(path: &Path) -> Vec<Record> {
    let found = read_records(path).unwrap();
    found.map(|record| record.unwrap().1).collect()
}

/// A Parquet or Arrow file with an archive's columns.
fn archive(path: &Path, kind: Kind, documents: usize) {
    use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;
    let count = i32::try_from(documents).unwrap();
    let texts = (0..count).map(|i| (i % 5 != 4).then(|| format!("Text {i}: the harbour opens.")));
    let columns: [(&str, ArrayRef); 4] = [
        (
            "headline",
            Arc::new(StringArray::from_iter_values(
                (0..count).map(|i| format!("News {i}")),
            )),
        ),
        (
            "published",
            Arc::new(Date32Array::from_iter_values(
                (0..count).map(|i| 19_000 + i),
            )),
        ),
        ("body", Arc::new(texts.collect::<StringArray>())),
        (
            "views",
            Arc::new(Int64Array::from_iter_values(0..i64::from(count))),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let out = fs::File::create(path).unwrap();
    match kind {
        Kind::Parquet => {
            let mut writer =
                parquet::arrow::ArrowWriter::try_new(out, batch.schema(), None).unwrap();
            writer.write(&batch).unwrap();
            writer.close().unwrap();
        }
        Kind::ArrowFile => {
            let mut writer = arrow_ipc::writer::FileWriter::try_new(out, &batch.schema()).unwrap();
            writer.write(&batch).unwrap();
            writer.finish().unwrap();
        }
        Kind::ArrowStream => {
            let mut writer =
                arrow_ipc::writer::StreamWriter::try_new(out, &batch.schema()).unwrap();
            writer.write(&batch).unwrap();
            writer.finish().unwrap();
        }
    }
}

#[test]
fn moments_of_a_time_zone_and_columns_packed_by_brotli_are_read() {
    use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
    use plenary::corpus::{self, CorpusOptions, Entry};
    use std::sync::Arc;
    let folder = tempfile::tempdir().unwrap();
    for zone in ["UTC", "Europe/Berlin", "+02:00"] {
        let noon = TimestampMicrosecondArray::from(vec![1_714_737_600_000_000]);
        let text = StringArray::from(vec!["The harbour opens."]);
        let columns: [(&str, ArrayRef); 2] = [
            ("date", Arc::new(noon.with_timezone(zone))),
            ("text", Arc::new(text)),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let [columns, frames] = ["a.parquet", "a.arrow"].map(|name| folder.path().join(name));
        let brotli = parquet::basic::Compression::BROTLI(parquet::basic::BrotliLevel::default());
        let packed = parquet::file::properties::WriterProperties::builder()
            .set_compression(brotli)
            .build();
        let out = fs::File::create(&columns).unwrap();
        let mut writer =
            parquet::arrow::ArrowWriter::try_new(out, batch.schema(), Some(packed)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let out = fs::File::create(&frames).unwrap();
        let mut writer = arrow_ipc::writer::FileWriter::try_new(out, &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
        for path in [columns, frames] {
            let read: Vec<_> = corpus::open(&[path], &CorpusOptions::default())
                .unwrap()
                .collect();
            let [Entry::Document(document)] = &read[..] else {
                panic!("{zone}: {read:?}");
            };
            assert_eq!(document.metadata.date.as_deref(), Some("2024-05-03"));
        }
    }
}

#[test]
fn columns_hold_what_the_lines_hold_whatever_the_threads() {
    let folder = tempfile::tempdir().unwrap();
    let lines = records(&tagged(folder.path(), "records.jsonl", &[]));
    assert!(lines.len() > 30);
    for name in ["records.parquet", "records.arrow", "records.arrows"] {
        let one = tagged(
            folder.path(),
            name,
            &["--threads", "1", "--batch-tokens", "1"],
        );
        assert!(records(&one) == lines, "{name}");
        let left = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let partial = left
            .filter(|found| found.to_string_lossy().contains("partial"))
            .count();
        assert_eq!(partial, 0);
        let two = tagged(folder.path(), &format!("two-{name}"), &["--threads", "2"]);
        assert!(fs::read(one).unwrap() == fs::read(two).unwrap(), "{name}");
    }
}

#[test]
fn columns_are_compared_and_evaluated_like_lines() {
    let folder = tempfile::tempdir().unwrap();
    let [lines, columns] = ["r.jsonl", "r.parquet"].map(|name| tagged(folder.path(), name, &[]));
    let compared = |path: &Path| {
        let mut command = plenary();
        command
            .args(["compare", "--min-statements", "1", "--format", "csv"])
            .arg(path);
        command.assert().code(0).get_output().stdout.clone()
    };
    assert!(compared(&lines) == compared(&columns));
    let gold = folder.path().join("gold.jsonl");
    let line = r#"{"id":"g","text":"We condemn the shelling.","labels":[{"theme":"security","stance":"oppose","target":"the shelling"}]}"#;
    fs::write(&gold, format!("{line}\n")).unwrap();
    for name in ["g.jsonl", "g.arrow"] {
        let output = folder.path().join(name);
        let mut tag = plenary();
        tag.args(["tag", "--engine", "overlap", "--quiet", "--split", "none"])
            .arg(&gold);
        tag.arg("-o").arg(&output).assert().code(0);
    }
    let evaluated = |name: &str| {
        let mut command = plenary();
        command
            .arg("evaluate")
            .arg(&gold)
            .arg(folder.path().join(name));
        let output = command.assert().code(0).get_output().stdout.clone();
        String::from_utf8(output).unwrap().replace(name, "RECORDS")
    };
    assert_eq!(evaluated("g.jsonl"), evaluated("g.arrow"));
}

#[test]
fn columns_go_neither_to_a_pipe_nor_into_another_packing() {
    let mut pipe = plenary();
    pipe.args([
        "tag", "--engine", "overlap", "--format", "parquet", "-o", "-",
    ])
    .arg(sample());
    pipe.assert()
        .code(2)
        .stderr(predicate::str::contains("columns need a file"));
    let folder = tempfile::tempdir().unwrap();
    let mut packed = plenary();
    packed
        .args(["tag", "--engine", "overlap", "-o"])
        .arg(folder.path().join("r.parquet.gz"));
    packed
        .arg(sample())
        .assert()
        .code(2)
        .stderr(predicate::str::contains("leave the ending out"));
}

#[test]
fn columns_of_an_archive_are_mapped_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    for (name, kind) in [
        ("news.parquet", Kind::Parquet),
        ("news.feather", Kind::ArrowFile),
        ("news.arrow", Kind::ArrowStream),
    ] {
        let input = folder.path().join(name);
        archive(&input, kind, 200);
        let output = folder.path().join(format!("{name}.jsonl"));
        let mut tag = plenary();
        tag.args(["tag", "--engine", "overlap", "-o"])
            .arg(&output)
            .arg(&input);
        tag.assert()
            .code(1)
            .stderr(predicate::str::contains("the text is null"));
        let records = records(&output);
        assert_eq!(records.len(), 160, "{name}");
        let last = &records[159];
        assert_eq!(last.text, "Text 198: the harbour opens.");
        assert_eq!(last.document.id, "news#199");
        assert_eq!(last.document.title.as_deref(), Some("News 198"));
        assert_eq!(last.document.date.as_deref(), Some("2022-07-25"));
        assert_eq!(last.document.fields["views"], "198");
        plenary()
            .arg("verify")
            .args([&output, &input])
            .assert()
            .code(0);
    }
}

#[test]
fn columns_are_found_in_packed_files_and_by_how_they_begin() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    archive(&plain, Kind::Parquet, 3);
    let packed = folder.path().join("packed.parquet.zst");
    fs::write(
        &packed,
        zstd::encode_all(&*fs::read(&plain).unwrap(), 1).unwrap(),
    )
    .unwrap();
    for input in [plain, packed] {
        let mut tag = plenary();
        tag.args(["tag", "--engine", "overlap", "--quiet", "-o", "-"])
            .arg(&input);
        tag.assert()
            .code(0)
            .stdout(predicate::str::contains("Text 2: the harbour"));
    }
}

#[test]
fn damaged_columns_are_set_aside_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs::create_dir(&input).unwrap();
    archive(&input.join("whole.parquet"), Kind::Parquet, 3);
    let bytes = fs::read(input.join("whole.parquet")).unwrap();
    fs::write(input.join("cut.parquet"), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(input.join("none.parquet"), "We agree.").unwrap();
    fs::write(input.join("none.arrow"), "We agree.").unwrap();
    let output = folder.path().join("r.jsonl");
    let mut tag = plenary();
    tag.args(["tag", "--engine", "overlap", "-o"])
        .arg(&output)
        .arg(&input);
    tag.assert().code(1).stderr(
        predicate::str::contains("cut.parquet: not a readable Parquet file")
            .and(predicate::str::contains(
                "none.parquet: not a readable Parquet file",
            ))
            .and(predicate::str::contains("none.arrow")),
    );
    assert_eq!(records(&output).len(), 3);
}

#[test]
fn a_dataset_folder_has_a_card_and_the_records() {
    let folder = tempfile::tempdir().unwrap();
    let lines = tagged(folder.path(), "records.jsonl", &[]);
    let dataset = folder.path().join("dataset");
    let mut export = plenary();
    export.arg("export").arg(&lines).arg("-o").arg(&dataset);
    export
        .assert()
        .code(0)
        .stderr(predicate::str::contains("name the licence"));
    assert!(records(&dataset.join("data/records.parquet")) == records(&lines));
    let card = fs::read_to_string(dataset.join("README.md")).unwrap();
    let (head, body) = card
        .strip_prefix("---\n")
        .unwrap()
        .split_once("\n---\n")
        .unwrap();
    let head: serde_json::Value = serde_yaml_ng::from_str(head).unwrap();
    assert_eq!(head["configs"][0]["data_files"], "data/records.parquet");
    assert_eq!(head["size_categories"][0], "n<1K");
    assert!(body.contains("| security |"), "{body}");
    // Every column is described.
    let schema = columnar::Rows::of_parquet(
        fs::File::open(dataset.join("data/records.parquet")).unwrap(),
        columnar::Nulls::Written,
    );
    let mut first = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(schema.unwrap()), &mut first).unwrap();
    let first: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&first).unwrap();
    for column in first.keys() {
        assert!(body.contains(&format!("`{column}")), "{column}");
    }
    let mut again = plenary();
    again.arg("export").arg(&lines).arg("-o").arg(&dataset);
    again
        .assert()
        .code(2)
        .stderr(predicate::str::contains("is there already"));
}
