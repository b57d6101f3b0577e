//! Web pages: the article of the page, paragraphs apart by an empty line. Spans are of this text.

use dom_query::Document as Page;
use dom_smoothie::{Config, Readability, TextMode};

use super::Draft;
use crate::corpus::CorpusOptions;
use crate::corpus::describe::{date, language};
use crate::schema::document::Metadata;

mod tag;
mod trim;

/// Elements of a page that are never part of what it says.
const NO_WORDS: &str =
    "script, style, noscript, template, nav, header, footer, aside, form, iframe, svg";

/// Where pages say when they were published, beyond what the main-text extraction knows.
const DATES: [(&str, &str); 5] = [
    ("meta[itemprop=datePublished]", "content"),
    ("meta[name=date]", "content"),
    ("meta[name=pubdate]", "content"),
    ("meta[name='DC.date.issued']", "content"),
    ("time[datetime]", "datetime"),
];

/// The article of a page, with what the page says of it.
///
/// # Source
/// The crate `dom_smoothie`, after Mozilla's Readability.
pub(super) fn parse(html: &str, _: &CorpusOptions) -> Result<Draft, String> {
    let html = trim::trim(html)?;
    let page = Page::from(html.as_str());
    let published = DATES.iter().find_map(|(place, attribute)| {
        let written = page.select_single(place).attr(attribute)?;
        date::normalise(&written)
    });
    let config = Config {
        text_mode: TextMode::Formatted,
        ..Config::default()
    };
    let mut readability = Readability::with_document(page, None, Some(config))
        .map_err(|error| format!("no web page: {error}"))?;
    // Pages too short for the extraction are taken whole.
    let Ok(article) = readability.parse() else {
        let title = readability.get_article_title().trim().to_owned();
        return Ok(Draft {
            metadata: Metadata {
                title: Some(title).filter(|title| !title.is_empty()),
                date: published,
                ..Metadata::default()
            },
            text: body_words(&html),
        });
    };
    let mut metadata = Metadata {
        title: Some(article.title).filter(|title| !title.is_empty()),
        date: article
            .published_time
            .and_then(|time| date::normalise(&time))
            .or(published),
        source: article.site_name,
        language: article.lang.and_then(|lang| language::normalise(&lang)),
        ..Metadata::default()
    };
    for (name, value) in [("author", article.byline), ("url", article.url)] {
        if let Some(value) = value {
            metadata.fields.insert(name.to_owned(), value);
        }
    }
    Ok(Draft {
        metadata,
        text: article.text_content.to_string(),
    })
}

/// The words of a whole page; the extraction has taken its own copy apart.
fn body_words(html: &str) -> String {
    let body = Page::from(html);
    body.select(NO_WORDS).remove();
    body.select("head").remove();
    body.formatted_text().to_string()
}

/// The words of a piece of HTML, without its tags.
///
/// # Errors
/// That its elements are nested too deep.
pub(super) fn words(html: &str) -> Result<String, String> {
    let piece = Page::fragment(trim::trim(html)?);
    piece.select(NO_WORDS).remove();
    Ok(piece.formatted_text().to_string())
}
