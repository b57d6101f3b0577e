//! Who has the floor: from the words of a label to a name, by the title and the text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::stages::attribute::names::entity::text;
use crate::stages::attribute::names::name::{NameKind, Named};
use crate::stages::attribute::words::lexicon::{Gender, lexicon};
use crate::stages::attribute::words::piece::Piece;

use super::label::{Kind, Label};
use super::spelling::{in_title_case, is_full, is_slip, unshout, words_of};
use super::title::Title;
use super::{Floor, Holder, Turn};

/// An office in small letters, without article: 'vice president'.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Office(Vec<String>);

impl Office {
    /// The office of some words in small letters.
    pub(super) fn new(words: &[&str]) -> Self {
        let telling = |word: &&&str| !["the", "u.s.", "us", "."].contains(*word);
        Self(
            words
                .iter()
                .filter(telling)
                .map(|&w| w.to_owned())
                .collect(),
        )
    }

    fn of(pieces: &[Piece]) -> Self {
        let words: Vec<&str> = pieces.iter().map(|p| &*p.lower).collect();
        Self::new(&words)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a role is this office: 'President of Norland' is 'president', 'Vice President' is not.
    fn is_of(&self, role: &Self) -> bool {
        role.0
            .strip_prefix(self.0.as_slice())
            .is_some_and(|rest| rest.first().is_none_or(|word| word == "of"))
    }
}

/// What the words of a label say.
struct Said<'p> {
    office: Office,
    gender: Option<Gender>,
    /// The words of the name; empty for an office alone.
    name: Vec<&'p Piece>,
}

/// The holder of every turn.
pub(super) fn holders(floor: &Floor<'_>, title: Option<&Title>, turns: &[Turn]) -> Vec<Holder> {
    let mut known: BTreeMap<String, Holder> = BTreeMap::new();
    let surnames: Vec<&str> = turns
        .iter()
        .filter(|turn| turn.label.kind == Kind::Shouted)
        .filter_map(|turn| said(floor, &turn.label).name.last().map(|p| &*p.lower))
        .collect();
    let mut holders: Vec<Holder> = Vec::with_capacity(turns.len());
    for label in written_right(floor, turns) {
        let words = floor.pieces.lower(label.words.clone());
        let holder = known
            .entry(words)
            .or_insert_with(|| holder(floor, title, label, &surnames));
        holders.push(holder.clone());
    }
    // 'Designer of River Works Ann Lee:' is cut as 'Ann Lee:' later on shows.
    let names: BTreeSet<String> = holders.iter().map(|holder| holder.name.clone()).collect();
    for holder in &mut holders {
        let full = |name: &&String| {
            name.contains(' ')
                && holder
                    .name
                    .strip_suffix(name.as_str())
                    .is_some_and(|rest| rest.ends_with(' '))
        };
        if let Some(name) = names.iter().find(full) {
            holder.name.clone_from(name);
        }
    }
    // 'Ann Lee:' later on has the role of 'President of Norland Ann Lee:'.
    let roles: BTreeMap<String, String> = holders
        .iter()
        .rev()
        .filter_map(|holder| Some((holder.name.clone(), holder.role.clone()?)))
        .collect();
    for holder in &mut holders {
        if holder.role.is_none() {
            holder.role = roles.get(&holder.name).cloned();
        }
    }
    holders
}

/// The labels of the turns; in place of one that comes once, the one that comes often and that it is a slip of.
fn written_right<'t>(floor: &Floor<'_>, turns: &'t [Turn]) -> Vec<&'t Label> {
    let pieces = |label: &Label| &floor.pieces.all[label.words.clone()];
    let mut often: BTreeMap<String, (&Label, usize)> = BTreeMap::new();
    for turn in turns {
        let words = floor.pieces.lower(turn.label.words.clone());
        often.entry(words).or_insert((&turn.label, 0)).1 += 1;
    }
    let right = |turn: &'t Turn| {
        let label = &turn.label;
        let count = often[&floor.pieces.lower(label.words.clone())].1;
        let right = often.values().find(|(other, times)| {
            count == 1 && *times > 1 && is_slip(pieces(other), pieces(label))
        });
        right.map_or(label, |(other, _)| other)
    };
    turns.iter().map(right).collect()
}

fn holder(floor: &Floor<'_>, title: Option<&Title>, label: &Label, surnames: &[&str]) -> Holder {
    let words = &floor.pieces.all[label.words.clone()];
    let plain = || Holder {
        name: unshout(&text(&floor.analysis.document, words)),
        role: None,
    };
    match label.kind {
        Kind::Part => plain(),
        Kind::Person => label.person.clone().unwrap_or_else(plain),
        Kind::Shouted => {
            let said = said(floor, label);
            if said.name.is_empty() {
                of_office(floor, title, &said.office, surnames).unwrap_or_else(plain)
            } else {
                of_surname(floor, title, &said)
            }
        }
    }
}

/// The office, the gender and the name in a label in capitals.
fn said<'f>(floor: &'f Floor<'_>, label: &Label) -> Said<'f> {
    let lexicon = lexicon();
    let words = &floor.pieces.all[label.words.clone()];
    let skipped = words
        .iter()
        .take_while(|p| lexicon.is_honorific(&p.lower) || p.is("."))
        .count();
    let gender = words[..skipped]
        .iter()
        .find_map(|p| lexicon.honorific_gender(&p.lower));
    let rest = &words[skipped..];
    let office_end = if rest.first().is_some_and(|p| p.is("the")) {
        rest.len()
    } else {
        let title = rest.iter().rposition(|p| lexicon.is_title(&p.lower));
        title.map_or(0, |title| title + 1)
    };
    Said {
        office: Office::of(&rest[..office_end]),
        gender,
        name: rest[office_end..].iter().filter(|p| p.is_word()).collect(),
    }
}

/// The one who holds an office alone: 'THE PRESIDENT' is whom the title or else the text calls so.
fn of_office(
    floor: &Floor<'_>,
    title: Option<&Title>,
    office: &Office,
    surnames: &[&str],
) -> Option<Holder> {
    let words: Vec<&str> = office.0.iter().map(String::as_str).collect();
    if words.last().is_some_and(|word| lexicon().is_nameless(word)) {
        return None;
    }
    let role = || Some(in_title_case(&words));
    if let Some(title) = title {
        let found = title.after_office(&words);
        let has_turns = |name: &&Range<usize>| {
            let last = title.pieces.all[(*name).clone()].last();
            last.is_some_and(|last| surnames.contains(&&*last.lower))
        };
        let name = found
            .iter()
            .find(|name| !has_turns(name))
            .or_else(|| found.first());
        if let Some(name) = name {
            return Some(of_title(floor, title, name.clone(), office, role()));
        }
    }
    // Without a title, only if the text calls no other so.
    let all = &floor.pieces.all;
    let named: Vec<&Named> = floor
        .names
        .iter()
        .filter(|n| !n.name.is_empty() && office.is_of(&Office::of(&all[n.role.clone()])))
        .collect();
    let last = |named: &Named| all[named.name.clone()].last().map(|p| p.lower.clone());
    let first = named.first()?;
    if named.iter().any(|other| last(other) != last(first)) {
        return None;
    }
    let fullest = named.iter().rev().max_by_key(|named| named.name.len())?;
    Some(Holder {
        name: text(&floor.analysis.document, &all[fullest.name.clone()]),
        role: role(),
    })
}

/// The one whom the title names at `name`, with the full name that the text gives to one of this office.
pub(super) fn of_title(
    floor: &Floor<'_>,
    title: &Title,
    name: Range<usize>,
    office: &Office,
    role: Option<String>,
) -> Holder {
    let short = unshout(&title.text(name.clone()));
    let [surname] = &title.pieces.all[name] else {
        return Holder { name: short, role };
    };
    let full = full_names(floor, &[surname], None)
        .into_iter()
        .filter(|found| !office.is_empty() && office.is_of(&found.office))
        .max_by_key(|found| found.count);
    Holder {
        name: full.map_or(short, |full| full.name),
        role,
    }
}

/// A full name in the text.
struct Full {
    name: String,
    office: Office,
    role: Option<String>,
    count: usize,
}

/// The one whom a label calls by a surname: the full name that title or text gives, if it is one.
fn of_surname(floor: &Floor<'_>, title: Option<&Title>, said: &Said<'_>) -> Holder {
    let surname: Vec<&str> = said.name.iter().map(|p| &*p.lower).collect();
    let short = Holder {
        name: unshout(&words_of(&said.name)),
        role: (!said.office.is_empty()).then(|| {
            let words: Vec<&str> = said.office.0.iter().map(String::as_str).collect();
            in_title_case(&words)
        }),
    };
    let of_title = title.and_then(|title| {
        let (named, name) = title.ending_in(&surname, said.gender)?;
        let role = (!named.role.is_empty()).then(|| title.text(named.role.clone()));
        Some(Holder {
            name: unshout(&title.text(name)),
            role: role.or_else(|| short.role.clone()),
        })
    });
    if let Some(holder) = of_title {
        return holder;
    }
    let mut found = full_names(floor, &said.name, said.gender);
    if !said.office.is_empty() {
        found.retain(|full| {
            said.office.is_of(&full.office) || ends_alike(&said.office, &full.office)
        });
    }
    match found.as_slice() {
        [one] => Holder {
            name: one.name.clone(),
            role: one.role.clone().or(short.role),
        },
        _ => short,
    }
}

/// Whether two offices end in the same word: 'acting administrator' and 'administrator'.
fn ends_alike(a: &Office, b: &Office) -> bool {
    a.0.last().is_some_and(|last| b.0.contains(last))
}

/// The full names of the text that end in a surname, in the order of the text, with the first role of each.
fn full_names(floor: &Floor<'_>, surname: &[&Piece], gender: Option<Gender>) -> Vec<Full> {
    let all = &floor.pieces.all;
    let document = &floor.analysis.document;
    let surname: Vec<&str> = surname.iter().map(|p| &*p.lower).collect();
    let mut found: Vec<Full> = Vec::new();
    for named in floor.names {
        let name = &all[named.name.clone()];
        let fits = matches!(named.kind, NameKind::Person | NameKind::Unknown)
            && (gender.is_none() || named.gender.is_none_or(|known| Some(known) == gender))
            && is_full(name, &surname);
        if !fits {
            continue;
        }
        let words = text(document, name);
        let role = &all[named.role.clone()];
        let known = found
            .iter()
            .position(|full| full.name.eq_ignore_ascii_case(&words));
        let place = known.unwrap_or(found.len());
        if known.is_none() {
            found.push(Full {
                name: unshout(&words),
                office: Office::default(),
                role: None,
                count: 0,
            });
        }
        let full = &mut found[place];
        full.count += 1;
        if full.role.is_none() && !role.is_empty() {
            full.office = Office::of(role);
            full.role = Some(text(document, role));
        }
    }
    found
}
