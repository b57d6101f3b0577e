//! The statements behind the numbers: for every cell the likeliest ones, for every group a random sample.
//!
//! What is kept depends on the statements and the seed alone, not on the order of the input, and is bounded:
//! past the budget every cell keeps half as many.

use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;
use serde::Serialize;

use super::period::Period;
use crate::schema::Stance;
use crate::schema::record::LabelRecord;

/// A statement kept as evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exhibit {
    /// Its words.
    pub text: String,
    /// Who speaks.
    pub speaker: Option<String>,
    /// The group that it counts for.
    pub group: String,
    /// When, as the record says.
    pub date: Option<String>,
    /// The document's id.
    pub document: String,
    /// The document's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its place in the document.
    pub statement: Option<usize>,
    /// The period that the date falls in.
    pub period: Option<Period>,
    /// Its labels.
    pub labels: Vec<LabelRecord>,
}

/// What statements are kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// A random sample of the group.
    Group(u32),
    /// The likeliest statements of a theme and stance in the group.
    Pair(u32, usize, Stance),
    /// The likeliest statements of a theme in the group and period.
    Period(u32, usize, Period),
}

impl Cell {
    /// How many statements a cell keeps once the budget has been halved so often. The least that each kind
    /// keeps shows a number's statements and, of a group, most of its words.
    fn limit(self, halvings: u32) -> usize {
        let (most, least) = match self {
            Self::Group(_) => (65_536_usize, 1024),
            Self::Pair(..) => (16, 8),
            Self::Period(..) => (4, 1),
        };
        (most >> halvings).max(least)
    }
}

/// What decides which statements a cell keeps: the largest. Ties go by the statement's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Ten thousandths of the probability; 0 for a random sample.
    pub probability: u16,
    /// The statement's hash under the seed.
    pub hash: u64,
}

/// How many statements are kept in all cells together: at some 700 bytes each, about 170 MB. Only where there are
/// so many cells that the least of each is more (several hundred groups by month), is it more.
const BUDGET: usize = 250_000;

/// After so many halvings every cell keeps its least.
const MOST_HALVINGS: u32 = 6;

/// The kept statements.
#[derive(Debug, Default)]
pub struct Evidence {
    cells: IndexMap<Cell, BTreeMap<Rank, Rc<Exhibit>>, rustc_hash::FxBuildHasher>,
    kept: usize,
    halvings: u32,
}

impl Evidence {
    /// Offers a statement to `wanted` cells; it is made only if one of them keeps it.
    pub fn offer(&mut self, wanted: &[(Cell, Rank)], make: impl Fn() -> Exhibit) {
        let mut exhibit: Option<Rc<Exhibit>> = None;
        for &(cell, rank) in wanted {
            let limit = cell.limit(self.halvings);
            let kept = self.cells.entry(cell).or_default();
            if kept.len() >= limit
                && kept
                    .first_key_value()
                    .is_none_or(|(least, _)| *least >= rank)
            {
                continue;
            }
            let exhibit = exhibit.get_or_insert_with(|| Rc::new(make()));
            if kept.insert(rank, Rc::clone(exhibit)).is_none() {
                self.kept += 1;
            }
            if kept.len() > limit {
                kept.pop_first();
                self.kept -= 1;
            }
        }
        while self.kept > BUDGET && self.halvings < MOST_HALVINGS {
            self.halve();
        }
    }

    fn halve(&mut self) {
        self.halvings += 1;
        for (cell, kept) in &mut self.cells {
            let limit = cell.limit(self.halvings);
            while kept.len() > limit {
                kept.pop_first();
                self.kept -= 1;
            }
        }
    }

    /// The statements of a cell, the first in rank first.
    pub fn of(&self, cell: Cell) -> impl Iterator<Item = (Rank, &Rc<Exhibit>)> {
        self.cells
            .get(&cell)
            .into_iter()
            .flat_map(|kept| kept.iter().rev().map(|(rank, exhibit)| (*rank, exhibit)))
    }

    /// How many statements of a group are in its random sample.
    pub fn sampled(&self, group: u32) -> usize {
        self.cells.get(&Cell::Group(group)).map_or(0, BTreeMap::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::statistics::seeding::mix;

    fn exhibit(text: u64) -> Exhibit {
        Exhibit {
            text: text.to_string(),
            speaker: None,
            group: String::new(),
            date: None,
            document: String::new(),
            title: None,
            statement: None,
            period: None,
            labels: Vec::new(),
        }
    }

    #[test]
    fn a_cell_keeps_the_likeliest_in_any_order_of_input() {
        let cell = Cell::Pair(0, 0, Stance::Oppose);
        let kept = |order: &mut dyn Iterator<Item = u64>| {
            let mut evidence = Evidence::default();
            for i in order {
                let probability = u16::try_from(i % 1000).unwrap();
                evidence.offer(
                    &[(
                        cell,
                        Rank {
                            probability,
                            hash: mix(i),
                        },
                    )],
                    || exhibit(i),
                );
            }
            evidence
                .of(cell)
                .map(|(_, e)| e.text.clone())
                .collect::<Vec<_>>()
        };
        let forward = kept(&mut (0..5000));
        assert_eq!(forward.len(), 16);
        assert_eq!(forward, kept(&mut (0..5000).rev()));
        assert!(forward[..5].iter().all(|text| text.ends_with("999")));
    }

    #[test]
    fn memory_is_bounded() {
        let mut evidence = Evidence::default();
        for i in 0..600_000_u64 {
            let group = u32::try_from(i % 7).unwrap();
            evidence.offer(
                &[(
                    Cell::Group(group),
                    Rank {
                        probability: 0,
                        hash: mix(i),
                    },
                )],
                || exhibit(i),
            );
        }
        assert!(evidence.kept <= BUDGET && evidence.sampled(3) >= 16_384);
    }
}
