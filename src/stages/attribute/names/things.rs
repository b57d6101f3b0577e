//! Tells names of things from those of people.

use std::collections::{HashMap, HashSet};

use super::entity::Entities;
use super::name::NameKind;
use crate::stages::attribute::words::lexicon::{CueKind, lexicon};
use crate::stages::attribute::words::piece::{Piece, Pieces, Shape};

/// Capitals up to so many bytes are initials of a body: 'GDP', 'USAID'.
const LONGEST_INITIALS: usize = 5;

impl Entities {
    /// Tells by how a document has a single word that it names nobody: 'Inflation' where there is 'inflation', 'the
    /// Baltic', 'GDP', 'Norland-based', 'the village of Lowenfield'; not if somewhere it says something.
    pub(super) fn tell_things(&mut self, pieces: &Pieces) {
        let all = &pieces.all;
        let small = all.iter().filter(|p| p.shape == Shape::Lower);
        let small: HashSet<&str> = small.map(|p| &*p.lower).collect();
        let mut with_article: HashMap<usize, usize> = HashMap::new();
        let mut speaking = HashSet::new();
        for mention in &self.mentions {
            let (Some(id), [piece]) = (mention.entity, &all[mention.pieces.clone()]) else {
                continue;
            };
            let entity = &mut self.all[id];
            if entity.tokens.len() > 1 || entity.kind != NameKind::Unknown {
                continue;
            }
            let before = mention.pieces.start.checked_sub(1).map(|at| &all[at]);
            let after = all.get(mention.pieces.end);
            if [before, after].into_iter().flatten().any(says) {
                speaking.insert(id);
            }
            if before.is_some_and(|p| ["the", "a", "an"].iter().any(|word| p.is(word))) {
                *with_article.entry(id).or_default() += 1;
            }
            let place =
                mention.pieces.start.checked_sub(2).is_some_and(|at| {
                    all[at + 1].is("of") && lexicon().is_place_noun(&all[at].lower)
                });
            let letter = piece.lower.chars().nth(1).is_none();
            let initials = letter || piece.shouted && piece.lower.len() <= LONGEST_INITIALS;
            let mut parts = piece.lower.split('-');
            let joins_places =
                piece.lower.contains('-') && parts.any(|part| lexicon().country(part).is_some());
            // 'Americans' are several.
            let singular = piece.lower.strip_suffix('s');
            let people = singular.is_some_and(|word| lexicon().is_demonym(word));
            entity.is_thing |= initials
                || people
                || place
                || joins_places
                || small.contains(&*piece.lower)
                || lexicon().ends_like_thing(&piece.lower);
        }
        for (id, entity) in self.all.iter_mut().enumerate() {
            // 'The Berg plan' is Berg's.
            entity.is_thing |= with_article
                .get(&id)
                .is_some_and(|count| count * 2 >= entity.count);
            entity.is_thing &= !speaking.contains(&id);
        }
    }
}

/// Whether the word is a verb in the past by which someone speaks: 'said'.
fn says(word: &Piece) -> bool {
    let cue = lexicon().cue(&word.lower);
    cue.is_some_and(|cue| cue.kind == CueKind::Say && !cue.bare && !cue.gerund && !cue.present)
}
