//! Takes out of the names what only stands beside them: capitals of headlines, adjectives of countries and parties.

use std::collections::{HashMap, HashSet};

use super::name::{NameKind, Named};
use crate::stages::attribute::words::lexicon::lexicon;
use crate::stages::attribute::words::piece::{Piece, Pieces, Shape};

/// Whether each statement is a headline: most of its words have capitals, and no stop ends it.
pub(super) fn headlines(pieces: &Pieces) -> Vec<bool> {
    let statements = pieces.of_statement.iter();
    let statements = statements.map(|range| {
        let stops = pieces.all[range.clone()].last().is_some_and(|p| p.is("."));
        let words = pieces.all[range.clone()].iter().filter(|p| p.is_word());
        let small = words.clone().filter(|p| p.shape == Shape::Lower).count();
        !stops && small * 2 < words.count()
    });
    statements.collect()
}

/// Leaves out what only capitals of a headline join: 'Senator Endorsed Lee' where the text has 'Ann Lee', 'Lee Wins NRF Vote'.
pub(super) fn drop_headlines(pieces: &Pieces, headlines: &[bool], found: &mut Vec<Named>) {
    let words = |named: &Named| -> Vec<&str> {
        let name = &pieces.all[named.name.clone()];
        name.iter().map(|p| &*p.lower).collect()
    };
    let in_headline = |named: &Named| headlines[pieces.statement_of(named.whole.start)];
    let mut by_surname: HashMap<&str, HashSet<Vec<&str>>> = HashMap::new();
    for named in found.iter() {
        if named.name.len() > 1 && !in_headline(named) {
            let name = words(named);
            let surname = name.last().copied().unwrap_or_default();
            by_surname.entry(surname).or_default().insert(name);
        }
    }
    found.retain(|named| {
        if named.name.len() < 2 || !in_headline(named) {
            return true;
        }
        let shouted = |p: &Piece| p.shouted;
        let capital = |p: &Piece| p.shape == Shape::Capital;
        let name = &pieces.all[named.name.clone()];
        if name.iter().all(capital) && name.iter().any(shouted) && !name.iter().all(shouted) {
            return false;
        }
        let name = words(named);
        let known = name.iter().filter_map(|word| by_surname.get(word));
        let mut known = known.flatten().peekable();
        // 'Ann Mary Lee' is 'Mary Lee' in full.
        known.peek().is_none() || known.any(|known| known.iter().all(|word| name.contains(word)))
    });
}

/// Leaves the adjective of a country or a party out of names: 'Norlandish Ann Lee' is Ann Lee where the document has 'Lee'
/// alone, too.
pub(super) fn drop_adjectives(all: &[Piece], found: &mut [Named]) {
    let lone = found.iter().filter(|named| named.name.len() == 1);
    let alone: HashSet<&str> = lone.map(|named| &*all[named.name.start].lower).collect();
    for named in found {
        if let [first, .., last] = &all[named.name.clone()]
            && matches!(named.kind, NameKind::Person | NameKind::Unknown)
            && lexicon().is_demonym(&first.lower)
            && alone.contains(&*last.lower)
        {
            named.name.start += 1;
        }
    }
}
