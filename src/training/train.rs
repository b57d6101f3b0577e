//! The whole of `plenary train`: read, check, train, calibrate, write.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::calibration::{target_shift, temperature};
use super::checkpoint::Checkpoint;
use super::dataset::{self, STATES, Unit};
use super::figures::Prediction;
use super::fine_tune::{FineTuning, TrainingSet};
use super::gold::{self, LabelledStatement, Labels};
use super::learn::Reader;
use super::recipe::Recipe;
use super::stances;
use super::thresholds::{self, judged};
use super::{Figures, Progress, Report, TrainOptions};
use crate::engine::calibrate::prepare_int8;
use crate::engine::network::{Dropout, Network, generator};
use crate::error::{Error, Result};
use crate::model::folder::file;
use crate::model::spec::{FORMAT, Heads, LabelActivation, LabelSpec};
use crate::model::{BertConfig, ModelSpec, Tokenizer, Weights};
use crate::schema::{Probability, TargetedText};

/// Trains a model and writes its folder.
///
/// # Errors
/// [`Error::ReadRecords`] and [`Error::ReadArchive`] for gold that cannot be used, [`Error::OpenModel`] for
/// a base that is not whole, [`Error::Training`] and [`Error::WriteRecords`] for what goes wrong later.
pub fn train(options: &TrainOptions, progress: &mut dyn FnMut(Progress)) -> Result<Report> {
    let base = Base::open(&options.base)?;
    let gold = Gold::read(options, &base)?;
    let heads = heads(options);
    let reader = Reader::new(&base.tokenizer, &heads);
    let checkpoint = Checkpoint::new(
        &options.output.join("checkpoint"),
        &gold.fingerprint(options, &base)?,
    );
    if !options.resume {
        checkpoint.remove()?;
    }
    let _generator = generator();
    let mut network = base.network(&heads, options)?;
    let tuning = FineTuning {
        reader: &reader,
        set: &gold.set,
        recipe: &options.recipe,
        seed: options.seed,
        checkpoint: Some(&checkpoint),
    };
    let figures = tuning.run(&network, progress)?;
    network.compute_in_single();
    let held_out: Vec<&Unit> = gold.held_out.iter().collect();
    let predictions = reader.predict(&network, &held_out)?;
    let shift = target_shift(&predictions, &held_out);
    shift_targets(&network, &heads, shift);
    let mut spec = ModelSpec {
        format: FORMAT,
        name: options.name.clone(),
        max_tokens: options.recipe.max_tokens,
        label_activation: LabelActivation::Softmax,
        labels: pair_specs(options, &predictions, &held_out)?,
        theme_scores: theme_specs(options)?,
        curves: Vec::new(),
        stance_scale: stance_scale(&reader, &network, &gold.held_out_stances)?,
        taxonomy: options.taxonomy.clone(),
        heads,
        activations: BTreeMap::new(),
        training: gold.description(options, shift)?,
        scores: scores(&figures)?,
    };
    let judged = judged(&spec, &predictions, (&gold.held_out, &gold.folds));
    thresholds::fit(&mut spec, &judged);
    base.write(&options.output, &network, &spec)?;
    prepare_int8(&options.output, &gold.sample)?;
    checkpoint.remove()?;
    Ok(Report {
        statements: gold.set.statements.len(),
        articles: gold.set.articles.len(),
        targeted: gold.set.targeted.len(),
        figures,
    })
}

fn heads(options: &TrainOptions) -> Heads {
    let mut heads = dataset::heads(&options.taxonomy);
    heads.attribution = heads
        .attribution
        .filter(|_| !options.attributions.is_empty());
    heads.stances = heads.stances.filter(|_| !options.stances.is_empty());
    heads
}

/// Adds `shift` to all logits of the target head.
fn shift_targets(network: &Network, heads: &Heads, shift: f32) {
    let name = heads
        .targets
        .as_ref()
        .map(|head| format!("{}.bias", head.output));
    if let Some(mut bias) = name.and_then(|name| network.parameters().remove(&name)) {
        let _shifted = tch::no_grad(|| bias.g_add_scalar_(f64::from(shift)));
    }
}

/// The encoder that training starts from.
struct Base {
    config: BertConfig,
    /// Those of a model of Plenary, which learn on where the new model's are the same.
    heads: Option<Heads>,
    tokenizer: Tokenizer,
    weights: Weights,
    config_file: Vec<u8>,
    tokenizer_file: Vec<u8>,
}

impl Base {
    fn open(folder: &Path) -> Result<Self> {
        if !folder.is_dir() {
            return Err(Error::OpenModel {
                path: folder.into(),
                problem:
                    "there is no such folder; `make base-model` fetches MiniLM-L6 into .base-model"
                        .to_owned(),
                source: None,
            });
        }
        let [config, tokenizer] = [file::CONFIG, file::TOKENIZER].map(|name| folder.join(name));
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| Error::ReadArchive {
                path: path.into(),
                source: source.into(),
            })
        };
        let spec = folder.join(file::SPEC);
        let spec = spec.exists().then(|| ModelSpec::read(&spec)).transpose()?;
        let weights = Weights::read(&folder.join(file::WEIGHTS))?;
        let sizes = BertConfig::read(&config)?;
        weights.check(&sizes.tensors())?;
        Ok(Self {
            heads: spec.map(|spec| spec.heads),
            weights,
            config_file: read(&config)?,
            tokenizer_file: read(&tokenizer)?,
            config: sizes,
            tokenizer: Tokenizer::read(&tokenizer)?,
        })
    }

    fn network(&self, heads: &Heads, options: &TrainOptions) -> Result<Network> {
        let recipe = &options.recipe;
        tch::set_num_threads(i32::try_from(options.threads).unwrap_or(1).max(1));
        tch::manual_seed(i64::from_ne_bytes(options.seed.to_ne_bytes()));
        let dropout = Dropout {
            hidden: recipe.hidden_dropout,
            attention: recipe.attention_dropout,
            heads: recipe.head_dropout,
        };
        let mut network = Network::new(&self.config, heads.iter(), dropout)?;
        Self::first_heads(heads, &network, recipe);
        network.load_encoder(&self.weights)?;
        let known = self.heads.iter().flat_map(Heads::iter);
        let same = known.filter(|head| heads.iter().any(|other| other == *head));
        network.load_heads(&self.weights, same)?;
        if recipe.bfloat16 {
            network.compute_in_half()?;
        }
        Ok(network)
    }

    /// What heads begin with that have learned nothing.
    fn first_heads(heads: &Heads, network: &Network, recipe: &Recipe) {
        let parameters = network.parameters();
        tch::no_grad(|| {
            // Tokens weigh the same at first, and few of them and few statements are of a theme.
            for (head, part, value) in [
                (&heads.label_attention, "weight", 0.0),
                (&heads.labels, "bias", recipe.first_bias),
                (&heads.targets, "bias", recipe.first_bias),
            ] {
                let name = head.as_ref().map(|head| format!("{}.{part}", head.output));
                if let Some(parameter) = name.and_then(|name| parameters.get(&name)) {
                    let _filled = parameter.shallow_clone().fill_(value);
                }
            }
        });
    }

    /// The specification comes last: a folder with one is whole.
    fn write(&self, folder: &Path, network: &Network, spec: &ModelSpec) -> Result<()> {
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(|source| Error::WriteRecords {
                path,
                source: source.into(),
            })
        };
        write(file::CONFIG, &self.config_file)?;
        write(file::TOKENIZER, &self.tokenizer_file)?;
        Weights::write(&folder.join(file::WEIGHTS), &network.weights()?)?;
        spec.write(&folder.join(file::SPEC))
    }
}

/// How many texts the ranges of int8 are measured on, at most.
const SAMPLE: usize = 400;

/// What was labelled, as units of tokens.
struct Gold {
    set: TrainingSet,
    /// Labelled statements of documents that are not learned from, each once, for calibration and thresholds.
    held_out: Vec<Unit>,
    /// Texts with a target that are not learned from, for calibration.
    held_out_stances: Vec<Unit>,
    /// Which part of a cross-validation each of them is in.
    folds: Vec<usize>,
    /// Texts to measure the ranges of int8 on.
    sample: Vec<String>,
    /// SHA-256 of the files, in the order of the options.
    hashes: Vec<(String, String)>,
}

impl Gold {
    fn read(options: &TrainOptions, base: &Base) -> Result<Self> {
        let room = options.recipe.max_tokens - 2;
        let labels = Labels::read(&options.labels, &options.taxonomy)?;
        labels.check_themes(&options.taxonomy)?;
        let dev = Labels::read(&options.dev, &options.taxonomy)?;
        let mut articles = Vec::new();
        for path in &options.attributions {
            articles.extend(gold::read_attributions(path)?);
        }
        let [statements, dev] = gold::statements([labels, dev], &options.texts)?;
        let (learned, held_out) = hold_out(statements, options.recipe.held_out);
        let mut targeted = Vec::new();
        if !options.stances.is_empty() {
            for path in &options.stances {
                targeted.extend(stances::read_stances(path)?);
            }
            targeted.extend(stances::of_statements(&learned));
            targeted = stances::with_absent(targeted);
        }
        let (targeted, held_out_stances) = stances::hold_out(targeted, options.recipe.held_out);
        let of_texts = |texts: &[TargetedText]| stances::targeted(texts, &base.tokenizer, room);
        let units = |statements: &[LabelledStatement]| {
            dataset::labelled(statements, &options.taxonomy, &base.tokenizer, room)
        };
        let files = options
            .labels
            .iter()
            .chain(&options.attributions)
            .chain(&options.stances)
            .chain(&options.dev);
        let every = learned.len().div_ceil(SAMPLE).max(1);
        Ok(Self {
            sample: learned
                .iter()
                .step_by(every)
                .map(|statement| statement.text.clone())
                .collect(),
            set: TrainingSet {
                statements: units(&learned)?,
                articles: dataset::attributed(&articles, &base.tokenizer, room)?,
                targeted: of_texts(&targeted)?,
                dev: units(&dev)?,
            },
            held_out_stances: of_texts(&held_out_stances)?,
            held_out: units(&held_out)?,
            folds: gold::folds(&held_out),
            hashes: files.map(|path| hash_file(path)).collect::<Result<_>>()?,
        })
    }

    /// Tells this training from every other.
    fn fingerprint(&self, options: &TrainOptions, base: &Base) -> Result<String> {
        let mut digest = Sha256::new();
        for (_, hash) in &self.hashes {
            digest.update(hash);
        }
        digest.update(base.weights.bytes());
        digest.update(options.seed.to_le_bytes());
        digest.update(table(&options.recipe)?.to_string());
        digest.update(table(&options.taxonomy)?.to_string());
        Ok(format!("{:x}", digest.finalize()))
    }

    fn description(&self, options: &TrainOptions, target_shift: f32) -> Result<toml::Table> {
        let mut files = toml::Table::new();
        for (name, hash) in &self.hashes {
            files.insert(name.clone(), hash.clone().into());
        }
        let mut description = toml::Table::new();
        description.insert("base".to_owned(), options.base.display().to_string().into());
        description.insert("seed".to_owned(), options.seed.to_string().into());
        description.insert("statements".to_owned(), count(self.set.statements.len()));
        description.insert("article-windows".to_owned(), count(self.set.articles.len()));
        description.insert("targeted-texts".to_owned(), count(self.set.targeted.len()));
        description.insert("held-out".to_owned(), count(self.held_out.len()));
        description.insert("target-shift".to_owned(), f64::from(target_shift).into());
        description.insert("files".to_owned(), files.into());
        description.insert("recipe".to_owned(), table(&options.recipe)?.into());
        Ok(description)
    }
}

/// Splits off about a `share` of the statements, whole documents, the same whatever the seed. What was given several
/// times to count more is held out once.
fn hold_out(
    statements: Vec<LabelledStatement>,
    share: f64,
) -> (Vec<LabelledStatement>, Vec<LabelledStatement>) {
    let most = (statements.len() as f64 * share).round();
    let mut held = BTreeSet::new();
    let mut count = 0;
    for document in gold::documents_by_hash(&statements) {
        if count as f64 >= most {
            break;
        }
        count += statements
            .iter()
            .filter(|statement| statement.document() == document)
            .count();
        held.insert(document.to_owned());
    }
    let (learned, mut held_out): (Vec<_>, Vec<_>) = statements
        .into_iter()
        .partition(|statement| !held.contains(statement.document()));
    let mut seen = BTreeSet::new();
    held_out.retain(|statement| seen.insert((statement.id.clone(), statement.text.clone())));
    (learned, held_out)
}

/// What the logits of the stance head are to be multiplied with; 1 without one.
fn stance_scale(reader: &Reader, network: &Network, held_out: &[Unit]) -> Result<f32> {
    let logits = reader.predict_stances(network, held_out)?;
    let logits: Vec<&[f32]> = logits.iter().map(Vec::as_slice).collect();
    let wanted: Vec<&[f32]> = held_out
        .iter()
        .filter_map(|unit| unit.stance.as_deref())
        .collect();
    Ok(1.0 / temperature(&logits, &wanted))
}

/// Threshold and calibration of each (theme, stance) pair, a temperature a theme.
fn pair_specs(
    options: &TrainOptions,
    predictions: &[Prediction],
    held_out: &[&Unit],
) -> Result<Vec<LabelSpec>> {
    let stances = STATES - 1;
    let temperatures: Vec<f32> = (0..options.taxonomy.themes.len())
        .map(|theme| {
            let logits: Vec<&[f32]> = predictions
                .iter()
                .map(|prediction| &prediction.labels[theme * stances..(theme + 1) * stances])
                .collect();
            let wanted: Vec<&[f32]> = held_out
                .iter()
                .filter_map(|unit| unit.labels.as_ref())
                .map(|labels| &labels[theme * STATES..(theme + 1) * STATES])
                .collect();
            temperature(&logits, &wanted)
        })
        .collect();
    let threshold = probability(options.recipe.second_stance_threshold)?;
    let keys = options.taxonomy.label_keys();
    Ok(keys
        .map(|key| LabelSpec {
            name: options.taxonomy.label_name(key),
            threshold,
            scale: 1.0 / temperatures[key.theme_index],
            offset: 0.0,
        })
        .collect())
}

/// A theme's logit comes from its calibrated pairs, so it needs no calibration of its own.
fn theme_specs(options: &TrainOptions) -> Result<Vec<LabelSpec>> {
    let threshold = probability(options.recipe.theme_threshold)?;
    let themes = options.taxonomy.themes.iter();
    Ok(themes
        .map(|theme| LabelSpec {
            name: theme.name.clone(),
            threshold,
            scale: 1.0,
            offset: 0.0,
        })
        .collect())
}

fn probability(value: f32) -> Result<Probability> {
    Probability::new(value).ok_or_else(|| Error::Settings {
        problem: format!("recipe: a threshold is {value}; it is between 0 and 1"),
    })
}

fn scores(figures: &[Figures]) -> Result<toml::Table> {
    let mut scores = toml::Table::new();
    if let Some(best) = Figures::best(figures) {
        scores.insert("dev".to_owned(), table(best)?.into());
    }
    Ok(scores)
}

fn table(value: &impl serde::Serialize) -> Result<toml::Table> {
    toml::Table::try_from(value).map_err(|source| Error::Training {
        problem: "the settings cannot be written as TOML".to_owned(),
        source: Some(source.into()),
    })
}

fn count(count: usize) -> toml::Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

/// The name of a file and the SHA-256 of what it holds.
fn hash_file(path: &Path) -> Result<(String, String)> {
    let bytes = std::fs::read(path).map_err(|source| Error::ReadArchive {
        path: path.into(),
        source: source.into(),
    })?;
    Ok((
        path.display().to_string(),
        format!("{:x}", Sha256::digest(bytes)),
    ))
}
