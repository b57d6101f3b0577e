//! What is on the disk when `plenary tag` is killed, or did its work in parts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use predicates::prelude::*;

use crate::plenary;

/// How often the program is killed.
const KILLS: u32 = 50;

/// An archive of some hundred documents, one in seven of them empty and so not to be tagged; long enough that most of
/// a run goes by while records are written.
fn archive(folder: &Path) -> PathBuf {
    let archive = folder.join("archive");
    fs::create_dir(&archive).unwrap();
    for index in 0..150 {
        let sentence =
            format!("Envoy {index} said that trade and “peace” matter. We oppose the blockade.\n");
        let text = if index % 7 == 3 {
            String::new()
        } else {
            sentence.repeat(20 + 20 * (index % 12))
        };
        fs::write(archive.join(format!("{index:03}.txt")), text).unwrap();
    }
    archive
}

/// `plenary tag` on the weightless engine.
fn tag(archive: &Path, output: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("plenary"));
    command
        .args(["tag", "--engine", "overlap", "--quiet"])
        .arg(archive)
        .arg("-o")
        .arg(output);
    command.stderr(Stdio::null());
    command
}

/// Every file of a folder with its bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .map(|path| {
            (
                path.strip_prefix(folder).unwrap().to_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

#[test]
fn a_run_killed_at_any_moment_ends_with_the_bytes_of_an_uninterrupted_one() {
    let partly = killed("r.jsonl", KILLS);
    assert!(partly > 0, "no kill came while records were being written");
}

#[test]
fn so_does_one_whose_records_become_columns_at_its_end() {
    killed("r.parquet", KILLS / 5);
}

/// Kills runs that write `name` at `kills` moments and goes on with each; how many kills came while records were
/// being written.
fn killed(name: &str, kills: u32) -> u32 {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path());
    let [whole, killed] = ["whole", "killed"].map(|name| folder.path().join(name));
    fs::create_dir(&whole).unwrap();
    fs::create_dir(&killed).unwrap();
    let start = Instant::now();
    assert_eq!(
        tag(&archive, &whole.join(name)).status().unwrap().code(),
        Some(1)
    );
    let mut duration = start.elapsed();
    let output = killed.join(name);
    let (mut ended, mut partly) = (0, 0);
    for kill in 0..kills {
        let mut run = tag(&archive, &output).spawn().unwrap();
        // Moments spread over the whole run without a pattern (multiples of the golden section).
        let share = (f64::from(kill) * 0.618_034).fract();
        std::thread::sleep(Duration::from_secs_f64(duration.as_secs_f64() * share));
        run.kill().unwrap();
        run.wait().unwrap();
        let partial = fs::metadata(killed.join(format!("{name}.partial")));
        let begun = partial.is_ok_and(|partial| partial.len() > 0);
        partly += u32::from(begun);
        // How long a run takes changes with what else the machine does: kills that came too early or too late move
        // the next ones.
        if output.exists() {
            duration = duration.mul_f64(0.8);
        } else if !begun {
            duration = duration.mul_f64(1.25);
        }
        if output.exists() && !killed.join(format!("{name}.partial.state")).exists() {
            assert!(files(&killed) == files(&whole), "after kill {kill}");
            fs::remove_dir_all(&killed).unwrap();
            fs::create_dir(&killed).unwrap();
            ended += 1;
        }
    }
    println!(
        "{kills} kills, {partly} in the middle of the records, {ended} runs brought to their end"
    );
    tag(&archive, &output).status().unwrap();
    assert!(files(&killed) == files(&whole), "at the end");
    partly
}

#[test]
fn parts_are_merged_into_the_bytes_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path());
    let [whole, parts, merged] = ["whole", "parts", "merged"].map(|name| folder.path().join(name));
    for folder in [&whole, &parts, &merged] {
        fs::create_dir(folder).unwrap();
    }
    tag(&archive, &whole.join("r.csv.zst")).status().unwrap();
    let part = |index: u32| parts.join(format!("{index}.csv.zst"));
    for index in 1..=3 {
        tag(&archive, &part(index))
            .args(["--shard", &format!("{index}/3")])
            .status()
            .unwrap();
    }
    plenary()
        .arg("merge")
        .args([part(3), part(1), part(2)])
        .arg("-o")
        .arg(merged.join("r.csv.zst"))
        .assert()
        .code(1)
        .stderr(predicate::str::contains("21 quarantined"));
    assert!(files(&merged) == files(&whole));
    plenary()
        .arg("merge")
        .args([part(1), part(2)])
        .arg("-o")
        .arg(merged.join("two.csv.zst"))
        .assert()
        .code(2)
        .stderr(predicate::str::contains("one of 3 parts, and 2 were given"));
}
