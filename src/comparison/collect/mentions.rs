//! Mentions of targets: who takes which stance toward what, in bounded memory.

use rustc_hash::FxHashMap;

use super::period::Period;
use crate::schema::Stance;

/// Past so many different targets those with the fewest mentions are dropped: they are named too seldom to
/// compare anyone by.
const MOST_TARGETS: usize = 400_000;

/// One label with a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mention {
    /// The target's place in [`Mentions::names`].
    pub target: u32,
    /// Whose statement it is.
    pub group: u32,
    /// The hash of the document.
    pub document: u64,
    /// The period, where it is known.
    pub period: Option<Period>,
    /// The theme's place.
    pub theme: u16,
    /// The stance.
    pub stance: Stance,
}

/// All mentions.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    places: FxHashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
    list: Vec<Mention>,
    dropped: u64,
}

impl Mentions {
    /// Adds a mention of the target called `name`; `mention.target` is set here.
    pub fn add(&mut self, name: &str, mention: Mention) {
        let name = name.trim();
        if name.is_empty() {
            return;
        }
        let target = match self.places.get(name) {
            Some(&place) => place,
            None => self.intern(name),
        };
        self.list.push(Mention { target, ..mention });
        if self.names.len() > MOST_TARGETS {
            self.drop_rare();
        }
    }

    fn intern(&mut self, name: &str) -> u32 {
        let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.places.insert(name.into(), place);
        self.names.push(name.into());
        place
    }

    fn drop_rare(&mut self) {
        let mut counts = vec![0_u32; self.names.len()];
        for mention in &self.list {
            counts[mention.target as usize] += 1;
        }
        let mut order: Vec<u32> = counts.clone();
        order.sort_unstable();
        let least = order.get(order.len() / 2).copied().unwrap_or(0);
        let names = std::mem::take(&mut self.names);
        self.places.clear();
        let kept: Vec<Option<u32>> = names
            .iter()
            .zip(&counts)
            .map(|(name, &count)| (count > least).then(|| self.intern(name)))
            .collect();
        let before = self.list.len();
        self.list.retain_mut(|mention| {
            kept[mention.target as usize].is_some_and(|target| {
                mention.target = target;
                true
            })
        });
        self.dropped += (before - self.list.len()) as u64;
    }

    /// The place of the target called `name`.
    pub fn place(&self, name: &str) -> Option<u32> {
        self.places.get(name.trim()).copied()
    }

    /// The names of the targets, by their place.
    pub fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// All mentions, in the order of the input.
    pub fn list(&self) -> &[Mention] {
        &self.list
    }

    /// How many mentions of rare targets were dropped to bound memory.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}
