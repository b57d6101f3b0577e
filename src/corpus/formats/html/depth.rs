//! How deep the elements of a page are nested, before anything parses it.

/// Elements that need no closing tag, so that their opening tags say nothing of the depth.
const UNCLOSED: [&str; 28] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr", "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "thead",
    "tbody", "tfoot", "colgroup", "html",
];

/// Elements whose content is no markup, though it may hold `<`.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// Longer names are no elements.
const LONGEST_NAME_BYTES: usize = 16;

/// Opening less closing tags, at its highest.
pub(super) fn of(html: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if let Some(closing) = after.strip_prefix('/') {
            open = open.saturating_sub(usize::from(counts(&name(closing))));
            continue;
        }
        let name = name(after);
        if RAW.contains(&name.as_str()) {
            rest = after_closing(after, &name);
        } else if counts(&name) {
            open += 1;
            deepest = deepest.max(open);
        }
    }
    deepest
}

/// The name at the beginning of a tag, in small letters; empty if what stands there is no tag.
fn name(tag: &str) -> String {
    let end = tag
        .bytes()
        .take(LONGEST_NAME_BYTES + 1)
        .position(|byte| !byte.is_ascii_alphanumeric() && byte != b'-');
    let name = tag.get(..end.unwrap_or(0)).unwrap_or_default();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.to_ascii_lowercase()
    } else {
        String::new()
    }
}

fn counts(name: &str) -> bool {
    !name.is_empty() && !UNCLOSED.contains(&name)
}

/// What follows the closing tag of an element whose content is no markup.
fn after_closing<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("</") {
        rest = after;
        let found = after.get(..name.len());
        if found.is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return after;
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn only_elements_that_stay_open_count() {
        for (html, expected) in [
            ("<div><div>a</div><div>b</div></div>", 2),
            ("<p>a<p>b<p>c<br><img src=x>", 0),
            (
                "<script>if (a<b && c<d) { x = '<div><div>' }</script><div>a",
                1,
            ),
            ("1 < 2 <3 <- <<<", 0),
            ("<ul><li>a<li>b<ul><li>c</ul></ul>", 2),
        ] {
            assert_eq!(of(html), expected, "{html}");
        }
        assert_eq!(of(&"<div>".repeat(5_000)), 5_000);
    }
}
