//! Runs that are interrupted anywhere end with the bytes of a run that was not.

use std::fs;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use proptest::prelude::*;

use super::*;
use crate::schema::document::Metadata;
use crate::schema::record::{DocumentRecord, LabelRecord, SCHEMA};
use crate::schema::{
    CodePoints, Document, Origin, Probability, Quarantined, Record, Run, Shard, Speech, Stance,
};

/// How many documents the archive of these tests has.
const DOCUMENTS: usize = 12;

fn document(index: usize) -> Document {
    let metadata = Metadata {
        id: format!("d{index}"),
        origin: Origin {
            path: format!("d{index}.txt"),
            ..Origin::default()
        },
        ..Metadata::default()
    };
    Document::new(metadata, format!("Text {index}, \"with marks\".\nA line."))
}

/// Every fifth document cannot be read.
fn readable(index: usize) -> bool {
    index % 5 != 4
}

fn unreadable(index: usize) -> Quarantined {
    Quarantined {
        origin: Origin {
            path: format!("{index}.txt"),
            ..Origin::default()
        },
        id: None,
        reason: "not a regular file".into(),
        last: false,
    }
}

fn tagged(document: &Document, index: usize) -> Vec<Record> {
    let record = |statement| Record {
        schema: SCHEMA,
        document: DocumentRecord {
            id: document.metadata.id.clone(),
            ..DocumentRecord::default()
        },
        statement,
        span: CodePoints(0, 4),
        text: document.text().to_owned(),
        speaker: None,
        speech: Speech::None,
        attributions: vec![],
        labels: (0..statement)
            .map(|_| LabelRecord {
                theme: "security".into(),
                stance: Stance::Oppose,
                target: Some("marks".into()),
                target_span: Some(CodePoints(8, 13)),
                probability: Probability::new(0.9),
            })
            .collect(),
        scores: IndexMap::from([("security".to_owned(), Probability::new(0.25).unwrap())]),
        printings: None,
        model: "overlap".into(),
    };
    (0..index % 4).map(record).collect()
}

fn run() -> Run {
    Run::new("overlap".into(), "0".into(), vec!["security".into()])
}

/// Tags the archive into `path`, or stops dead before document `until`.
fn tag(path: &Path, format: Format, run: Run, until: usize) -> Result<(), Error> {
    let options = OutputOptions {
        path: path.to_owned(),
        format,
        restart: false,
    };
    let (mut output, mut resume) = Output::open(&options, run)?;
    for index in 0..DOCUMENTS.min(until) {
        let document = document(index);
        if readable(index) {
            if !resume.covers(&document)? {
                output.write(&document, tagged(&document, index))?;
            }
        } else if !resume.covers_unreadable(&unreadable(index))? {
            output.quarantine(&unreadable(index))?;
        }
    }
    if until >= DOCUMENTS {
        resume.end()?;
        output.finish()?;
    }
    Ok(())
}

/// Tags one part of the archive into `path`.
fn tag_part(path: &Path, format: Format, shard: Shard) -> Result<(), Error> {
    let mut run = run();
    run.shard = Some(shard);
    let options = OutputOptions {
        path: path.to_owned(),
        format,
        restart: false,
    };
    let (mut output, _) = Output::open(&options, run)?;
    for index in (0..DOCUMENTS).filter(|&index| shard.holds(index)) {
        let document = document(index);
        if readable(index) {
            output.write(&document, tagged(&document, index))?;
        } else {
            output.quarantine(&unreadable(index))?;
        }
    }
    output.finish().map(drop)
}

/// Every file of a folder with its bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.strip_prefix(folder).unwrap().to_owned(),
                fs::read(path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

/// Leaves of a file the first `share` of its bytes, and writes zeros over the last `zeros` of those.
fn damage(path: &Path, share: f64, zeros: usize) {
    let mut bytes = fs::read(path).unwrap();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to the length"
    )]
    bytes.truncate((bytes.len() as f64 * share) as usize);
    let zeroed = bytes.len().saturating_sub(zeros);
    bytes[zeroed..].fill(0);
    fs::write(path, bytes).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn an_interrupted_run_ends_with_the_bytes_of_an_uninterrupted_one(
        (name, format) in prop_oneof![
            Just(("r.jsonl", Format::JsonLines)),
            Just(("r.csv.gz", Format::Csv)),
            Just(("r.csv", Format::CsvWide)),
            Just(("r.jsonl.zst", Format::JsonLines)),
            Just(("r.parquet", Format::Parquet)),
            Just(("r.arrow", Format::Arrow)),
        ],
        stops in prop::collection::vec((0..DOCUMENTS, 0.0..=1.0, 0..40_usize, 0.0..=1.0, 0..40_usize), 1..4),
    ) {
        let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        tag(&whole.path().join(name), format, run(), DOCUMENTS).unwrap();
        let path = parts.path().join(name);
        for (until, share, zeros, state_share, state_zeros) in stops {
            tag(&path, format, run(), until).unwrap();
            prop_assert!(!path.exists(), "the final name stands only for the complete file");
            damage(&beside(&path, "partial"), share, zeros);
            damage(&beside(&path, "partial.state"), state_share, state_zeros);
        }
        tag(&path, format, run(), DOCUMENTS).unwrap();
        // Not `prop_assert_eq`, which would print all bytes.
        prop_assert!(files(parts.path()) == files(whole.path()));
    }
}

#[test]
fn what_was_read_is_written_or_in_quarantine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    tag(&path, Format::JsonLines, run(), DOCUMENTS).unwrap();
    let manifest = read_manifest(&path).unwrap();
    assert!(manifest.counts.balance());
    assert_eq!((manifest.counts.read, manifest.counts.quarantined), (12, 2));
    let lines = fs::read_to_string(&path).unwrap().lines().count() as u64;
    assert_eq!(manifest.counts.statements, lines);
    let quarantine = fs::read_to_string(beside(&path, "quarantine.jsonl")).unwrap();
    insta::assert_snapshot!(quarantine, @r#"
    {"path":"4.txt","reason":"not a regular file"}
    {"path":"9.txt","reason":"not a regular file"}
    "#);
}

#[test]
fn another_setting_is_refused_with_the_choice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    tag(&path, Format::JsonLines, run(), 5).unwrap();
    let mut other = run();
    other.settings.insert("threshold".to_owned(), 0.4.into());
    let message = tag(&path, Format::JsonLines, other, 5)
        .unwrap_err()
        .to_string();
    let message = message.replace(&*folder.path().to_string_lossy(), "");
    insta::assert_snapshot!(message, @"/r.jsonl.partial was begun by another run (threshold: nothing, not 0.4); run it as it was begun to go on, or add --restart to begin anew, or name another output");
}

#[test]
fn a_changed_archive_is_refused_with_the_choice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    tag(&path, Format::JsonLines, run(), 3).unwrap();
    let options = OutputOptions {
        path,
        format: Format::JsonLines,
        restart: false,
    };
    let (_output, mut resume) = Output::open(&options, run()).unwrap();
    let message = resume.covers(&document(1)).unwrap_err().to_string();
    let message = message.replace(&*folder.path().to_string_lossy(), "");
    insta::assert_snapshot!(message, @"the archive has changed since /r.jsonl.partial was begun: document 1 (d1, in d1.txt) is not what it was, or not where it was; bring it back and run the same command to go on, or add --restart to begin anew, or name another output");
    assert!(
        resume.end().is_err(),
        "an archive that lost its end is noticed"
    );
}

#[test]
fn two_runs_do_not_write_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let options = OutputOptions {
        path: folder.path().join("r.jsonl"),
        format: Format::JsonLines,
        restart: false,
    };
    let first = Output::open(&options, run()).unwrap();
    assert!(
        Output::open(&options, run())
            .unwrap_err()
            .to_string()
            .contains("another plenary")
    );
    drop(first);
    assert!(Output::open(&options, run()).is_ok());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_with_the_file_and_the_next_step() {
    let error = tag(Path::new("/dev/full"), Format::JsonLines, run(), DOCUMENTS).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    insta::assert_snapshot!(format!("{error}: {cause}"), @"cannot write /dev/full: No space left on device (os error 28); a stream cannot be gone on with; a file named with -o can");
}

#[test]
fn an_empty_archive_has_a_table_with_its_column_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.csv");
    let options = OutputOptions {
        path: path.clone(),
        format: Format::CsvWide,
        restart: false,
    };
    Output::open(&options, run()).unwrap().0.finish().unwrap();
    let head = fs::read_to_string(path).unwrap();
    insta::assert_snapshot!(head, @"schema,document_id,document_source,document_title,document_date,document_language,document_sha256,document_origin,document_fields,statement,span_start,span_end,text,speaker_name,speaker_known_as,speaker_mention,speaker_role,speaker_probability,speech,attributions,model,security/score,security/support,security/support/target,security/oppose,security/oppose/target,security/neutral,security/neutral/target");
}

#[test]
fn a_statement_without_labels_keeps_a_row_in_the_long_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.csv");
    let mut whole = run();
    whole.shard = Some(Shard { index: 1, count: 1 });
    tag(&path, Format::Csv, whole, DOCUMENTS).unwrap();
    // Documents of 0, 1, 2 and 3 statements, of which the n-th has n labels.
    assert_eq!(
        read_manifest(&path).unwrap().rows[..5],
        [Some(0), Some(1), Some(2), Some(4), None]
    );
}

#[test]
fn a_compressed_run_goes_on_from_its_last_frame() {
    let padding = "long ".repeat(320_000);
    let long = |index: usize| {
        let metadata = Metadata {
            id: format!("d{index}"),
            ..Metadata::default()
        };
        Document::new(metadata, format!("{index} {padding}"))
    };
    for name in ["r.jsonl.gz", "r.jsonl.zst"] {
        let folder = tempfile::tempdir().unwrap();
        let tag_until = |file: &str, until: usize| {
            let options = OutputOptions {
                path: folder.path().join(file),
                format: Format::JsonLines,
                restart: false,
            };
            let (mut output, mut resume) = Output::open(&options, run()).unwrap();
            let behind = resume.remaining();
            for index in 0..until {
                let document = long(index);
                if !resume.covers(&document).unwrap() {
                    output.write(&document, tagged(&document, index)).unwrap();
                }
            }
            if until == DOCUMENTS {
                output.finish().unwrap();
            }
            behind
        };
        tag_until(&format!("whole.{name}"), DOCUMENTS);
        tag_until(&format!("parts.{name}"), 6);
        let behind = tag_until(&format!("parts.{name}"), DOCUMENTS);
        assert!(
            (1..8).contains(&behind),
            "{behind} documents were committed"
        );
        let bytes = |file: &str| fs::read(folder.path().join(format!("{file}.{name}"))).unwrap();
        assert!(bytes("parts") == bytes("whole"), "{name}");
    }
}

#[test]
fn parts_are_joined_into_the_bytes_of_the_whole() {
    for (name, format) in [
        ("r.jsonl", Format::JsonLines),
        ("r.jsonl.gz", Format::JsonLines),
        ("r.csv.zst", Format::Csv),
        ("r.parquet", Format::Parquet),
        ("r.arrows", Format::ArrowStream),
    ] {
        for count in [1, 2, 5, 20] {
            let (whole, joined, parts) = (
                tempfile::tempdir().unwrap(),
                tempfile::tempdir().unwrap(),
                tempfile::tempdir().unwrap(),
            );
            tag(&whole.path().join(name), format, run(), DOCUMENTS).unwrap();
            let part = |index| parts.path().join(format!("{index}-{name}"));
            for index in 1..=count {
                tag_part(&part(index), format, Shard { index, count }).unwrap();
            }
            let paths: Vec<PathBuf> = (1..=count).rev().map(part).collect();
            merge(&paths, &joined.path().join(name)).unwrap();
            assert!(
                files(joined.path()) == files(whole.path()),
                "{name} in {count} parts"
            );
        }
    }
}

#[test]
fn what_is_no_complete_set_of_parts_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second, whole] =
        ["1.jsonl", "2.jsonl", "w.jsonl"].map(|name| folder.path().join(name));
    tag_part(&first, Format::JsonLines, Shard { index: 1, count: 2 }).unwrap();
    tag_part(&second, Format::JsonLines, Shard { index: 2, count: 2 }).unwrap();
    tag(&whole, Format::JsonLines, run(), DOCUMENTS).unwrap();
    let refused = |parts: &[&PathBuf]| {
        let parts: Vec<PathBuf> = parts.iter().copied().cloned().collect();
        let message = merge(&parts, &folder.path().join("j.jsonl"))
            .unwrap_err()
            .to_string();
        message.replace(&*folder.path().to_string_lossy(), "")
    };
    insta::assert_snapshot!(refused(&[&first]), @"/1.jsonl is one of 2 parts, and 1 were given");
    insta::assert_snapshot!(refused(&[&first, &first]), @"/1.jsonl is part 1/2, which is there already");
    insta::assert_snapshot!(refused(&[&first, &whole]), @"/w.jsonl is no part of an archive: it was tagged without --shard");
    fs::write(&second, "").unwrap();
    insta::assert_snapshot!(refused(&[&second, &first]), @"/2.jsonl, line 1: the part has fewer rows than its manifest says; tag it again");
}

#[test]
fn a_compressed_output_of_nothing_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["r.jsonl.gz", "r.jsonl.zst"] {
        let path = folder.path().join(name);
        let options = OutputOptions {
            path: path.clone(),
            format: Format::JsonLines,
            restart: false,
        };
        Output::open(&options, run()).unwrap().0.finish().unwrap();
        assert_eq!(
            crate::json_lines::read_records(&path).unwrap().count(),
            0,
            "{name}"
        );
    }
}

#[test]
fn what_was_set_aside_must_be_where_and_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let options = OutputOptions {
        path: folder.path().join("r.jsonl"),
        format: Format::JsonLines,
        restart: false,
    };
    let (mut output, _) = Output::open(&options, run()).unwrap();
    output
        .quarantine_document(&document(0), &unreadable(0))
        .unwrap();
    output.quarantine(&unreadable(1)).unwrap();
    drop(output);
    let resume = || Output::open(&options, run()).unwrap().1;
    let mut same = resume();
    assert!(same.covers(&document(0)).unwrap());
    assert!(same.covers_unreadable(&unreadable(1)).unwrap());
    assert!(!same.covers(&document(2)).unwrap());
    assert!(resume().covers(&document(1)).is_err());
    assert!(resume().covers_unreadable(&unreadable(0)).is_err());
    let second = |found: &dyn Fn(&mut Resume) -> Result<bool, Error>| {
        let mut resume = resume();
        resume.covers(&document(0)).unwrap();
        found(&mut resume).unwrap_err().to_string()
    };
    let moved = second(&|resume| resume.covers_unreadable(&unreadable(2)));
    assert!(
        moved.contains("document 2 (2.txt) is not where it was"),
        "{moved}"
    );
    let mended = second(&|resume| resume.covers(&document(1)));
    assert!(mended.contains("could not be read then"), "{mended}");
}
