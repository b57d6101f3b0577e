//! Which statements a number leads to: each is kept once and referred to by its place.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::comparison::collect::Collected;
use crate::comparison::collect::evidence::{Cell, Exhibit, Rank};
use crate::comparison::collect::period::Period;
use crate::schema::Stance;

/// Statements shown for a number.
const SHOWN: usize = 8;

/// Statements shown for a number of one period, of which there are many.
const SHOWN_OF_PERIOD: usize = 3;

/// Statements shown for a word or target.
const SHOWN_OF_FEATURE: usize = 5;

/// The statements that were referred to.
pub(super) struct Exhibits<'a> {
    collected: &'a Collected,
    places: FxHashMap<*const Exhibit, usize>,
    statements: Vec<Rc<Exhibit>>,
}

impl<'a> Exhibits<'a> {
    pub(super) fn new(collected: &'a Collected) -> Self {
        Self {
            collected,
            places: FxHashMap::default(),
            statements: Vec::new(),
        }
    }

    /// All that were referred to, by their places, each with its group's name in place of the key.
    pub(super) fn statements(self) -> Vec<Rc<Exhibit>> {
        let spellings = &self.collected.spellings;
        let named = |mut exhibit: Rc<Exhibit>| {
            let name = spellings.commonest(&exhibit.group);
            if name != exhibit.group {
                let name = name.to_owned();
                Rc::make_mut(&mut exhibit).group = name;
            }
            exhibit
        };
        self.statements.into_iter().map(named).collect()
    }

    fn place(&mut self, exhibit: &Rc<Exhibit>) -> usize {
        let statements = &mut self.statements;
        *self.places.entry(Rc::as_ptr(exhibit)).or_insert_with(|| {
            statements.push(Rc::clone(exhibit));
            statements.len() - 1
        })
    }

    /// The likeliest statements of a theme in a group, of any stance.
    pub(super) fn of_theme(&mut self, group: u32, theme: usize) -> Vec<usize> {
        let mut ranked: Vec<(Rank, &Rc<Exhibit>)> = Stance::ALL
            .into_iter()
            .flat_map(|stance| self.collected.evidence.of(Cell::Pair(group, theme, stance)))
            .collect();
        ranked.sort_by_key(|&(rank, _)| std::cmp::Reverse(rank));
        let mut seen = FxHashSet::default();
        ranked.retain(|(rank, _)| seen.insert(rank.hash));
        ranked
            .into_iter()
            .take(SHOWN)
            .map(|(_, exhibit)| self.place(exhibit))
            .collect()
    }

    /// The likeliest statements of a theme and stance in a group.
    pub(super) fn of_pair(&mut self, group: u32, theme: usize, stance: Stance) -> Vec<usize> {
        let cell = self
            .collected
            .evidence
            .of(Cell::Pair(group, theme, stance))
            .take(SHOWN);
        cell.map(|(_, exhibit)| self.place(exhibit)).collect()
    }

    /// The likeliest statements of a theme in a group and period.
    pub(super) fn of_period(&mut self, group: u32, theme: usize, period: Period) -> Vec<usize> {
        let cell = Cell::Period(group, theme, period);
        let kept = self.collected.evidence.of(cell).take(SHOWN_OF_PERIOD);
        kept.map(|(_, exhibit)| self.place(exhibit)).collect()
    }

    /// The first of some statements of a group's random sample.
    pub(super) fn of_sample(&mut self, exhibits: &[&'a Rc<Exhibit>]) -> Vec<usize> {
        exhibits
            .iter()
            .take(SHOWN_OF_FEATURE)
            .map(|exhibit| self.place(exhibit))
            .collect()
    }

    /// The random sample of a group.
    pub(super) fn sample(&self, group: u32) -> impl Iterator<Item = &'a Rc<Exhibit>> + use<'a> {
        self.collected
            .evidence
            .of(Cell::Group(group))
            .map(|(_, exhibit)| exhibit)
    }
}
