//! How many statements a second the bare engines run, and how long they take to open.
//!
//! `cargo bench --bench engines -- MODEL TEXT [--tokens N] [--seconds S] [ENGINE[:PRECISION[:SESSIONS]]…]`;
//! TEXT holds one statement a line. Batches are of one length each and hold up to N tokens.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use plenary::engine::{self, Engine, EngineOptions, Opened, TokenBatch};
use plenary::model::ModelFolder;
use plenary::model::graph::Precision;

fn main() -> Result<(), Box<dyn Error>> {
    let mut tokens = 512;
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
        println!("skipped: give a model folder and a text file with one statement a line");
        return Ok(());
    };
    let start = Instant::now();
    let folder = ModelFolder::open(Path::new(model))?;
    println!(
        "folder opened in {:.2} s: {}",
        start.elapsed().as_secs_f64(),
        folder.id()
    );
    let batches = batches(
        &folder,
        &std::fs::read_to_string(PathBuf::from(text))?,
        tokens,
    )?;
    let all = [
        "embedded:f32:2",
        "onnxruntime:f32:2",
        "embedded:int8:2",
        "onnxruntime:int8:2",
    ]
    .map(str::to_owned);
    for name in if engines.is_empty() { &all } else { engines } {
        measure(name, &folder, &batches, Duration::from_secs_f64(seconds))?;
    }
    Ok(())
}

/// Batches of equal lengths, long and short ones mixed, so that any part stands for the whole.
fn batches(
    folder: &ModelFolder,
    text: &str,
    tokens: usize,
) -> Result<Vec<TokenBatch>, Box<dyn Error>> {
    let (tokenizer, max_tokens) = (folder.tokenizer(), folder.spec().max_tokens);
    let mut lengths: BTreeMap<usize, Vec<Vec<u32>>> = BTreeMap::new();
    let start = Instant::now();
    let (mut statements, mut total) = (0, 0);
    for line in text.lines() {
        let TokenBatch { ids, .. } = TokenBatch::of_text(line, tokenizer, max_tokens)?;
        statements += 1;
        total += ids.len();
        lengths.entry(ids.len()).or_default().push(ids);
    }
    let seconds = start.elapsed().as_secs_f64();
    let mean = f64::from(u32::try_from(total)?) / f64::from(statements);
    println!("{statements} statements of {mean:.1} tokens, tokenised in {seconds:.2} s");
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
    Ok(order
        .into_iter()
        .map(|index| batches[index].clone())
        .collect())
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
        library_places: vec![".venv".into(), "/usr".into(), "/usr/local".into()],
        ..EngineOptions::default()
    };
    Ok(engine::open(folder, &options)?)
}

fn measure(
    name: &str,
    folder: &ModelFolder,
    batches: &[TokenBatch],
    duration: Duration,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut engines = open(name, folder)?.engines;
    let opened = start.elapsed().as_secs_f64();
    let (next, statements) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (start, processor_start) = (Instant::now(), processor_seconds());
    let work = |engine: &mut Box<dyn Engine>| {
        while start.elapsed() < duration {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let batch = &batches[index % batches.len()];
            engine.run(batch)?;
            statements.fetch_add(batch.rows(), Ordering::Relaxed);
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
    let statements = statements.into_inner() as f64;
    let rate = statements / start.elapsed().as_secs_f64();
    print!("{name}: opened in {opened:.2} s, {rate:.0} statements a second");
    match processor_seconds().zip(processor_start) {
        Some((end, start)) => println!(
            ", {:.0} a second of processor time",
            statements / (end - start)
        ),
        None => println!(),
    }
    Ok(())
}
