//! What two targets must agree in to be one, whatever else they share: names, numbers, who does it to whom, and
//! whether words turn the rest round or stand against each other. The words stand in `data/targets.toml` (`settings`).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::settings::SETTINGS;
use super::words::{Word, words};
use crate::comparison::collect::terms::function_words;

/// Turning words, opposites and beginnings of such words (with their star), with their kinds.
static KINDS: LazyLock<FxHashMap<&'static str, u8>> = LazyLock::new(|| {
    let opposites = SETTINGS.opposites.words.iter().map(std::slice::from_ref);
    let kinds = SETTINGS
        .turning
        .values()
        .map(Vec::as_slice)
        .chain(opposites);
    let words = kinds.zip(0..64);
    let words = words.flat_map(|(words, kind)| words.iter().map(move |word| (&**word, kind)));
    words.collect()
});

/// What is known of words before targets are read.
#[derive(Debug)]
pub(super) struct Lexicon {
    function_words: FxHashSet<&'static str>,
    /// How much oftener each word stands in lower case than with a capital inside a target, by the word in lower case:
    /// a word that mostly does is no name at the start of another.
    lowercase: FxHashMap<String, i64>,
}

impl Lexicon {
    /// Of all targets that will be read.
    pub(super) fn of<'t>(targets: impl Iterator<Item = &'t str>) -> Self {
        let mut lowercase = FxHashMap::default();
        for target in targets.filter(|target| target.contains(char::is_lowercase)) {
            for (place, word) in words(target).enumerate() {
                let Word::Of { stem, .. } = word else {
                    continue;
                };
                if stem.starts_with(char::is_lowercase) {
                    *lowercase.entry(stem.to_owned()).or_default() += 1;
                } else if place > 0 {
                    *lowercase.entry(stem.to_lowercase()).or_default() -= 1;
                }
            }
        }
        Self {
            function_words: function_words(),
            lowercase,
        }
    }

    /// Whether a word that stands with a capital at the start of a target, or in one that is all in capitals, is one
    /// that could not have been written otherwise.
    fn is_common(&self, lowercase: &str) -> bool {
        self.lowercase.get(lowercase).is_some_and(|&more| more > 0)
    }

    /// Whether a word carries grammar alone. 'US' and 'WHO' do not, unless all is in capitals, nor does what turns
    /// the rest round.
    pub(super) fn is_function_word(&self, stem: &str, lowercase: &str, shouted: bool) -> bool {
        let initials = !shouted && stem.len() > 1 && !stem.contains(char::is_lowercase);
        self.function_words.contains(lowercase) && !initials && kind(lowercase).is_none()
    }
}

/// The kind of turning word or opposite that this is.
fn kind(lowercase: &str) -> Option<u8> {
    let mut start = String::with_capacity(lowercase.len() + 1);
    let starts = lowercase.chars().find_map(|letter| {
        start.push(letter);
        start.push('*');
        let found = KINDS.get(&*start).copied();
        start.pop();
        found
    });
    KINDS.get(lowercase).copied().or(starts)
}

/// What a named one has to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// It is theirs: 'Arland’s attack', 'the attack by Arland'.
    Doer,
    /// It is done to them: 'the attack on Arland'.
    DoneTo,
    /// The words do not tell.
    Any,
}

/// What must agree.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    names: Vec<(String, Role)>,
    numbers: BTreeSet<String>,
    /// The kinds of turning words and opposites in it, a bit each.
    kinds: u64,
}

/// How the names of two targets must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agreement {
    /// Each has those of the other.
    Same,
    /// One has those of the other and may have more, but both have some: 'the Harbour Treaty of Sund' is 'the Harbour
    /// Treaty', 'the war in Sund' is not 'the war'.
    Within,
}

impl Guard {
    pub(super) fn new(target: &str, lexicon: &Lexicon) -> Self {
        let shouted = !target.contains(char::is_lowercase);
        let mut guard = Self::default();
        let mut role = Role::Any;
        let mut is_first = true;
        for word in words(target) {
            let Word::Of { stem, possessive } = word else {
                continue;
            };
            let lowercase = stem.to_lowercase();
            let has = |list: &[String]| list.contains(&lowercase);
            if has(&SETTINGS.names.done_to) {
                role = Role::DoneTo;
            } else if has(&SETTINGS.names.done_by) {
                role = Role::Doer;
            }
            let first = std::mem::replace(&mut is_first, false);
            let is_number = stem.contains(char::is_numeric) || has(&SETTINGS.numbers.words);
            if !is_number && lexicon.is_function_word(stem, &lowercase, shouted) {
                continue;
            }
            if let Some(kind) = kind(&lowercase) {
                guard.kinds |= 1 << kind;
            }
            if is_number {
                guard.numbers.insert(lowercase);
            } else if stem.starts_with(char::is_uppercase)
                && (!(first || shouted) || !lexicon.is_common(&lowercase))
            {
                let role = if possessive { Role::Doer } else { role };
                guard.names.push((stem.to_owned(), role));
            }
        }
        guard
    }

    /// Who does it to whom, where the words tell: targets of the same words part by it.
    pub(super) fn direction(&self) -> String {
        let of = |wanted: Role| {
            let names = self.names.iter().filter(move |(_, role)| *role == wanted);
            names.map(|(name, _)| name.to_lowercase())
        };
        let doers: Vec<String> = of(Role::Doer).collect();
        let done_to: Vec<String> = of(Role::DoneTo).collect();
        if doers.is_empty() && done_to.is_empty() {
            return String::new();
        }
        format!("{}>{}", doers.join(" "), done_to.join(" "))
    }

    pub(super) fn agrees(&self, other: &Self, names: Agreement) -> bool {
        let same_names = match names {
            Agreement::Same => self.names_all(other) && other.names_all(self),
            Agreement::Within => {
                self.names.is_empty() == other.names.is_empty()
                    && (self.names_all(other) || other.names_all(self))
            }
        };
        same_names
            && self.kinds == other.kinds
            && self.numbers == other.numbers
            && !self.is_done_by_those(other)
            && !other.is_done_by_those(self)
            && self.has_a_doer_of(other)
    }

    /// Whether every name of the other has its like here, or stands for names here by their first letters.
    fn names_all(&self, other: &Self) -> bool {
        let initials = |of: &Self| -> String {
            let names = of.names.iter();
            names.filter_map(|(name, _)| name.chars().next()).collect()
        };
        let abbreviates = |name: &str| {
            let spelled = initials(other);
            let mut own = self.names.iter();
            own.any(|(own, _)| is_abbreviation(own, &spelled))
                || is_abbreviation(name, &initials(self))
        };
        let mut names = other.names.iter();
        names.all(|(name, _)| {
            self.names.iter().any(|(own, _)| is_like(own, name)) || abbreviates(name)
        })
    }

    /// Whether one to whom it is done here does it there. An adjective does it: 'Sundian aggression'.
    fn is_done_by_those(&self, other: &Self) -> bool {
        let done_to = self.names.iter().filter(|(_, role)| *role == Role::DoneTo);
        let does = |name: &String| {
            let mut others = other.names.iter();
            others.any(|(there, role)| {
                is_like(name, there)
                    && match role {
                        Role::Doer => true,
                        Role::DoneTo => false,
                        Role::Any => name.to_lowercase() != there.to_lowercase(),
                    }
            })
        };
        done_to.into_iter().any(|(name, _)| does(name))
    }

    /// Whether those who do it, where both say so, are the same.
    fn has_a_doer_of(&self, other: &Self) -> bool {
        let doers = |of: &Self| -> Vec<String> {
            let names = of.names.iter().filter(|(_, role)| *role == Role::Doer);
            names.map(|(name, _)| name.clone()).collect()
        };
        let (mine, theirs) = (doers(self), doers(other));
        mine.is_empty()
            || theirs.is_empty()
            || mine
                .iter()
                .any(|own| theirs.iter().any(|there| is_like(own, there)))
    }
}

/// Whether two names are one, in two forms at most.
fn is_like(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    if a == b {
        return true;
    }
    let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let is_ending = |name: &str| {
        let ending: String = name.chars().skip(shared).collect();
        SETTINGS.names.endings.contains(&ending)
    };
    shared >= SETTINGS.names.least_letters && is_ending(&a) && is_ending(&b)
}

fn is_abbreviation(word: &str, initials: &str) -> bool {
    let letters = word.trim_end_matches('s');
    letters.chars().count() > 1
        && letters.chars().all(char::is_uppercase)
        && initials.contains(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agree(a: &str, b: &str, names: Agreement) -> bool {
        let lexicon = Lexicon::of([a, b, "security terror sanctions"].into_iter());
        let guard = |target| Guard::new(target, &lexicon);
        let agree = guard(a).agrees(&guard(b), names);
        assert_eq!(guard(b).agrees(&guard(a), names), agree, "{b} | {a}");
        agree
    }

    #[test]
    fn names_numbers_turning_words_and_roles_must_agree() {
        for (a, b, expected) in [
            ("the war in Sund", "the conflict in Sund", true),
            ("the war in Sund", "the war", false),
            ("Sundian aggression", "Sundia’s aggression", true),
            ("Sundian aggression", "Norvian aggression", false),
            ("the Austrian port", "the Australian port", false),
            ("the port of Niger", "the port of Nigeria", false),
            ("US sanctions", "the sanctions", false),
            ("Security in the port", "port security", true),
            ("the Sund Harbour Treaty", "the SHT", true),
            ("resolution 12", "resolution 13", false),
            ("the third session", "the twelfth session", false),
            ("terror", "acts of terror", true),
            ("terror", "the fight against terror", false),
            ("combating terror", "the fight against terror", true),
            ("fighting terror", "the threat of terror", false),
            ("sanctions", "the lifting of sanctions", false),
            ("the dispute", "the settlement of the dispute", false),
            ("lifting sanctions", "the lifting of sanctions", true),
            ("the Assembly", "reform of the Assembly", false),
            ("least developed towns", "developed towns", false),
            ("developing towns", "developed towns", false),
            ("peace", "no peace", false),
            ("Sund’s attack on Norv", "Norv’s attack on Sund", false),
            ("Sund’s siege of Norv", "Norv’s siege of Sund", false),
            (
                "Sundian attacks on Norv",
                "the attack on Norv by Sund",
                true,
            ),
            ("the sanctions against Sund", "Sund’s sanctions", false),
            ("aggression against Sundia", "Sundian aggression", false),
            ("the threat to Sundia", "the Sundian threat", false),
            ("the war on Sund", "the war in Sund", true),
        ] {
            assert_eq!(agree(a, b, Agreement::Same), expected, "{a} | {b}");
        }
    }

    #[test]
    fn a_name_may_be_longer_where_names_may_lie_within_each_other() {
        let treaty = ("the Harbour Treaty", "the Harbour Treaty of Sund");
        assert!(agree(treaty.0, treaty.1, Agreement::Within));
        assert!(!agree(treaty.0, treaty.1, Agreement::Same));
        assert!(!agree("the war in Sund", "the war", Agreement::Within));
        assert!(!agree(
            "the port of Sund",
            "the port of Norv",
            Agreement::Within
        ));
    }
}
