//! The encoder that training starts from, and the folder of the model that it becomes.

use std::path::Path;

use super::TrainOptions;
use super::recipe::Recipe;
use crate::engine::network::{Dropout, Network};
use crate::error::{Error, Result};
use crate::model::folder::file;
use crate::model::spec::Heads;
use crate::model::{BertConfig, ModelSpec, Tokenizer, Weights};

/// The encoder that training starts from.
pub(super) struct Base {
    config: BertConfig,
    /// Those of a model of Plenary, which learn on where the new model's are the same.
    heads: Option<Heads>,
    pub(super) tokenizer: Tokenizer,
    pub(super) weights: Weights,
    config_file: Vec<u8>,
    tokenizer_file: Vec<u8>,
}

impl Base {
    /// Opens its folder.
    ///
    /// # Errors
    /// [`Error::OpenModel`] and [`Error::ReadArchive`] if it is not whole.
    pub(super) fn open(folder: &Path) -> Result<Self> {
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

    /// The network that training begins with.
    ///
    /// # Errors
    /// As [`Network::new`] and [`Network::load_encoder`].
    pub(super) fn network(&self, heads: &Heads, options: &TrainOptions) -> Result<Network> {
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
        if recipe.computes_in_bfloat16() {
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

    /// Writes a model folder. The specification comes last: a folder with one is whole.
    ///
    /// # Errors
    /// [`Error::WriteRecords`] if it cannot be written.
    pub(super) fn write(&self, folder: &Path, network: &Network, spec: &ModelSpec) -> Result<()> {
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(|source| Error::WriteRecords {
                path,
                source: source.into(),
            })
        };
        write(file::CONFIG, &self.config_file)?;
        write(file::TOKENIZER, &self.tokenizer_file)?;
        let weights = network.weights()?.into_iter();
        let weights = weights.map(|(name, tensor)| (name, tensor.into()));
        Weights::write(&folder.join(file::WEIGHTS), &weights.collect())?;
        spec.write(&folder.join(file::SPEC))
    }
}
