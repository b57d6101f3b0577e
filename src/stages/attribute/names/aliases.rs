//! The user's table of names: under which name each speaker is known in all documents.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, Result};

/// Names and the other names of the same speakers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases {
    names: BTreeMap<String, String>,
}

impl Aliases {
    /// Reads a table: CSV (a row a speaker, the name first, then the aliases; no heading) or, where the file
    /// ends in `.toml`, one array of aliases a name.
    ///
    /// # Errors
    /// [`Error::ReadArchive`] if the file cannot be read, [`Error::ParseDocument`] if it is no such table or
    /// gives one alias to two names.
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::ReadArchive {
            path: path.to_owned(),
            source: source.into(),
        })?;
        let failed = |line: Option<usize>, problem: String| Error::ParseDocument {
            path: path.to_owned(),
            line,
            problem,
        };
        let text = String::from_utf8(bytes)
            .map_err(|error| failed(None, format!("not UTF-8: {error}; save it as UTF-8")))?;
        let text = text.trim_start_matches('\u{feff}');
        let toml = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
        let rows = if toml {
            toml_rows(text)
        } else {
            csv_rows(text)
        };
        let mut aliases = Self::default();
        for (line, row) in rows.map_err(|(line, problem)| failed(line, problem))? {
            aliases.add(&row).map_err(|problem| failed(line, problem))?;
        }
        Ok(aliases)
    }

    fn add(&mut self, row: &[String]) -> Result<(), String> {
        let Some((name, others)) = row.split_first() else {
            return Ok(());
        };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err("a row begins with the name, then come its aliases".to_owned());
        }
        for alias in std::iter::once(&name).chain(others) {
            let key = key(alias);
            if key.is_empty() {
                continue;
            }
            let known = self.names.entry(key).or_insert_with(|| name.clone());
            if *known != name {
                return Err(format!(
                    "{alias:?} is given to {known:?} and to {name:?}; keep one"
                ));
            }
        }
        Ok(())
    }

    /// Whether it names nobody.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name in the table of the one whom `name` means; of several joined by 'and', each by itself.
    /// `None` if nothing changes.
    pub fn replace(&self, name: &str) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let known = |name: &str| self.names.get(&key(name)).cloned();
        let replaced = known(name).unwrap_or_else(|| {
            let parts = name.split(" and ");
            let parts: Vec<String> = parts
                .map(|part| known(part).unwrap_or_else(|| part.to_owned()))
                .collect();
            parts.join(" and ")
        });
        (replaced != name).then_some(replaced)
    }
}

/// A name as names are compared: in small letters, white space evened out, without 'the'.
fn key(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    let article = usize::from(words.len() > 1 && words[0] == "the");
    words[article..].join(" ")
}

type Rows = Vec<(Option<usize>, Vec<String>)>;
type Problem = (Option<usize>, String);

fn csv_rows(text: &str) -> Result<Rows, Problem> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let line =
        |position: Option<&csv::Position>| position.and_then(|at| usize::try_from(at.line()).ok());
    let row = |row: csv::Result<csv::StringRecord>| match row {
        Ok(row) => Ok((
            line(row.position()),
            row.iter().map(str::to_owned).collect(),
        )),
        Err(error) => Err((line(error.position()), error.to_string())),
    };
    reader.into_records().map(row).collect()
}

fn toml_rows(text: &str) -> Result<Rows, Problem> {
    let table: BTreeMap<String, Vec<String>> = toml::from_str(text).map_err(|error| {
        (
            None,
            format!("write \"Name\" = [\"alias\", …] on each line: {error}"),
        )
    })?;
    let row = |(name, aliases): (String, Vec<String>)| {
        (None, std::iter::once(name).chain(aliases).collect())
    };
    Ok(table.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, text: &str) -> Result<Aliases> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Aliases::open(&path)
    }

    #[test]
    fn both_formats_say_the_same() {
        let csv = table("a.csv", "# ours\nAnn Lee,A. Lee,\"Lee, Ann\"\nTom Berg\n").unwrap();
        let toml = table(
            "a.toml",
            "\"Ann Lee\" = [\"A. Lee\", \"Lee, Ann\"]\n\"Tom Berg\" = []\n",
        );
        assert_eq!(csv, toml.unwrap());
        assert_eq!(csv.replace("a.  lee").as_deref(), Some("Ann Lee"));
        assert_eq!(csv.replace("Ann Lee"), None);
        assert_eq!(
            csv.replace("tom berg and A. Lee").as_deref(),
            Some("Tom Berg and Ann Lee")
        );
        assert_eq!(csv.replace("Ben Okoro"), None);
    }

    #[test]
    fn an_alias_of_two_is_refused_with_its_line() {
        let error = table("a.csv", "Ann Lee,Lee\nTom Lee,Lee\n").unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("line 2") && message.contains("keep one"),
            "{message}"
        );
        assert!(table("a.toml", "Lee = 3").is_err());
    }
}
