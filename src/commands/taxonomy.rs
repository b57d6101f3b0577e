//! A taxonomy of the user's, and what tells its themes: heads of the model, or their definitions.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plenary::engine::calibrate::activation_ranges;
use plenary::engine::similarity::{Directions, Joined as JoinedEngine, Pointing};
use plenary::engine::{self, Engine, EngineChoice, EngineOptions};
use plenary::error::{Error, Result};
use plenary::model::graph::{Outputs, Precision};
use plenary::model::{ModelFolder, ModelSpec};
use plenary::schema::{Taxonomy, Theme};
use plenary::stages::classify::definitions::{Definitions, SIMILARITY, unknown};
use sha2::{Digest as _, Sha256};

use super::setup::nearby;

/// The plain encoder, as `make base-model` puts it.
const ENCODER: &str = ".base-model";

/// Reads a taxonomy; the standard one if none is named.
///
/// # Errors
/// [`Error::Taxonomy`] if it cannot be read or used.
pub(super) fn read(path: Option<&Path>) -> Result<Taxonomy> {
    let Some(path) = path else {
        return Taxonomy::standard();
    };
    let text = std::fs::read_to_string(path).map_err(|source| Error::Taxonomy {
        path: path.into(),
        problem: format!("it cannot be read: {source}"),
    })?;
    Taxonomy::parse(&text, path)
}

/// A model joined with the themes of a taxonomy.
pub(super) struct Joined {
    pub(super) spec: ModelSpec,
    pub(super) model_id: String,
    pub(super) model_sha256: String,
    /// What tells each theme, and how well, for people.
    pub(super) told_by: Vec<String>,
    /// The encoder for those that no head tells, and where they point in its space.
    encoder: Option<(ModelFolder, Arc<Directions>)>,
}

/// Joins a model with the taxonomy at `path`; `encoder` is the folder of the plain encoder, where it is not nearby, which
/// will run in `precision`.
///
/// # Errors
/// [`Error::Taxonomy`] for a taxonomy that cannot be used, or needs an encoder that is not there.
pub(super) fn join(
    path: &Path,
    model: &ModelFolder,
    (encoder, precision): (Option<&Path>, Precision),
) -> Result<Joined> {
    let taxonomy = read(Some(path))?;
    let themes = unknown(model.spec(), &taxonomy);
    let mut joined = Joined {
        spec: ModelSpec {
            taxonomy: taxonomy.clone(),
            ..model.spec().clone()
        },
        model_id: model.id(),
        model_sha256: model.hash().to_owned(),
        told_by: Vec::new(),
        encoder: None,
    };
    let definitions = Definitions::shipped()?;
    if !themes.is_empty() {
        let encoder = open_encoder(path, &themes, model, encoder)?;
        joined.spec = definitions.join(model.spec(), &taxonomy)?;
        let weights = Sha256::digest(encoder.weights().bytes());
        let of_all = format!("{} {weights:x} {}", model.hash(), taxonomy.hash());
        joined.model_sha256 = format!("{:x}", Sha256::digest(of_all));
        let start: String = joined.model_sha256.chars().take(8).collect();
        joined.model_id = format!("{}+definitions@{start}", model.spec().name);
        let directions = definitions.directions(&encoder, &themes)?;
        let encoder = if precision == Precision::Int8 && encoder.spec().activations.is_empty() {
            let ranges = activation_ranges(&encoder, &definitions.texts()?)?;
            encoder.with_activations(ranges)
        } else {
            encoder
        };
        joined.encoder = Some((encoder, Arc::new(directions)));
    }
    joined.told_by = joined.in_words(path, model, &definitions);
    Ok(joined)
}

/// The plain encoder for themes that no head tells.
fn open_encoder(
    path: &Path,
    themes: &[Theme],
    model: &ModelFolder,
    encoder: Option<&Path>,
) -> Result<ModelFolder> {
    let failed = |problem: String| Error::Taxonomy {
        path: path.into(),
        problem,
    };
    let told = |theme: &Theme| !(theme.definition.trim().is_empty() && theme.examples.is_empty());
    if let Some(Theme { name, .. }) = themes.iter().find(|theme| !told(theme)) {
        return Err(failed(format!(
            "model {:?} has no head for the theme {name:?}; give the theme a definition",
            model.spec().name
        )));
    }
    let names: Vec<&str> = themes.iter().map(|theme| theme.name.as_str()).collect();
    let folder: PathBuf = encoder.map(Path::to_owned).or_else(|| nearby(ENCODER)).ok_or_else(|| {
        failed(format!(
            "model {:?} has no head for {}; to tell a theme by its definition, Plenary needs MiniLM-L6 as it came: run \
             `make base-model`, or name its folder with --encoder. To teach the model themes from labelled statements, \
             see `plenary train --head-only`",
            model.spec().name,
            names.join(", ")
        ))
    })?;
    let encoder = ModelFolder::open_encoder(&folder, model.spec().max_tokens)?;
    let vocabulary = |folder: &ModelFolder| folder.tokenizer().inner().get_vocab(true);
    if vocabulary(&encoder) != vocabulary(model) {
        return Err(failed(format!(
            "the encoder {} has other tokens than model {:?}, so they cannot read the same statements; teach the \
             model with `plenary train --head-only`",
            folder.display(),
            model.spec().name
        )));
    }
    Ok(encoder)
}

impl Joined {
    /// The model's engines, each joined with one of the encoder where there is one.
    ///
    /// # Errors
    /// What opening the encoder gives.
    pub(super) fn engines(
        &self,
        engines: Vec<Box<dyn Engine>>,
        options: &EngineOptions,
    ) -> Result<Vec<Box<dyn Engine>>> {
        let Some((encoder, directions)) = &self.encoder else {
            return Ok(engines);
        };
        let options = EngineOptions {
            outputs: Outputs::Hidden,
            sessions: engines.len(),
            // The reference runs heads alone.
            choice: match options.choice {
                EngineChoice::Libtorch => EngineChoice::Embedded,
                other => other,
            },
            ..options.clone()
        };
        let second = engine::open(encoder, &options)?.engines;
        let join = |(first, second)| -> Box<dyn Engine> {
            let pointing = Pointing::new(second, SIMILARITY, directions);
            Box::new(JoinedEngine::new(first, Box::new(pointing)))
        };
        Ok(engines.into_iter().zip(second).map(join).collect())
    }

    fn in_words(&self, path: &Path, model: &ModelFolder, definitions: &Definitions) -> Vec<String> {
        let themes = &self.spec.taxonomy.themes;
        let width = themes
            .iter()
            .map(|theme| theme.name.chars().count())
            .max()
            .unwrap_or_default();
        let mut lines = vec![format!("themes       of {}", path.display())];
        for theme in themes {
            let own = model
                .spec()
                .taxonomy
                .themes
                .iter()
                .find(|own| own.name == theme.name);
            let by = match own {
                Some(own) if own.definition.trim() == theme.definition.trim() => {
                    "a head of the model".to_owned()
                }
                Some(_) => "a head of the model, which was taught another definition".to_owned(),
                None => match theme.examples.len() {
                    0 => "its definition (*)".to_owned(),
                    1 => "its definition and an example (*)".to_owned(),
                    count => format!("its definition and {count} examples (*)"),
                },
            };
            lines.push(format!("  {:width$}  by {by}", theme.name));
        }
        if let Some((encoder, _)) = &self.encoder {
            let Definitions {
                measured,
                measured_stance,
                ..
            } = definitions;
            lines.push(format!(
                "  * on themes that nothing was fitted on, {measured}; {measured_stance}: read a sample before you report"
            ));
            if format!("{:x}", Sha256::digest(encoder.weights().bytes())) != definitions.encoder {
                lines.push(
                    "    (so it was with MiniLM-L6; with this encoder nobody measured)".to_owned(),
                );
            }
        }
        lines
    }
}
