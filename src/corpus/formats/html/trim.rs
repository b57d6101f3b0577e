//! What never holds the article of a page is cut before anything parses the page, and how deep its elements are nested is
//! counted: of real pages 40 % of the bytes are scripts, styles, comments and navigation, and parsing is what reading costs.

use memchr::memmem;

use super::tag::{Kind, Tag, after_closing};

/// Pages of deeper nesting are refused: real ones stay below a hundred, and the time of the parsers grows
/// with the square of the depth.
const DEEPEST: usize = 1_000;

/// Elements that need no closing tag, so that their opening tags say nothing of the depth.
const UNCLOSED: [&str; 28] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr", "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "thead",
    "tbody", "tfoot", "colgroup", "html",
];

/// Elements whose content is no markup, though it may hold `<`.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// Elements that are cut wherever they are.
const CUT: [&str; 8] = [
    "script", "style", "noscript", "template", "svg", "iframe", "select", "nav",
];

/// Elements that are cut outside `article`, unless one of [`TELLING`] is in them: within, they may be of the article.
const CUT_OUTSIDE: [&str; 2] = ["aside", "footer"];

/// What names the author or the date in classes and attributes.
const TELLING: [&[u8]; 3] = [b"author", b"byline", b"datetime"];

/// The type of scripts that are no program: they describe the page.
const DESCRIBING: &[u8] = b"ld+json";

/// An element that holds one of these is not cut: a closing tag is missing.
const CONTENT: [&str; 3] = ["article", "body", "main"];

/// A page without what never holds its article.
///
/// # Errors
/// That elements are nested too deep, in words.
pub(super) fn trim(html: &str) -> Result<String, String> {
    let mut trimmer = Trimmer::new(html);
    let mut place = 0;
    while let Some(tag) = Tag::next(html, place) {
        trimmer.collapse_white_space(place, tag.start);
        place = tag.end;
        match tag.kind {
            Kind::Comment => trimmer.cut(tag.start, tag.end),
            Kind::Opening if RAW.contains(&tag.name()) => {
                place = after_closing(html, &tag);
                let describes = memmem::find(&html.as_bytes()[tag.start..tag.end], DESCRIBING);
                if CUT.contains(&tag.name()) && describes.is_none() {
                    trimmer.cut(tag.start, place);
                }
            }
            Kind::Opening => trimmer.open(&tag)?,
            Kind::Closing => trimmer.close(&tag),
        }
    }
    Ok(trimmer.finish())
}

struct Trimmer<'a> {
    html: &'a str,
    kept: String,
    /// Up to where the page was kept or cut.
    done: usize,
    /// Elements that are open, and how many of them are `article`.
    open: usize,
    articles: usize,
    /// Elements that are open and keep their white space.
    preformatted: usize,
    /// The outermost element that is being cut, if it ends.
    within: Option<Cut>,
}

struct Cut {
    start: usize,
    tag: Tag,
    /// Elements of its name that are open within, and itself.
    open: usize,
}

impl<'a> Trimmer<'a> {
    fn new(html: &'a str) -> Self {
        Self {
            html,
            kept: String::with_capacity(html.len()),
            done: 0,
            open: 0,
            articles: 0,
            preformatted: 0,
            within: None,
        }
    }

    /// Cuts a part, unless it is within one that may be cut whole.
    fn cut(&mut self, start: usize, end: usize) {
        if self.within.is_none() {
            self.keep_until(start);
            self.done = end;
        }
    }

    /// Cuts white space that stands after other white space: a fifth of the bytes of real pages, once the rest is cut.
    fn collapse_white_space(&mut self, start: usize, end: usize) {
        if self.preformatted > 0 {
            return;
        }
        let (words, mut at) = (&self.html.as_bytes()[..end], start);
        while let Some(space) = words[at..].iter().position(u8::is_ascii_whitespace) {
            let first = at + space + 1;
            let is_space = |byte: &&u8| byte.is_ascii_whitespace();
            at = first + words[first..].iter().take_while(is_space).count();
            if at > first {
                self.cut(first, at);
            }
        }
    }

    fn keep_until(&mut self, end: usize) {
        let part = self.html.get(self.done..end);
        self.kept.push_str(part.unwrap_or_default());
    }

    fn open(&mut self, tag: &Tag) -> Result<(), String> {
        let name = tag.name();
        if !UNCLOSED.contains(&name) {
            self.open += 1;
            if self.open > DEEPEST {
                return Err(format!("elements are nested more than {DEEPEST} deep"));
            }
        }
        self.articles += usize::from(name == "article");
        self.preformatted += usize::from(name == "pre");
        match &mut self.within {
            Some(cut) if cut.tag.name() == name => cut.open += 1,
            Some(_) if CONTENT.contains(&name) => self.within = None,
            None if CUT.contains(&name) || self.articles == 0 && CUT_OUTSIDE.contains(&name) => {
                self.within = Some(Cut {
                    start: tag.start,
                    tag: *tag,
                    open: 1,
                });
            }
            Some(_) | None => {}
        }
        Ok(())
    }

    fn close(&mut self, tag: &Tag) {
        let name = tag.name();
        if !UNCLOSED.contains(&name) {
            self.open = self.open.saturating_sub(1);
        }
        match name {
            "article" => self.articles = self.articles.saturating_sub(1),
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            _ => {}
        }
        if let Some(cut) = &mut self.within
            && cut.tag.name() == name
        {
            cut.open -= 1;
            if cut.open == 0 {
                let start = cut.start;
                self.within = None;
                let inside = &self.html.as_bytes()[start..tag.end];
                let tells = |words: &&[u8]| memmem::find(inside, words).is_some();
                if CUT.contains(&name) || !TELLING.iter().any(tells) {
                    self.cut(start, tag.end);
                }
            }
        }
    }

    fn finish(mut self) -> String {
        self.keep_until(self.html.len());
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::trim;

    fn trimmed(html: &str) -> String {
        trim(html).expect("a page that is not too deep")
    }

    #[test]
    fn what_holds_no_article_is_cut() {
        for (html, expected) in [
            ("<p>a<!-- b > <p>c --><p>d", "<p>a<p>d"),
            (
                "<!--><p>a<!---><p>b<!-- -- --!><p>c<!-- --->",
                "<p>a<p>b<p>c",
            ),
            (
                "<SCRIPT>'</p>' < \"</scripts>\"</script ><p>a<style>b</style>",
                "<p>a",
            ),
            ("<nav>a<nav>b</nav>c</nav>d", "d"),
            (
                "<a title='<nav>'>b</a><nav class=\">\">c</nav>",
                "<a title='<nav>'>b</a>",
            ),
            (
                "<svg><title></svg></title></svg>a<iframe src=b></iframe>",
                "a",
            ),
            ("<aside>a</aside>b<footer>c</footer>", "b"),
            (
                "<p>\n\ta  b \r\n<pre>\n c</pre>  <p>",
                "<p>\na b <pre>\n c</pre> <p>",
            ),
        ] {
            assert_eq!(trimmed(html), expected, "{html}");
        }
    }

    #[test]
    fn what_may_be_of_the_article_stays() {
        for html in [
            "<p>1 < 2 <3 <- <<< & <",
            "<script type='application/ld+json'>{\"a\":1}</script>",
            "<article><p>a<aside>b</aside><footer>c</footer></article>",
            "<footer class='entry-footer'>by <a rel=author>a</a></footer>",
            "<aside><time datetime='2024-03-05'>a</time></aside>",
            "<title><nav>a</nav></title><header>b</header>",
            "<nav>never closed <p>a",
            "<!-- never closed <nav>a</nav>",
            "<a href=b\"c>d</a>",
        ] {
            assert_eq!(trimmed(html), html);
        }
    }

    #[test]
    fn only_elements_that_stay_open_are_nested() {
        let deep = |element: &str| trim(&element.repeat(5_000)).is_err();
        assert!(deep("<div>") && deep("<a-name-of-more-than-16-letters>"));
        assert!(!deep("<p>a<br><img src=x>") && !deep("<div>a</div>"));
        assert!(!deep("<script>if (a<b) { x = '<div><div>' }</script>"));
    }

    /// Pieces of pages, some of them without what closes them.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("<nav>"),
            Just("</nav>"),
            Just("<aside>"),
            Just("</aside>"),
            Just("<svg>"),
            Just("</svg>"),
            Just("<footer>"),
            Just("</footer>"),
            Just("<div a='>'>"),
            Just("</div>"),
            Just("<p>words é"),
            Just("a < b "),
        ];
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_text_is_trimmed_without_panicking(text in "[<>/!'\"=a-bé \\-]{0,80}") {
            let _ = trim(&text);
        }

        #[test]
        fn whatever_is_left_open_an_article_stays(before in pieces(), after in pieces()) {
            let article = "<article><p>What was said.</p></article>";
            let page = format!("{before}{article}{after}");
            prop_assert!(trimmed(&page).contains(article));
        }
    }
}
