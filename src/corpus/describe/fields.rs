//! The fields of a record of an archive, by whatever names, as text and [`Metadata`].

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::value::Value;
use super::{date, language};
use crate::error::{Error, Result};
use crate::schema::document::Metadata;

/// What a field means to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::corpus) enum Meaning {
    Text,
    Id,
    Title,
    Date,
    Source,
    Speaker,
    Role,
    Language,
    /// In a metadata table: the document that the row describes.
    Document,
}

/// Usual names by meaning, best first, as `data/field-names.toml` gives them.
#[expect(
    clippy::expect_used,
    reason = "the embedded list is checked by the tests"
)]
static USUAL: LazyLock<HashMap<String, Vec<(Meaning, usize)>>> = LazyLock::new(|| {
    let lists: indexmap::IndexMap<Meaning, Vec<String>> =
        toml::from_str(include_str!("../../../data/field-names.toml"))
            .expect("data/field-names.toml lists names by meaning: bug");
    let mut usual: HashMap<String, Vec<(Meaning, usize)>> = HashMap::new();
    for (meaning, names) in lists {
        for (rank, name) in names.into_iter().enumerate() {
            usual.entry(name).or_default().push((meaning, rank));
        }
    }
    usual
});

/// The rank of a name that the user gave: before every guess.
const GIVEN: usize = 0;

/// Which field of an archive's records is what; a meaning without a name is guessed from usual names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldNames {
    /// What tells the records apart.
    pub id: Option<String>,
    /// The words to tag.
    pub text: Option<String>,
    /// The headline.
    pub title: Option<String>,
    /// The date of publication.
    pub date: Option<String>,
    /// The outlet or collection.
    pub source: Option<String>,
    /// Whose words the whole record is.
    pub speaker: Option<String>,
    /// The office or affiliation of that speaker.
    pub role: Option<String>,
    /// The language of the text.
    pub language: Option<String>,
}

impl FieldNames {
    /// Takes an assignment as the command line gives it: `text=body`.
    ///
    /// # Errors
    /// [`Error::Settings`] if it is no assignment to one of our eight meanings.
    pub fn assign(&mut self, assignment: &str) -> Result<()> {
        let problem = |what: &str| Error::Settings {
            problem: format!(
                "field {assignment:?} {what}; write MEANING=NAME, where MEANING is id, text, title, date, \
                 source, speaker, role or language"
            ),
        };
        let (meaning, name) = assignment
            .split_once('=')
            .ok_or_else(|| problem("is no assignment"))?;
        let name = name.trim();
        if name.is_empty() {
            return Err(problem("has no name"));
        }
        let place = match meaning.trim() {
            "id" => &mut self.id,
            "text" => &mut self.text,
            "title" => &mut self.title,
            "date" => &mut self.date,
            "source" => &mut self.source,
            "speaker" => &mut self.speaker,
            "role" => &mut self.role,
            "language" => &mut self.language,
            _ => return Err(problem("has an unknown meaning")),
        };
        *place = Some(name.to_owned());
        Ok(())
    }

    fn given(&self) -> impl Iterator<Item = (Meaning, &str)> {
        [
            (Meaning::Text, &self.text),
            (Meaning::Id, &self.id),
            (Meaning::Title, &self.title),
            (Meaning::Date, &self.date),
            (Meaning::Source, &self.source),
            (Meaning::Speaker, &self.speaker),
            (Meaning::Role, &self.role),
            (Meaning::Language, &self.language),
        ]
        .into_iter()
        .filter_map(|(meaning, name)| Some((meaning, name.as_deref()?)))
    }
}

/// A record with its fields sorted by what they mean.
#[derive(Debug, Default)]
pub(in crate::corpus) struct Sorted {
    pub(in crate::corpus) metadata: Metadata,
    pub(in crate::corpus) text: Option<Value>,
    /// The document that a row of a metadata table describes.
    pub(in crate::corpus) document: Option<String>,
}

/// Sorts the fields of one file's records; remembers what each name means.
#[derive(Clone, Debug)]
pub(in crate::corpus) struct Sorter {
    names: FieldNames,
    /// Whether a column may name the document that a row describes.
    of_table: bool,
    known: HashMap<String, Option<(Meaning, usize)>>,
}

impl Sorter {
    /// Of records that are documents.
    pub(in crate::corpus) fn of_documents(names: &FieldNames) -> Self {
        Self {
            names: names.clone(),
            of_table: false,
            known: HashMap::new(),
        }
    }

    /// Of rows that describe documents which stand elsewhere.
    pub(in crate::corpus) fn of_table(names: &FieldNames) -> Self {
        Self {
            of_table: true,
            ..Self::of_documents(names)
        }
    }

    /// What a field of this name means, with its rank among the names of that meaning.
    pub(in crate::corpus) fn meaning(&mut self, name: &str) -> Option<(Meaning, usize)> {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let found = self.look_up(name);
        self.known.insert(name.to_owned(), found);
        found
    }

    fn look_up(&self, name: &str) -> Option<(Meaning, usize)> {
        if let Some((meaning, _)) = self
            .names
            .given()
            .find(|(_, given)| given.eq_ignore_ascii_case(name))
        {
            return Some((meaning, GIVEN));
        }
        let plain: String = name
            .chars()
            .filter(|c| !matches!(c, '_' | '-' | '.' | ' '))
            .flat_map(char::to_lowercase)
            .collect();
        let usual = USUAL.get(&plain)?;
        usual
            .iter()
            .copied()
            .filter(|(meaning, _)| {
                let is_given = self.names.given().any(|(given, _)| given == *meaning);
                let is_for_tables = *meaning == Meaning::Document;
                !is_given && (!is_for_tables || self.of_table)
            })
            // In a table the column that names the document comes before what else it may mean.
            .max_by_key(|(meaning, _)| *meaning == Meaning::Document)
    }

    /// Sorts the fields of a record.
    ///
    /// Of several fields with one meaning the most usual name wins; the others, and those of no
    /// meaning, are carried along under their own names.
    pub(in crate::corpus) fn sort(&mut self, fields: Vec<(String, Value)>) -> Sorted {
        // An empty field never stands before a filled one.
        let mut best: HashMap<Meaning, ((bool, usize), usize)> = HashMap::new();
        for (index, (name, value)) in fields.iter().enumerate() {
            if let Some((meaning, rank)) = self.meaning(name) {
                let rank = (value.is_blank(), rank);
                let entry = best.entry(meaning).or_insert((rank, index));
                if rank < entry.0 {
                    *entry = (rank, index);
                }
            }
        }
        let mut sorted = Sorted::default();
        for (index, (name, value)) in fields.into_iter().enumerate() {
            let meaning = self
                .meaning(&name)
                .map(|(meaning, _)| meaning)
                .filter(|meaning| best.get(meaning).is_some_and(|(_, at)| *at == index));
            place(&mut sorted, name, value, meaning);
        }
        finish(&mut sorted.metadata);
        sorted
    }
}

fn place(sorted: &mut Sorted, name: String, value: Value, meaning: Option<Meaning>) {
    if meaning == Some(Meaning::Text) {
        sorted.text = Some(value);
        return;
    }
    if value.is_blank() {
        return;
    }
    let (Value::Words(value) | Value::Plain(value)) = value else {
        return;
    };
    let metadata = &mut sorted.metadata;
    let words = || Some(value.trim().to_owned());
    match meaning {
        Some(Meaning::Id) => value.trim().clone_into(&mut metadata.id),
        Some(Meaning::Document) => sorted.document = words(),
        Some(Meaning::Title) => metadata.title = words(),
        Some(Meaning::Source) => metadata.source = words(),
        Some(Meaning::Speaker) => metadata.speaker = words(),
        Some(Meaning::Role) => metadata.role = words(),
        Some(Meaning::Date) if let Some(date) = date::normalise(&value) => {
            metadata.date = Some(date);
        }
        Some(Meaning::Language) if let Some(language) = language::normalise(&value) => {
            metadata.language = Some(language);
        }
        _ => {
            metadata.fields.insert(name, value);
        }
    }
}

/// Takes the year for the date where nothing better is known.
fn finish(metadata: &mut Metadata) {
    if metadata.date.is_none() {
        let year = metadata
            .fields
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("year"));
        metadata.date = year.and_then(|(_, year)| date::normalise(year));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pairs: &[(&str, &str)]) -> Vec<(String, Value)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::Words((*value).to_owned())))
            .collect()
    }

    #[test]
    fn usual_names_are_guessed_and_the_rest_is_carried_along() {
        let mut sorter = Sorter::of_documents(&FieldNames::default());
        let record = sorter.sort(words(&[
            ("Headline", "Harbour opens"),
            ("Publication Date", "16 July 2025"),
            ("outlet", "The Gazette"),
            ("author", "A. Writer"),
            ("Body", "It opened."),
            ("content", "not this"),
            ("year", "1999"),
        ]));
        assert_eq!(record.text, Some(Value::Words("It opened.".into())));
        let metadata = record.metadata;
        assert_eq!(metadata.title.as_deref(), Some("Harbour opens"));
        assert_eq!(metadata.date.as_deref(), Some("2025-07-16"));
        assert_eq!(metadata.source.as_deref(), Some("The Gazette"));
        assert_eq!(metadata.speaker, None);
        let fields: Vec<_> = metadata.fields.keys().map(String::as_str).collect();
        assert_eq!(fields, ["author", "content", "year"]);
    }

    #[test]
    fn a_given_name_beats_every_guess() {
        let mut names = FieldNames::default();
        names.assign("text=Lead").unwrap();
        names.assign("speaker=author").unwrap();
        let record = Sorter::of_documents(&names).sort(words(&[
            ("text", "long"),
            ("lead", "short"),
            ("author", "A. Writer"),
        ]));
        assert_eq!(record.text, Some(Value::Words("short".into())));
        assert_eq!(record.metadata.speaker.as_deref(), Some("A. Writer"));
        assert_eq!(record.metadata.fields["text"], "long");
    }

    #[test]
    fn an_unreadable_date_is_carried_along_as_it_is() {
        let mut sorter = Sorter::of_documents(&FieldNames::default());
        let record = sorter.sort(words(&[("date", "last spring"), ("Year", "1996")]));
        assert_eq!(record.metadata.date.as_deref(), Some("1996"));
        assert_eq!(record.metadata.fields["date"], "last spring");
    }

    #[test]
    fn an_unknown_meaning_is_refused_with_the_choice() {
        let error = FieldNames::default().assign("words=body").unwrap_err();
        assert!(error.to_string().contains("id, text, title"), "{error}");
        assert!(FieldNames::default().assign("body").is_err());
        assert!(FieldNames::default().assign("text=").is_err());
    }
}
