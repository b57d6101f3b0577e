//! Clusters names to entities and finds the entity that a short name or a role means.

use std::collections::HashMap;
use std::ops::Range;

use crate::schema::Document;
use crate::schema::name::fold;

use super::holders;
use super::name::{self, NameKind, Named};
use super::role::{Role, office_key};
use crate::stages::attribute::words::lexicon::{Gender, lexicon};
use crate::stages::attribute::words::piece::{Piece, Pieces, Shape};

/// Someone or something that can speak.
#[derive(Clone, Debug)]
pub(in crate::stages::attribute) struct Entity {
    /// The fullest name that the document gives.
    pub(in crate::stages::attribute) name: String,
    /// Its words in lower case.
    pub(super) tokens: Vec<String>,
    /// What it is.
    pub(in crate::stages::attribute) kind: NameKind,
    /// What honorifics and given names tell.
    pub(in crate::stages::attribute) gender: Option<Gender>,
    /// The roles that the document gives, in its order.
    pub(in crate::stages::attribute) roles: Vec<Role>,
    /// Further roles that it is known to have on the document's date.
    known: Vec<&'static Role>,
    /// How often it is named.
    pub(in crate::stages::attribute) count: usize,
    /// Whether the document shows that it is the name of nobody.
    pub(super) is_thing: bool,
}

/// A name in the text with the entity that it means.
#[derive(Clone, Debug)]
pub(in crate::stages::attribute) struct Mention {
    /// The pieces of role and name.
    pub(in crate::stages::attribute) pieces: Range<usize>,
    /// The entity; `None` for a role without a name, which is resolved where it is needed.
    pub(in crate::stages::attribute) entity: Option<usize>,
}

/// The entities of a document and where they are named.
#[derive(Debug, Default)]
pub(in crate::stages::attribute) struct Entities {
    /// In the order of their first naming, the longest names first.
    pub(in crate::stages::attribute) all: Vec<Entity>,
    /// In the order of the text.
    pub(in crate::stages::attribute) mentions: Vec<Mention>,
    by_token: HashMap<String, Vec<usize>>,
    by_office: HashMap<String, Vec<usize>>,
    /// Those who are known to hold an office, whatever the document says of them.
    holders: Vec<usize>,
}

impl Entities {
    /// Clusters the names of a document.
    pub(in crate::stages::attribute) fn new(
        document: &Document,
        pieces: &Pieces,
        names: &[Named],
    ) -> Self {
        let mut entities = Self::default();
        let mut order: Vec<usize> = (0..names.len())
            .filter(|&i| !names[i].name.is_empty())
            .collect();
        order.sort_by_key(|&i| std::cmp::Reverse(names[i].name.len()));
        let mut exact: HashMap<Vec<String>, usize> = HashMap::new();
        let mut entity_of: Vec<Option<usize>> = vec![None; names.len()];
        for index in order {
            let mention = &names[index];
            let tokens = tokens(&pieces.all[mention.name.clone()]);
            let known = exact.get(&tokens).copied();
            let known = known.or_else(|| entities.longer(&tokens, mention));
            let id =
                known.unwrap_or_else(|| entities.add(document, pieces, mention, tokens.clone()));
            exact.insert(tokens, id);
            entity_of[index] = Some(id);
        }
        let aliases = aliases(pieces, names, &entity_of);
        for (named, entity) in names.iter().zip(entity_of) {
            let entity = entity.map(|id| aliases.get(&id).copied().unwrap_or(id));
            if let Some(id) = entity {
                entities.enrich(document, pieces, id, named);
            }
            entities.mentions.push(Mention {
                pieces: named.whole.clone(),
                entity,
            });
        }
        entities.read_title(document, &exact);
        entities.tell_things(pieces);
        entities
    }

    /// Adds the roles that the title gives to full names: 'the Governor' may be 'Governor Ann Lee' there alone.
    fn read_title(&mut self, document: &Document, ids: &HashMap<Vec<String>, usize>) {
        let Some(title) = &document.metadata.title else {
            return;
        };
        let (title, pieces) = Pieces::of_text(title);
        for named in name::names(&pieces) {
            let tokens = tokens(&pieces.all[named.name.clone()]);
            if let Some(&id) = ids.get(&tokens).filter(|_| tokens.len() > 1) {
                self.add_role(&title, &pieces, id, &named);
            }
        }
    }

    /// The entity with a longer name that these words are part of.
    fn longer(&self, tokens: &[String], named: &Named) -> Option<usize> {
        let surname = || matches!(tokens, [word] if lexicon().is_place_surname(word));
        if named.kind == NameKind::Organisation || named.kind == NameKind::Place && !surname() {
            return None;
        }
        let candidates = self.by_token.get(tokens.first()?)?;
        let mut fitting = candidates.iter().copied().filter(|&id| {
            let entity = &self.all[id];
            let person = matches!(entity.kind, NameKind::Person | NameKind::Unknown);
            person
                && entity
                    .tokens
                    .windows(tokens.len())
                    .any(|part| part == tokens)
        });
        fitting.next()
    }

    fn add(
        &mut self,
        document: &Document,
        pieces: &Pieces,
        named: &Named,
        tokens: Vec<String>,
    ) -> usize {
        let id = self.all.len();
        for token in &tokens {
            let ids = self.by_token.entry(token.clone()).or_default();
            if ids.last() != Some(&id) {
                ids.push(id);
            }
        }
        let female = tokens
            .first()
            .is_some_and(|first| lexicon().is_female_name(first))
            || tokens.len() > 1
                && tokens
                    .last()
                    .is_some_and(|last| has_slavic_female_ending(last));
        let name = text(document, &pieces.all[named.name.clone()]);
        let known = holders::roles(&name, document.metadata.date.as_deref());
        self.holders.extend((!known.is_empty()).then_some(id));
        self.all.push(Entity {
            // Who is known to hold an office is a person, whatever stands beside the name.
            kind: if known.is_empty() {
                named.kind
            } else {
                NameKind::Person
            },
            known,
            name,
            tokens,
            gender: female.then_some(Gender::Female),
            roles: Vec::new(),
            count: 0,
            is_thing: false,
        });
        id
    }

    /// Adds to an entity what one naming of it tells.
    fn enrich(&mut self, document: &Document, pieces: &Pieces, id: usize, named: &Named) {
        let name = &pieces.all[named.name.clone()];
        let entity = &mut self.all[id];
        entity.count += 1;
        // 'ROME — Rome proposes': a dateline shouts what is a name like others.
        if !entity.name.contains(char::is_lowercase)
            && !name.iter().any(|p| p.shouted)
            && tokens(name) == entity.tokens
        {
            entity.name = text(document, name);
        }
        if named.kind == NameKind::Person {
            entity.kind = NameKind::Person;
        }
        entity.gender = named.gender.or(entity.gender);
        self.add_role(document, pieces, id, named);
    }

    /// Adds to an entity the role that stands beside its name; not the next one's: 'after talks with Ann Lee, the President
    /// of Norland said', where Ann Lee is known to be another president, or 'in Lowen, the President said'.
    fn add_role(&mut self, document: &Document, pieces: &Pieces, id: usize, named: &Named) {
        let before = named.whole.start.checked_sub(1).map(|at| &pieces.all[at]);
        let place = before.is_some_and(|p| p.is("in")) && named.role.start >= named.name.end;
        let role = (!named.role.is_empty() && !place)
            .then(|| Role::new(document, &pieces.all[named.role.clone()]))
            .flatten();
        let entity = &mut self.all[id];
        if let Some(role) = role
            && !entity.known.iter().any(|known| role.is_another_than(known))
            && entity.roles.iter().all(|known| known.text != role.text)
        {
            let ids = self.by_office.entry(office_key(&role.head)).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
            entity.roles.push(role);
        }
    }

    /// The entities that a role can mean, best first: all words of the role must be known of them.
    pub(in crate::stages::attribute) fn with_role(&self, role: &Role) -> Vec<usize> {
        let counterpart = role.head == "counterpart";
        let offices = self.by_office.get(&office_key(&role.head));
        let candidates: Vec<usize> = if counterpart {
            (0..self.all.len()).collect()
        } else {
            offices.cloned().unwrap_or_default()
        };
        let mut fitting: Vec<(usize, usize)> = candidates
            .into_iter()
            .filter_map(|id| {
                let entity = &self.all[id];
                let fit = entity
                    .roles
                    .iter()
                    .filter_map(|known| role.fit(known, counterpart))
                    .max()?;
                Some((fit, id))
            })
            .collect();
        fitting.sort_by_key(|&(fit, id)| {
            (
                std::cmp::Reverse(fit),
                std::cmp::Reverse(self.all[id].count),
                id,
            )
        });
        fitting.into_iter().map(|(_, id)| id).collect()
    }

    /// The one entity that is known to have the role, though the document does not say so; the reference
    /// must tell which office of its kind is meant: 'the Norland President', not 'the President'.
    pub(in crate::stages::attribute) fn known_with_role(&self, role: &Role) -> Option<usize> {
        let has = |id: &usize| self.all[*id].known.iter().any(|known| role.means(known));
        the_only(&mut self.holders.iter().copied().filter(has))
    }

    /// The one entity that is known to have a role of this kind.
    pub(in crate::stages::attribute) fn known_of_kind(&self, role: &Role) -> Option<usize> {
        let has = |id: &usize| {
            let mut known = self.all[*id].known.iter();
            known.any(|known| role.is_of_kind(known))
        };
        the_only(&mut self.holders.iter().copied().filter(has))
    }

    /// The mentions that lie wholly in a range of pieces.
    pub(in crate::stages::attribute) fn mentions_in(&self, range: &Range<usize>) -> &[Mention] {
        let first = self
            .mentions
            .partition_point(|m| m.pieces.start < range.start);
        let last = self.mentions.partition_point(|m| m.pieces.end <= range.end);
        self.mentions.get(first..last).unwrap_or_default()
    }

    /// Whether the entity may speak like a person: a body of one word can.
    pub(in crate::stages::attribute) fn may_speak(&self, id: usize) -> bool {
        matches!(self.all[id].kind, NameKind::Person | NameKind::Unknown)
    }

    /// Whether the entity can be a person.
    pub(in crate::stages::attribute) fn is_person(&self, id: usize) -> bool {
        self.may_speak(id) && !self.all[id].is_thing
    }
}

impl Entity {
    /// Whether its name has two words or more.
    pub(in crate::stages::attribute) fn is_full(&self) -> bool {
        self.tokens.len() > 1
    }
}

fn the_only(ids: &mut impl Iterator<Item = usize>) -> Option<usize> {
    let first = ids.next()?;
    ids.next().is_none().then_some(first)
}

/// Short forms of names, with the entity that they stand for: 'River Fund (RF)', and initials.
fn aliases(pieces: &Pieces, names: &[Named], entity_of: &[Option<usize>]) -> HashMap<usize, usize> {
    let all = &pieces.all;
    let mut of_initials: HashMap<String, usize> = HashMap::new();
    let mut aliases = HashMap::new();
    for (index, named) in names.iter().enumerate() {
        let (Some(id), 2..) = (entity_of[index], named.name.len()) else {
            continue;
        };
        let initials: String = all[named.name.clone()]
            .iter()
            .filter(|p| p.shape == Shape::Capital)
            .filter_map(|p| p.lower.chars().next())
            .collect();
        of_initials.entry(initials).or_insert(id);
        let next = names
            .get(index + 1)
            .zip(entity_of.get(index + 1).copied().flatten());
        if let Some((short, short_id)) = next
            && short.whole.start == named.whole.end + 1
            && all[named.whole.end].is("(")
            && all.get(short.whole.end).is_some_and(|p| p.is(")"))
            && short_id != id
        {
            aliases.entry(short_id).or_insert(id);
        }
    }
    for (index, named) in names.iter().enumerate() {
        let name = &all[named.name.clone()];
        if let ([piece], Some(id)) = (name, entity_of[index])
            && piece.shouted
            && let Some(&long) = of_initials.get(&*piece.lower)
            && long != id
        {
            aliases.entry(id).or_insert(long);
        }
    }
    aliases.retain(|short, long| short != long);
    aliases
}

/// The words of a name as they are compared: transliterations of one name are one.
fn tokens(name: &[Piece]) -> Vec<String> {
    name.iter()
        .filter(|p| p.is_word() || p.shape == Shape::Number)
        .map(|p| fold(&p.lower))
        .collect()
}

fn has_slavic_female_ending(word: &str) -> bool {
    ["ova", "eva", "skaya", "ska"]
        .iter()
        .any(|end| word.ends_with(end))
        && word.len() > 5
}

/// The words from the first to the last piece as the document has them, white space evened out.
pub(in crate::stages::attribute) fn text(document: &Document, pieces: &[Piece]) -> String {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return String::new();
    };
    let words = document
        .span(first.start..last.end)
        .map_or("", |span| document.slice(span));
    words
        .replace("&nbsp;", " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
