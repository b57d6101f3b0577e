//! Who speaks, as `plenary tag` writes it, on small articles of our own.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::plenary;

/// The records of one article, tagged by rules alone, with further arguments.
fn tag_with(name: &str, text: &str, arguments: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    let output = plenary()
        .args(["tag", "--engine", "overlap", "-o", "-", "--quiet"])
        .args(arguments)
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let record = |line: &str| serde_json::from_str(line).unwrap();
    lines.lines().map(record).collect()
}

/// The speaker of every statement, '–' for the narrator.
fn names(records: &[Value]) -> Vec<&str> {
    let name = |record: &'_ Value| record["speaker"]["name"].as_str().map(str::len);
    records
        .iter()
        .map(|record| {
            assert_eq!(
                name(record).is_none(),
                record["speech"] == "none",
                "{record}"
            );
            record["speaker"]["name"].as_str().unwrap_or("–")
        })
        .collect()
}

/// Checks the speakers of an article.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let records = tag_with("article.txt", text, &[]);
    let texts: Vec<&Value> = records.iter().map(|record| &record["text"]).collect();
    assert_eq!(names(&records), expected, "{texts:#?}");
}

#[test]
fn a_quotation_over_several_paragraphs_has_one_speaker() {
    check(
        "Farmers met in Aram on Monday.\n\n\
         “The river is low,” said Ann Lee, head of the River Board. “We have seen this before.\n\n\
         “In the spring we close two gates.\n\n\
         “After that we wait for rain.”\n\n\
         The meeting lasted two hours.",
        &["–", "Ann Lee", "Ann Lee", "Ann Lee", "Ann Lee", "–"],
    );
}

#[test]
fn a_cue_after_the_words_reaches_back() {
    check(
        "“We tried. We failed. We shall try again,” Mayor Ben Okoro said.",
        &["Ben Okoro", "Ben Okoro", "Ben Okoro"],
    );
    check(
        "The port will be dredged by autumn. The work costs nine million. This was stated by Minister of \
         Transport of Norland Tom Berg at a briefing.",
        &["Tom Berg", "Tom Berg", "Tom Berg"],
    );
}

#[test]
fn pronouns_roles_and_metonyms_lead_to_names() {
    let text = "President of Sund Ilse Moran received Foreign Minister of Norland Tom Berg on Tuesday. The \
        President of Sund said that trade had doubled. She noted that talks go on. Berg called for a new \
        treaty. He stressed that time was short. Beijing rejected the charge. According to the Foreign \
        Minister, a draft is ready.";
    check(
        text,
        &[
            "–",
            "Ilse Moran",
            "Ilse Moran",
            "Tom Berg",
            "Tom Berg",
            "Beijing",
            "Tom Berg",
        ],
    );
    let records = tag_with("article.txt", text, &[]);
    assert_eq!(records[1]["speaker"]["role"], "President of Sund");
    assert_eq!(records[4]["speaker"]["mention"], "He");
}

#[test]
fn those_who_speak_together_are_named_together() {
    check(
        "Ann Lee met Tom Berg in Aram. Lee and Berg said that the ferry would stay. They added that fares \
         would not rise. “Nobody is left behind,” said Ann Lee and Tom Berg.",
        &[
            "–",
            "Ann Lee and Tom Berg",
            "Ann Lee and Tom Berg",
            "Ann Lee and Tom Berg",
        ],
    );
    check(
        "Trade and Transport Minister Ann Lee said that the ferry would stay.",
        &["Ann Lee"],
    );
}

#[test]
fn wire_reports_keep_their_speakers_and_their_background() {
    check(
        "Tolls to rise in spring — mayor\n\n\
         ARAM, May 3. /NORPRESS/. The tolls on the bridge will rise in spring, Mayor of Aram Ann Lee told \
         reporters.\n\n\
         \"We need the money for repairs,\" she said. \"The bridge is old.\"\n\n\
         The bridge was built in 1931. It is 300 m long.\n\n\
         \"Drivers are not happy, I know,\" the mayor noted. \"But there is no other way.\"\n\n\
         A spokesman for the union told NORPRESS that it would appeal. \"We were not asked,\" the \
         spokesman said.",
        &[
            "Ann Lee",
            "–",
            "–",
            "Ann Lee",
            "Ann Lee",
            "Ann Lee",
            "–",
            "–",
            "Ann Lee",
            "Ann Lee",
            "spokesman for the union",
            "spokesman for the union",
        ],
    );
}

const BRIEFING: &str = "---\ntitle: Remarks by President Berg and Prime Minister Moran of Sund, with Press \
Secretary Ann Lee\ndate: 2024-05-03\n---\n\nRiver Hall\n\n10:04 A.M.\n\n\
MS. LEE:  Good morning, everyone.  President Tom Berg will begin.\n\n\
THE PRESIDENT:  Thank you, Ann.  We had good talks.\n\nWe agreed on the dam.  (Applause.)\n\n\
PRIME MINISTER MORAN:  I thank you for the welcome.\n\n\
MODERATOR:  We take questions.\n\n\
Q    Mr. President, when does work begin?\n\n\
THE PRESIDENT:  In June.\n\n\
Q    — and the cost?\n\n\
PRIME MINISTER MORAN:  — half of it is ours.\n\n\
Q    (Inaudible.)\n\n\
AUDIENCE MEMBER:  What about the ferry?\n\n\
MS. LEE:  One at a time.\n\n\
END 10:31 A.M.\n";

#[test]
fn a_transcript_in_capitals_leads_to_full_names() {
    let records = tag_with("briefing.md", BRIEFING, &[]);
    let spoken: Vec<(&str, &str)> = records
        .iter()
        .map(|record| {
            let name = record["speaker"]["name"].as_str().unwrap_or("–");
            (name, record["text"].as_str().unwrap())
        })
        .collect();
    let who = |words: &str| {
        let found = spoken.iter().find(|(_, text)| text.contains(words));
        found
            .unwrap_or_else(|| panic!("{words} is not in {spoken:#?}"))
            .0
    };
    for (words, name) in [
        ("River Hall", "–"),
        ("Good morning", "Ann Lee"),
        ("will begin", "Ann Lee"),
        ("good talks", "Tom Berg"),
        ("agreed on the dam", "Tom Berg"),
        ("for the welcome", "Moran"),
        ("take questions", "Moderator"),
        ("when does work", "Q"),
        ("In June", "Tom Berg"),
        ("and the cost", "Q"),
        ("half of it", "Moran"),
        ("the ferry", "Audience Member"),
        ("One at a time", "Ann Lee"),
        ("END 10:31", "–"),
    ] {
        assert_eq!(who(words), name, "{words}: {spoken:#?}");
    }
    assert!(
        records
            .iter()
            .filter(|record| record["speaker"]["name"] == "Ann Lee")
            .all(|record| record["speaker"]["role"] == "Press Secretary")
    );
}

#[test]
fn turns_are_found_where_line_breaks_were_lost() {
    check(
        "The leaders met in Aram. * * * Beginning of the meeting President of Norland Tom Berg: Colleagues, I am \
         glad to see you. We have much to do. Mayor Ilse Moran Moran IlseMayor of Aram: Thank \
         you. We are ready. Tom Berg: Then we begin.",
        &[
            "–",
            "Tom Berg",
            "Tom Berg",
            "Ilse Moran",
            "Ilse Moran",
            "Tom Berg",
        ],
    );
}

#[test]
fn one_line_with_a_colon_makes_no_transcript() {
    for text in [
        "Ann Lee: a life on the river\n\nThe engineer was born in Aram. Critics called \
         her bridges “our pride”. Four of them still stand.",
        "UPDATE: The road is open\n\nTraffic flows again. Nobody was hurt.\n\nUPDATE: The bridge is open\n\nIt \
         was closed for a day.",
        "President of Norland Tom Berg: Dam will be built\n\nThe dam will stand near Aram. It costs nine million.",
    ] {
        let records = tag_with("article.txt", text, &[]);
        let last = records.last().unwrap();
        assert!(last["speaker"].is_null(), "{records:#?}");
        let direct = records.iter().filter(|record| record["speech"] == "direct");
        assert_eq!(direct.count(), 0, "{records:#?}");
    }
}

#[test]
fn an_address_is_its_authors_and_a_report_on_one_is_not() {
    let address = "---\ntitle: The dam is ours – address by President of Norland Tom Berg to the youth of \
        Aram\n---\n\nFriends! We built this dam. I am proud of you. Nobody else could do it.\n";
    let records = tag_with("address.md", address, &[]);
    assert_eq!(names(&records), ["Tom Berg"; 4]);
    assert!(records.iter().all(|record| record["speech"] == "direct"));
    let report = "---\ntitle: Address by President of Norland Tom Berg draws a crowd\n---\n\nThousands came \
        to the square. The President spoke for an hour. Shops were closed.\n";
    assert_eq!(names(&tag_with("report.md", report, &[])), ["–"; 3]);
}

#[test]
fn quotation_marks_of_every_kind_are_read() {
    for text in [
        "«Мы ждём», said Ann Lee.",
        "„We wait“, said Ann Lee.",
        "‘We wait,’ said Ann Lee.",
        "»We wait«, said Ann Lee.",
        "「We wait」, said Ann Lee.",
        "\"We wait, said Ann Lee.",
        "“We wait, said Ann Lee.",
        "\"We \"really\" wait,\" said Ann Lee.",
        "“We heard ‘no’ from the drivers’ union,” said Ann Lee.",
        "The drivers' leader, Ann Lee, said: 'We don't wait.'",
    ] {
        check(text, &["Ann Lee"]);
    }
    // A mark that nobody closes takes no more than its sentence.
    check(
        "“We wait, said Ann Lee. The road is long. The river is wide. Ben Okoro met the farmers.",
        &["Ann Lee", "–", "–", "–"],
    );
}

#[test]
fn without_names_without_speakers_and_with_a_hundred() {
    check(
        "It rained. The roads were empty. Nothing moved.",
        &["–", "–", "–"],
    );
    check("He said so.", &["–"]);
    let people: Vec<String> = (0..100)
        .map(|i| {
            let given = [
                "Ada", "Bela", "Cora", "Dario", "Edo", "Fenna", "Goro", "Hugo", "Imre", "Jona",
            ];
            let start = ["Ba", "De", "Fi", "Go", "Hu", "Ka", "Le", "Mi", "No", "Pu"];
            format!(
                "{} {}rndal{}",
                given[i % 10],
                start[i / 10],
                ["k", "m", "n"][i % 3]
            )
        })
        .collect();
    let text: Vec<String> = people
        .iter()
        .map(|person| format!("{person} said that the river is low."))
        .collect();
    let expected: Vec<&str> = people.iter().map(String::as_str).collect();
    check(&text.join("\n\n"), &expected);
}

#[test]
fn in_another_language_nobody_is_guessed() {
    let text = "Die Brücke ist alt, sagte Bürgermeisterin Anna Berg am Montag. „Wir brauchen das Geld für die \
        Reparatur“, erklärte sie. Die Arbeiten beginnen nach ihren Worten im Juni.";
    let records = tag_with("artikel.txt", text, &[]);
    assert_eq!(names(&records), ["–"; 3]);
    assert_eq!(records[0]["document"]["language"], "de");
}

#[test]
fn a_speaker_below_the_threshold_is_unknown() {
    let text = "“The road is closed,” said Ann Lee. Analysts believe that it will open soon.";
    let all = tag_with("article.txt", text, &[]);
    assert_eq!(names(&all), ["Ann Lee", "Analysts"]);
    let probability = |record: &Value| record["speaker"]["probability"].as_f64().unwrap();
    assert!(probability(&all[0]) > probability(&all[1]));
    let sure = tag_with("article.txt", text, &["--min-speaker-probability", "0.95"]);
    assert_eq!(names(&sure), ["Ann Lee", "–"]);
}

/// Tags two articles that spell two names in two ways; the summary.
fn tag_spellings(folder: &Path) -> String {
    let article = |name: &str, text: &str| {
        let text = format!("---\ndate: 2022-06-24\n---\n\n{text}\n");
        fs::write(folder.join(name), text).unwrap();
    };
    article(
        "a.md",
        "Sergei Lavrov said that the river is low. Sergei Kulikov said that the river is peaceful.",
    );
    article(
        "b.md",
        "Foreign Minister Lavrov said that talks go on. Sergey Kulikov said that trade grows.",
    );
    let tagged = plenary()
        .args(["tag", "--engine", "overlap", "-o"])
        .arg(folder.join("records.jsonl"))
        .arg(folder.join("a.md"))
        .arg(folder.join("b.md"))
        .output()
        .unwrap();
    String::from_utf8(tagged.stderr).unwrap()
}

#[test]
fn a_name_stays_as_its_article_gives_it_beside_the_one_of_all_articles() {
    let folder = tempfile::tempdir().unwrap();
    let summary = tag_spellings(folder.path());
    assert!(
        summary.contains("Sergei Lavrov = Sergey Lavrov") && !summary.contains("Kulikov"),
        "{summary}"
    );
    let lines = fs::read_to_string(folder.path().join("records.jsonl")).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        names(&lines),
        [
            "Sergei Lavrov",
            "Sergei Kulikov",
            "Lavrov",
            "Sergey Kulikov"
        ]
    );
    let known: Vec<Option<&str>> = lines
        .iter()
        .map(|line| line["speaker"]["known_as"].as_str())
        .collect();
    let lavrov = Some("Sergey Lavrov");
    assert_eq!(known, [lavrov, None, lavrov, None]);
}

#[test]
fn spellings_of_a_name_are_one_speaker_in_a_comparison() {
    let folder = tempfile::tempdir().unwrap();
    tag_spellings(folder.path());
    let compare = |arguments: &[&str]| -> Value {
        let output = plenary()
            .args(["compare", "--min-statements", "1", "--format", "json"])
            .args(arguments)
            .arg(folder.path().join("records.jsonl"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let comparison = compare(&[]);
    let groups = comparison["groups"].as_array().unwrap();
    let sizes: Vec<(&str, u64)> = groups
        .iter()
        .map(|g| {
            (
                g["name"].as_str().unwrap(),
                g["statements"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(sizes, [("Sergei Kulikov", 2), ("Sergey Lavrov", 2)]);
    let note = comparison["notes"].to_string();
    assert!(
        note.contains("Sergei Kulikov = Sergey Kulikov") && note.contains("Lavrov = Sergei Lavrov"),
        "{note}"
    );
    let one = compare(&["--groups", "Sergey Kulikov"]);
    assert_eq!(one["groups"][0]["name"], "Sergei Kulikov");
    let apart = compare(&["--exact-names"]);
    assert_eq!(apart["groups"].as_array().unwrap().len(), 3);
}

#[test]
fn the_users_names_join_articles_and_the_summary_tells() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("news")).unwrap();
    write("news/a.txt", "Anna-Maria Lee said that the road is closed.");
    write(
        "news/b.txt",
        "Mayor A. M. Lee said that the road is open. Tom Berg agreed that it is.",
    );
    write("names.csv", "Anna-Maria Lee,A. M. Lee,Mayor of Aram\n");
    write(
        "names.toml",
        "\"Anna-Maria Lee\" = [\"A. M. Lee\", \"Mayor of Aram\"]\n",
    );
    write("broken.csv", "Anna-Maria Lee,Lee\nTom Lee,Lee\n");
    let run = |names: &str, output: &Path| {
        plenary()
            .args(["tag", "--engine", "overlap", "--speakers"])
            .arg(folder.path().join(names))
            .arg(folder.path().join("news"))
            .arg("-o")
            .arg(output)
            .output()
            .unwrap()
    };
    for table in ["names.csv", "names.toml"] {
        let output = folder.path().join(format!("{table}.jsonl"));
        let ran = run(table, &output);
        let summary = String::from_utf8(ran.stderr).unwrap();
        assert!(summary.contains("A. M. Lee = Anna-Maria Lee"), "{summary}");
        let lines = fs::read_to_string(&output).unwrap();
        let records: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(
            names(&records),
            ["Anna-Maria Lee", "Anna-Maria Lee", "Tom Berg"]
        );
        assert_eq!(records[1]["speaker"]["given_name"], "A. M. Lee");
        assert!(records[0]["speaker"]["given_name"].is_null());
    }
    let refused = run("broken.csv", &folder.path().join("none.jsonl"));
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("broken.csv, line 2"), "{message}");
}
