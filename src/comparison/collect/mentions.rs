//! Mentions of targets: who takes which stance toward what, in bounded memory.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::period::Period;
use crate::comparison::result::stance_index;
use crate::schema::Stance;

/// Past so many different targets those with the fewest mentions are dropped: they are named too seldom to
/// compare anyone by.
const MOST_TARGETS: usize = 400_000;

/// One label with a target: 24 bytes, because there is one for nearly every label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mention {
    /// The hash of the document.
    pub document: u64,
    /// The period, where it is known.
    pub period: Option<Period>,
    /// Whose statement it is.
    pub group: u32,
    /// The target's place in [`Mentions::names`].
    pub target: u32,
}

/// All mentions.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    names: IndexSet<Box<str>, FxBuildHasher>,
    /// By stance, in the order of [`Stance::ALL`].
    lists: [Vec<Mention>; Stance::ALL.len()],
    dropped: u64,
}

impl Mentions {
    /// Adds a mention of the target called `name`; `mention.target` is set here.
    pub fn add(&mut self, name: &str, stance: Stance, mention: Mention) {
        let name = name.trim();
        if name.is_empty() {
            return;
        }
        let place = match self.names.get_index_of(name) {
            Some(place) => place,
            None => self.names.insert_full(name.into()).0,
        };
        let target = u32::try_from(place).unwrap_or(u32::MAX);
        self.lists[stance_index(stance)].push(Mention { target, ..mention });
        if self.names.len() > MOST_TARGETS {
            self.drop_rare();
        }
    }

    fn drop_rare(&mut self) {
        let mut counts = vec![0_u32; self.names.len()];
        for (_, mention) in self.all() {
            counts[mention.target as usize] += 1;
        }
        let mut order: Vec<u32> = counts.clone();
        order.sort_unstable();
        let least = order.get(order.len() / 2).copied().unwrap_or(0);
        let mut kept = Vec::with_capacity(counts.len());
        let mut next = 0;
        for &count in &counts {
            kept.push((count > least).then_some(next));
            next += u32::from(count > least);
        }
        let mut place = 0;
        self.names.retain(|_| {
            place += 1;
            counts[place - 1] > least
        });
        for list in &mut self.lists {
            let before = list.len();
            list.retain_mut(|mention| {
                kept[mention.target as usize].is_some_and(|target| {
                    mention.target = target;
                    true
                })
            });
            self.dropped += (before - list.len()) as u64;
        }
    }

    /// The place of the target called `name`.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.names.get_index_of(name.trim())
    }

    /// The names of the targets, by their place.
    pub fn names(&self) -> &IndexSet<Box<str>, FxBuildHasher> {
        &self.names
    }

    /// All mentions, with the stance toward the target.
    pub fn all(&self) -> impl Iterator<Item = (Stance, &Mention)> {
        let lists = Stance::ALL.into_iter().zip(&self.lists);
        lists.flat_map(|(stance, list)| list.iter().map(move |mention| (stance, mention)))
    }

    /// How many mentions of rare targets were dropped to bound memory.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}
