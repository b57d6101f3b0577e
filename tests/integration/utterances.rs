//! `plenary utterances` on what `plenary tag` wrote.

use std::fs;

use predicates::prelude::*;

use crate::plenary;

#[test]
fn what_forty_papers_print_is_compared_once() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("papers.jsonl");
    let paper = |i: usize| {
        let day = 1 + (i * 7) % 28;
        let text = format!(
            "The harbour of town {i} is closed.\n\n“We will open the harbour again before the winter comes,” said \
             Anna Berg, the mayor."
        );
        serde_json::json!({"id": format!("p{i}"), "date": format!("2024-05-{day:02}"), "text": text})
    };
    let lines: String = (0..40)
        .flat_map(|i| [paper(i).to_string(), "\n".to_owned()])
        .collect();
    fs::write(&archive, lines).unwrap();
    let [records, said, again] =
        ["r.parquet", "said.jsonl", "again.jsonl"].map(|name| folder.path().join(name));
    let run = |arguments: &[&str], files: [&std::path::Path; 2]| {
        plenary()
            .args(arguments)
            .arg(files[0])
            .arg("-o")
            .arg(files[1])
            .assert()
            .code(0)
    };
    run(
        &["tag", "--engine", "overlap", "--quiet"],
        [&archive, &records],
    );
    run(&["utterances"], [&records, &said]).stderr(predicate::str::ends_with(
        "said.jsonl: 41 records; 1 utterances stand in several documents, 39 records that print them again are left out\n",
    ));
    let kept = fs::read_to_string(&said).unwrap();
    let reprinted: Vec<_> = kept
        .lines()
        .filter(|line| line.contains("\"printings\":40"))
        .collect();
    assert!(
        matches!(&*reprinted, [one] if one.contains("\"id\":\"p0\"")),
        "{reprinted:?}"
    );
    // Nothing is left to do, and nothing is lost of what was done.
    run(&["utterances", "--quiet"], [&said, &again]);
    assert_eq!(fs::read_to_string(&again).unwrap(), kept);
    plenary()
        .arg("verify")
        .args([&said, &archive])
        .assert()
        .code(0);
    let compared = plenary()
        .args(["compare", "--min-statements", "1", "--format", "json"])
        .arg(&said)
        .output()
        .unwrap();
    let compared: serde_json::Value = serde_json::from_slice(&compared.stdout).unwrap();
    assert_eq!(compared["groups"][0]["statements"], 1, "{compared:#}");
}
