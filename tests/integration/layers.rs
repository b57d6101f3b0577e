//! The architecture holds: no part of `src/` uses one that stands above it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each part of the library with the parts that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("schema", &["error"]),
    ("resemblance", &[]),
    ("columnar", &["error"]),
    ("json_lines", &["columnar", "schema", "error"]),
    ("corpus", &["columnar", "resemblance", "schema", "error"]),
    ("output", &["columnar", "json_lines", "schema", "error"]),
    ("provenance", &["corpus", "json_lines", "schema", "error"]),
    (
        "utterances",
        &["json_lines", "output", "resemblance", "schema", "error"],
    ),
    ("evaluation", &["json_lines", "schema", "error"]),
    ("comparison", &["json_lines", "schema", "error"]),
    ("model", &["schema", "error"]),
    ("engine", &["model", "schema", "error"]),
    ("stages", &["engine", "model", "schema", "error"]),
    (
        "run",
        &["corpus", "stages", "engine", "model", "schema", "error"],
    ),
    (
        "training",
        &[
            "corpus",
            "json_lines",
            "stages",
            "engine",
            "model",
            "schema",
            "error",
        ],
    ),
];

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The parts that a file names as `crate::part`, doc comments left out.
fn used_parts(source: &str) -> BTreeSet<String> {
    let code = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut parts = BTreeSet::new();
    for line in code {
        for after in line.split("crate::").skip(1) {
            let name: String = after
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            parts.insert(name);
        }
    }
    parts
}

#[test]
fn no_part_uses_one_above_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    let mut wrong = Vec::new();
    for path in files {
        let inside = path.strip_prefix(&src).unwrap();
        let part = inside.iter().next().unwrap().to_string_lossy();
        let part = part.trim_end_matches(".rs");
        if matches!(part, "lib" | "main" | "commands") {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == part) else {
            wrong.push(format!("{part} has no place in LAYERS"));
            continue;
        };
        for used in used_parts(&std::fs::read_to_string(&path).unwrap()) {
            if used != part && !used.is_empty() && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
