//! What two models say of the same tokens, and an encoder whose tokens are held against directions.

use std::sync::Arc;

use super::{Engine, Outputs, Tensor, TokenBatch};
use crate::error::Result;
use crate::model::graph::HIDDEN;

/// Directions in the space of an encoder's hidden states, seen from a centre.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directions {
    /// The hidden state that differences are taken from.
    pub centre: Vec<f32>,
    /// Each of length 1.
    pub directions: Vec<Vec<f32>>,
}

impl Directions {
    /// The cosine of a token's hidden state, seen from the centre, with each direction.
    pub fn cosines(&self, hidden: &[f32]) -> Vec<f32> {
        let seen = self.unit(hidden);
        let cosine = |direction: &Vec<f32>| direction.iter().zip(&seen).map(|(a, b)| a * b).sum();
        self.directions.iter().map(cosine).collect()
    }

    /// A hidden state as seen from the centre, of length 1.
    pub fn unit(&self, hidden: &[f32]) -> Vec<f32> {
        let seen = hidden.iter().zip(&self.centre);
        unit(seen.map(|(x, centre)| x - centre).collect())
    }
}

/// A vector of the same direction and of length 1; one without a direction stays.
pub fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    for x in &mut vector {
        *x /= length.max(f32::MIN_POSITIVE);
    }
    vector
}

/// An encoder of which nothing is returned but how each token points: the cosines with some directions.
#[derive(Debug)]
pub struct Pointing {
    encoder: Box<dyn Engine>,
    output: String,
    directions: Arc<Directions>,
}

impl Pointing {
    /// Wraps an engine that returns [`HIDDEN`]; the cosines are in the output called `output`.
    pub fn new(encoder: Box<dyn Engine>, output: &str, directions: &Arc<Directions>) -> Self {
        Self {
            encoder,
            output: output.to_owned(),
            directions: Arc::clone(directions),
        }
    }
}

impl Engine for Pointing {
    fn name(&self) -> &'static str {
        self.encoder.name()
    }

    fn run(&mut self, batch: &TokenBatch) -> Result<Outputs> {
        let outputs = self.encoder.run(batch)?;
        let hidden = outputs.get(HIDDEN)?;
        let tokens = hidden
            .values
            .chunks_exact(self.directions.centre.len().max(1));
        let tensor = Tensor {
            shape: vec![
                batch.rows(),
                batch.columns,
                self.directions.directions.len(),
            ],
            values: tokens
                .flat_map(|token| self.directions.cosines(token))
                .collect(),
        };
        Ok(Outputs([(self.output.clone(), tensor)].into()))
    }
}

/// Two engines that read the same tokens; their outputs have different names.
#[derive(Debug)]
pub struct Joined {
    first: Box<dyn Engine>,
    second: Box<dyn Engine>,
}

impl Joined {
    /// Joins two engines whose models have the same tokens.
    pub fn new(first: Box<dyn Engine>, second: Box<dyn Engine>) -> Self {
        Self { first, second }
    }
}

impl Engine for Joined {
    /// The name of the first.
    fn name(&self) -> &'static str {
        self.first.name()
    }

    fn run(&mut self, batch: &TokenBatch) -> Result<Outputs> {
        let mut outputs = self.first.run(batch)?;
        outputs.0.extend(self.second.run(batch)?.0);
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives each token two numbers made of its id.
    #[derive(Debug)]
    struct Ids;

    impl Engine for Ids {
        fn name(&self) -> &'static str {
            "ids"
        }

        fn run(&mut self, batch: &TokenBatch) -> Result<Outputs> {
            let values = batch.ids.iter().flat_map(|&id| [id as f32, 1.0]).collect();
            let shape = vec![batch.rows(), batch.columns, 2];
            Ok(Outputs(
                [(HIDDEN.to_owned(), Tensor { shape, values })].into(),
            ))
        }
    }

    #[test]
    fn tokens_point_where_they_stand_from_the_centre() {
        let directions = Arc::new(Directions {
            centre: vec![3.0, 1.0],
            directions: vec![vec![1.0, 0.0], vec![0.0, 1.0]],
        });
        let pointing = Pointing::new(Box::new(Ids), "similarity", &directions);
        let mut joined = Joined::new(Box::new(Ids), Box::new(pointing));
        let batch = TokenBatch {
            ids: vec![5, 1, 3],
            type_ids: Vec::new(),
            lengths: vec![3],
            columns: 3,
        };
        let outputs = joined.run(&batch).unwrap();
        assert_eq!(outputs.get(HIDDEN).unwrap().values.len(), 6);
        let similarity = outputs.get("similarity").unwrap();
        assert_eq!(similarity.shape, [1, 3, 2]);
        // To the right, to the left, and on the centre itself.
        assert_eq!(similarity.values, [1.0, 0.0, -1.0, 0.0, 0.0, 0.0]);
    }
}
