//! The folder of a model whose encoder is another's.

use std::collections::BTreeMap;
use std::path::Path;

use super::{HeadOptions, Taught, failed, kept};
use crate::engine::calibrate::prepare_int8;
use crate::error::{Error, Result};
use crate::model::config::TensorShape;
use crate::model::folder::{file, head_tensors};
use crate::model::spec::{Head, LabelActivation, LabelSpec};
use crate::model::{ModelFolder, ModelSpec, Stored, Tensor, Weights};
use crate::schema::Probability;
use crate::training::dataset;
use crate::training::recipe::Recipe;
use crate::training::thresholds;

fn copy(from: &Path, to: &Path, names: &[&str]) -> Result<()> {
    let unwritable = |source: std::io::Error| Error::WriteRecords {
        path: to.into(),
        source: source.into(),
    };
    std::fs::create_dir_all(to).map_err(unwritable)?;
    for name in names {
        std::fs::copy(from.join(name), to.join(name)).map_err(unwritable)?;
    }
    Ok(())
}

/// Writes the folder; the specification comes last: a folder with one is whole. The ranges for int8 are those of
/// the base, as its encoder is, or are measured on the texts.
pub(super) fn write(
    base: &ModelFolder,
    options: &HeadOptions,
    (taught, recipe): (&BTreeMap<String, Taught>, &Recipe),
    texts: &[String],
) -> Result<()> {
    let folder = &options.output;
    let spec = specification(base, options, taught, recipe)?;
    let weights = weights(base, &spec, taught)?;
    if base.path() != folder {
        copy(base.path(), folder, &[file::CONFIG, file::TOKENIZER])?;
    }
    Weights::write(&folder.join(file::WEIGHTS), &weights)?;
    spec.write(&folder.join(file::SPEC))?;
    if spec.activations.is_empty() {
        prepare_int8(folder, texts)?;
    }
    Ok(())
}

/// What the base has and the taxonomy asks for.
fn specification(
    base: &ModelFolder,
    options: &HeadOptions,
    taught: &BTreeMap<String, Taught>,
    recipe: &Recipe,
) -> Result<ModelSpec> {
    let old = base.spec();
    let kept: Vec<&str> = kept(options, taught).collect();
    if !kept.is_empty() && old.label_activation != LabelActivation::Softmax {
        return Err(failed(format!(
            "the base scores each label for itself; give examples of {} too",
            kept.join(", ")
        )));
    }
    let mut heads = dataset::heads(&options.taxonomy);
    heads.attribution.clone_from(&old.heads.attribution);
    heads.stances.clone_from(&old.heads.stances);
    let by_pair = |head: &Head| head.columns.iter().all(|column| column.contains('/'));
    heads.targets = heads
        .targets
        .filter(|_| old.heads.targets.as_ref().is_some_and(by_pair));
    heads.label_attention = heads
        .label_attention
        .filter(|_| old.heads.label_attention.is_some());
    let kept_curves = old
        .curves
        .iter()
        .filter(|curve| kept.contains(&curve.name.as_str()));
    let mut spec = ModelSpec {
        name: options.name.clone(),
        taxonomy: options.taxonomy.clone(),
        label_activation: LabelActivation::Softmax,
        heads,
        labels: Vec::new(),
        theme_scores: Vec::new(),
        curves: kept_curves.cloned().collect(),
        scores: toml::Table::new(),
        ..old.clone()
    };
    spec.training.insert("base".to_owned(), base.id().into());
    add_calibration(&mut spec, old, taught, recipe)?;
    Ok(spec)
}

/// The base's encoder with heads of old and new columns.
fn weights(
    base: &ModelFolder,
    spec: &ModelSpec,
    taught: &BTreeMap<String, Taught>,
) -> Result<BTreeMap<String, Stored>> {
    let mut tensors = BTreeMap::new();
    for wanted in base.config().tensors() {
        tensors.insert(wanted.name.clone(), base.weights().stored(&wanted)?);
    }
    let (new, old) = (&spec.heads, &base.spec().heads);
    let learned = |theme: &str, stance: &str, _: &Rows| taught.get(theme)?.row(stance);
    // All tokens weigh the same, and what marks targets of the base's themes marks those of others.
    let even = |_: &str, _: &str, _: &Rows| Some((vec![0.0; base.config().hidden_size], 0.0));
    let mean = |_: &str, stance: &str, rows: &Rows| rows.mean(stance);
    let none = |_: &str, _: &str, _: &Rows| None;
    let heads: [(_, _, &NewColumn<'_>); 5] = [
        (&new.labels, &old.labels, &learned),
        (&new.label_attention, &old.label_attention, &even),
        (&new.targets, &old.targets, &mean),
        (&new.attribution, &old.attribution, &none),
        (&new.stances, &old.stances, &none),
    ];
    for (head, old, new_column) in heads {
        let Some(head) = head else { continue };
        let rows = Rows::of(base, old.as_ref())?;
        let column = |column: &String| match column.split_once('/') {
            Some((theme, stance)) if taught.contains_key(theme) => new_column(theme, stance, &rows),
            _ => rows.get(column),
        };
        let columns = head
            .columns
            .iter()
            .map(column)
            .collect::<Option<Vec<Row>>>();
        let columns = columns
            .ok_or_else(|| failed(format!("the base has no head like {:?}", head.output)))?;
        let (weights, biases): (Vec<Vec<f32>>, Vec<f32>) = columns.into_iter().unzip();
        let values = [weights.concat(), biases];
        for (TensorShape { name, shape }, values) in
            head_tensors(head, base.config()).into_iter().zip(values)
        {
            tensors.insert(name, Tensor { shape, values }.into());
        }
    }
    Ok(tensors)
}

/// Weights and bias of a column.
type Row = (Vec<f32>, f32);

/// The column of a theme (first) and stance that was taught, given those of the base.
type NewColumn<'a> = dyn Fn(&str, &str, &Rows) -> Option<Row> + 'a;

fn add_calibration(
    spec: &mut ModelSpec,
    old: &ModelSpec,
    taught: &BTreeMap<String, Taught>,
    recipe: &Recipe,
) -> Result<()> {
    let probability = |value: f32| Probability::new(value).unwrap_or_default();
    for key in spec.taxonomy.label_keys() {
        let name = spec.taxonomy.label_name(key);
        let theme = &spec.taxonomy.themes[key.theme_index].name;
        spec.labels.push(match taught.get(theme) {
            Some(taught) => LabelSpec {
                name,
                threshold: probability(recipe.second_stance_threshold),
                scale: 1.0 / taught.temperature,
                offset: 0.0,
            },
            None => old.label(&name)?.clone(),
        });
    }
    for theme in &spec.taxonomy.themes {
        let known = old
            .theme_scores
            .iter()
            .find(|score| score.name == theme.name);
        let known = known.filter(|_| !taught.contains_key(&theme.name));
        spec.theme_scores
            .push(known.cloned().unwrap_or_else(|| LabelSpec {
                name: theme.name.clone(),
                threshold: probability(recipe.theme_threshold),
                scale: 1.0,
                offset: 0.0,
            }));
    }
    let judged = taught
        .iter()
        .map(|(theme, taught)| (theme.clone(), taught.judged.clone()));
    thresholds::fit(spec, &judged.collect::<Vec<_>>());
    Ok(())
}

/// The columns of a head of the base.
struct Rows {
    columns: Vec<String>,
    weights: Tensor,
    biases: Tensor,
}

impl Rows {
    fn of(base: &ModelFolder, head: Option<&Head>) -> Result<Self> {
        let Some(head) = head else {
            return Ok(Self {
                columns: Vec::new(),
                weights: Tensor::default(),
                biases: Tensor::default(),
            });
        };
        let [weight, bias] = head_tensors(head, base.config());
        Ok(Self {
            columns: head.columns.clone(),
            weights: base.weights().tensor(&weight)?,
            biases: base.weights().tensor(&bias)?,
        })
    }

    fn at(&self, place: usize) -> Row {
        let size = self.weights.values.len() / self.columns.len();
        let row = self.weights.values[place * size..(place + 1) * size].to_vec();
        (row, self.biases.values[place])
    }

    fn get(&self, column: &str) -> Option<Row> {
        let place = self.columns.iter().position(|known| known == column)?;
        Some(self.at(place))
    }

    /// The mean over the base's themes: what it takes for the target of a stance, whatever the theme.
    fn mean(&self, stance: &str) -> Option<Row> {
        let of_stance = |place: &usize| self.columns[*place].ends_with(&format!("/{stance}"));
        let places: Vec<usize> = (0..self.columns.len()).filter(of_stance).collect();
        let (&first, others) = places.split_first()?;
        let (mut weights, mut bias) = self.at(first);
        for &place in others {
            let (row, other) = self.at(place);
            for (sum, x) in weights.iter_mut().zip(row) {
                *sum += x;
            }
            bias += other;
        }
        let count = places.len() as f32;
        for weight in &mut weights {
            *weight /= count;
        }
        Some((weights, bias / count))
    }
}
