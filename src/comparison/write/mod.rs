//! A comparison as text: JSON with everything, a flat table, and a summary for the terminal.

pub mod csv;
pub mod json;
pub mod table;

use super::result::Share;
use crate::schema::Interval;

/// A share as a percentage, `–` where it is not defined.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", 100.0 * share))
}

/// An interval of shares as percentages, `–` where there is none.
fn percent_interval(interval: Option<Interval>) -> String {
    interval.map_or_else(
        || "–".to_owned(),
        |interval| {
            format!(
                "[{:.1}, {:.1}]",
                100.0 * interval.low,
                100.0 * interval.high
            )
        },
    )
}

/// `31.2 [28.0, 34.6]`.
fn percent_with_interval(share: &Share) -> String {
    match share.interval {
        Some(interval) => format!(
            "{} {}",
            percent(share.share),
            percent_interval(Some(interval))
        ),
        None => percent(share.share),
    }
}

/// A p-value as papers give it; `–` where there is none.
fn p_value(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p < 0.001 => "<.001".to_owned(),
        Some(p) => format!("{p:.3}").trim_start_matches('0').to_owned(),
    }
}
