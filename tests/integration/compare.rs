//! `plenary compare`: numbers that follow from the records, gaps where they do not, and files that open.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{fixture, plenary};

/// Records of our own: Arland speaks of security in 3 of 10 statements until 2020 and in 7 from 2021 on,
/// Borduria in 2, Cordonia never; Arland supports the mission, Borduria opposes it. Cordonia is silent in 2020.
fn records() -> Vec<String> {
    let mut lines = Vec::new();
    for country in ["Arland", "Borduria", "Cordonia"] {
        for year in 2018..=2023 {
            for speech in 0..4 {
                if country == "Cordonia" && year == 2020 {
                    continue;
                }
                let on_security = match (country, year) {
                    ("Arland", ..=2020) => 3 - speech % 2,
                    ("Arland", _) => 7 + speech % 2,
                    ("Borduria", _) => 1 + speech % 3,
                    _ => 0,
                };
                for statement in 0..10 {
                    lines.push(record(
                        country,
                        (year, speech),
                        statement,
                        statement < on_security,
                    ));
                }
            }
        }
    }
    lines
}

fn record(country: &str, (year, speech): (i32, i32), statement: i32, security: bool) -> String {
    let (stance, words) = match country {
        "Arland" => ("support", "We stand by the peace mission in the hills."),
        _ => ("oppose", "We reject peace missions that nobody asked for."),
    };
    let target = if country == "Arland" {
        "the peace mission"
    } else {
        "peace missions"
    };
    let labels = if security {
        json!([{"theme": "security", "stance": stance, "target": target, "probability": 0.9}])
    } else {
        json!([])
    };
    let text = if security {
        words
    } else {
        "I thank the assembly for its warm welcome."
    };
    json!({
        "schema": 1,
        "document": {
            "id": format!("{country}-{year}-{speech}"),
            "date": format!("{year}-09-2{speech}"),
            "fields": {"country": country},
        },
        "statement": statement,
        "span": [0, text.len()],
        "text": text,
        "speaker": {"name": format!("President of {country}")},
        "speech": "direct",
        "labels": labels,
        "scores": {"security": 0.5, "development": 0.1},
        "model": "by-hand",
    })
    .to_string()
}

fn saved(folder: &Path, name: &str, lines: &[String]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, lines.join("\n")).unwrap();
    path
}

fn compared(records: &Path, flags: &[&str]) -> Value {
    let run = plenary()
        .args(["compare", "--by", "country", "--format", "json"])
        .args(flags)
        .arg(records)
        .assert()
        .success();
    serde_json::from_slice(&run.get_output().stdout).unwrap()
}

fn emphasis<'a>(comparison: &'a Value, group: &str, theme: &str) -> &'a Value {
    let cells = comparison["emphasis"].as_array().unwrap();
    cells
        .iter()
        .find(|cell| cell["group"] == group && cell["theme"] == theme)
        .unwrap()
}

#[test]
fn shares_are_those_of_the_records_and_lead_to_their_statements() {
    let folder = tempfile::tempdir().unwrap();
    let comparison = compared(&saved(folder.path(), "r.jsonl", &records()), &[]);
    // Arland: 3 years of (3 + 2 + 3 + 2) and 3 of (7 + 8 + 7 + 8) in 24 documents of 10
    let cell = emphasis(&comparison, "Arland", "security");
    assert_eq!(
        (&cell["statements"]["count"], &cell["statements"]["of"]),
        (&json!(120), &json!(240))
    );
    assert_eq!(cell["statements"]["share"], 0.5);
    let places = cell["evidence"].as_array().unwrap();
    assert!(!places.is_empty());
    for place in places {
        let statement =
            &comparison["statements"][usize::try_from(place.as_u64().unwrap()).unwrap()];
        assert_eq!(statement["group"], "Arland");
        assert_eq!(statement["labels"][0]["theme"], "security");
        assert!(statement["document"].is_string() && statement["date"].is_string());
    }
}

#[test]
fn a_theme_that_a_group_never_touches_has_an_upper_bound_and_not_certainty() {
    let folder = tempfile::tempdir().unwrap();
    let comparison = compared(&saved(folder.path(), "r.jsonl", &records()), &[]);
    let never = &emphasis(&comparison, "Cordonia", "security")["statements"];
    assert_eq!((&never["share"], &never["count"]), (&json!(0.0), &json!(0)));
    assert_eq!(never["interval"][0], 0.0);
    assert!(never["interval"][1].as_f64().unwrap() > 0.01, "{never}");
    for found in comparison["differences"].as_array().unwrap() {
        if found["theme"] == "development" {
            assert_eq!(found["difference"], 0.0);
        }
    }
}

#[test]
fn the_order_of_the_records_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = records();
    let forward = compared(
        &saved(folder.path(), "r.jsonl", &lines),
        &["--over", "year"],
    );
    lines.reverse();
    let backward = compared(
        &saved(folder.path(), "r.jsonl", &lines),
        &["--over", "year"],
    );
    let numbers = regex::Regex::new(r#""evidence":\[[^"]*\]"#).unwrap();
    for part in [
        "groups",
        "differences",
        "stances",
        "disagreements",
        "trends",
        "changes",
        "distinctive",
    ] {
        let shape = |value: &Value| value[part].to_string();
        // statements are numbered in the order in which numbers refer to them
        let without = |text: String| numbers.replace_all(&text, "").into_owned();
        assert_eq!(
            without(shape(&forward)),
            without(shape(&backward)),
            "{part}"
        );
    }
}

#[test]
fn a_change_of_level_is_found_and_a_silent_year_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let records = saved(folder.path(), "r.jsonl", &records());
    let comparison = compared(&records, &["--over", "year"]);
    let changes: Vec<&Value> = comparison["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["significant"] == true)
        .collect();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(
        (&changes[0]["group"], &changes[0]["period"]),
        (&json!("Arland"), &json!("2021"))
    );
    assert_eq!(
        (&changes[0]["before"], &changes[0]["after"]),
        (&json!(0.25), &json!(0.75))
    );
    let gap = comparison["trends"]
        .as_array()
        .unwrap()
        .iter()
        .find(|point| {
            point["group"] == "Cordonia"
                && point["theme"] == "security"
                && point["period"] == "2020"
        });
    let share = &gap.unwrap()["share"];
    assert_eq!(
        (&share["share"], &share["note"]),
        (&Value::Null, &json!("no statement"))
    );
}

#[test]
fn targets_that_mean_the_same_are_one_and_the_two_sides_disagree() {
    let folder = tempfile::tempdir().unwrap();
    let comparison = compared(&saved(folder.path(), "r.jsonl", &records()), &[]);
    assert_eq!(
        comparison["targets"].as_array().unwrap().len(),
        1,
        "{}",
        comparison["targets"]
    );
    assert_eq!(comparison["targets"][0]["label"], "the peace mission");
    let disagreement = &comparison["disagreements"][0];
    assert_eq!(
        (&disagreement["first"], &disagreement["second"]),
        (&json!("Arland"), &json!("Borduria"))
    );
    assert_eq!(disagreement["difference"], 2.0);
    assert!(disagreement["q"].as_f64().unwrap() < 0.05);
}

#[test]
fn targets_are_grouped_by_meaning_where_an_encoder_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = |line: String| {
        let line = line.replace("the peace mission", "the war in Sund");
        line.replace("peace missions", "the conflict in Sund")
    };
    let lines: Vec<String> = records().into_iter().map(renamed).collect();
    let path = saved(folder.path(), "r.jsonl", &lines);
    let labels = |flags: &[&str]| -> Vec<String> {
        let comparison = compared(&path, flags);
        let targets = comparison["targets"].as_array().unwrap();
        let label = |target: &Value| target["label"].as_str().unwrap().to_owned();
        targets.iter().map(label).collect()
    };
    let encoder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default");
    assert_eq!(labels(&[]), ["the war in Sund", "the conflict in Sund"]);
    assert_eq!(labels(&["--target-encoder", encoder]), ["the war in Sund"]);
    let comparison = compared(&path, &["--target-encoder", encoder]);
    let wordings = comparison["targets"][0]["wordings"].as_array().unwrap();
    let [first, second] = &wordings[..] else {
        panic!("both wordings are named: {wordings:?}");
    };
    assert_eq!(first["text"], "the war in Sund");
    assert!(first.get("cosine").is_none(), "{first}");
    assert!(second["cosine"].as_f64().unwrap() > 0.86, "{second}");
    let note = comparison["notes"].to_string();
    assert!(note.contains("near in meaning"), "{note}");
    let table = plenary()
        .args(["compare", "--by", "country", "--format", "csv"])
        .args(["--target-encoder", encoder])
        .arg(&path)
        .assert()
        .success();
    let csv = String::from_utf8_lossy(&table.get_output().stdout).into_owned();
    let row = csv
        .lines()
        .find(|line| line.contains("the conflict in Sund"))
        .unwrap();
    assert!(
        row.starts_with("wording,(all),,,the war in Sund,,meaning,"),
        "{row}"
    );
    let (code, stderr) = run(&lines, &["--target-encoder", "nowhere"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("make base-model"), "{stderr}");
}

#[test]
fn every_format_of_records_gives_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let lines = records();
    let plain = compared(&saved(folder.path(), "r.jsonl", &lines), &[]);
    let packed = folder.path().join("r.jsonl.gz");
    let mut encoder = flate2::write::GzEncoder::new(
        std::fs::File::create(&packed).unwrap(),
        flate2::Compression::fast(),
    );
    encoder.write_all(lines.join("\n").as_bytes()).unwrap();
    encoder.finish().unwrap();
    let mut table = String::from(
        "document_id,document_date,document_fields,speaker_name,statement,text,development/score,security/score,theme,stance,target,probability\n",
    );
    for line in &lines {
        let record: Value = serde_json::from_str(line).unwrap();
        let label = &record["labels"][0];
        let cell = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        writeln!(
            table,
            "{},{},\"{}\",{},{},{},0.1,0.5,{},{},{},{}",
            cell(&record["document"]["id"]),
            cell(&record["document"]["date"]),
            record["document"]["fields"]
                .to_string()
                .replace('"', "\"\""),
            cell(&record["speaker"]["name"]),
            record["statement"],
            cell(&record["text"]),
            cell(&label["theme"]),
            cell(&label["stance"]),
            cell(&label["target"]),
            label["probability"]
                .as_f64()
                .map_or(String::new(), |p| p.to_string()),
        )
        .unwrap();
    }
    let flat = saved(folder.path(), "r.csv", &[table]);
    for other in [packed, flat] {
        let comparison = compared(&other, &[]);
        for part in ["emphasis", "differences", "stances", "statements"] {
            assert_eq!(
                plain[part],
                comparison[part],
                "{part} of {}",
                other.display()
            );
        }
    }
}

#[test]
fn parquet_keeps_the_nesting() {
    // written by pyarrow 26: two of our records, with labels as a list of structs
    let comparison = compared(
        &fixture("compare/records.parquet"),
        &["--min-statements", "1"],
    );
    let cell = emphasis(&comparison, "Arland", "security");
    assert_eq!(
        (&cell["statements"]["count"], &cell["statements"]["of"]),
        (&json!(1), &json!(2))
    );
}

#[test]
fn checked_statements_correct_what_the_classifier_misses() {
    let folder = tempfile::tempdir().unwrap();
    let records = records();
    // a person finds security in two more statements of every tenth document-place than the records say
    let checked: Vec<String> = records
        .iter()
        .enumerate()
        .filter(|(place, _)| place % 3 == 0)
        .map(|(place, line)| {
            let mut record: Value = serde_json::from_str(line).unwrap();
            if place % 2 == 0 {
                record["labels"] = json!([{"theme": "security", "stance": "support"}]);
            }
            record.to_string()
        })
        .collect();
    let records = saved(folder.path(), "r.jsonl", &records);
    let checked = saved(folder.path(), "checked.jsonl", &checked);
    let comparison = compared(&records, &["--checked", checked.to_str().unwrap()]);
    let cell = emphasis(&comparison, "Arland", "security");
    let corrected = &cell["corrected"];
    assert!(corrected["share"].as_f64().unwrap() > 0.6, "{corrected}");
    assert!(corrected["interval"][0].as_f64().unwrap() < corrected["share"].as_f64().unwrap());
    assert_eq!(
        comparison["correction"]["matched"],
        comparison["correction"]["checked"]
    );
    let table = plenary()
        .args(["compare", "--by", "country", "--over", "year", "--checked"])
        .arg(&checked)
        .arg(&records)
        .assert()
        .success();
    let table = String::from_utf8(table.get_output().stdout.clone()).unwrap();
    for (heading, mark) in [
        ("Stance", "; * corrected)"),
        ("Over time", "; uncorrected)"),
    ] {
        let line = table.lines().find(|line| line.starts_with(heading));
        assert!(line.unwrap().contains(mark), "{table}");
    }
    let without = compared(&records, &[]);
    assert!(
        without["notes"][0]
            .as_str()
            .unwrap()
            .contains("not corrected")
    );
    assert_eq!(
        emphasis(&without, "Arland", "security")["corrected"],
        Value::Null
    );
}

#[test]
fn checked_statements_correct_stances_too() {
    let folder = tempfile::tempdir().unwrap();
    let records = records();
    // a person finds that Borduria supports the mission in half of what the records count as opposing
    let mut opposing = 0;
    let checked: Vec<String> = records
        .iter()
        .filter(|line| line.contains("Borduria"))
        .map(|line| {
            opposing += usize::from(line.contains("\"oppose\""));
            match opposing % 2 {
                0 => line.replace("\"oppose\"", "\"support\""),
                _ => line.clone(),
            }
        })
        .collect();
    let records = saved(folder.path(), "r.jsonl", &records);
    let checked = saved(folder.path(), "checked.jsonl", &checked);
    let flags = ["--checked", checked.to_str().unwrap()];
    let comparison = compared(&records, &flags);
    let of = |group: &str| -> Value {
        let stances = comparison["stances"].as_array().unwrap();
        let found = stances
            .iter()
            .find(|s| s["group"] == group && s["theme"] == "security");
        found.unwrap().clone()
    };
    let (borduria, arland) = (of("Borduria"), of("Arland"));
    assert_eq!(borduria["oppose"]["share"], 1.0);
    let corrected = &borduria["corrected"];
    let share = |side: &str| corrected[side]["share"].as_f64().unwrap();
    assert!((share("oppose") - 0.5).abs() < 1e-6, "{corrected}");
    assert!((share("support") + share("oppose") + share("neutral") - 1.0).abs() < 1e-5);
    assert!(share("net").abs() < 1e-5);
    assert!(corrected["net"]["interval"][0].as_f64().unwrap() < -0.05);
    // nobody checked a statement of Arland
    assert_eq!(arland["corrected"], Value::Null);
    // a sample of the labelled statements alone is no random one, and leads to shares above 1
    let lines = std::fs::read_to_string(&checked).unwrap();
    let labelled: Vec<String> = lines
        .lines()
        .filter(|line| !line.contains("\"labels\":[]"))
        .map(str::to_owned)
        .collect();
    let labelled = saved(folder.path(), "labelled.jsonl", &labelled);
    let wrong = compared(&records, &["--checked", labelled.to_str().unwrap()]);
    for stances in wrong["stances"].as_array().unwrap() {
        assert_eq!(stances["corrected"], Value::Null, "{stances}");
    }
    // what is written for papers has them, too
    let run = plenary()
        .args(["compare", "--by", "country", "--format", "csv"])
        .args(flags)
        .arg(&records)
        .assert()
        .success();
    let table = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(
        table.contains("stance,Borduria,,security,,oppose,,,,corrected share of labels,,,0.5,"),
        "{table}"
    );
}

#[test]
fn a_period_is_corrected_where_enough_of_it_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let speeches = [2018, 2019]
        .into_iter()
        .flat_map(|year| (0..8).map(move |speech| (year, speech)));
    let lines: Vec<String> = speeches
        .flat_map(|speech| (0..10).map(move |place| record("Arland", speech, place, place < 3)))
        .collect();
    // of 2018 everything is checked and twice as much found, of 2019 one speech
    let checked: Vec<String> = lines
        .iter()
        .filter(|line| line.contains("Arland-2018") || line.contains("Arland-2019-0"))
        .map(|line| {
            let mut record: Value = serde_json::from_str(line).unwrap();
            if record["statement"].as_u64().unwrap() < 6 {
                record["labels"] = json!([{"theme": "security", "stance": "support"}]);
            }
            record.to_string()
        })
        .collect();
    let records = saved(folder.path(), "r.jsonl", &lines);
    let checked = saved(folder.path(), "checked.jsonl", &checked);
    let flags = ["--over", "year", "--checked", checked.to_str().unwrap()];
    let comparison = compared(&records, &flags);
    let point = |period: &str| -> Value {
        let trends = comparison["trends"].as_array().unwrap();
        let found = trends
            .iter()
            .find(|t| t["theme"] == "security" && t["period"] == period);
        found.unwrap().clone()
    };
    assert_eq!(point("2018")["share"]["share"], 0.3);
    assert_eq!(point("2018")["corrected"]["share"], 0.6);
    assert_eq!(point("2018")["corrected"]["checked"], 80);
    assert_eq!(point("2019")["corrected"], Value::Null);
}

#[test]
fn the_table_fits_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let run = plenary()
        .args(["compare", "--by", "country", "--over", "year"])
        .arg(saved(folder.path(), "r.jsonl", &records()))
        .assert()
        .success();
    let table = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    for line in table.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn the_table_of_all_numbers_is_rectangular() {
    let folder = tempfile::tempdir().unwrap();
    let run = plenary()
        .args([
            "compare", "--by", "country", "--over", "year", "--format", "csv",
        ])
        .arg(saved(folder.path(), "r.jsonl", &records()))
        .assert()
        .success();
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(run.get_output().stdout.as_slice())
        .records()
        .map(|row| row.unwrap())
        .collect();
    let sections: std::collections::BTreeSet<&str> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!(
        sections.into_iter().collect::<Vec<_>>(),
        [
            "change",
            "difference",
            "disagreement",
            "distinctive",
            "emphasis",
            "stance",
            "trend",
            "wording"
        ]
    );
}

#[test]
fn a_report_is_one_file_and_pictures_open() {
    let folder = tempfile::tempdir().unwrap();
    let (report, plots) = (
        folder.path().join("report.html"),
        folder.path().join("plots"),
    );
    plenary()
        .args(["compare", "--by", "country", "--over", "year", "--report"])
        .arg(&report)
        .arg("--plots")
        .arg(&plots)
        .arg(saved(folder.path(), "r.jsonl", &records()))
        .assert()
        .success();
    let page = std::fs::read_to_string(report).unwrap();
    assert!(
        page.len() < 10_000_000 && !page.contains("{{"),
        "{}",
        page.len()
    );
    for outside in ["<script src", "<link rel=\"stylesheet\"", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for name in ["emphasis", "heat-map", "stance", "trend", "words"] {
        let png = std::fs::read(plots.join(format!("{name}.png"))).unwrap();
        let image = png::Decoder::new(png.as_slice())
            .read_info()
            .unwrap()
            .info()
            .width;
        assert!(image > 600, "{name}");
        assert!(
            std::fs::read_to_string(plots.join(format!("{name}.svg")))
                .unwrap()
                .ends_with("</svg>\n")
        );
    }
}

#[test]
fn a_report_of_a_hundred_groups_stays_below_ten_megabytes_and_holds_them_all() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.html");
    let groups = (0..100).flat_map(|group| {
        (1890..2030)
            .map(move |year| record(&format!("Land {group:02}"), (year, 1), 0, year % 3 == 0))
    });
    plenary()
        .args([
            "compare",
            "--by",
            "country",
            "--over",
            "year",
            "--max-groups",
            "100",
        ])
        .args(["--min-statements", "1", "--report"])
        .arg(&report)
        .arg(saved(folder.path(), "r.jsonl", &groups.collect::<Vec<_>>()))
        .assert()
        .success();
    let page = std::fs::read_to_string(report).unwrap();
    assert!(page.len() < 10_000_000, "{}", page.len());
    let (_, packed) = page
        .split_once(r#"id="comparison" type="application/json" data-encoding="gzip">"#)
        .unwrap();
    let packed = from_base_64(packed.split('<').next().unwrap());
    let comparison: Value =
        serde_json::from_reader(flate2::read::GzDecoder::new(packed.as_slice())).unwrap();
    assert_eq!(comparison["groups"].as_array().unwrap().len(), 100);
    assert_eq!(
        comparison["trends"].as_array().unwrap().len(),
        100 * 140 * 2
    );
}

fn from_base_64(text: &str) -> Vec<u8> {
    let six_bits = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let letters: Vec<u8> = text.bytes().filter(|&letter| letter != b'=').collect();
    let mut bytes = Vec::new();
    for four in letters.chunks(4) {
        let at = |place: usize| u32::from(four.get(place).map_or(0, |&letter| six_bits(letter)));
        let bits = (at(0) << 18) | (at(1) << 12) | (at(2) << 6) | at(3);
        bytes.extend(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}

/// Runs on `lines` and gives the exit status and what went to stderr.
fn run(lines: &[String], flags: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let run = plenary()
        .arg("compare")
        .args(flags)
        .arg(saved(folder.path(), "r.jsonl", lines))
        .assert();
    let output = run.get_output();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn input_that_cannot_be_compared_is_refused_with_the_reason() {
    let edited = |edit: fn(&mut Value)| -> Vec<String> {
        let edited = records().into_iter().map(|line| {
            let mut record: Value = serde_json::from_str(&line).unwrap();
            edit(&mut record);
            record.to_string()
        });
        edited.collect()
    };
    let refused: [(Vec<String>, &[&str], &str); 8] = [
        (
            edited(|r| r["schema"] = json!(2)),
            &[],
            "schema 2; this program reads schema 1",
        ),
        (
            edited(|r| r["speaker"] = Value::Null),
            &[],
            "has a speaker; choose another --by",
        ),
        (
            records(),
            &["--by", "country", "--groups", "Syldavia"],
            "none of the groups asked for",
        ),
        (
            records(),
            &["--themes", "fishing"],
            "no record has the theme \"fishing\"",
        ),
        (
            records(),
            &["--by", "country", "--min-statements", "9999"],
            "lower --min-statements",
        ),
        (vec![], &[], "no statement to compare"),
        (
            edited(|r| r["labels"] = json!([{"theme": "t", "stance": "love"}])),
            &[],
            "the first is ",
        ),
        (
            edited(|r| {
                r["labels"] = json!([]);
                r["scores"] = json!({});
            }),
            &[],
            "nothing to compare",
        ),
    ];
    for (lines, flags, reason) in refused {
        let (status, complaint) = run(&lines, flags);
        assert_eq!(status, Some(2), "{reason}: {complaint}");
        assert!(complaint.contains(reason), "{reason}: {complaint}");
    }
}

#[test]
fn damaged_lines_are_named_and_the_rest_is_compared() {
    let mut lines = records();
    lines[4] = lines[4].replace("0.9", "1.9").replace(
        "\"labels\":[]",
        "\"labels\":[{\"theme\":\"security\",\"stance\":\"support\",\"probability\":1.9}]",
    );
    lines.insert(9, "{\"schema\":1,\"text\":".to_owned());
    let (status, complaint) = run(&lines, &["--by", "country"]);
    assert_eq!(status, Some(1), "{complaint}");
    assert!(
        complaint.contains("line 5: ") && complaint.contains("not between 0 and 1"),
        "{complaint}"
    );
    assert!(complaint.contains("line 10: "), "{complaint}");
}

#[test]
fn one_group_and_dates_that_are_none_leave_honest_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = records()
        .iter()
        .map(|line| line.replace("-09-2", "-99-2").replace("2019-", "in 2019, "))
        .collect();
    let records = saved(folder.path(), "r.jsonl", &lines);
    let comparison = compared(&records, &["--over", "month", "--groups", "Arland"]);
    assert_eq!(comparison["input"]["malformed_date"], 240);
    for part in [
        "differences",
        "distinctive",
        "disagreements",
        "trends",
        "changes",
    ] {
        assert_eq!(comparison[part], json!([]), "{part}");
    }
    let notes = comparison["notes"].to_string();
    assert!(
        notes.contains("one group") && notes.contains("malformed date"),
        "{notes}"
    );
}

#[test]
fn dates_that_are_missing_leave_the_shares_and_no_trend() {
    let folder = tempfile::tempdir().unwrap();
    let dateless: Vec<String> = records()
        .iter()
        .map(|line| {
            let mut record: Value = serde_json::from_str(line).unwrap();
            if record["document"]["fields"]["country"] == "Arland" {
                record["document"].as_object_mut().unwrap().remove("date");
            }
            record.to_string()
        })
        .collect();
    let dateless = saved(folder.path(), "r.jsonl", &dateless);
    let comparison = compared(&dateless, &["--over", "year"]);
    assert_eq!(comparison["input"]["without_date"], 240);
    let share = &emphasis(&comparison, "Arland", "security")["statements"]["share"];
    assert_eq!(share, 0.5);
    let points = comparison["trends"].as_array().unwrap();
    assert!(!points.is_empty() && points.iter().all(|point| point["group"] != "Arland"));
    let notes = comparison["notes"].to_string();
    assert!(notes.contains("240 statements have no date"), "{notes}");
}

#[test]
fn a_difference_that_is_not_certain_is_no_disagreement() {
    let folder = tempfile::tempdir().unwrap();
    // both sides take the target by turns, so that they differ by chance alone
    let mixed: Vec<String> = records()
        .iter()
        .enumerate()
        .map(
            |(place, line)| match (line.contains("Cordonia"), place % 7) {
                (false, 0) => line.replace("\"oppose\"", "\"support\""),
                (false, _) => line.replace("\"support\"", "\"oppose\""),
                (true, _) => line.clone(),
            },
        )
        .collect();
    let table = plenary()
        .args(["compare", "--by", "country"])
        .arg(saved(folder.path(), "r.jsonl", &mixed))
        .assert()
        .success();
    let table = String::from_utf8(table.get_output().stdout.clone()).unwrap();
    assert!(
        table.contains("No two groups certainly disagree") && !table.contains("disagree most"),
        "{table}"
    );
}
