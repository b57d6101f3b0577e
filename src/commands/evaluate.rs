//! `plenary evaluate`: records held against gold.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use plenary::corpus::{self, CorpusOptions};
use plenary::evaluation::Table;
use plenary::evaluation::attributions::attribution_table;
use plenary::evaluation::gold::{self, Gold, LabelledStatement, Predictions};
use plenary::evaluation::labels::{System, kappa_table, label_table, themes};
use plenary::evaluation::speakers::speaker_table;
use plenary::evaluation::stances::{self, stance_table};
use plenary::stages::classify::named;
use plenary::stages::segment::Split;

use super::Status;
use super::gather::gather;
use super::labels::LabelArguments;
use super::setup::{EngineArgument, ModelArguments, Setup};
use super::taxonomy;

const EXAMPLES: &str = "\
Examples:
  plenary evaluate gold.jsonl                                  tags gold itself, beside word overlap
  plenary evaluate gold.jsonl --model models/mine --baseline records.jsonl
  plenary evaluate gold.jsonl records.jsonl                    records of `plenary tag --split none`
  plenary evaluate --speakers articles.jsonl [records.jsonl]   who speaks, and errors by kind
  plenary evaluate --attributions articles.jsonl               source, cue and content
  plenary evaluate --stances vast-dev.jsonl                    stances toward named targets
  plenary evaluate --agreement reader-1.jsonl reader-2.jsonl   how far two readers agree

Gold is one JSON object a line, matched with records by document.id: {\"id\", \"text\", \"labels\": [{\"theme\",
\"stance\", \"target\"}]}; articles have \"sentences\": [{\"start\", \"end\", \"speaker\", \"speech\"}] or
\"attributions\": [{\"source\", \"cue\", \"content\"}], in code points. Stance files have {\"text\", \"target\", \"stance\"}.
An undefined figure is shown as –.";

/// Hold records against gold: F1 of themes, stances and targets, calibration, with intervals
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Arguments {
    /// What people labelled, as JSON Lines
    #[arg(value_name = "GOLD")]
    gold: PathBuf,

    /// What `plenary tag` made of the same documents [default: tag GOLD now]
    #[arg(value_name = "RECORDS")]
    records: Option<PathBuf>,

    /// Records of another system, shown beside [default: word overlap with the themes' definitions]
    #[arg(long, value_name = "RECORDS")]
    baseline: Option<PathBuf>,

    /// Evaluate who speaks; GOLD has articles with the speaker of every sentence
    #[arg(long, group = "what", conflicts_with = "baseline")]
    speakers: bool,

    /// Evaluate source, cue and content of reported speech; GOLD has articles with attributions
    #[arg(long, group = "what", conflicts_with = "baseline")]
    attributions: bool,

    /// Evaluate stances toward named targets (as `plenary tag --target` gives them): GOLD has a text, a target and a stance
    /// a line
    #[arg(long, group = "what", conflicts_with_all = ["baseline", "records"])]
    stances: bool,

    /// Compare two readers: RECORDS is a second gold file; adds Cohen's kappa
    #[arg(
        long,
        group = "what",
        conflicts_with = "baseline",
        requires = "records"
    )]
    agreement: bool,

    /// How the figures are shown
    #[arg(long, value_enum, default_value_t)]
    format: Shape,

    #[command(flatten)]
    model: ModelArguments,

    #[command(flatten)]
    labels: LabelArguments,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Shape {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let tables = if self.speakers {
            vec![self.articles(speaker_table)?]
        } else if self.attributions {
            vec![self.articles(attribution_table)?]
        } else if self.stances {
            vec![self.stances()?]
        } else if self.agreement {
            self.readers()?
        } else {
            vec![self.statements()?]
        };
        self.print(&tables)
            .context("cannot write to standard output")?;
        Ok(Status::Done)
    }

    /// What is held against what, for people.
    fn title(&self) -> String {
        let gold = self.gold.display();
        match &self.records {
            None => format!("against {gold}"),
            Some(records) => format!("{} against {gold}", records.display()),
        }
    }

    /// Whole articles.
    fn articles<G: Gold>(
        &self,
        table: fn(String, &[G], &Predictions) -> plenary::error::Result<Table>,
    ) -> anyhow::Result<Table> {
        let gold: Vec<G> = gold::read(&self.gold)?;
        let records = self.predictions(&gold, Split::Sentences)?;
        let mut table = table(self.title(), &gold, &records)?;
        table.remarks.extend(records.remarks(&gold));
        Ok(table)
    }

    /// Lone statements, beside a baseline.
    fn statements(&self) -> anyhow::Result<Table> {
        let gold: Vec<LabelledStatement> = gold::read(&self.gold)?;
        let records = self.predictions(&gold, Split::None)?;
        let mut remarks = records.remarks(&gold);
        let mut systems = vec![System::from_records(&gold, &records)];
        if let Some(baseline) = self.baseline(&gold)? {
            remarks.extend(baseline.remarks(&gold));
            systems.push(System::from_records(&gold, &baseline));
        }
        let themes = themes(&gold, &records, &systems);
        let mut table = label_table(self.title(), &gold, &systems, &themes);
        table.remarks.extend(remarks);
        Ok(table)
    }

    /// Lone texts with targets.
    fn stances(&self) -> anyhow::Result<Table> {
        let gold = stances::read(&self.gold)?;
        let mut loaded = self.model.load(&self.labels)?;
        let engine = loaded.engines.first_mut().context("no engine was opened")?;
        let model = (&loaded.spec, &loaded.tokenizer);
        let predicted = named::stances(&gold, engine.as_mut(), model)?;
        Ok(stance_table(
            self.title(),
            &loaded.model_id,
            &gold,
            &predicted,
        ))
    }

    /// Two readers of the same statements.
    fn readers(&self) -> anyhow::Result<Vec<Table>> {
        let first: Vec<LabelledStatement> = gold::read(&self.gold)?;
        let second = self
            .records
            .as_deref()
            .context("a second gold file is missing")?;
        let second: Vec<LabelledStatement> = gold::read(second)?;
        let systems = [System::from_reader("second reader", &first, &second)];
        let themes = themes(&first, &Predictions::default(), &systems);
        Ok(vec![
            label_table(self.title(), &first, &systems, &themes),
            kappa_table("beyond chance".to_owned(), &first, &systems[0], &themes),
        ])
    }

    /// The records that were given, or those that the model makes of gold.
    fn predictions<G: Gold>(&self, gold: &[G], split: Split) -> anyhow::Result<Predictions> {
        match &self.records {
            Some(path) => Ok(Predictions::read(path, gold)?),
            None => tagged(
                &self.gold,
                Setup::open(&self.model, &self.labels, split)?,
                gold,
            ),
        }
    }

    /// The records of the baseline; none where word overlap does not know gold's themes.
    fn baseline(&self, gold: &[LabelledStatement]) -> anyhow::Result<Option<Predictions>> {
        if let Some(path) = &self.baseline {
            return Ok(Some(Predictions::read(path, gold)?));
        }
        let taxonomy = taxonomy::read(self.labels.taxonomy.as_deref())?;
        let mut labels = gold.iter().flat_map(|statement| &statement.labels);
        if self.model.engine == EngineArgument::Overlap
            || !labels.all(|label| taxonomy.theme_index(&label.theme).is_some())
        {
            return Ok(None);
        }
        let model = ModelArguments {
            engine: EngineArgument::Overlap,
            ..self.model.clone()
        };
        let labels = LabelArguments {
            thresholds: Vec::new(),
            min_precision: None,
            min_recall: None,
            ..self.labels.clone()
        };
        tagged(&self.gold, Setup::open(&model, &labels, Split::None)?, gold).map(Some)
    }

    fn print(&self, tables: &[Table]) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        match self.format {
            Shape::Json => {
                serde_json::to_writer_pretty(&mut out, tables)?;
                writeln!(out)?;
            }
            Shape::Table => {
                for (index, table) in tables.iter().enumerate() {
                    let gap = if index > 0 { "\n" } else { "" };
                    write!(out, "{gap}{table}")?;
                }
            }
        }
        Ok(())
    }
}

/// The records that a pipeline makes of a gold file.
fn tagged<G: Gold>(path: &Path, setup: Setup, gold: &[G]) -> anyhow::Result<Predictions> {
    let archive = corpus::open(&[path.to_owned()], &CorpusOptions::default())?;
    let records = gather(setup, archive)?;
    Ok(Predictions::gather(records.into_iter().map(Ok), gold)?)
}
