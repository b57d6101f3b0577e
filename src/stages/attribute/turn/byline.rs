//! Whose address, letter or statement the whole document is, where its title says so.

use crate::stages::attribute::names::name::NameKind;
use crate::stages::attribute::words::lexicon::lexicon;
use crate::stages::attribute::words::piece::Shape;
use crate::stages::attribute::words::settings::settings;

use super::holder::{self, Office};
use super::title::Title;
use super::{Floor, Holder};

/// How far after the kind of text its author's name can begin, in pieces: 'Remarks as prepared for
/// delivery by Ann Lee'.
const BYLINE_PIECES: usize = 6;

/// Words after which a title says whom or what an address is to.
const ADDRESSED: [&str; 4] = [" to ", " on ", " at ", " in "];

/// The one whose words the document is: its title says 'address by Ann Lee', and it is in the first person.
pub(super) fn author(floor: &Floor<'_>, title: Option<&Title>) -> Option<Holder> {
    if floor.own_words(0) < settings().own_words {
        return None;
    }
    let title = title?;
    let author = in_title(floor, title)?;
    let lower = |word: &str| word.starts_with(char::is_lowercase);
    let clean = author
        .name
        .split(' ')
        .all(|word| !lower(word) || ["of", "the"].contains(&word) || lexicon().is_particle(word));
    if clean {
        return Some(author);
    }
    // 'Address by the Mayor to the Youth of Aram': whom it is to is no part of the name.
    let short = ADDRESSED
        .iter()
        .filter_map(|word| author.name.find(word))
        .min()
        .and_then(|at| author.name.get(..at))?;
    let at = title.whole().find(short)?;
    in_title(floor, &Title::new(title.whole().get(..at + short.len())?))
}

/// The one whose words the title says that it heads.
fn in_title(floor: &Floor<'_>, title: &Title) -> Option<Holder> {
    let all = &title.pieces.all;
    let genre = all.iter().position(|p| lexicon().is_address(&p.lower))?;
    let start = by(title, genre)?;
    let named = title.names.iter().find(|named| {
        named.kind == NameKind::Person && (named.whole.start == start || named.whole.end == start)
    })?;
    let joint = all
        .get(named.whole.end)
        .is_some_and(|p| p.is("and") || p.is(","))
        && title
            .names
            .iter()
            .any(|other| other.whole.start == named.whole.end + 1);
    if joint {
        return None;
    }
    // 'Adviser Dr. Ann Lee': the full stop ends the run of capitals, not the name.
    let after = named.whole.end + usize::from(all.get(named.whole.end).is_some_and(|p| p.is(".")));
    let at = if named.name.is_empty() {
        after
    } else {
        named.name.start
    };
    let name = title.name_at(at);
    if name.is_empty() {
        let name = title.text(named.whole.clone());
        return Some(Holder { name, role: None });
    }
    let role = (!named.role.is_empty()).then(|| title.text(named.role.clone()));
    let words: Vec<&str> = all[named.role.clone()].iter().map(|p| &*p.lower).collect();
    let office = Office::new(&words);
    Some(holder::of_title(floor, title, name, &office, role))
}

/// Where the author's name begins, after 'by', 'from' or 'of', or ends, before 's address'.
fn by(title: &Title, genre: usize) -> Option<usize> {
    let all = &title.pieces.all;
    let before = genre.checked_sub(1);
    if let Some(owner) = before.filter(|&at| all[at].shape == Shape::Genitive) {
        return Some(owner);
    }
    let opens = before.is_none_or(|at| all[at].shape == Shape::Mark)
        || all[..genre].iter().all(|p| p.shape != Shape::Lower);
    let by = (genre + 1..all.len().min(genre + BYLINE_PIECES)).find(|&at| {
        all[at].is("by") || all[at].is("from") || at == genre + 1 && all[at].is("of")
    })?;
    let article = all.get(by + 1).is_some_and(|p| p.is("the"));
    opens.then_some(by + 1 + usize::from(article))
}
