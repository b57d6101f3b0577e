//! rust-bert used directly: padded batches of like length, all cores for each.

use std::error::Error;
use std::time::{Duration, Instant};

use plenary::engine::TokenBatch;
use plenary::engine::network::{Dropout, Network, generator};
use plenary::model::ModelFolder;
use tch::Tensor;

const ROWS: usize = 32;

pub(super) fn rate(
    folder: &ModelFolder,
    batches: &[TokenBatch],
    duration: Duration,
) -> Result<super::Rate, Box<dyn Error>> {
    let _generator = generator();
    let mut network = Network::new(
        folder.config(),
        folder.spec().heads.iter(),
        Dropout::default(),
    )?;
    network.load_all(folder.weights())?;
    let cores = std::thread::available_parallelism()?.get();
    tch::set_num_threads(i32::try_from(cores)?);
    let padded = padded(batches)?;
    let mut measured = super::Measured::begin();
    let start = Instant::now();
    for (ids, mask) in padded.iter().cycle() {
        if start.elapsed() > duration {
            break;
        }
        tch::no_grad(|| network.forward(ids, Some(mask), false))?;
        measured.rows += usize::try_from(ids.size()[0])?;
    }
    Ok(measured.end())
}

/// The same rows in batches of 32, sorted by length and padded, in the scattered order of the others.
fn padded(batches: &[TokenBatch]) -> Result<Vec<(Tensor, Tensor)>, Box<dyn Error>> {
    let rows = batches
        .iter()
        .flat_map(|batch| batch.ids.chunks(batch.columns));
    let mut rows: Vec<&[u32]> = rows.collect();
    rows.sort_by_key(|row| row.len());
    let mut padded = Vec::new();
    for some in rows.chunks(ROWS) {
        let columns = some.iter().map(|row| row.len()).max().unwrap_or_default();
        let (mut ids, mut mask) = (Vec::new(), Vec::new());
        for row in some {
            let padding = std::iter::repeat_n(0, columns - row.len());
            ids.extend(row.iter().map(|&id| i64::from(id)).chain(padding.clone()));
            mask.extend(row.iter().map(|_| 1i64).chain(padding));
        }
        let shape = [i64::try_from(some.len())?, i64::try_from(columns)?];
        let [ids, mask] = [ids, mask].map(|values| Tensor::from_slice(&values).view(shape));
        padded.push((ids, mask));
    }
    let count = padded.len();
    let order = (0..count).map(|index| index * 7919 % count);
    Ok(order
        .map(|at| (padded[at].0.shallow_clone(), padded[at].1.shallow_clone()))
        .collect())
}
