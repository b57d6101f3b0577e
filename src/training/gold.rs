//! What people have labelled: statements with themes, stances and targets; articles with attributions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::texts::Texts;
use crate::error::{Error, Result};
use crate::json_lines;
use crate::schema::record::{AttributionRecord, LabelRecord};
use crate::schema::{CodePoints, Taxonomy};

/// A statement with its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledStatement {
    /// Tells it from every other.
    pub id: String,
    /// Its words.
    pub text: String,
    /// Its labels; none is a label too ('carries no theme').
    pub labels: Vec<LabelRecord>,
    /// The document that it comes from, where that is known.
    pub document: Option<String>,
}

/// One line of a gold file. Fields that are not listed here may stand there and do not matter.
///
/// Labels may stand off, so that they can be passed on where the texts cannot: `document` and `span` in
/// place of `text`, `target_span` (of the document, too) in place of `target`.
#[derive(Clone, Debug, Deserialize)]
struct GoldLine {
    id: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    document: Option<String>,
    #[serde(default)]
    span: Option<CodePoints>,
    labels: Vec<LabelRecord>,
}

impl GoldLine {
    /// The document that the text is in, if it is not here.
    fn stands_off(&self) -> Option<(&str, CodePoints)> {
        let document = self.document.as_deref().filter(|_| self.text.is_none());
        document.zip(self.span)
    }

    fn with_text(mut self, texts: &Texts) -> std::result::Result<LabelledStatement, String> {
        if let Some((document, span)) = self.stands_off() {
            let text = texts.words(document, span)?.to_owned();
            let mut targets = Vec::new();
            for label in &self.labels {
                let target = label.target_span.map(|span| texts.words(document, span));
                targets.push(target.transpose()?.map(str::to_owned));
            }
            for (label, target) in self.labels.iter_mut().zip(targets) {
                (label.target, label.target_span) = (target, None);
            }
            self.text = Some(text);
        }
        Ok(LabelledStatement {
            text: self
                .text
                .ok_or("there is no text, and no document with a span to take it from")?,
            id: self.id,
            labels: self.labels,
            document: self.document,
        })
    }
}

impl LabelledStatement {
    /// The document that it comes from; a statement of unknown origin is a document of its own.
    pub fn document(&self) -> &str {
        self.document.as_deref().unwrap_or(&self.id)
    }
}

/// The documents of statements, each once, in the order of their hashes: the same order whatever the seed, and
/// one that says nothing of them.
pub fn documents_by_hash(statements: &[LabelledStatement]) -> Vec<&str> {
    let documents: BTreeSet<(Vec<u8>, &str)> = statements
        .iter()
        .map(LabelledStatement::document)
        .map(|document| (Sha256::digest(document).to_vec(), document))
        .collect();
    documents
        .into_iter()
        .map(|(_, document)| document)
        .collect()
}

/// Parts of every cross-validation.
pub const FOLDS: usize = 5;

/// Which part of a cross-validation each statement is in, whole documents, below [`FOLDS`].
pub fn folds(statements: &[LabelledStatement]) -> Vec<usize> {
    let documents = documents_by_hash(statements);
    let fold: BTreeMap<&str, usize> = documents
        .into_iter()
        .enumerate()
        .map(|(place, document)| (document, place % FOLDS))
        .collect();
    statements
        .iter()
        .map(|statement| fold[statement.document()])
        .collect()
}

/// An article with the attributions in it, from one line of a gold file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AttributedArticle {
    /// Tells it from every other.
    pub id: String,
    /// Its words.
    pub text: String,
    /// Every act of reported speech in it.
    pub attributions: Vec<AttributionRecord>,
}

/// Files of labelled statements whose labels were read and checked, while their texts may still be to be found.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    files: Vec<(PathBuf, Vec<(usize, GoldLine)>)>,
}

impl Labels {
    /// Reads files and checks what needs no texts. A line that says again what its file has said is left out.
    ///
    /// # Errors
    /// [`Error::ReadArchive`] if a file cannot be read; [`Error::ReadRecords`] with the line for what is no labelled
    /// statement, a theme that the taxonomy lacks, a (theme, stance) pair given twice, and an id that was there with
    /// other labels, an empty text, and a target that is not in its text; [`Error::Training`] for an empty file.
    pub fn read(paths: &[PathBuf], taxonomy: &Taxonomy) -> Result<Self> {
        let read = |path: &PathBuf| Ok((path.clone(), lines(path, taxonomy)?));
        Ok(Self {
            files: paths.iter().map(read).collect::<Result<_>>()?,
        })
    }

    /// Says why labels cannot teach anything, if they cannot: a theme that no statement has, or that all have.
    ///
    /// # Errors
    /// [`Error::Training`] naming the theme.
    pub fn check_themes(&self, taxonomy: &Taxonomy) -> Result<()> {
        for theme in &taxonomy.themes {
            let count = self.carry(&theme.name);
            if count == 0 || count == self.count() {
                let what = if count == 0 { "no" } else { "every" };
                return Err(Error::Training {
                    problem: format!(
                        "{what} training statement carries the theme {:?}; give statements with and without it, \
                         or take it out of the taxonomy",
                        theme.name
                    ),
                    source: None,
                });
            }
        }
        Ok(())
    }

    /// How many statements there are.
    pub fn count(&self) -> usize {
        self.files.iter().map(|(_, lines)| lines.len()).sum()
    }

    /// How many statements carry a theme.
    pub fn carry(&self, theme: &str) -> usize {
        let lines = self.files.iter().flat_map(|(_, lines)| lines);
        let carries =
            |(_, line): &&(usize, GoldLine)| line.labels.iter().any(|label| label.theme == theme);
        lines.filter(carries).count()
    }

    /// The documents that texts are to be looked up in.
    fn wanted(&self) -> impl Iterator<Item = &str> {
        let lines = self.files.iter().flat_map(|(_, lines)| lines);
        lines.filter_map(|(_, line)| Some(line.stands_off()?.0))
    }

    fn with_texts(self, texts: &Texts) -> Result<Vec<LabelledStatement>> {
        let mut statements = Vec::new();
        for (path, lines) in self.files {
            for (number, line) in lines {
                let wrong = |problem| wrong_line(&path, number, problem);
                let statement = line.with_text(texts).map_err(wrong)?;
                match text_problem(&statement.text, &statement.labels) {
                    None => statements.push(statement),
                    Some(problem) => return Err(wrong(problem)),
                }
            }
        }
        Ok(statements)
    }
}

/// The statements of some sets of files, their texts looked up in `archives` where they stand off. The archives are read
/// once for all.
///
/// # Errors
/// [`Error::ReadArchive`] if an archive cannot be read; [`Error::ReadRecords`] with the line for a text that no archive
/// has, an empty text, and a target that is not in the text.
pub fn statements<const SETS: usize>(
    sets: [Labels; SETS],
    archives: &[PathBuf],
) -> Result<[Vec<LabelledStatement>; SETS]> {
    let wanted = sets.iter().flat_map(Labels::wanted).collect();
    let texts = Texts::read(archives, &wanted)?;
    let mut found = [const { Vec::new() }; SETS];
    for (found, set) in found.iter_mut().zip(sets) {
        *found = set.with_texts(&texts)?;
    }
    Ok(found)
}

/// The lines of a file; labels are checked, and texts where they stand beside them.
fn lines(path: &Path, taxonomy: &Taxonomy) -> Result<Vec<(usize, GoldLine)>> {
    let mut seen: BTreeMap<String, (usize, Vec<LabelRecord>)> = BTreeMap::new();
    let mut kept = Vec::new();
    for line in json_lines::read::<GoldLine>(path)? {
        let (number, line) = line?;
        let wrong = |problem| Err(wrong_line(path, number, problem));
        if let Some(problem) = labels_problem(&line.labels, taxonomy) {
            return wrong(problem);
        }
        let text = line.text.as_deref();
        if let Some(problem) = text.and_then(|text| text_problem(text, &line.labels)) {
            return wrong(problem);
        }
        match seen.get(&line.id) {
            Some((_, labels)) if *labels == line.labels => continue,
            Some((first, _)) => {
                return wrong(format!(
                    "id {:?} was in line {first} with other labels; keep one of them",
                    line.id
                ));
            }
            None => {}
        }
        seen.insert(line.id.clone(), (number, line.labels.clone()));
        kept.push((number, line));
    }
    not_empty(path, kept)
}

/// Reads articles with their attributions.
///
/// # Errors
/// [`Error::ReadArchive`] if the file cannot be read; [`Error::ReadRecords`] with the line for what is no
/// such article and for a span outside the text; [`Error::Training`] for an empty file.
pub fn read_attributions(path: &Path) -> Result<Vec<AttributedArticle>> {
    let mut articles = Vec::new();
    for line in json_lines::read::<AttributedArticle>(path)? {
        let (number, article) = line?;
        if let Some(CodePoints(start, end)) = span_outside(&article) {
            let problem = format!("span [{start}, {end}] is not in the text");
            return Err(wrong_line(path, number, problem));
        }
        articles.push(article);
    }
    not_empty(path, articles)
}

fn labels_problem(labels: &[LabelRecord], taxonomy: &Taxonomy) -> Option<String> {
    for (index, LabelRecord { theme, stance, .. }) in labels.iter().enumerate() {
        if taxonomy.theme_index(theme).is_none() {
            let known: Vec<&str> = taxonomy.themes.iter().map(|t| t.name.as_str()).collect();
            return Some(format!(
                "the taxonomy has no theme {theme:?} (it has: {})",
                known.join(", ")
            ));
        }
        let mut before = labels.iter().take(index);
        if before.any(|other| other.theme == *theme && other.stance == *stance) {
            return Some(format!(
                "{theme}, {stance} is there twice; keep the most prominent target"
            ));
        }
    }
    None
}

fn text_problem(text: &str, labels: &[LabelRecord]) -> Option<String> {
    if text.trim().is_empty() {
        return Some("text is empty".to_owned());
    }
    let mut targets = labels.iter().filter_map(|label| label.target.as_ref());
    let missing = targets.find(|target| !text.contains(target.as_str()))?;
    Some(format!(
        "target {missing:?} is not in the text word for word"
    ))
}

fn span_outside(article: &AttributedArticle) -> Option<CodePoints> {
    let length = article.text.chars().count();
    let parts = article
        .attributions
        .iter()
        .flat_map(|a| [&a.source, &a.cue, &a.content]);
    parts
        .flatten()
        .copied()
        .find(|&CodePoints(start, end)| start >= end || end > length)
}

pub(super) fn not_empty<T>(path: &Path, found: Vec<T>) -> Result<Vec<T>> {
    if found.is_empty() {
        return Err(Error::Training {
            problem: format!(
                "{} is empty; it holds one JSON object a line",
                path.display()
            ),
            source: None,
        });
    }
    Ok(found)
}

fn wrong_line(path: &Path, line: usize, problem: String) -> Error {
    Error::ReadRecords {
        path: path.into(),
        line,
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What reading a gold file of these lines says against it.
    fn complaint(lines: &[&str]) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines.join("\n")).unwrap();
        let taxonomy = Taxonomy::standard().unwrap();
        let read = |paths: &[PathBuf]| {
            let labels = Labels::read(paths, &taxonomy)?;
            labels.check_themes(&taxonomy)?;
            statements([labels], &[])
        };
        let error = read(&[file.path().to_owned()]).unwrap_err();
        error
            .to_string()
            .replace(&file.path().display().to_string(), "gold")
    }

    #[test]
    fn bad_gold_is_reported_with_its_line() {
        let good = r#"{"id": "1", "text": "We met.", "labels": []}"#;
        for (bad, expected) in [
            (
                r#"{"id": "2", "text": "We met.", "labels": [{"theme": "war", "stance": "oppose"}]}"#,
                "gold, line 2: the taxonomy has no theme \"war\" (it has: security, development, anti-hegemony)",
            ),
            (
                r#"{"id": "2", "text": "We met.", "labels": [{"theme": "security", "stance": "oppose", "target": "war"}]}"#,
                "gold, line 2: target \"war\" is not in the text word for word",
            ),
            (
                r#"{"id": "1", "text": "We met.", "labels": [{"theme": "security", "stance": "oppose"}]}"#,
                "gold, line 2: id \"1\" was in line 1 with other labels; keep one of them",
            ),
            (
                r#"{"id": "2", "text": " ", "labels": []}"#,
                "gold, line 2: text is empty",
            ),
        ] {
            assert_eq!(complaint(&[good, bad]), expected);
        }
        assert!(complaint(&[good, r#"{"id": "2"}"#]).starts_with("gold, line 2: "));
    }

    #[test]
    fn labels_may_stand_off_from_their_texts() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("letter.txt");
        std::fs::write(&archive, "Dear all. Noël: we deplore the raid. Farewell.").unwrap();
        let gold = folder.path().join("gold.jsonl");
        let line = r#"{"id": "1", "document": "letter.txt", "span": [10, 36],
            "labels": [{"theme": "security", "stance": "oppose", "target_span": [27, 35]}]}"#;
        std::fs::write(&gold, line.replace('\n', "")).unwrap();
        let taxonomy = Taxonomy::standard().unwrap();
        let labels = Labels::read(&[gold], &taxonomy).unwrap();
        let [found] = statements([labels.clone()], &[archive]).unwrap();
        assert_eq!(found[0].text, "Noël: we deplore the raid.");
        assert_eq!(found[0].labels[0].target.as_deref(), Some("the raid"));
        assert_eq!(found[0].document(), "letter.txt");

        let error = statements([labels], &[]).unwrap_err().to_string();
        assert!(error.ends_with("name its archive with --texts"), "{error}");
    }

    #[test]
    fn gold_that_teaches_nothing_is_refused() {
        assert!(complaint(&[]).ends_with("gold is empty; it holds one JSON object a line"));
        let none = complaint(&[r#"{"id": "1", "text": "We met.", "labels": []}"#]);
        assert!(
            none.contains("no training statement carries the theme \"security\""),
            "{none}"
        );
    }
}
