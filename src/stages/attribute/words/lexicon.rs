//! The word lists of `data/`, ready for look-up.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::schema::name::fold;

/// How strongly a verb reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stages::attribute) enum CueKind {
    /// 'said that …': reports a clause or a quotation.
    Say,
    /// 'condemned …': reports a position toward its object.
    Act,
}

/// A form of a verb that reports.
#[derive(Clone, Debug)]
pub(in crate::stages::attribute) struct Cue {
    /// How strongly.
    pub(in crate::stages::attribute) kind: CueKind,
    /// Words one of which must follow, if not empty.
    pub(in crate::stages::attribute) needs: Vec<String>,
    /// Words none of which may follow at once.
    pub(in crate::stages::attribute) unless: Vec<String>,
    /// Whether the form is an '-ing' form, which has no subject of its own.
    pub(in crate::stages::attribute) gerund: bool,
    /// Whether the form is the lemma, which is often a noun or an infinitive.
    pub(in crate::stages::attribute) bare: bool,
    /// Whether the form ends in '-s': 'says', but also the plural noun 'reports'.
    pub(in crate::stages::attribute) present: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CueFile {
    say: Vec<String>,
    act: Vec<String>,
    unless: BTreeMap<String, Vec<String>>,
    needs: BTreeMap<String, Vec<String>>,
    irregular: BTreeMap<String, Vec<String>>,
    convictions: HashSet<String>,
    after_convictions: HashSet<String>,
    linking: HashSet<String>,
    being: HashSet<String>,
    with_hearer: HashSet<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PeopleFile {
    male_honorifics: HashSet<String>,
    female_honorifics: HashSet<String>,
    honorifics: HashSet<String>,
    titles: HashSet<String>,
    same_office: Vec<Vec<String>>,
    organisations: HashSet<String>,
    speakers: HashSet<String>,
    male: HashSet<String>,
    female: HashSet<String>,
    plural: HashSet<String>,
    neuter: HashSet<String>,
    first_person: HashSet<String>,
    parts: HashSet<String>,
    addresses: HashSet<String>,
    nameless_offices: HashSet<String>,
    office_modifiers: HashSet<String>,
    ranks: HashSet<String>,
    linkers: HashSet<String>,
    abbreviated_titles: HashSet<String>,
    shortened: HashSet<String>,
    anonymous: HashSet<String>,
    thing_endings: Vec<String>,
    place_nouns: HashSet<String>,
    severals: HashSet<String>,
    meetings: Vec<String>,
    irregular_plurals: HashSet<String>,
    female_names: HashSet<String>,
    place_surnames: HashSet<String>,
    demonym_endings: Vec<String>,
    no_demonyms: HashSet<String>,
    regions: Vec<String>,
    partisans: HashSet<String>,
    parties: HashSet<String>,
    between: HashSet<String>,
    times: HashSet<String>,
    boundaries: HashSet<String>,
    prepositions: HashSet<String>,
    particles: HashSet<String>,
    common: HashSet<String>,
    continuations: Vec<String>,
    opinions: HashSet<String>,
}

/// The lists.
pub(in crate::stages::attribute) struct Lexicon {
    cues: HashMap<String, Cue>,
    cue_file: CueFile,
    people: PeopleFile,
    offices: HashMap<String, usize>,
    places: HashMap<String, String>,
    demonyms: HashSet<String>,
    place_surnames: HashSet<String>,
}

#[expect(clippy::expect_used, reason = "the files are part of the program")]
static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let cues: CueFile =
        toml::from_str(include_str!("../../../../data/cues.toml")).expect("data/cues.toml: bug");
    let people: PeopleFile = toml::from_str(include_str!("../../../../data/people.toml"))
        .expect("data/people.toml: bug");
    let places: BTreeMap<String, Vec<String>> =
        toml::from_str(include_str!("../../../../data/places.toml"))
            .expect("data/places.toml: bug");
    let is_demonym = |name: &&String| {
        let mut endings = people.demonym_endings.iter();
        endings.any(|ending| name.ends_with(ending)) && !people.no_demonyms.contains(*name)
    };
    // The first name is the country's own: 'Jordan'.
    let adjectives = places.values().flat_map(|names| names.iter().skip(1));
    let demonyms = adjectives.filter(is_demonym).chain(&people.regions);
    let demonyms = demonyms.cloned().collect();
    Lexicon {
        demonyms,
        place_surnames: people
            .place_surnames
            .iter()
            .map(|name| fold(name))
            .collect(),
        cues: cue_forms(&cues),
        cue_file: cues,
        offices: people
            .same_office
            .iter()
            .enumerate()
            .flat_map(|(group, words)| words.iter().map(move |word| (word.clone(), group)))
            .collect(),
        people,
        places: places
            .into_iter()
            .flat_map(|(code, names)| names.into_iter().map(move |name| (name, code.clone())))
            .collect(),
    }
});

/// The lists, read once.
pub(in crate::stages::attribute) fn lexicon() -> &'static Lexicon {
    &LEXICON
}

/// Every inflected form of the cue verbs.
fn cue_forms(file: &CueFile) -> HashMap<String, Cue> {
    let mut forms = HashMap::new();
    let says = file.say.iter().map(|lemma| (lemma, CueKind::Say));
    let acts = file.act.iter().map(|lemma| (lemma, CueKind::Act));
    for (lemma, kind) in acts.chain(says) {
        let needs = file.needs.get(lemma).cloned().unwrap_or_default();
        let inflected = match file.irregular.get(lemma) {
            Some(forms) => forms.clone(),
            None => regular_forms(lemma),
        };
        // The past of 'read' is as the verb itself.
        let is_past = inflected.contains(lemma);
        for form in inflected.into_iter().chain([lemma.clone()]) {
            let cue = Cue {
                kind,
                needs: needs.clone(),
                unless: file.unless.get(lemma).cloned().unwrap_or_default(),
                gerund: form.ends_with("ing"),
                bare: form == *lemma && !is_past,
                present: form.ends_with('s') && form != *lemma,
            };
            forms.insert(form, cue);
        }
    }
    forms
}

/// What a word may be the plural of: 'officials' of 'official', 'coaches' of 'coach'.
fn singulars(word: &str) -> impl Iterator<Item = &str> {
    let ends = ["s", "es"].into_iter();
    ends.filter_map(move |end| word.strip_suffix(end))
}

/// 'note' to 'notes', 'noted', 'noting'; 'stress' to 'stresses', …; 'rely' to 'relies', ….
fn regular_forms(lemma: &str) -> Vec<String> {
    if let Some(stem) = lemma.strip_suffix('e') {
        return vec![
            format!("{lemma}s"),
            format!("{lemma}d"),
            format!("{stem}ing"),
        ];
    }
    let sibilant = ["s", "sh", "ch", "x"]
        .iter()
        .any(|end| lemma.ends_with(end));
    let third = if sibilant {
        format!("{lemma}es")
    } else {
        format!("{lemma}s")
    };
    vec![third, format!("{lemma}ed"), format!("{lemma}ing")]
}

/// Whether a pronoun or a name is a man's, a woman's, one thing's or several people's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stages::attribute) enum Gender {
    /// 'he', 'Mr'.
    Male,
    /// 'she', 'Ms'.
    Female,
    /// 'they', 'officials'.
    Plural,
    /// 'it', 'the ministry'.
    Neuter,
}

impl Gender {
    /// Whether the pronoun means one person: he, she.
    pub(in crate::stages::attribute) fn is_of_a_person(self) -> bool {
        matches!(self, Self::Male | Self::Female)
    }
}

impl Lexicon {
    /// The cue verb that a lower-case word is a form of.
    pub(in crate::stages::attribute) fn cue(&self, word: &str) -> Option<&Cue> {
        self.cues.get(word)
    }

    /// Whether the word is one of conviction, which reports after 'is': 'convinced'.
    pub(in crate::stages::attribute) fn is_conviction(&self, word: &str) -> bool {
        self.cue_file.convictions.contains(word)
    }

    /// Whether what one is convinced of follows the word: 'that', 'of'.
    pub(in crate::stages::attribute) fn leads_from_conviction(&self, word: &str) -> bool {
        self.cue_file.after_convictions.contains(word)
    }

    /// Whether the word links a subject with what it is: 'is', 'remains'.
    pub(in crate::stages::attribute) fn is_linking(&self, word: &str) -> bool {
        self.cue_file.linking.contains(word)
    }

    /// The gender that a third-person pronoun tells.
    pub(in crate::stages::attribute) fn pronoun(&self, word: &str) -> Option<Gender> {
        let people = &self.people;
        [
            (&people.male, Gender::Male),
            (&people.female, Gender::Female),
            (&people.plural, Gender::Plural),
            (&people.neuter, Gender::Neuter),
        ]
        .into_iter()
        .find_map(|(words, gender)| words.contains(word).then_some(gender))
    }

    /// Whether the word is 'I', 'we', 'our' and the like.
    pub(in crate::stages::attribute) fn is_first_person(&self, word: &str) -> bool {
        self.people.first_person.contains(word)
    }

    /// Whether the word means one who only has a part in a talk: 'moderator', 'question'.
    pub(in crate::stages::attribute) fn is_part(&self, word: &str) -> bool {
        self.people.parts.contains(word)
    }

    /// Whether the word in a title means somebody's own words: 'address', 'statement'.
    pub(in crate::stages::attribute) fn is_address(&self, word: &str) -> bool {
        self.people.addresses.contains(word)
    }

    /// Whether many hold the office at once, so that a label with it is all that is known: 'official'.
    pub(in crate::stages::attribute) fn is_nameless(&self, office: &str) -> bool {
        self.people.nameless_offices.contains(office)
    }

    /// Whether the word before an office makes it another: 'vice', 'deputy', 'former'.
    pub(in crate::stages::attribute) fn changes_office(&self, word: &str) -> bool {
        self.people.office_modifiers.contains(word)
    }

    /// Whether the word before a noun tells that there are several.
    pub(in crate::stages::attribute) fn is_several(&self, word: &str) -> bool {
        self.people.severals.contains(word)
    }

    /// Whether the words are a narrator's who tells of a meeting; in lower case.
    pub(in crate::stages::attribute) fn tells_of_meeting(&self, words: &str) -> bool {
        self.people
            .meetings
            .iter()
            .any(|phrase| words.contains(phrase.as_str()))
    }

    /// Whether the word or mark may join capitalised words of one name or role.
    pub(in crate::stages::attribute) fn is_linker(&self, word: &str) -> bool {
        self.people.linkers.contains(word)
    }

    /// Whether the word ranks the office that follows it: 'first'.
    pub(in crate::stages::attribute) fn is_rank(&self, word: &str) -> bool {
        self.people.ranks.contains(word)
    }

    /// Whether the word is 'Mr', 'Dr' and the like.
    pub(in crate::stages::attribute) fn is_honorific(&self, word: &str) -> bool {
        let people = &self.people;
        people.honorifics.contains(word) || self.honorific_gender(word).is_some()
    }

    /// The gender that an honorific tells.
    pub(in crate::stages::attribute) fn honorific_gender(&self, word: &str) -> Option<Gender> {
        if self.people.male_honorifics.contains(word) {
            Some(Gender::Male)
        } else {
            let female = self.people.female_honorifics.contains(word);
            female.then_some(Gender::Female)
        }
    }

    /// Whether the word names an office or a calling, in the singular.
    pub(in crate::stages::attribute) fn is_title(&self, word: &str) -> bool {
        self.people.titles.contains(word)
    }

    /// Whether the title is cut short, so that a name must follow it: 'sen'.
    pub(in crate::stages::attribute) fn is_abbreviated(&self, title: &str) -> bool {
        self.people.abbreviated_titles.contains(title)
    }

    /// What stands for all words of the same office: 'leader' and 'president' are one.
    pub(in crate::stages::attribute) fn office<'w>(&'w self, word: &'w str) -> Office<'w> {
        match self.offices.get(word) {
            Some(&group) => Office::Group(group),
            None => Office::Word(word),
        }
    }

    /// Whether the word makes a capitalised run an organisation, an event or a thing.
    pub(in crate::stages::attribute) fn is_organisation(&self, word: &str) -> bool {
        self.people.organisations.contains(word)
    }

    /// Whether the noun, singular or plural, can speak without a name.
    pub(in crate::stages::attribute) fn is_speaker(&self, word: &str) -> bool {
        let words = &self.people.speakers;
        words.contains(word)
            || self.is_title(word)
            || singulars(word).any(|one| self.is_title(one))
            || self.is_regular_plural(word)
    }

    /// Whether the noun is the plural of one that can speak.
    pub(in crate::stages::attribute) fn is_plural_speaker(&self, word: &str) -> bool {
        self.people.irregular_plurals.contains(word) || self.is_regular_plural(word)
    }

    fn is_regular_plural(&self, word: &str) -> bool {
        let words = &self.people.speakers;
        let stem = word.strip_suffix("ies");
        singulars(word).any(|one| words.contains(one))
            || stem.is_some_and(|stem| words.contains(format!("{stem}y").as_str()))
    }

    /// Whether the given name is a woman's.
    pub(in crate::stages::attribute) fn is_female_name(&self, word: &str) -> bool {
        self.people.female_names.contains(word)
    }

    /// Whether the word may stand between a speaker and the verb.
    pub(in crate::stages::attribute) fn is_between(&self, word: &str) -> bool {
        self.people.between.contains(word) || word.len() > 4 && word.ends_with("ly")
    }

    /// Whether the word names a day or another time.
    pub(in crate::stages::attribute) fn is_time(&self, word: &str) -> bool {
        self.people.times.contains(word)
    }

    /// Whether the word ends a noun phrase that is read leftwards.
    pub(in crate::stages::attribute) fn is_boundary(&self, word: &str) -> bool {
        self.people.boundaries.contains(word)
    }

    /// Whether the word is a preposition inside a noun phrase.
    pub(in crate::stages::attribute) fn is_preposition(&self, word: &str) -> bool {
        self.people.prepositions.contains(word)
    }

    /// Whether the small word can stand inside a name.
    pub(in crate::stages::attribute) fn is_particle(&self, word: &str) -> bool {
        self.people.particles.contains(word)
    }

    /// Whether the capitalised word is no name by itself.
    pub(in crate::stages::attribute) fn is_common(&self, word: &str) -> bool {
        self.people.common.contains(word)
    }

    /// Whether the words begin as a paraphrase that goes on does; in lower case.
    pub(in crate::stages::attribute) fn goes_on(&self, words: &str) -> bool {
        self.people.continuations.iter().any(|start| {
            words.strip_prefix(start.as_str()).is_some_and(|rest| {
                start.ends_with(' ') || !rest.starts_with(char::is_alphanumeric)
            })
        })
    }

    /// Whether the word is one of duty or judgement.
    pub(in crate::stages::attribute) fn is_opinion(&self, word: &str) -> bool {
        self.people.opinions.contains(word)
    }

    /// Whether who was spoken to follows the form of a verb: 'told'.
    pub(in crate::stages::attribute) fn has_hearer(&self, word: &str) -> bool {
        self.cue_file.with_hearer.contains(word)
    }

    /// Whether the word tells of which party and place someone is: 'r-ohio'.
    pub(in crate::stages::attribute) fn tells_party(&self, word: &str) -> bool {
        let party = word.split_once('-').map(|(party, _)| party);
        party.is_some_and(|party| self.people.parties.contains(party))
    }

    /// Whether the word is one that is shortened with a stop inside a sentence: 'sen', 'corp'.
    pub(in crate::stages::attribute) fn is_shortened(&self, word: &str) -> bool {
        self.people.shortened.contains(word)
    }

    /// Whether the word alone is someone who speaks and is not named: 'one wrote', 'others said'.
    pub(in crate::stages::attribute) fn is_anonymous(&self, word: &str) -> bool {
        self.people.anonymous.contains(word) || self.is_plural_speaker(word)
    }

    /// Whether a word ends like the name of a thing, and of nobody.
    pub(in crate::stages::attribute) fn ends_like_thing(&self, word: &str) -> bool {
        let mut endings = self.people.thing_endings.iter();
        endings.any(|ending| word.ends_with(ending))
    }

    /// Whether the word makes a passive of a participle behind it: 'was'.
    pub(in crate::stages::attribute) fn is_being(&self, word: &str) -> bool {
        self.cue_file.being.contains(word)
    }

    /// Whether the word says, before 'of', that a name is a place's: 'village'.
    pub(in crate::stages::attribute) fn is_place_noun(&self, word: &str) -> bool {
        self.people.place_nouns.contains(word)
    }

    /// Whether the word is of a country or a party and stands before names: 'Norlandish', 'Democrat'.
    pub(in crate::stages::attribute) fn is_demonym(&self, word: &str) -> bool {
        self.demonyms.contains(word) || self.people.partisans.contains(word)
    }

    /// Whether a place, as names are compared ([`fold`]), is a family name, too.
    pub(in crate::stages::attribute) fn is_place_surname(&self, word: &str) -> bool {
        self.place_surnames.contains(word)
    }

    /// The country that a place name or an adjective belongs to.
    pub(in crate::stages::attribute) fn country(&self, name: &str) -> Option<&str> {
        self.places.get(name).map(String::as_str)
    }
}

/// An office, in so far as two words for it are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::stages::attribute) enum Office<'w> {
    /// Words that mean the same person.
    Group(usize),
    /// A word by itself.
    Word(&'w str),
}
