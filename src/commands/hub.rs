//! Models of others: a folder of Hugging Face's, or an id of its hub whose files are in the local cache.

use std::path::{Path, PathBuf};

use plenary::error::{Error, Result};
use plenary::model::foreign::Foreign;

/// What `--model` names: a folder, and how records shall call a model of others in it.
///
/// # Errors
/// [`Error::Settings`] for an id of the hub that is not in the cache, with how to get it there.
pub(super) fn find(asked: &Path) -> Result<(PathBuf, String)> {
    if let (false, Some(id)) = (asked.exists(), id(asked)) {
        return Ok((cached(id)?, id.to_owned()));
    }
    let name = asked.canonicalize().unwrap_or_else(|_| asked.to_owned());
    let name = name
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok((asked.to_owned(), name))
}

/// Opens the model of others in a folder, if one is there.
///
/// # Errors
/// As [`Foreign::open`].
pub(super) fn open(folder: &Path, name: &str) -> Result<Option<Foreign>> {
    let is_there = Foreign::is_at(folder);
    is_there.then(|| Foreign::open(folder, name)).transpose()
}

/// `owner/model`, if it reads like that.
fn id(asked: &Path) -> Option<&str> {
    let (owner, name) = asked.to_str()?.split_once('/')?;
    let plain = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(char::is_alphanumeric)
            && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    (plain(owner) && plain(name)).then_some(asked.to_str()?)
}

/// The files of a model in Hugging Face's cache, as its main branch was when they were fetched.
fn cached(id: &str) -> Result<PathBuf> {
    let caches = caches();
    for cache in &caches {
        let model = cache.join(format!("models--{}", id.replace('/', "--")));
        let Ok(commit) = std::fs::read_to_string(model.join("refs/main")) else {
            continue;
        };
        let snapshot = model.join("snapshots").join(commit.trim());
        if snapshot.is_dir() {
            return Ok(snapshot);
        }
    }
    let places: Vec<String> = caches
        .iter()
        .map(|cache| cache.display().to_string())
        .collect();
    Err(Error::Settings {
        problem: format!(
            "there is no folder {id}, and no model of that id in the cache of Hugging Face ({}); fetch it with `hf \
             download {id}` (`pip install huggingface_hub`) and run this again",
            places.join(", ")
        ),
    })
}

/// Where Hugging Face's programs keep what they fetched.
fn caches() -> Vec<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "commands may read the environment"
    )]
    let given = |name: &str| std::env::var(name).ok().map(PathBuf::from);
    let home = std::env::home_dir().map(|home| home.join(".cache/huggingface"));
    let home = given("HF_HOME").or(home);
    let mut caches: Vec<PathBuf> = given("HF_HUB_CACHE").into_iter().collect();
    caches.extend(home.map(|home| home.join("hub")));
    caches
}
