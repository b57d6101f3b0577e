//! How many statements a second the bare engines run, and how long they take to open.
//!
//! `cargo bench --bench engines -- MODEL TEXT [--tokens N] [--seconds S] [ENGINE[:PRECISION[:SESSIONS]]…]`;
//! TEXT is a `.txt` with one statement a line, or an archive, whose windows are run as `plenary tag` would: each once,
//! however often it comes. Batches are of one length each and hold up to N tokens, by default as many as those of a run.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use plenary::corpus::{self, CorpusOptions, Entry};
use plenary::engine::{self, Engine, EngineOptions, Opened, TokenBatch};
use plenary::model::ModelFolder;
use plenary::model::graph::Precision;
use plenary::run::{Pipeline, RunOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let mut tokens = RunOptions::default().batch_tokens;
    let mut seconds = 4.0;
    let mut words = Vec::new();
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--tokens" => tokens = arguments.next().ok_or("--tokens N")?.parse()?,
            "--seconds" => seconds = arguments.next().ok_or("--seconds S")?.parse()?,
            _ => words.push(argument),
        }
    }
    let [model, text, engines @ ..] = words.as_slice() else {
        println!(
            "skipped: give a model folder, and a text file with one statement a line or an archive"
        );
        return Ok(());
    };
    let start = Instant::now();
    let folder = ModelFolder::open(Path::new(model))?;
    println!(
        "folder opened in {:.2} s: {}",
        start.elapsed().as_secs_f64(),
        folder.id()
    );
    let read = read(&folder, Path::new(text))?;
    let batches = batches(&read.rows, tokens);
    let all = [
        "embedded:f32:2",
        "onnxruntime:f32:2",
        "embedded:int8:2",
        "onnxruntime:int8:2",
    ]
    .map(str::to_owned);
    let duration = Duration::from_secs_f64(seconds);
    for name in if engines.is_empty() { &all } else { engines } {
        let (opened, rate) = timed(name, &folder, &batches, duration)?;
        let rate = rate.of_statements(&read);
        println!("{name}: opened in {opened:.2} s, {rate}");
    }
    #[cfg(feature = "libtorch")]
    println!(
        "rust-bert:f32:1: {}",
        rust_bert::rate(&folder, &batches, duration)?.of_statements(&read)
    );
    Ok(())
}

#[cfg(feature = "libtorch")]
#[path = "engines/rust_bert.rs"]
mod rust_bert;

/// Rows run, by the clock and by the processor's time.
struct Measured {
    rows: usize,
    start: Instant,
    processor_start: Option<f64>,
}

/// Rows or statements a second.
struct Rate {
    wall: f64,
    processor: Option<f64>,
}

impl Rate {
    fn of_statements(&self, read: &Read) -> Self {
        let of_a_row = read.statements as f64 / read.rows.len() as f64;
        Self {
            wall: self.wall * of_a_row,
            processor: self.processor.map(|rate| rate * of_a_row),
        }
    }
}

impl Measured {
    fn begin() -> Self {
        Self {
            rows: 0,
            start: Instant::now(),
            processor_start: processor_seconds(),
        }
    }

    fn end(&self) -> Rate {
        let rows = self.rows as f64;
        let processor = processor_seconds().zip(self.processor_start);
        Rate {
            wall: rows / self.start.elapsed().as_secs_f64(),
            processor: processor.map(|(end, start)| rows / (end - start)),
        }
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0} statements a second", self.wall)?;
        match self.processor {
            Some(processor) => write!(f, ", {processor:.0} a second of processor time"),
            None => Ok(()),
        }
    }
}

/// What the engines are given, and how many statements that is.
struct Read {
    rows: Vec<Vec<u32>>,
    statements: usize,
}

fn read(folder: &ModelFolder, text: &Path) -> Result<Read, Box<dyn Error>> {
    let start = Instant::now();
    let read = if text.extension().is_some_and(|ending| ending == "txt") {
        lines(folder, &std::fs::read_to_string(text)?)?
    } else {
        windows(folder, text)?
    };
    let seconds = start.elapsed().as_secs_f64();
    let (statements, rows) = (read.statements, read.rows.len());
    let tokens: usize = read.rows.iter().map(Vec::len).sum();
    let mean = tokens as f64 / rows as f64;
    println!("{statements} statements in {rows} rows of {mean:.1} tokens, read in {seconds:.2} s");
    Ok(read)
}

fn lines(folder: &ModelFolder, text: &str) -> Result<Read, Box<dyn Error>> {
    let (tokenizer, max_tokens) = (folder.tokenizer(), folder.spec().max_tokens);
    let row = |line| Ok(TokenBatch::of_text(line, tokenizer, max_tokens)?.ids);
    let rows = text
        .lines()
        .map(row)
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let statements = rows.len();
    Ok(Read { rows, statements })
}

fn windows(folder: &ModelFolder, archive: &Path) -> Result<Read, Box<dyn Error>> {
    let pipeline = Pipeline::new(folder.spec(), folder.tokenizer().clone())?;
    let (mut rows, mut statements) = (BTreeSet::new(), 0);
    for entry in corpus::open(&[archive.to_owned()], &CorpusOptions::default())? {
        if let Entry::Document(document) = entry {
            let prepared = pipeline.prepare(document)?;
            statements += prepared.analysis.statements.len();
            rows.extend(prepared.windows.into_iter().map(|window| window.ids));
        }
    }
    let rows = rows.into_iter().collect();
    Ok(Read { rows, statements })
}

/// Batches of equal lengths, long and short ones mixed, so that any part stands for the whole.
fn batches(rows: &[Vec<u32>], tokens: usize) -> Vec<TokenBatch> {
    let mut lengths: BTreeMap<usize, Vec<&[u32]>> = BTreeMap::new();
    for row in rows {
        lengths.entry(row.len()).or_default().push(row);
    }
    let mut batches = Vec::new();
    for (length, rows) in lengths {
        for rows in rows.chunks((tokens / length).max(1)) {
            batches.push(TokenBatch {
                ids: rows.concat(),
                type_ids: Vec::new(),
                lengths: vec![length; rows.len()],
                columns: length,
            });
        }
    }
    let mut order: Vec<usize> = (0..batches.len()).collect();
    order.sort_by_key(|index| index * 7919 % batches.len());
    order
        .into_iter()
        .map(|index| batches[index].clone())
        .collect()
}

/// Seconds of processor time used so far, where Linux tells: the fairer measure on a busy machine.
fn processor_seconds() -> Option<f64> {
    let line = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = line.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u32 = fields.get(11)?.parse::<u32>().ok()? + fields.get(12)?.parse::<u32>().ok()?;
    Some(f64::from(ticks) / 100.0)
}

fn open(name: &str, folder: &ModelFolder) -> Result<Opened, Box<dyn Error>> {
    let mut parts = name.split(':');
    let choice = parts.next().unwrap_or_default().parse()?;
    let precision = match parts.next() {
        Some("int8") => Precision::Int8,
        _ => Precision::F32,
    };
    let options = EngineOptions {
        choice,
        precision,
        sessions: parts.next().unwrap_or("1").parse()?,
        library_places: vec![
            ".onnxruntime".into(),
            ".venv".into(),
            "/usr".into(),
            "/usr/local".into(),
        ],
        ..EngineOptions::default()
    };
    Ok(engine::open(folder, &options)?)
}

/// Seconds to open an engine, and how fast it is over whole passes of at least `duration`: long rows and short ones cost
/// differently, and a part of them says little of all.
fn timed(
    name: &str,
    folder: &ModelFolder,
    batches: &[TokenBatch],
    duration: Duration,
) -> Result<(f64, Rate), Box<dyn Error>> {
    let start = Instant::now();
    let mut engines = open(name, folder)?.engines;
    let opened = start.elapsed().as_secs_f64();
    let (next, rows) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let end = AtomicUsize::new(usize::MAX);
    let mut measured = Measured::begin();
    let start = Instant::now();
    let work = |engine: &mut Box<dyn Engine>| {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index > 0 && index % batches.len() == 0 && start.elapsed() >= duration {
                end.store(index, Ordering::Relaxed);
            }
            if index >= end.load(Ordering::Relaxed) {
                break;
            }
            let batch = &batches[index % batches.len()];
            engine.run(batch)?;
            rows.fetch_add(batch.rows(), Ordering::Relaxed);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = engines
            .iter_mut()
            .map(|engine| scope.spawn(move || work(engine)))
            .collect();
        let joined = threads.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        joined.collect::<plenary::error::Result<()>>()
    })?;
    measured.rows = rows.into_inner();
    Ok((opened, measured.end()))
}
