//! The interactive report: one HTML file that needs no network.
//!
//! `report.html` is the page, `report.css` its looks, `script/` what draws it from the comparison's JSON with
//! the charting library in `vendor/`. All are built into the program and put into every report. `fit` decides how
//! much of a comparison a page holds.

mod fit;

use super::result::Comparison;

const PAGE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");
const LIBRARY: &str = include_str!("vendor/echarts.min.js");
const SCRIPTS: [&str; 8] = [
    include_str!("script/state.js"),
    include_str!("script/evidence.js"),
    include_str!("script/charts.js"),
    include_str!("script/emphasis.js"),
    include_str!("script/trend.js"),
    include_str!("script/stance.js"),
    include_str!("script/words.js"),
    include_str!("script/main.js"),
];

/// The report as HTML.
///
/// Where the comparison would make it larger than 10 MB it is packed, and then each number keeps fewer of the
/// statements behind it, and a note says so.
///
/// # Errors
/// If a number is not finite, which would be a bug.
pub fn html(comparison: &Comparison) -> serde_json::Result<String> {
    let title = format!(
        "Emphasis by {}: {}",
        comparison.options.by,
        named(comparison)
    );
    let data = fit::data(comparison)?;
    let parts = [
        ("{{program}}", escape(&comparison.program)),
        ("{{title}}", escape(&title)),
        ("{{style}}", STYLE.to_owned()),
        ("{{encoding}}", data.encoding.to_owned()),
        // the data stand in a script element, where only "</" and "<!--" could end or change it
        ("{{data}}", data.text.replace('<', "\\u003c")),
        ("{{library}}", LIBRARY.to_owned()),
        (
            "{{script}}",
            format!(
                "(async () => {{\n\"use strict\";\n{}\n}})();",
                SCRIPTS.concat()
            ),
        ),
    ];
    let mut page = String::new();
    let mut rest = PAGE;
    // one pass, so that what a part holds is never taken for a place
    while let Some(((before, after), text)) = parts
        .iter()
        .filter_map(|(place, text)| Some((rest.split_once(place)?, text)))
        .min_by_key(|((before, _), _)| before.len())
    {
        page.push_str(before);
        page.push_str(text);
        rest = after;
    }
    page.push_str(rest);
    Ok(page)
}

fn named(comparison: &Comparison) -> String {
    /// More groups than this are counted, not named.
    const NAMED: usize = 5;
    let names: Vec<&str> = comparison
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    match names.get(..names.len().min(NAMED)) {
        Some(first) if names.len() <= NAMED => first.join(", "),
        _ => format!("{} groups", names.len()),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
