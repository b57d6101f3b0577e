//! The interactive report: one HTML file that needs no network.
//!
//! `report.html` is the page, `report.css` its looks, `script/` what draws it from the comparison's JSON with
//! the charting library in `vendor/`. All are built into the program and put into every report.

use serde_json::Value;

use super::result::Comparison;
use super::write::json;

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

/// What the comparison may take in the file, in bytes: with the library, the report stays below 10 MB.
const MOST_BYTES: usize = 8_000_000;

/// The report as HTML.
///
/// Where the statements behind the numbers would make it larger than 10 MB, each number keeps fewer of them,
/// and a note says so.
///
/// # Errors
/// If a number is not finite, which would be a bug.
pub fn html(comparison: &Comparison) -> serde_json::Result<String> {
    let title = format!(
        "Emphasis by {}: {}",
        comparison.options.by,
        named(comparison)
    );
    let parts = [
        ("{{program}}", escape(&comparison.program)),
        ("{{title}}", escape(&title)),
        ("{{style}}", STYLE.to_owned()),
        // the data stand in a script element, where only "</" and "<!--" could end or change it
        ("{{data}}", data(comparison)?.replace('<', "\\u003c")),
        ("{{library}}", LIBRARY.to_owned()),
        (
            "{{script}}",
            format!("(() => {{\n\"use strict\";\n{}\n}})();", SCRIPTS.concat()),
        ),
    ];
    let mut page = String::with_capacity(MOST_BYTES / 2);
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

/// The comparison as JSON, with as many statements a number as fit.
fn data(comparison: &Comparison) -> serde_json::Result<String> {
    let mut value = json::value(comparison)?;
    let text = value.to_string();
    if text.len() <= MOST_BYTES {
        return Ok(text);
    }
    let fits = |value: &Value| value.to_string().len() <= MOST_BYTES;
    let mut most = 8;
    while most > 0 && !fits(&value) {
        most /= 2;
        keep_evidence(&mut value, most);
    }
    note(&mut value, &format!("at most {most} statements a number"));
    let mut groups = comparison.groups.len();
    let all = groups;
    while groups > 1 && !fits(&value) {
        groups /= 2;
        keep_trends(&mut value, groups);
    }
    if groups < all {
        note(&mut value, &format!("trends of the first {groups} groups"));
    }
    Ok(value.to_string())
}

fn note(value: &mut Value, kept: &str) {
    if let Some(Value::Array(notes)) = value.get_mut("notes") {
        notes.push(Value::String(format!(
            "this report keeps {kept}, to stay below 10 MB; every number counts all, and --format json has more"
        )));
    }
}

/// Keeps the trends of the first groups: a hundred groups by month are more than one page can show.
fn keep_trends(value: &mut Value, groups: usize) {
    let names = value["groups"].as_array().into_iter().flatten();
    let names: Vec<Value> = names
        .take(groups)
        .map(|group| group["name"].clone())
        .collect();
    if let Some(Value::Array(trends)) = value.get_mut("trends") {
        trends.retain(|trend| names.contains(&trend["group"]));
    }
}

/// Keeps the first `most` statements of every number, and only the statements that are still referred to.
fn keep_evidence(value: &mut Value, most: usize) {
    let mut places: Vec<Option<usize>> = Vec::new();
    let mut kept = Vec::new();
    let Some(Value::Array(statements)) = value.get_mut("statements").map(Value::take) else {
        return;
    };
    places.resize(statements.len(), None);
    refer(value, most, &mut |place| {
        let known = places.get_mut(place)?;
        if known.is_none() {
            *known = Some(kept.len());
            kept.push(statements.get(place)?.clone());
        }
        *known
    });
    if let Some(fields) = value.as_object_mut() {
        fields.insert("statements".to_owned(), Value::Array(kept));
    }
}

/// Cuts every list called `evidence`, and gives its statements their new places.
fn refer(value: &mut Value, most: usize, place: &mut dyn FnMut(usize) -> Option<usize>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Array(lists)
                        if name == "evidence" && lists.iter().any(Value::is_array) =>
                    {
                        for list in lists {
                            cut(list, most, place);
                        }
                    }
                    list if name == "evidence" => cut(list, most, place),
                    other => refer(other, most, place),
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                refer(value, most, place);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn cut(list: &mut Value, most: usize, place: &mut dyn FnMut(usize) -> Option<usize>) {
    if let Value::Array(places) = list {
        places.truncate(most);
        let renumbered = places
            .iter()
            .filter_map(|old| place(usize::try_from(old.as_u64()?).ok()?));
        *places = renumbered.map(Value::from).collect();
    }
}
