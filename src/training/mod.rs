//! `plenary train`: from labelled statements to a model folder that every engine runs.
//!
//! [`gold`] and [`stances`] read what people labelled ([`texts`] finds the words where labels stand off), [`dataset`] makes units of tokens of it, [`plan`] says what is read
//! at each step, and [`recipe`] how. With the feature `libtorch`, [`train`] runs the loop (`fine_tune`) of
//! losses (`learn`, `targeted`) and steps (`optimizer`), watches [`figures`] on the dev set, keeps checkpoints, fits
//! the [`calibration`] and the [`thresholds`] and writes the folder. [`head`] teaches themes from few examples without libtorch, by
//! [`logistic`] regression on the encoder as it is.

pub mod calibration;
pub mod dataset;
pub mod figures;
pub mod gold;
pub mod head;
pub mod logistic;
pub mod plan;
pub mod recipe;
pub mod stances;
pub mod texts;
pub mod thresholds;

#[cfg(feature = "libtorch")]
mod base;
#[cfg(feature = "libtorch")]
mod checkpoint;
#[cfg(feature = "libtorch")]
mod fine_tune;
#[cfg(feature = "libtorch")]
mod learn;
#[cfg(feature = "libtorch")]
mod loss;
#[cfg(feature = "libtorch")]
mod material;
#[cfg(feature = "libtorch")]
mod optimizer;
#[cfg(feature = "libtorch")]
mod targeted;
#[cfg(feature = "libtorch")]
mod train;

use std::path::PathBuf;

#[cfg(feature = "libtorch")]
pub use train::train;

pub use figures::Figures;
pub use head::{HeadOptions, HeadReport, train_head};
pub use recipe::Recipe;

use crate::schema::Taxonomy;

/// What is trained, from what, and where the model goes.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Files of labelled statements.
    pub labels: Vec<PathBuf>,
    /// Archives with the texts of labels that stand off.
    pub texts: Vec<PathBuf>,
    /// Files of articles with attributions; without any the model gets no attribution head.
    pub attributions: Vec<PathBuf>,
    /// Files of texts with targets and stances; without any the model gets no stance head.
    pub stances: Vec<PathBuf>,
    /// Files of labelled statements that are not learned from; without any there is no early stopping.
    pub dev: Vec<PathBuf>,
    /// The folder of the encoder that training starts from.
    pub base: PathBuf,
    /// The folder of the model that is made.
    pub output: PathBuf,
    /// The model's name, as records give it.
    pub name: String,
    /// What the labels mean.
    pub taxonomy: Taxonomy,
    /// How the network is trained.
    pub recipe: Recipe,
    /// Decides the first weights of the heads, the order of the statements and the dropout.
    pub seed: u64,
    /// Whether to go on from the checkpoint in the output folder, if there is one.
    pub resume: bool,
    /// Threads of libtorch.
    pub threads: usize,
}

/// What happens while a model is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// A part of the training begins: so many steps, of which some are done (after a resume).
    Started {
        /// All steps of the part.
        steps: usize,
        /// Those that a checkpoint has done.
        done: usize,
    },
    /// A step is done.
    Step {
        /// Its number, from 0.
        step: usize,
        /// Its losses.
        losses: Losses,
    },
    /// A pass over the statements is done and the dev set was looked at.
    Watched {
        /// Passes done.
        epoch: usize,
        /// Agreement with the dev set.
        figures: Figures,
    },
}

/// The losses of a step, unweighted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Losses {
    /// Cross-entropy of the label head.
    pub labels: f64,
    /// Binary cross-entropy of the target head.
    pub targets: f64,
    /// Cross-entropy of the attribution head.
    pub attribution: f64,
    /// Cross-entropy of the stance head.
    pub stances: f64,
}

/// What a finished training says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Labelled statements that were learned from.
    pub statements: usize,
    /// Windows of articles that were learned from.
    pub articles: usize,
    /// Texts with a target that were learned from.
    pub targeted: usize,
    /// The figures on the dev set after each pass.
    pub figures: Vec<Figures>,
}

/// Trains a model: not in this program, which was built without libtorch.
///
/// # Errors
/// Always [`Error::OpenEngine`](crate::error::Error::OpenEngine), which says how to build one that can.
#[cfg(not(feature = "libtorch"))]
pub fn train(
    _options: &TrainOptions,
    _progress: &mut dyn FnMut(Progress),
) -> crate::error::Result<Report> {
    Err(crate::error::Error::OpenEngine {
        engine: "libtorch",
        problem: "this program was built without it; run `make libtorch`, then \
                  `LIBTORCH=$PWD/.libtorch LIBTORCH_CXX11_ABI=0 cargo build --release --features libtorch`"
            .to_owned(),
        source: None,
    })
}
