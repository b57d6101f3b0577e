//! What sets each group apart.

use super::shape::{Anchor, INK, NAME, Picture, SOFT, color, room, short};
use crate::comparison::result::{Comparison, Distinctive, FeatureKind};

/// A panel a group: the words and phrases that set it apart, by z.
pub(super) fn words(comparison: &Comparison) -> Option<Picture> {
    const LISTED: usize = 10;
    const GROUPS: usize = 6;
    const COLUMNS: usize = 2;
    let tops: Vec<(usize, &str, Vec<&Distinctive>)> = comparison
        .groups
        .iter()
        .enumerate()
        .take(GROUPS)
        .map(|(place, group)| {
            (
                place,
                group.name.as_str(),
                strongest(comparison, &group.name, LISTED),
            )
        })
        .filter(|(_, _, top)| !top.is_empty())
        .collect();
    let all = || tops.iter().flat_map(|(_, _, top)| top);
    let most = all().map(|d| d.z).fold(1.0, f64::max);
    if tops.is_empty() {
        return None;
    }
    let (names, bar) = (room(all().map(|d| d.feature.as_str())), 170.0);
    let (panel, block) = (names + bar + 50.0, 36.0 + 19.0 * LISTED as f64);
    let rows = tops.len().div_ceil(COLUMNS);
    let columns = tops.len().min(COLUMNS);
    let mut picture = Picture::new(panel * columns as f64 + 10.0, 32.0 + block * rows as f64);
    let title = "Distinctive words and phrases: z of weighted log-odds against the other groups";
    picture.sized((12.0, 18.0), title, 14.0, (INK, Anchor::Left));
    for (slot, (place, group, top)) in tops.iter().enumerate() {
        let left = panel * (slot % COLUMNS) as f64 + names;
        let y = 32.0 + block * (slot / COLUMNS) as f64;
        picture.sized(
            (left, y + 18.0),
            short(group, NAME + 6),
            13.0,
            (color(*place), Anchor::Left),
        );
        for (row, found) in top.iter().enumerate() {
            let middle = y + 38.0 + 19.0 * row as f64;
            let end = left + bar * found.z / most;
            picture.label(
                (left - 6.0, middle),
                short(&found.feature, NAME),
                (INK, Anchor::Right),
            );
            picture.fill((left, middle - 5.0), (end, middle + 5.0), color(*place));
            picture.sized(
                (end + 5.0, middle),
                format!("{:.1}", found.z),
                10.5,
                (SOFT, Anchor::Left),
            );
        }
    }
    Some(picture)
}

fn strongest<'a>(comparison: &'a Comparison, group: &str, most: usize) -> Vec<&'a Distinctive> {
    let mut found: Vec<&Distinctive> = comparison
        .distinctive
        .iter()
        .filter(|d| d.group == group && matches!(d.kind, FeatureKind::Word | FeatureKind::Phrase))
        .collect();
    found.sort_by(|a, b| b.z.total_cmp(&a.z));
    found.truncate(most);
    found
}
