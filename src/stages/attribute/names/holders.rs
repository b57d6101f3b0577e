//! Who held which office when: by this, 'the President of Norland' is the one of that name whom the article
//! tells of, and a speaker is known under one name in all documents.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::role::Role;
use crate::schema::name::{fold, key};

/// `data/office-holders.toml`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    holders: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Entry {
    name: String,
    alone: Option<String>,
    #[serde(default)]
    also: Vec<String>,
    /// The office, its first day and its last; an empty last day while it lasts.
    offices: Vec<(String, String, String)>,
}

/// An office with its time.
#[derive(Debug)]
struct Office {
    role: Role,
    from: String,
    to: String,
}

/// One who held offices.
#[derive(Debug)]
struct Holder {
    name: String,
    offices: Vec<Office>,
}

#[derive(Debug, Default)]
struct Holders {
    all: Vec<Holder>,
    by_name: HashMap<String, usize>,
    by_surname: HashMap<String, Vec<usize>>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program")]
static HOLDERS: LazyLock<Holders> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../../../data/office-holders.toml"))
        .expect("data/office-holders.toml: bug");
    let mut holders = Holders::default();
    for (index, entry) in file.holders.into_iter().enumerate() {
        for name in std::iter::once(&entry.name).chain(&entry.also) {
            holders.by_name.insert(key(name), index);
        }
        if let Some(surname) = &entry.alone {
            let ids = holders.by_surname.entry(fold(surname)).or_default();
            ids.push(index);
        }
        let offices = entry.offices.into_iter();
        let office = |(role, from, to): (String, String, String)| {
            let role = Role::read(&role)?;
            Some(Office { role, from, to })
        };
        holders.all.push(Holder {
            name: entry.name,
            offices: offices.filter_map(office).collect(),
        });
    }
    holders
});

impl Office {
    /// Whether it was held on a date, as far as the date is given: '2015' is any day of that year.
    fn is_held(&self, date: &str) -> bool {
        let head = |day: &'_ str| day.get(..date.len()).unwrap_or(day).to_owned();
        let day = date.get(..10).unwrap_or(date);
        *head(&self.from) <= *date && (self.to.is_empty() || *day <= *head(&self.to))
    }
}

/// The one whom a name means: a full name in any of its spellings, a surname while its holder is in office.
fn holder(name: &str, date: Option<&str>) -> Option<&'static Holder> {
    let holders = &*HOLDERS;
    if let Some(&id) = holders.by_name.get(&key(name)) {
        return Some(&holders.all[id]);
    }
    let date = date?;
    let ids = holders.by_surname.get(&fold(name))?;
    let mut held = ids
        .iter()
        .map(|&id| &holders.all[id])
        .filter(|holder| holder.offices.iter().any(|office| office.is_held(date)));
    let first = held.next()?;
    held.next().is_none().then_some(first)
}

/// The roles of the one whom a name means, on a date.
pub(super) fn roles(name: &str, date: Option<&str>) -> Vec<&'static Role> {
    let (Some(holder), Some(date)) = (holder(name, date), date) else {
        return Vec::new();
    };
    let held = holder.offices.iter().filter(|office| office.is_held(date));
    held.map(|office| &office.role).collect()
}

/// The one who held an office on a date, where the office is told apart: 'the President of Norland'.
fn in_office_on(office: &Role, date: &str) -> Option<&'static str> {
    let holds = |holder: &&Holder| {
        let held = holder.offices.iter().filter(|held| held.is_held(date));
        held.into_iter().any(|held| office.means(&held.role))
    };
    let mut holders = HOLDERS.all.iter().filter(holds);
    let first = holders.next()?;
    holders.next().is_none().then_some(first.name.as_str())
}

/// The name under which the one whom a document calls `name` is known in all documents, if it is another.
///
/// An office without a name ('the President of Norland') is joined with its holder on the date, and a lone surname
/// only if its `role` in the document is of the same office, or none is given.
pub(in crate::stages::attribute) fn known_as(
    name: &str,
    role: Option<&str>,
    date: Option<&str>,
) -> Option<&'static str> {
    let Some(holder) = holder(name, date) else {
        let in_office = Role::read(name).zip(date);
        return in_office.and_then(|(office, date)| in_office_on(&office, date));
    };
    let is_full = name.split_whitespace().nth(1).is_some();
    let role = role.filter(|_| !is_full).and_then(Role::read);
    let fits = role.is_none_or(|role| {
        let mut held = holder
            .offices
            .iter()
            .filter(|office| date.is_some_and(|date| office.is_held(date)));
        held.any(|office| role.is_of_kind(&office.role))
    });
    (fits && holder.name != name).then_some(holder.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_is_joined_and_a_surname_only_in_office() {
        let date = Some("2022-06-24T19:30:00Z");
        for (name, role, date, known) in [
            ("Sergei Lavrov", None, None, Some("Sergey Lavrov")),
            (
                "Volodymyr Zelensky",
                None,
                date,
                Some("Volodymyr Zelenskyy"),
            ),
            ("Sergey Lavrov", None, date, None),
            ("Lavrov", None, date, Some("Sergey Lavrov")),
            (
                "Lavrov",
                Some("Foreign Minister"),
                date,
                Some("Sergey Lavrov"),
            ),
            ("Lavrov", Some("goalkeeper coach"), date, None),
            ("Lavrov", None, None, None),
            ("Biden", Some("President"), date, Some("Joe Biden")),
            ("Biden", Some("President"), Some("2012-01-01"), None),
            ("Lee", None, date, None),
            (
                "the President of Ukraine",
                None,
                date,
                Some("Volodymyr Zelenskyy"),
            ),
            ("the US President", None, date, Some("Joe Biden")),
            (
                "the Russian foreign minister",
                None,
                date,
                Some("Sergey Lavrov"),
            ),
            ("the former President of Ukraine", None, date, None),
            ("the President", None, date, None),
            ("the President of Norland", None, date, None),
            ("the US president", None, None, None),
            ("Ann Lavrov", None, date, None),
        ] {
            assert_eq!(
                known_as(name, role, date),
                known,
                "{name} {role:?} {date:?}"
            );
        }
    }

    #[test]
    fn every_office_is_read_and_every_date_is_one() {
        let file: File =
            toml::from_str(include_str!("../../../../data/office-holders.toml")).unwrap();
        let mut names = HashMap::new();
        for entry in &file.holders {
            for name in std::iter::once(&entry.name).chain(&entry.also) {
                assert_eq!(
                    names.insert(key(name), &entry.name),
                    None,
                    "{name} comes twice"
                );
            }
            for (role, from, to) in &entry.offices {
                assert!(Role::read(role).is_some(), "{role} is no office");
                assert!(
                    from.parse::<jiff::civil::Date>().is_ok(),
                    "{from} of {role}"
                );
                assert!(
                    to.is_empty() || to > from && to.parse::<jiff::civil::Date>().is_ok(),
                    "{to} of {role}"
                );
            }
        }
    }
}
