//! `plenary train`: labelled statements in, a model folder out.

use std::io::{IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use plenary::training::{
    self, Figures, HeadOptions, HeadReport, Losses, Progress, Recipe, Report, TrainOptions,
};

use super::{Status, setup, taxonomy};

const EXAMPLES: &str = "\
Examples:
  make base-model                              fetches MiniLM-L6 into .base-model
  plenary train --labels train.jsonl --dev dev.jsonl --output models/mine
  plenary train --labels train.jsonl --attributions polnear.jsonl --dev dev.jsonl --output models/mine
  plenary train --labels climate.jsonl --taxonomy climate.toml --output models/climate
  plenary train --head-only --labels few.jsonl --taxonomy mine.toml --output models/few    (without libtorch)
  plenary tag articles/ --model models/mine -o records.jsonl

Labels are JSON Lines: {\"id\": \"1\", \"text\": \"…\", \"labels\": [{\"theme\": \"security\", \"stance\":
\"oppose\", \"target\": \"words of the text\"}]}. A training that was interrupted goes on with --resume.
Exit status: 0 done; 2 could not run.";

/// Train a model on labelled statements (needs a program built with libtorch)
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Labelled statements; may be repeated
    #[arg(long, required = true, value_name = "FILE")]
    labels: Vec<PathBuf>,

    /// Archives with the texts of labels that give `document` and `span` in place of `text`; may be repeated
    #[arg(long, value_name = "PATH")]
    texts: Vec<PathBuf>,

    /// Articles with source, cue and content of their reported speech (PolNeAR's scheme); may be repeated
    #[arg(long, value_name = "FILE")]
    attributions: Vec<PathBuf>,

    /// Texts with a target and the stance toward it, for `plenary tag --target`; may be repeated
    #[arg(long, value_name = "FILE")]
    stances: Vec<PathBuf>,

    /// Labelled statements to watch and not to learn from; may be repeated
    #[arg(long, value_name = "FILE")]
    dev: Vec<PathBuf>,

    /// The folder of the encoder to start from [default: .base-model; with --head-only models/default]
    #[arg(long, value_name = "DIR")]
    base: Option<PathBuf>,

    /// Teach themes from few examples (8 to 64 a label) in seconds and without libtorch: the encoder of the
    /// base stays as it is, and so do those of its themes that have no examples. For themes far from those
    /// that the default model knows, `--base .base-model` (`make base-model`) is better
    #[arg(long, conflicts_with_all = ["attributions", "stances", "recipe", "epochs", "seed", "resume", "threads"])]
    head_only: bool,

    /// The folder of the model that is made
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,

    /// The model's name in records [default: the name of the output folder]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// The themes [default: security, development, anti-hegemony]
    #[arg(long, value_name = "FILE")]
    taxonomy: Option<PathBuf>,

    /// How it is trained [default: data/training.toml]
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,

    /// Passes over the labelled statements, in place of the recipe's
    #[arg(long, value_name = "N")]
    epochs: Option<NonZeroUsize>,

    /// Decides everything that is drawn at random
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Go on with an interrupted training
    #[arg(long)]
    resume: bool,

    /// Threads [default: one a core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Nothing on stderr but errors
    #[arg(short, long)]
    quiet: bool,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        if self.head_only {
            return self.run_head_only();
        }
        let quiet = self.quiet;
        let options = self.options()?;
        let mut display = Display::new(quiet);
        if options.recipe.bfloat16 && !options.recipe.computes_in_bfloat16() {
            display.line("computes in f32: the processor does not know bfloat16, with which training is twice as fast");
        }
        let report = training::train(&options, &mut |progress| display.show(progress))?;
        display.finish();
        if !quiet {
            summarise(&options.output, &report)?;
        }
        Ok(Status::Done)
    }

    fn run_head_only(self) -> anyhow::Result<Status> {
        let options = HeadOptions {
            base: setup::model_folder(self.base.as_deref())?,
            name: self.name.unwrap_or_else(|| name_of(&self.output)),
            taxonomy: taxonomy::read(self.taxonomy.as_deref())?,
            labels: self.labels,
            texts: self.texts,
            dev: self.dev,
            output: self.output,
        };
        let report = training::train_head(&options)?;
        if !self.quiet {
            summarise_head(&options.output, &report)?;
        }
        Ok(Status::Done)
    }

    fn options(self) -> plenary::error::Result<TrainOptions> {
        let mut recipe = self
            .recipe
            .as_deref()
            .map_or_else(Recipe::shipped, Recipe::read)?;
        if let Some(epochs) = self.epochs {
            recipe.epochs = epochs.get();
        }
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Ok(TrainOptions {
            name: self.name.unwrap_or_else(|| name_of(&self.output)),
            taxonomy: taxonomy::read(self.taxonomy.as_deref())?,
            threads: self.threads.map_or(cores, NonZeroUsize::get),
            labels: self.labels,
            texts: self.texts,
            attributions: self.attributions,
            stances: self.stances,
            dev: self.dev,
            base: self.base.unwrap_or_else(|| ".base-model".into()),
            output: self.output,
            recipe,
            seed: self.seed,
            resume: self.resume,
        })
    }
}

fn name_of(output: &Path) -> String {
    let name = output
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "model".to_owned())
}

fn summarise(output: &Path, report: &Report) -> anyhow::Result<()> {
    let mut stderr = std::io::stderr().lock();
    let Report {
        statements,
        articles,
        targeted,
        figures,
    } = report;
    writeln!(
        stderr,
        "learned from {statements} statements, {articles} windows of articles and {targeted} texts with a target"
    )
    .context("cannot write to stderr")?;
    if let Some(figures) = Figures::best(figures) {
        writeln!(stderr, "dev: {}", in_words(*figures)).context("cannot write to stderr")?;
    }
    writeln!(stderr, "the model is in {}", output.display()).context("cannot write to stderr")
}

fn summarise_head(output: &Path, report: &HeadReport) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for (theme, count) in &report.taught {
        let all = report.statements;
        lines.push(format!("{theme}: taught by {count} of {all} statements"));
    }
    for theme in &report.kept {
        lines.push(format!("{theme}: as in the base"));
    }
    if let Some(Figures { themes, pairs, .. }) = report.figures {
        lines.push(format!(
            "dev, themes that were taught: themes F1 {themes:.3}, (theme, stance) F1 {pairs:.3}"
        ));
    }
    lines.push(format!("the model is in {}", output.display()));
    writeln!(std::io::stderr(), "{}", lines.join("\n")).context("cannot write to stderr")
}

fn in_words(
    Figures {
        themes,
        pairs,
        targets,
    }: Figures,
) -> String {
    format!("themes F1 {themes:.3}, (theme, stance) F1 {pairs:.3}, target tokens F1 {targets:.3}")
}

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// The progress of a training on stderr: a bar on a terminal, else a line now and then.
struct Display {
    quiet: bool,
    bar: ProgressBar,
    start: Instant,
    next_line: Instant,
    done: usize,
    steps: usize,
}

impl Display {
    fn new(quiet: bool) -> Self {
        let hidden = quiet || !std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            None,
            if hidden {
                ProgressDrawTarget::hidden()
            } else {
                ProgressDrawTarget::stderr()
            },
        );
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} steps, {eta} left  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let start = Instant::now();
        Self {
            quiet,
            bar,
            start,
            next_line: start + LINE_EVERY,
            done: 0,
            steps: 0,
        }
    }

    fn show(&mut self, progress: Progress) {
        match progress {
            Progress::Started { steps, done } => {
                (self.steps, self.done, self.start) = (steps, done, Instant::now());
                self.bar.set_length(steps as u64);
                self.bar.set_position(done as u64);
                self.bar.reset_eta();
            }
            Progress::Step { step, losses } => self.step(step, losses),
            Progress::Watched { epoch, figures } => {
                self.line(&format!("pass {epoch}: {}", in_words(figures)));
            }
        }
    }

    fn step(&mut self, step: usize, losses: Losses) {
        let Losses {
            labels,
            targets,
            attribution,
            stances,
        } = losses;
        let losses = format!("loss {labels:.2} {targets:.2} {attribution:.2} {stances:.2}");
        self.bar.set_position(step as u64 + 1);
        self.bar.set_message(losses.clone());
        if self.bar.is_hidden() && Instant::now() >= self.next_line {
            self.next_line = Instant::now() + LINE_EVERY;
            let done = step + 1;
            let each = self.start.elapsed() / u32::try_from(done - self.done).unwrap_or(1).max(1);
            let left = each * u32::try_from(self.steps.saturating_sub(done)).unwrap_or(u32::MAX);
            self.line(&format!(
                "step {done} of {}, {} left, {losses}",
                self.steps,
                HumanDuration(left)
            ));
        }
    }

    fn line(&self, line: &str) {
        if !self.quiet {
            // A closed stderr is no reason to stop.
            self.bar
                .suspend(|| drop(writeln!(std::io::stderr(), "{line}")));
        }
    }

    fn finish(self) {
        self.bar.finish_and_clear();
    }
}
