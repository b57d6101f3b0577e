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
    let duration = Duration::from_secs_f64(seconds);
    for name in if engines.is_empty() { &all } else { engines } {
        let (opened, rate) = timed(name, &folder, &batches, duration)?;
        println!("{name}: opened in {opened:.2} s, {rate}");
    }
    #[cfg(feature = "libtorch")]
    println!(
        "rust-bert:f32:1: {}",
        rust_bert::rate(&folder, &batches, duration)?
    );
    Ok(())
}

/// rust-bert used directly: padded batches of like length, all cores for each.
#[cfg(feature = "libtorch")]
mod rust_bert {
    use std::error::Error;
    use std::time::{Duration, Instant};

    use plenary::engine::TokenBatch;
    use plenary::engine::network::{Dropout, Network, generator};
    use plenary::model::ModelFolder;
    use tch::Tensor;

    const ROWS: usize = 32;

    pub(super) fn rate(
        folder: &ModelFolder,
        batches: &[TokenBatch],
        duration: Duration,
    ) -> Result<super::Rate, Box<dyn Error>> {
        let _generator = generator();
        let mut network = Network::new(
            folder.config(),
            folder.spec().heads.iter(),
            Dropout::default(),
        )?;
        network.load_all(folder.weights())?;
        let cores = std::thread::available_parallelism()?.get();
        tch::set_num_threads(i32::try_from(cores)?);
        let padded = padded(batches)?;
        let mut measured = super::Measured::begin();
        let start = Instant::now();
        for (ids, mask) in padded.iter().cycle() {
            if start.elapsed() > duration {
                break;
            }
            tch::no_grad(|| network.forward(ids, Some(mask), false))?;
            measured.statements += usize::try_from(ids.size()[0])?;
        }
        Ok(measured.end())
    }

    /// The same rows in batches of 32, sorted by length and padded, in the scattered order of the others.
    fn padded(batches: &[TokenBatch]) -> Result<Vec<(Tensor, Tensor)>, Box<dyn Error>> {
        let rows = batches
            .iter()
            .flat_map(|batch| batch.ids.chunks(batch.columns));
        let mut rows: Vec<&[u32]> = rows.collect();
        rows.sort_by_key(|row| row.len());
        let mut padded = Vec::new();
        for some in rows.chunks(ROWS) {
            let columns = some.iter().map(|row| row.len()).max().unwrap_or_default();
            let (mut ids, mut mask) = (Vec::new(), Vec::new());
            for row in some {
                let padding = std::iter::repeat_n(0, columns - row.len());
                ids.extend(row.iter().map(|&id| i64::from(id)).chain(padding.clone()));
                mask.extend(row.iter().map(|_| 1i64).chain(padding));
            }
            let shape = [i64::try_from(some.len())?, i64::try_from(columns)?];
            let [ids, mask] = [ids, mask].map(|values| Tensor::from_slice(&values).view(shape));
            padded.push((ids, mask));
        }
        let count = padded.len();
        let order = (0..count).map(|index| index * 7919 % count);
        Ok(order
            .map(|at| (padded[at].0.shallow_clone(), padded[at].1.shallow_clone()))
            .collect())
    }
}

/// Statements run, by the clock and by the processor's time.
struct Measured {
    statements: usize,
    start: Instant,
    processor_start: Option<f64>,
}

/// Statements a second.
struct Rate {
    wall: f64,
    processor: Option<f64>,
}

impl Measured {
    fn begin() -> Self {
        Self {
            statements: 0,
            start: Instant::now(),
            processor_start: processor_seconds(),
        }
    }

    fn end(&self) -> Rate {
        let statements = self.statements as f64;
        let processor = processor_seconds().zip(self.processor_start);
        Rate {
            wall: statements / self.start.elapsed().as_secs_f64(),
            processor: processor.map(|(end, start)| statements / (end - start)),
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
    let (next, statements) = (AtomicUsize::new(0), AtomicUsize::new(0));
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
    measured.statements = statements.into_inner();
    Ok((opened, measured.end()))
}
