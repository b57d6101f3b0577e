//! Groups whose names are spellings of one name: 'Sergei Lavrov' and 'Sergey Lavrov'.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::comparison::options::{By, Options};
use crate::schema::name;

/// How each group's name is spelled in the records.
#[derive(Clone, Debug, Default)]
pub struct Spellings {
    of: BTreeMap<String, Spelled>,
}

/// Names with how many statements have each.
type Counted = BTreeMap<String, u64>;

#[derive(Clone, Debug, Default)]
struct Spelled {
    /// The names that the group can be shown under.
    shown: Counted,
    /// The names that its documents give.
    written: Counted,
}

/// What all spellings of a group's name have in common: only speakers' names are joined.
pub fn group_key<'n>(name: &'n str, options: &Options) -> Cow<'n, str> {
    if options.by == By::Speaker && !options.exact_names {
        Cow::Owned(name::key(name))
    } else {
        Cow::Borrowed(name)
    }
}

impl Spellings {
    /// Counts a statement of a group, with the group's name and the one that the document gives.
    pub fn add(&mut self, key: &str, name: &str, written: &str) {
        if !self.of.contains_key(key) {
            self.of.insert(key.to_owned(), Spelled::default());
        }
        if let Some(spelled) = self.of.get_mut(key) {
            count(&mut spelled.shown, name);
            count(&mut spelled.written, written);
        }
    }

    /// Whether a statement of the group was counted.
    pub fn has(&self, key: &str) -> bool {
        self.of.contains_key(key)
    }

    /// The commonest spelling of a group's name, the first in the alphabet of equals.
    pub fn commonest<'s>(&'s self, key: &'s str) -> &'s str {
        let names = self.of.get(key).map(|spelled| &spelled.shown);
        let mut commonest: (&str, u64) = (key, 0);
        for (name, &count) in names.into_iter().flatten() {
            if count > commonest.1 {
                commonest = (name, count);
            }
        }
        commonest.0
    }

    /// The names that were joined, the commonest groups first and in each the commonest spelling.
    pub fn joined(&self) -> Vec<Vec<&str>> {
        let several = self.of.values().filter(|names| names.written.len() > 1);
        let mut joined: Vec<(u64, Vec<&str>)> = several
            .map(|spelled| {
                let mut names: Vec<_> = spelled.written.iter().collect();
                names.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
                let all = spelled.written.values().sum();
                (
                    all,
                    names.into_iter().map(|(name, _)| name.as_str()).collect(),
                )
            })
            .collect();
        joined.sort_by_key(|&(all, _)| std::cmp::Reverse(all));
        joined.into_iter().map(|(_, names)| names).collect()
    }
}

fn count(names: &mut Counted, name: &str) {
    match names.get_mut(name) {
        Some(count) => *count += 1,
        None => drop(names.insert(name.to_owned(), 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_count_together_under_the_commonest() {
        let options = Options::default();
        let mut spellings = Spellings::default();
        for name in ["Sergei Lavrov", "Sergey Lavrov", "Ann Lee", "Sergei Lavrov"] {
            spellings.add(&group_key(name, &options), name, name);
        }
        let key = group_key("Sergey Lavrov", &options);
        assert_eq!(spellings.commonest(&key), "Sergei Lavrov");
        assert_eq!(spellings.joined(), [["Sergei Lavrov", "Sergey Lavrov"]]);
        let exact = Options {
            exact_names: true,
            ..Options::default()
        };
        assert_ne!(
            group_key("Sergey Lavrov", &exact),
            group_key("Sergei Lavrov", &exact)
        );
    }
}
