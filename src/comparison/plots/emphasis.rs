//! Shares side by side: dots with intervals, and a heat map.

use super::shape::{
    Anchor, GRID, INK, NAME, Picture, ROW, SOFT, color, lighter, mix, name_room, of_how_many,
    round_up, short, shown,
};
use crate::comparison::result::{Comparison, Emphasis};
use crate::schema::Interval;

/// Room between panels.
const GUTTER: f64 = 34.0;

/// Themes side by side.
const PANELS: usize = 3;

/// What a title says of [`drawn`] shares.
fn correction(comparison: &Comparison) -> &'static str {
    let corrected = |cell: &Emphasis| cell.corrected.is_some();
    if comparison.emphasis.iter().all(corrected) {
        ", corrected"
    } else if comparison.emphasis.iter().any(corrected) {
        ", corrected where enough is checked"
    } else {
        ""
    }
}

/// Share and interval to draw: corrected where they can be.
fn drawn(cell: &Emphasis) -> (Option<f64>, Option<Interval>) {
    match &cell.corrected {
        Some(corrected) => (Some(corrected.share), Some(corrected.interval)),
        None => (cell.statements.share, cell.statements.interval),
    }
}

/// A panel a theme, a row a group: dots with intervals.
pub(super) fn emphasis(comparison: &Comparison) -> Option<Picture> {
    let themes: Vec<(usize, &String)> = comparison.themes.iter().enumerate().collect();
    let most = comparison
        .emphasis
        .iter()
        .map(|cell| {
            drawn(cell)
                .1
                .map_or(drawn(cell).0.unwrap_or(0.0), |interval| interval.high)
        })
        .fold(0.02, f64::max);
    let (most, step) = round_up(most);
    let names = name_room(comparison);
    let panel = 190.0;
    let columns = themes.len().clamp(1, PANELS);
    let block = 40.0 + ROW * shown(comparison).len() as f64 + 34.0;
    let blocks = themes.chunks(PANELS).count();
    if themes.is_empty() {
        return None;
    }
    let mut picture = Picture::new(
        names + columns as f64 * (panel + GUTTER) + 14.0,
        34.0 + block * blocks as f64,
    );
    let by = &comparison.options.by;
    let title = format!(
        "Share of statements on each theme by {by}, with 95 % intervals{}{}",
        correction(comparison),
        of_how_many(comparison)
    );
    picture.sized((12.0, 18.0), title, 14.0, (INK, Anchor::Left));
    for (row, line) in themes.chunks(PANELS).enumerate() {
        let top = 34.0 + block * row as f64;
        for (place, group) in shown(comparison).iter().enumerate() {
            let y = top + 40.0 + ROW * (place as f64 + 0.5);
            picture.label(
                (names - 8.0, y),
                short(&group.name, NAME),
                (INK, Anchor::Right),
            );
        }
        for (column, &(theme, name)) in line.iter().enumerate() {
            let left = names + column as f64 * (panel + GUTTER);
            picture.sized((left, top + 22.0), name, 13.0, (color(theme), Anchor::Left));
            emphasis_panel(
                &mut picture,
                comparison,
                (left, top + 40.0, panel),
                (name, theme, most, step),
            );
        }
    }
    Some(picture)
}

fn emphasis_panel(
    picture: &mut Picture,
    comparison: &Comparison,
    (left, top, width): (f64, f64, f64),
    (name, theme, most, step): (&str, usize, f64, f64),
) {
    let x = |share: f64| left + width * share / most;
    let bottom = top + ROW * shown(comparison).len() as f64;
    let mut tick = 0.0;
    while tick <= most + 1e-9 {
        picture.line([(x(tick), top), (x(tick), bottom)], GRID, 1.0);
        let label = format!("{:.0} %", 100.0 * tick);
        picture.sized(
            (x(tick), bottom + 12.0),
            label,
            10.5,
            (SOFT, Anchor::Middle),
        );
        tick += step;
    }
    for (place, group) in shown(comparison).iter().enumerate() {
        let y = top + ROW * (place as f64 + 0.5);
        let cell = comparison
            .emphasis
            .iter()
            .find(|cell| cell.group == group.name && cell.theme == name);
        let (share, interval) = cell.map_or((None, None), drawn);
        if let Some(interval) = interval {
            picture.line(
                [(x(interval.low), y), (x(interval.high), y)],
                lighter(color(theme)),
                3.0,
            );
        }
        match share {
            Some(share) => picture.dot((x(share), y), color(theme)),
            None => picture.sized((left + 4.0, y), "no share", 10.5, (SOFT, Anchor::Left)),
        }
    }
}

/// A cell of the heat map: the darker, the nearer its share is to the `most` of all.
fn shade(
    picture: &mut Picture,
    ((left, top), width): ((f64, f64), f64),
    share: Option<f64>,
    most: f64,
) {
    let weight = (share.unwrap_or(0.0) / most).clamp(0.0, 1.0);
    let filling = mix((244, 241, 234), (18, 63, 115), weight.powf(0.9));
    picture.fill(
        (left + 1.0, top + 1.0),
        (left + width - 1.0, top + ROW - 1.0),
        filling,
    );
    let text = share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", 100.0 * share));
    let ink = if weight > 0.5 { (255, 255, 255) } else { INK };
    let middle = (left + width / 2.0, top + ROW / 2.0);
    picture.label(middle, text, (ink, Anchor::Middle));
}

/// Groups by themes, the share as a shade and a number.
pub(super) fn heat_map(comparison: &Comparison) -> Option<Picture> {
    let most = comparison
        .emphasis
        .iter()
        .filter_map(|cell| drawn(cell).0)
        .fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let (names, width) = (name_room(comparison), 128.0);
    let mut picture = Picture::new(
        names + width * comparison.themes.len() as f64 + 14.0,
        66.0 + ROW * shown(comparison).len() as f64,
    );
    picture.sized(
        (12.0, 18.0),
        format!(
            "Share of statements on each theme, %{}{}",
            correction(comparison),
            of_how_many(comparison)
        ),
        14.0,
        (INK, Anchor::Left),
    );
    for (column, theme) in comparison.themes.iter().enumerate() {
        let middle = names + width * (column as f64 + 0.5);
        picture.label((middle, 44.0), short(theme, 20), (INK, Anchor::Middle));
    }
    for (row, group) in shown(comparison).iter().enumerate() {
        let top = 56.0 + ROW * row as f64;
        picture.label(
            (names - 8.0, top + ROW / 2.0),
            short(&group.name, NAME),
            (INK, Anchor::Right),
        );
        for (column, theme) in comparison.themes.iter().enumerate() {
            let mut cells = comparison.emphasis.iter();
            let cell = cells.find(|c| c.group == group.name && c.theme == *theme);
            let corner = (names + width * column as f64, top);
            shade(
                &mut picture,
                (corner, width),
                cell.and_then(|cell| drawn(cell).0),
                most,
            );
        }
    }
    Some(picture)
}
