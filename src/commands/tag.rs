//! `plenary tag`: an archive in, annotated records out.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, ensure};
use indicatif::HumanCount;
use plenary::output::{self, Format, Output, OutputOptions};
use plenary::run;
use plenary::schema::{Counts, Run, Shard};
use plenary::stages::segment::Split;

use super::Status;
use super::entries::Unfinished;
use super::labels::LabelArguments;
use super::progress::Progress;
use super::reading::ReadingArguments;
use super::record_sink::RecordSink;
use super::setup::{ModelArguments, Setup};
use super::speakers::SpeakerArguments;
use super::summary::Summary;

const EXAMPLES: &str = "\
Examples:
  plenary tag articles/ -o records.jsonl
  plenary tag 'news/*.html' dump.jsonl.gz -o records.csv
  plenary tag speeches/ --metadata speakers.csv -o records.jsonl     speaker, date … by file name
  plenary tag news/ --speakers names.csv -o records.jsonl            one name for each speaker everywhere
  plenary tag articles/ --min-precision 0.9 -o records.jsonl         themes only where they are sure
  plenary tag articles/ --taxonomy mine.toml -o records.jsonl        themes of your own, by their definitions
  plenary tag articles/ --target 'NATO enlargement' -o records.jsonl  who is for and against it
  plenary tag survey.csv --field text=answer --split none -o -       each answer is one statement
  plenary tag --retry records.jsonl.quarantine.jsonl --max-document-bytes 100000000 -o more.jsonl
  cat speech.txt | plenary tag - -o - --quiet | head -3

An output that exists unfinished is gone on with. Beside the records lie NAME.manifest.json and, if
anything could not be read, NAME.quarantine.jsonl.
Exit status: 0 done; 1 done, but some input was quarantined; 2 could not run; 130 stopped by Ctrl-C.";

/// Tag an archive: every statement with its speaker, themes, stances and targets
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Files, folders, globs, or - for standard input
    #[arg(required_unless_present = "retry", value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// In place of inputs: what this quarantine file of an earlier run names, read again
    #[arg(long, value_name = "FILE", conflicts_with = "inputs")]
    retry: Option<PathBuf>,

    /// Where the records go; - for standard output. The ending chooses the format
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// The format of the records [default: by the ending of the file, else jsonl]
    #[arg(long, value_enum)]
    format: Option<FormatArgument>,

    /// Begin anew where an unfinished run could be gone on with
    #[arg(long)]
    restart: bool,

    /// Tag only this part of the archive, such as 3/16; `plenary merge` joins the parts
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,

    /// What is a statement
    #[arg(long, value_enum, default_value_t = SplitArgument::Sentences)]
    split: SplitArgument,

    /// Nothing on stderr but errors
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    reading: ReadingArguments,

    #[command(flatten)]
    model: ModelArguments,

    #[command(flatten)]
    labels: LabelArguments,

    #[command(flatten)]
    speakers: SpeakerArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FormatArgument {
    /// One JSON object a line, one line a statement
    Jsonl,
    /// A table, one row a label
    Csv,
    /// A table, one row a statement
    CsvWide,
    /// Columns with the nesting of the JSON
    Parquet,
    /// The same as an Arrow IPC file (Feather)
    Arrow,
    /// The same as an Arrow IPC stream
    ArrowStream,
}

impl From<FormatArgument> for Format {
    fn from(argument: FormatArgument) -> Self {
        match argument {
            FormatArgument::Jsonl => Self::JsonLines,
            FormatArgument::Csv => Self::Csv,
            FormatArgument::CsvWide => Self::CsvWide,
            FormatArgument::Parquet => Self::Parquet,
            FormatArgument::Arrow => Self::Arrow,
            FormatArgument::ArrowStream => Self::ArrowStream,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum SplitArgument {
    /// Every sentence
    Sentences,
    /// Each input record as a whole: gold sets, survey answers
    None,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let split = match self.split {
            SplitArgument::Sentences => Split::Sentences,
            SplitArgument::None => Split::None,
        };
        let opened = match &self.retry {
            Some(quarantine) => self.reading.open_again(quarantine)?,
            None => self.reading.open(&self.inputs, &self.output)?,
        };
        let attributor = self.speakers.attributor()?;
        let mut setup = Setup::open(&self.model, &self.labels, split)?;
        setup.pipeline.attributor = attributor;
        if !self.quiet {
            writeln!(std::io::stderr(), "engine       {}", setup.note)?;
        }
        let (output, resume) = self.open_output(self.settings(&setup, &opened.tables))?;
        let goes_on = resume.remaining() > 0;
        let stop = stop_on_interrupt()?;
        let mut sink = RecordSink {
            taxonomy: &setup.taxonomy,
            model: &setup.model,
            output,
            progress: Progress::new(opened.progress.total_bytes(), self.quiet),
            summary: Summary::new(
                goes_on,
                setup.told_by,
                self.labels.in_words(setup.pipeline.classifier.thresholds()),
            ),
            read: opened.progress,
        };
        let mut unfinished = Unfinished::new(opened.entries, resume, self.shard);
        run::run(
            &mut unfinished,
            &setup.pipeline,
            setup.workers,
            &mut sink,
            &stop,
        )?;
        let working = unfinished.working();
        unfinished.end(stop.load(Ordering::Relaxed), sink.output.counts())?;
        let elapsed = sink.progress.finish();
        let elapsed = if goes_on { working } else { elapsed };
        if stop.load(Ordering::Relaxed) {
            return interrupted(&self.output);
        }
        let manifest = sink.output.finish()?;
        let status = if manifest.counts.quarantined > 0 {
            Status::Quarantined
        } else {
            Status::Done
        };
        if !self.quiet {
            let mut summary = sink.summary;
            summary.without_row = sink.read.without_row().unwrap_or(0);
            summary.no_pages = sink.read.no_pages();
            let to = (&setup.taxonomy, self.output.as_path(), setup.engine);
            summary
                .print(&manifest, to, elapsed)
                .context("cannot write the summary")?;
        }
        Ok(status)
    }
}

impl Arguments {
    /// Says where an interrupted run is gone on with.
    fn say_where(&self, behind: &Counts) -> std::io::Result<()> {
        let (documents, statements) = (HumanCount(behind.read), HumanCount(behind.statements));
        writeln!(
            std::io::stderr(),
            "goes on      after document {documents} of {}, statement {statements}",
            self.output.display()
        )
    }

    /// What decides the records beside the documents themselves.
    fn settings(&self, setup: &Setup, tables: &[PathBuf]) -> Run {
        let themes = setup
            .taxonomy
            .themes
            .iter()
            .map(|theme| theme.name.clone())
            .collect();
        let mut run = Run::new(setup.model.clone(), setup.taxonomy.hash(), themes);
        run.model_sha256.clone_from(&setup.model_sha256);
        run.shard = self.shard;
        let split = if self.split == SplitArgument::None {
            "none"
        } else {
            "sentences"
        };
        run.settings.extend([
            ("engine".to_owned(), setup.engine.into()),
            ("precision".to_owned(), self.model.precision.name().into()),
            ("split".to_owned(), split.into()),
        ]);
        self.labels
            .describe(&mut run, setup.pipeline.classifier.thresholds());
        run.settings.extend(self.speakers.settings());
        run.settings.extend(self.reading.settings(tables));
        if let Some(quarantine) = &self.retry {
            let path = quarantine.display().to_string();
            run.settings.insert("retry".to_owned(), path.into());
        }
        run
    }

    fn open_output(&self, run: Run) -> anyhow::Result<(Output, output::Resume)> {
        let own = output::beside(&self.output, "quarantine.jsonl");
        ensure!(
            self.retry.as_ref() != Some(&own),
            "{} are the records of the first try; name another output, such as -o more.jsonl",
            self.output.display()
        );
        let format = match self.format {
            Some(format) => format.into(),
            None => Format::of_output(&self.output)?,
        };
        if self.output == Path::new("-") {
            let output = Output::stream(
                Box::new(std::io::stdout()),
                "standard output".into(),
                format,
                run,
            )?;
            return Ok((output, output::Resume::default()));
        }
        let options = OutputOptions {
            path: self.output.clone(),
            format,
            restart: self.restart,
        };
        let (output, resume) = Output::open(&options, run)?;
        if resume.remaining() > 0 && !self.quiet {
            self.say_where(output.counts())?;
        }
        Ok((output, resume))
    }
}

/// Makes Ctrl-C end the run after the documents at hand.
fn stop_on_interrupt() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")?;
    Ok(stop)
}

fn interrupted(output: &Path) -> anyhow::Result<Status> {
    let mut stderr = std::io::stderr();
    if output == Path::new("-") {
        writeln!(stderr, "stopped")?;
    } else {
        writeln!(
            stderr,
            "stopped; run the same command again to go on with {}",
            output.display()
        )?;
    }
    Ok(Status::Interrupted)
}
