//! Sides side by side.

use super::shape::{
    Anchor, INK, NAME, NEUTRAL, OPPOSE, Picture, ROW, SOFT, SUPPORT, name_room, of_how_many, short,
    shown,
};
use crate::comparison::result::Comparison;

/// Room for the numbers below a panel.
const AXIS: f64 = 16.0;

/// A share that is at least so large has its number in it.
const LEAST_NUMBERED: f64 = 0.06;

/// A panel a theme, a bar a group: oppose to the left, support to the right, neutral astride.
pub(super) fn stance(comparison: &Comparison) -> Option<Picture> {
    let themes: Vec<&String> = comparison
        .themes
        .iter()
        .filter(|theme| {
            comparison
                .stances
                .iter()
                .any(|s| s.theme.as_ref() == Some(theme) && s.labels > 0)
        })
        .collect();
    if themes.is_empty() {
        return None;
    }
    let (names, width) = (name_room(comparison), 470.0);
    let block = 34.0 + AXIS + ROW * shown(comparison).len() as f64;
    let mut picture = Picture::new(names + width + 16.0, 62.0 + block * themes.len() as f64);
    let by_theme = || {
        comparison
            .stances
            .iter()
            .filter(|s| s.theme.is_some() && s.labels > 0)
    };
    let correction = if by_theme().all(|s| s.corrected.is_some()) {
        ", corrected"
    } else if by_theme().any(|s| s.corrected.is_some()) {
        ", corrected where enough is checked"
    } else {
        ""
    };
    picture.sized(
        (12.0, 18.0),
        format!(
            "Stance of the labels on each theme, %{correction}{}",
            of_how_many(comparison)
        ),
        14.0,
        (INK, Anchor::Left),
    );
    for (place, (name, shade)) in [
        ("oppose", OPPOSE),
        ("neutral", NEUTRAL),
        ("support", SUPPORT),
    ]
    .into_iter()
    .enumerate()
    {
        let left = names + 90.0 * place as f64;
        picture.fill((left, 34.0), (left + 11.0, 45.0), shade);
        picture.label((left + 17.0, 39.5), name, (SOFT, Anchor::Left));
    }
    for (row, theme) in themes.into_iter().enumerate() {
        let top = 56.0 + block * row as f64;
        picture.sized((names, top + 14.0), theme, 13.0, (INK, Anchor::Left));
        stance_panel(&mut picture, comparison, (names, top + 28.0, width), theme);
    }
    Some(picture)
}

fn stance_panel(
    picture: &mut Picture,
    comparison: &Comparison,
    (left, top, width): (f64, f64, f64),
    theme: &String,
) {
    let x = |share: f64| left + width * (0.5 + share / 2.0);
    for (place, group) in shown(comparison).iter().enumerate() {
        let y = top + ROW * place as f64;
        picture.label(
            (left - 8.0, y + ROW / 2.0),
            short(&group.name, NAME),
            (INK, Anchor::Right),
        );
        let found = comparison
            .stances
            .iter()
            .find(|s| s.group == group.name && s.theme.as_ref() == Some(theme));
        let shares = found.and_then(|s| {
            let ([support, oppose, neutral], ..) = s.best();
            // a corrected share of nearly nothing can fall below it
            Some([oppose?, neutral?, support?].map(|share| share.max(0.0)))
        });
        let Some([oppose, neutral, support]) = shares else {
            picture.sized(
                (x(0.0), y + ROW / 2.0),
                "no label",
                10.5,
                (SOFT, Anchor::Middle),
            );
            continue;
        };
        let half = neutral / 2.0;
        let bars = [
            (-half - oppose, -half, OPPOSE),
            (-half, half, NEUTRAL),
            (half, half + support, SUPPORT),
        ];
        for (from, to, shade) in bars {
            picture.fill((x(from), y + 4.0), (x(to), y + ROW - 4.0), shade);
            if to - from >= LEAST_NUMBERED {
                let number = format!("{:.0}", 100.0 * (to - from));
                let ink = if shade == NEUTRAL {
                    INK
                } else {
                    (255, 255, 255)
                };
                let middle = (x(f64::midpoint(from, to)), y + ROW / 2.0);
                picture.sized(middle, number, 10.5, (ink, Anchor::Middle));
            }
        }
    }
    let bottom = top + ROW * shown(comparison).len() as f64;
    for share in [-1.0, -0.5, 0.0, 0.5, 1.0_f64] {
        let anchor = if share < 0.75 {
            Anchor::Middle
        } else {
            Anchor::Right
        };
        let number = format!("{:.0} %", 100.0 * share.abs());
        picture.sized(
            (x(share), bottom + AXIS / 2.0),
            number,
            10.0,
            (SOFT, anchor),
        );
    }
}
