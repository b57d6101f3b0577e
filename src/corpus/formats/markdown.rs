//! Markdown with YAML front matter: the body as plain text, paragraphs apart by an empty line.
//!
//! Emphasis, links, escapes and markers of headings and lists are taken away; lines that were wrapped are
//! joined; runs of white space become one space. Spans are of this plain text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::Draft;
use crate::corpus::CorpusOptions;
use crate::corpus::describe::fields::Sorter;
use crate::corpus::describe::value::Fields;
use crate::schema::document::Metadata;

/// The document of a Markdown file.
pub(super) fn parse(markdown: &str, options: &CorpusOptions) -> Result<Draft, String> {
    let (front, body) = split_front_matter(markdown);
    let metadata = match front {
        Some(front) => metadata(front, options)?,
        None => Metadata::default(),
    };
    Ok(Draft {
        metadata,
        text: plain_text(body)?,
    })
}

fn metadata(front: &str, options: &CorpusOptions) -> Result<Metadata, String> {
    if front.trim().is_empty() {
        return Ok(Metadata::default());
    }
    if nesting(front) > DEEPEST {
        return Err(format!(
            "the front matter is nested more than {DEEPEST} deep"
        ));
    }
    let Fields(fields) = serde_yaml_ng::from_str(front)
        .map_err(|error| format!("the front matter is not valid YAML: {error}"))?;
    Ok(Sorter::of_documents(&options.fields).sort(fields).metadata)
}

/// Deeper front matter is refused: the time of the YAML parser grows with the square of the depth.
const DEEPEST: usize = 100;

/// How many brackets are open at once, counted without regard to quotation marks.
fn nesting(yaml: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for byte in yaml.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

/// The YAML between a first line `---` and the next line `---` or `...`, and what follows.
fn split_front_matter(markdown: &str) -> (Option<&str>, &str) {
    let mut lines = markdown.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else {
        return (None, markdown);
    };
    let start = first.len();
    let mut end = start;
    for line in lines {
        let after = end + line.len();
        if matches!(line.trim_end(), "---" | "...") {
            return (
                markdown.get(start..end),
                markdown.get(after..).unwrap_or_default(),
            );
        }
        end = after;
    }
    (None, markdown)
}

/// Markdown without its marks.
fn plain_text(markdown: &str) -> Result<String, String> {
    // A line of no-break spaces looks empty and separates paragraphs like an empty one.
    let lines: Vec<&str> = markdown
        .lines()
        .map(|line| if line.trim().is_empty() { "" } else { line })
        .collect();
    let extensions =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    let mut plain = Plain::default();
    for event in Parser::new_ext(&lines.join("\n"), extensions) {
        plain.take(event)?;
    }
    plain.paragraph();
    plain.text.truncate(plain.text.trim_end().len());
    Ok(plain.text)
}

#[derive(Default)]
struct Plain {
    text: String,
    /// HTML of the block that is being read.
    html: String,
    /// A line break that was asked for stands before the next words.
    breaks: bool,
    /// How deep in images: what they show is not said.
    images: usize,
}

impl Plain {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Text(words) | Event::Code(words) if self.images == 0 => self.words(&words),
            Event::SoftBreak | Event::End(TagEnd::TableCell) => self.words(" "),
            Event::HardBreak | Event::End(TagEnd::TableRow | TagEnd::TableHead) => {
                self.breaks = true;
            }
            Event::Html(html) => self.html.push_str(&html),
            Event::InlineHtml(tag) if tag.to_ascii_lowercase().starts_with("<br") => {
                self.breaks = true;
            }
            Event::Start(Tag::Image { .. }) => self.images += 1,
            Event::End(TagEnd::Image) => self.images = self.images.saturating_sub(1),
            Event::End(TagEnd::HtmlBlock) => self.html_block()?,
            Event::Start(tag) if is_block(&tag) => self.paragraph(),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::CodeBlock
                | TagEnd::Table
                | TagEnd::FootnoteDefinition,
            )
            | Event::Rule => self.paragraph(),
            _ => {}
        }
        Ok(())
    }

    /// Words with their white space as single spaces.
    fn words(&mut self, words: &str) {
        for character in words.chars() {
            if character.is_whitespace() {
                if !self.breaks && !self.text.ends_with([' ', '\n']) && !self.text.is_empty() {
                    self.text.push(' ');
                }
                continue;
            }
            if self.breaks {
                self.break_before(character);
            }
            self.text.push(character);
        }
    }

    /// A line break within a paragraph; where a small letter follows, the break only wrapped the line.
    fn break_before(&mut self, next: char) {
        self.breaks = false;
        self.text.truncate(self.text.trim_end_matches(' ').len());
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push(if next.is_lowercase() { ' ' } else { '\n' });
        }
    }

    fn paragraph(&mut self) {
        self.breaks = false;
        self.text.truncate(self.text.trim_end().len());
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
    }

    fn html_block(&mut self) -> Result<(), String> {
        let html = std::mem::take(&mut self.html);
        self.paragraph();
        let words = super::html::words(&html)?;
        self.text.push_str(words.trim());
        self.paragraph();
        Ok(())
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::Item
            | Tag::CodeBlock(_)
            | Tag::Table(_)
            | Tag::FootnoteDefinition(_)
            | Tag::HtmlBlock
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse_default(markdown: &str) -> Result<Draft, String> {
        parse(markdown, &CorpusOptions::default())
    }

    #[test]
    fn marks_go_and_wrapped_lines_are_joined() {
        let text = plain_text(
            "# The *harbour*\n\nThe [minister](https://example.org) **said**\nit would open \\[soon\\].\\\nAnd so on.\n\n- first\n  point\n- second\n\n\u{a0}\n> “We&nbsp;agree,”  \n> she said.",
        )
        .unwrap();
        assert_eq!(
            text,
            "The harbour\n\nThe minister said it would open [soon].\nAnd so on.\n\nfirst point\n\nsecond\n\n“We agree,” she said."
        );
    }

    #[test]
    fn indented_paragraphs_are_words_and_html_gives_its_text() {
        let text = plain_text(
            "One.\n\n     THE MINISTER:  Two\nthree.\n\n<table><tr><td>Four</td></tr></table>\n\n![seen](a.png)Five",
        )
        .unwrap();
        assert!(
            text.starts_with("One.\n\nTHE MINISTER: Two\n\nthree."),
            "{text}"
        );
        assert!(text.contains("Four") && text.ends_with("Five"), "{text}");
    }

    #[test]
    fn front_matter_is_metadata() {
        let draft = parse_default(
            "---\ntitle: \"Remarks\"\ndate: '2021-01-26'\nspeaker: A. Speaker\ntags: [a, b]\nsource_url: https://example.org\n---\n\nGood day.\n",
        )
        .unwrap();
        assert_eq!(draft.text, "Good day.");
        assert_eq!(draft.metadata.title.as_deref(), Some("Remarks"));
        assert_eq!(draft.metadata.date.as_deref(), Some("2021-01-26"));
        assert_eq!(draft.metadata.speaker.as_deref(), Some("A. Speaker"));
        assert_eq!(draft.metadata.fields["source_url"], "https://example.org");
    }

    #[test]
    fn a_rule_at_the_start_is_no_front_matter_and_bad_yaml_is_named() {
        assert_eq!(parse_default("---\nwords").unwrap().text, "words");
        assert!(
            parse_default("---\n: : :\n  - x: [\n---\nwords")
                .unwrap_err()
                .contains("YAML")
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[ -~\n\u{a0}é“]{0,200}") {
            let plain = plain_text(&text).unwrap();
            prop_assert_eq!(plain.trim_end(), &plain);
        }
    }
}
