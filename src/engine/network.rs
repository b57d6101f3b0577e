//! The encoder and its heads in libtorch: what `plenary train` trains and the reference engine runs.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rust_bert::Activation;
use rust_bert::bert::{BertConfig as TorchConfig, BertEmbeddings, BertModel};
use tch::nn::{self, Module};
use tch::{Device, Kind, Tensor};

use super::Tensor as Numbers;
use crate::error::{Error, Result};
use crate::model::config::TensorShape;
use crate::model::spec::Head;
use crate::model::{BertConfig, Weights};

/// What rust-bert's layer normalisation adds to the variance, whatever `config.json` says.
const LAYER_NORM_EPS: f32 = 1e-12;

/// libtorch has one generator of random numbers for the whole process. Who draws from it holds this, so that two
/// trainings at once, or an engine that is opened beside one, do not take each other's numbers.
pub fn generator() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A BERT encoder without pooler, with one linear map of the last hidden state a head.
pub struct Network {
    store: nn::VarStore,
    encoder: BertModel<BertEmbeddings>,
    heads: Vec<(String, nn::Linear)>,
    config: BertConfig,
    dropout: Dropout,
    half: Option<Half>,
}

/// A copy of the encoder in half precision, which computes in place of the first.
struct Half {
    store: nn::VarStore,
    encoder: BertModel<BertEmbeddings>,
}

/// Shares of numbers that training sets to 0 at random, 0 to 1 each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Dropout {
    /// Behind the embeddings and each layer's two parts.
    pub hidden: f64,
    /// Of the attention weights.
    pub attention: f64,
    /// Before the heads.
    pub heads: f64,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("config", &self.config)
            .field("heads", &self.heads)
            .finish_non_exhaustive()
    }
}

impl Network {
    /// A network with random weights, from libtorch's generator: seed it before. `dropout` works in training
    /// alone.
    ///
    /// # Errors
    /// [`Error::Training`] if rust-bert has no such encoder.
    pub fn new<'h>(
        config: &BertConfig,
        heads: impl IntoIterator<Item = &'h Head>,
        dropout: Dropout,
    ) -> Result<Self> {
        if (config.layer_norm_eps - LAYER_NORM_EPS).abs() > 1e-9 {
            return Err(failed(format!(
                "layer_norm_eps is {}, rust-bert knows only {LAYER_NORM_EPS}",
                config.layer_norm_eps
            )));
        }
        let store = nn::VarStore::new(Device::Cpu);
        let torch_config = torch_config(config, dropout)?;
        let hidden = torch_config.hidden_size;
        let encoder = BertModel::new_with_optional_pooler(store.root(), &torch_config, false);
        let mut linear = Vec::new();
        for head in heads {
            let options = nn::LinearConfig {
                ws_init: nn::Init::Randn {
                    mean: 0.0,
                    stdev: 0.02,
                },
                bs_init: Some(nn::Init::Const(0.0)),
                bias: true,
            };
            let place = store.root() / &head.output;
            let columns = size(head.columns.len())?;
            linear.push((
                head.output.clone(),
                nn::linear(place, hidden, columns, options),
            ));
        }
        Ok(Self {
            store,
            encoder,
            heads: linear,
            config: config.clone(),
            dropout,
            half: None,
        })
    }

    /// Lets a copy of the encoder in bfloat16 compute from now on, while the weights stay in single
    /// precision: about twice as fast to train on processors that know bfloat16, ten times slower on others.
    ///
    /// Whoever changes the weights must bring the copy along: see [`Network::learned`].
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn compute_in_half(&mut self) -> Result<()> {
        let mut store = nn::VarStore::new(Device::Cpu);
        let config = torch_config(&self.config, self.dropout)?;
        let encoder = BertModel::new_with_optional_pooler(store.root(), &config, false);
        store.set_kind(Kind::BFloat16);
        self.half = Some(Half { store, encoder });
        self.refresh_half();
        Ok(())
    }

    /// Lets the weights themselves compute again.
    pub fn compute_in_single(&mut self) {
        self.half = None;
    }

    /// Brings the copy in half precision, if there is one, to the weights as they are.
    pub fn refresh_half(&self) {
        tch::no_grad(|| {
            for (_, weights, mut computes) in self.learned() {
                if computes.kind() != weights.kind() {
                    computes.copy_(&weights);
                }
            }
        });
    }

    /// Each parameter's name, its weights, and the tensor that computes in its place and has the gradient:
    /// its copy in half precision, or itself.
    pub fn learned(&self) -> Vec<(String, Tensor, Tensor)> {
        let half = self
            .half
            .as_ref()
            .map(|half| half.store.variables())
            .unwrap_or_default();
        let parameters = self.parameters().into_iter();
        parameters
            .map(|(name, weights)| {
                let computes = half.get(&name).unwrap_or(&weights).shallow_clone();
                (name, weights, computes)
            })
            .collect()
    }

    /// Takes over the encoder's weights and leaves the heads as they are.
    ///
    /// # Errors
    /// [`Error::OpenModel`] naming the tensor that is missing or has another shape.
    pub fn load_encoder(&mut self, weights: &Weights) -> Result<()> {
        let encoder = self.config.tensors();
        self.load(weights, &encoder)
    }

    /// Takes over the weights of some heads.
    ///
    /// # Errors
    /// [`Error::OpenModel`] naming the tensor that is missing or has another shape.
    pub fn load_heads<'h>(
        &mut self,
        weights: &Weights,
        heads: impl IntoIterator<Item = &'h Head>,
    ) -> Result<()> {
        let heads = heads.into_iter();
        let tensors: Vec<TensorShape> = heads
            .flat_map(|head| crate::model::folder::head_tensors(head, &self.config))
            .collect();
        self.load(weights, &tensors)
    }

    /// Takes over all weights, those of the heads too.
    ///
    /// # Errors
    /// [`Error::OpenModel`] naming the tensor that is missing or has another shape.
    pub fn load_all(&mut self, weights: &Weights) -> Result<()> {
        let all: Vec<TensorShape> = self
            .parameters()
            .into_iter()
            .map(|(name, tensor)| TensorShape {
                name,
                shape: shape(&tensor),
            })
            .collect();
        self.load(weights, &all)
    }

    fn load(&mut self, weights: &Weights, wanted: &[TensorShape]) -> Result<()> {
        let parameters = self.parameters();
        for wanted in wanted {
            let found = weights.tensor(wanted)?;
            let Some(parameter) = parameters.get(&wanted.name) else {
                return Err(failed(format!(
                    "rust-bert has no parameter {:?}",
                    wanted.name
                )));
            };
            let value = Tensor::from_slice(&found.values).reshape(parameter.size());
            tch::no_grad(|| parameter.shallow_clone().copy_(&value));
        }
        Ok(())
    }

    /// Runs the network.
    ///
    /// # Shapes
    /// `ids`: `[rows, tokens]`, 64-bit integers; `mask`: the same, 1 for tokens and 0 for padding (absent:
    /// no padding). Each head: `[rows, tokens, columns]`.
    ///
    /// # Errors
    /// [`Error::Training`] if a token is outside the vocabulary or a row longer than the encoder reads.
    pub fn forward(
        &self,
        ids: &Tensor,
        mask: Option<&Tensor>,
        train: bool,
    ) -> Result<BTreeMap<String, Tensor>> {
        self.check(ids)?;
        let encoder = self
            .half
            .as_ref()
            .map_or(&self.encoder, |half| &half.encoder);
        let output = encoder
            .forward_t(Some(ids), mask, None, None, None, None, None, train)
            .map_err(|source| Error::Training {
                problem: "the encoder failed".to_owned(),
                source: Some(source.into()),
            })?;
        let hidden = output.hidden_state.to_kind(Kind::Float);
        let hidden = hidden.dropout(self.dropout.heads, train);
        let heads = self.heads.iter();
        Ok(heads
            .map(|(name, head)| (name.clone(), head.forward(&hidden)))
            .collect())
    }

    /// What would make libtorch fail below.
    fn check(&self, ids: &Tensor) -> Result<()> {
        let columns = ids.size().get(1).copied().unwrap_or_default();
        if columns > size(self.config.max_position_embeddings)? {
            return Err(failed(format!(
                "a row has {columns} tokens, the encoder reads {}",
                self.config.max_position_embeddings
            )));
        }
        let beyond = if ids.numel() == 0 {
            0
        } else {
            ids.max().int64_value(&[])
        };
        if beyond >= size(self.config.vocab_size)? {
            return Err(failed(format!("token {beyond} is outside the vocabulary")));
        }
        Ok(())
    }

    /// The sizes of the encoder.
    pub fn config(&self) -> &BertConfig {
        &self.config
    }

    /// The weights by their Hugging Face names. They share memory with the network.
    pub fn parameters(&self) -> BTreeMap<String, Tensor> {
        self.store.variables().into_iter().collect()
    }

    /// A copy of the weights by their Hugging Face names, as files hold them.
    ///
    /// # Errors
    /// [`Error::Training`] if libtorch does not give them.
    pub fn weights(&self) -> Result<BTreeMap<String, Numbers>> {
        let parameters = self.parameters().into_iter();
        parameters
            .map(|(name, tensor)| Ok((name, numbers(&tensor)?)))
            .collect()
    }
}

/// A copy of a libtorch tensor.
///
/// # Errors
/// [`Error::Training`] if libtorch does not give its numbers.
pub fn numbers(tensor: &Tensor) -> Result<Numbers> {
    let flat = tensor.detach().to_kind(Kind::Float).contiguous().view(-1);
    let values = Vec::<f32>::try_from(&flat).map_err(|source| Error::Training {
        problem: "libtorch does not give the numbers of a tensor".to_owned(),
        source: Some(source.into()),
    })?;
    Ok(Numbers {
        shape: shape(tensor),
        values,
    })
}

fn shape(tensor: &Tensor) -> Vec<usize> {
    tensor
        .size()
        .into_iter()
        .map(|size| usize::try_from(size).unwrap_or_default())
        .collect()
}

fn size(size: usize) -> Result<i64> {
    i64::try_from(size).map_err(|source| Error::Training {
        problem: format!("{size} is too much for libtorch"),
        source: Some(source.into()),
    })
}

fn torch_config(config: &BertConfig, dropout: Dropout) -> Result<TorchConfig> {
    Ok(TorchConfig {
        hidden_act: Activation::gelu,
        attention_probs_dropout_prob: dropout.attention,
        hidden_dropout_prob: dropout.hidden,
        hidden_size: size(config.hidden_size)?,
        intermediate_size: size(config.intermediate_size)?,
        max_position_embeddings: size(config.max_position_embeddings)?,
        num_attention_heads: size(config.num_attention_heads)?,
        num_hidden_layers: size(config.num_hidden_layers)?,
        type_vocab_size: size(config.type_vocab_size)?,
        vocab_size: size(config.vocab_size)?,
        ..TorchConfig::default()
    })
}

fn failed(problem: String) -> Error {
    Error::Training {
        problem,
        source: None,
    }
}
