//! How many megabytes a second one core reads, and how many it segments: neither should ever be what a run
//! waits for.
//!
//! `cargo bench --bench reading -- [SECONDS] [FILE…]`; without files, text is made up, and read in every format.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]

use std::error::Error;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use plenary::columnar::{self, Kind};
use plenary::corpus::{self, CorpusOptions, Entry};
use plenary::stages::segment::Segmenter;

/// Documents of the text that is made up: some 6 MB.
const DOCUMENTS: usize = 2_000;

/// Web pages that are made up, each with the text of one document.
const PAGES: usize = 200;

/// What the documents are made of; names and numbers change from one to the next.
const PARAGRAPHS: [&str; 4] = [
    "The council of town {n} met on Tuesday to discuss the new harbour, which it has been waiting for since \
     the storm of last winter. “We will not wait any longer,” said Mr. J. Stone, who speaks for the fishermen.",
    "The ferry runs every 3.5 hours, at a price of 12.40 a head; its owner, Stone & Sons Ltd., said that it \
     could not go on like this. Who will pay for it? Nobody knows.",
    "“First, the river,” the mayor said in town {n}. “Then, the bridge. After that we shall see what is left \
     of the money, and whether the U.S. company keeps its word.”",
    "In the afternoon the members voted by 23 to 14. The opposition called the vote an insult, and left.",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let seconds = match words.first().and_then(|word| word.parse().ok()) {
        Some(seconds) => {
            words.remove(0);
            seconds
        }
        None => 2.0,
    };
    let duration = Duration::from_secs_f64(seconds);
    let folder = tempfile::tempdir()?;
    let files = if words.is_empty() {
        made_up(folder.path())?
    } else {
        words.iter().map(PathBuf::from).collect()
    };
    for file in files {
        measure(&file, duration)?;
    }
    Ok(())
}

/// The same documents in a file of each format.
fn made_up(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let text = |n: usize| {
        let paragraphs = (0..12).map(|i| PARAGRAPHS[(n + i) % 4].replace("{n}", &n.to_string()));
        paragraphs.collect::<Vec<_>>().join("\n\n")
    };
    let (mut lines, mut rows, mut whole) = (
        Vec::new(),
        csv::Writer::from_writer(Vec::new()),
        String::new(),
    );
    let mut records = Vec::new();
    rows.write_record(["id", "text"])?;
    for n in 0..DOCUMENTS {
        let (id, text) = (n.to_string(), text(n));
        writeln!(lines, "{}", serde_json::json!({ "id": id, "text": text }))?;
        writeln!(
            records,
            "{}",
            serde_json::json!({ "document": { "id": id }, "text": text })
        )?;
        rows.write_record([&id, &text])?;
        whole.push_str(&text);
        whole.push_str("\n\n");
    }
    let mut parquet = Vec::new();
    columnar::write(
        Kind::Parquet,
        &[],
        || Ok(Cursor::new(&records)),
        &mut parquet,
    )?;
    let pages = folder.join("pages");
    std::fs::create_dir(&pages)?;
    for n in 0..PAGES {
        std::fs::write(pages.join(format!("{n}.html")), page(&text(n)))?;
    }
    let files = [
        ("news.txt", whole.clone().into_bytes()),
        ("news.md", whole.clone().into_bytes()),
        ("news.jsonl.zst", zstd::encode_all(lines.as_slice(), 3)?),
        ("news.jsonl", lines),
        ("news.csv", rows.into_inner()?),
        ("news.parquet", parquet),
    ];
    let written = files.into_iter().map(|(name, bytes)| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map(|()| path)
    });
    let written: Result<Vec<_>, _> = written.collect();
    Ok(std::iter::once(pages).chain(written?).collect())
}

/// A page as newspapers have them. Of 330 real ones (which the parsers `readabilityrs`, `trafilatura`, `newspaper4k` and
/// `htmldate` are tested with) the median has 5 % words, and 37 % that is cut before the page is parsed; this one 6 and 42.
fn page(text: &str) -> String {
    let repeat = |count: usize, what: fn(usize) -> String| (0..count).map(what).collect::<String>();
    let link = |n| {
        format!(
            "<li class=\"menu-item menu-item-{n}\"><a class=\"menu-link\" href=\"/section/{n}/index.html\">Section {n}</a></li>\n"
        )
    };
    let card = |n| {
        format!(
            "<div class=\"card card--small\" data-position=\"{n}\">\n  <a class=\"card__link\" href=\"/2024/03/05/story-{n}.html\" \
             title=\"Read on\">\n    <img class=\"card__image\" src=\"https://images.example.org/{n}/320x180.jpg\" \
             srcset=\"https://images.example.org/{n}/640x360.jpg 2x\" width=\"320\" height=\"180\" alt=\"\">\n    \
             <span class=\"card__label\">News</span>\n    <h3 class=\"card__title\">Story {n} of the day</h3>\n  </a>\n</div>\n"
        )
    };
    let setting = |n| {
        format!("window.settings.push({{ \"slot\": {n}, \"sizes\": [[300, 250], [728, 90]] }});\n")
    };
    let article = text.replace("\n\n", "</p>\n<p class=\"story-text\">");
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><title>The harbour of the town</title>\n\
         <meta property=\"og:site_name\" content=\"The Harbour Gazette\">\n\
         <meta property=\"article:published_time\" content=\"2024-03-05T08:00:00Z\">\n\
         <style>{}</style>\n<script>{}</script></head>\n<body><header><nav><ul>{}</ul></nav></header>\n\
         <main><article class=\"story\"><h1>The harbour of the town</h1>\n<p class=\"story-text\">{article}</p>\n\
         </article>\n<div class=\"related\">{}</div></main>\n<footer><ul>{}</ul></footer></body></html>\n",
        ".story-text { margin: 0 auto; max-width: 40rem; }\n".repeat(20),
        repeat(100, setting),
        repeat(40, link),
        repeat(42, card),
        repeat(40, link),
    )
}

fn documents(
    file: &Path,
) -> plenary::error::Result<impl Iterator<Item = plenary::schema::Document>> {
    let archive = corpus::open(&[file.to_owned()], &CorpusOptions::default())?;
    Ok(archive.filter_map(|entry| match entry {
        Entry::Document(document) => Some(document),
        Entry::Quarantined(_) => None,
    }))
}

/// Reads the file again and again, then segments what was read; megabytes of the file (of the text, where that is more: the
/// file is packed) and of the text.
fn measure(file: &Path, duration: Duration) -> Result<(), Box<dyn Error>> {
    let read: Vec<_> = documents(file)?.map(Arc::new).collect();
    let bytes: usize = read.iter().map(|document| document.text().len()).sum();
    let reading = rate(bytes.max(size_of(file)?), duration, || {
        Ok(documents(file)?.count())
    })?;
    let segmenter = Segmenter::default();
    let segmenting = rate(bytes, duration, || {
        let found = read
            .iter()
            .map(|document| segmenter.segment(Arc::clone(document)));
        Ok(found.map(|analysis| analysis.statements.len()).sum())
    })?;
    let (name, count) = (file.display(), read.len());
    let megabytes = bytes as f64 / 1e6;
    println!(
        "{name}: {count} documents, {megabytes:.1} MB of text; read {reading:.0} MB/s, segmented {segmenting:.0} MB/s"
    );
    Ok(())
}

/// Bytes of a file, or of the files in a folder.
fn size_of(path: &Path) -> std::io::Result<usize> {
    if path.is_dir() {
        return std::fs::read_dir(path)?
            .map(|entry| size_of(&entry?.path()))
            .sum();
    }
    Ok(usize::try_from(std::fs::metadata(path)?.len()).unwrap_or(usize::MAX))
}

/// Megabytes a second of the fastest round: what slows a round down is another's work.
fn rate(
    bytes: usize,
    duration: Duration,
    mut work: impl FnMut() -> Result<usize, Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    let (start, mut fastest) = (Instant::now(), Duration::MAX);
    while start.elapsed() < duration || fastest == Duration::MAX {
        let round = Instant::now();
        std::hint::black_box(work()?);
        fastest = fastest.min(round.elapsed());
    }
    Ok(bytes as f64 / fastest.as_secs_f64() / 1e6)
}
