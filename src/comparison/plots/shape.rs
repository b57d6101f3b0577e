//! What a picture is made of. Lengths are in points of the SVG; the PNG has several pixels a point.

use crate::comparison::result::{Comparison, GroupSummary};

/// A colour: red, green, blue.
pub(super) type Shade = (u8, u8, u8);

/// Text.
pub(super) const INK: Shade = (28, 36, 48);
/// Axes and what is less important.
pub(super) const SOFT: Shade = (96, 106, 120);
/// Grid lines.
pub(super) const GRID: Shade = (226, 226, 222);
/// Takes no side.
pub(super) const NEUTRAL: Shade = (201, 204, 209);
/// Supports.
pub(super) const SUPPORT: Shade = (43, 140, 126);
/// Opposes.
pub(super) const OPPOSE: Shade = (200, 85, 61);

/// Colours of themes and groups, told apart also by readers who see red and green alike.
const PALETTE: [Shade; 8] = [
    (33, 102, 172),
    (217, 114, 43),
    (58, 143, 107),
    (138, 79, 163),
    (194, 57, 91),
    (107, 122, 31),
    (27, 143, 166),
    (140, 98, 57),
];

/// The colour of the theme or group at `place`.
pub(super) fn color(place: usize) -> Shade {
    PALETTE[place % PALETTE.len()]
}

/// Paler.
pub(super) fn lighter(color: Shade) -> Shade {
    mix((255, 255, 255), color, 0.45)
}

/// `share` of the way from one colour to another.
pub(super) fn mix(from: Shade, to: Shade, share: f64) -> Shade {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between two bytes"
    )]
    let part = |a: u8, b: u8| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as u8;
    (part(from.0, to.0), part(from.1, to.1), part(from.2, to.2))
}

/// Where a text is held.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    /// At its left end.
    Left,
    /// In the middle.
    Middle,
    /// At its right end.
    Right,
}

/// One thing to draw; later ones cover earlier ones.
pub(super) enum Shape {
    /// From (x, y) to (x, y).
    Line {
        ends: [(f64, f64); 2],
        color: Shade,
        width: f64,
    },
    /// A filled circle.
    Dot {
        at: (f64, f64),
        radius: f64,
        color: Shade,
    },
    /// A filled rectangle.
    Box {
        from: (f64, f64),
        to: (f64, f64),
        color: Shade,
    },
    /// A filled area.
    Area {
        points: Vec<(f64, f64)>,
        color: Shade,
        opacity: f64,
    },
    /// A line of text, centred on its height.
    Text {
        at: (f64, f64),
        text: String,
        size: f64,
        color: Shade,
        anchor: Anchor,
    },
}

/// A picture.
pub(super) struct Picture {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) shapes: Vec<Shape>,
}

impl Picture {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            shapes: Vec::new(),
        }
    }

    pub(super) fn line(&mut self, ends: [(f64, f64); 2], color: Shade, width: f64) {
        self.shapes.push(Shape::Line { ends, color, width });
    }

    pub(super) fn dot(&mut self, at: (f64, f64), color: Shade) {
        self.shapes.push(Shape::Dot {
            at,
            radius: 4.0,
            color,
        });
    }

    pub(super) fn fill(&mut self, from: (f64, f64), to: (f64, f64), color: Shade) {
        self.shapes.push(Shape::Box { from, to, color });
    }

    pub(super) fn label(&mut self, at: (f64, f64), text: impl Into<String>, look: (Shade, Anchor)) {
        self.sized(at, text, 12.0, look);
    }

    pub(super) fn sized(
        &mut self,
        at: (f64, f64),
        text: impl Into<String>,
        size: f64,
        (color, anchor): (Shade, Anchor),
    ) {
        self.shapes.push(Shape::Text {
            at,
            text: text.into(),
            size,
            color,
            anchor,
        });
    }
}

/// `name` cut to `most` characters.
pub(super) fn short(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars()
        .take(most.saturating_sub(1))
        .chain(['…'])
        .collect()
}

/// Height of a row of one group.
pub(super) const ROW: f64 = 24.0;

/// Characters of a name beside a chart.
pub(super) const NAME: usize = 26;

/// Groups of a picture with a row a group, those with the most statements: more would fit no page.
const MOST_GROUPS: usize = 40;

/// The groups that have a row.
pub(super) fn shown(comparison: &Comparison) -> &[GroupSummary] {
    &comparison.groups[..comparison.groups.len().min(MOST_GROUPS)]
}

/// What a title says where not all groups have a row.
pub(super) fn of_how_many(comparison: &Comparison) -> String {
    match comparison.groups.len() {
        all if all > MOST_GROUPS => {
            format!("; the {MOST_GROUPS} of {all} groups with the most statements")
        }
        _ => String::new(),
    }
}

/// The room that the names of the groups need, in points.
pub(super) fn name_room(comparison: &Comparison) -> f64 {
    room(shown(comparison).iter().map(|group| group.name.as_str()))
}

/// The room that `names` need, in points.
pub(super) fn room<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    let longest = names
        .map(|name| name.chars().count().min(NAME))
        .max()
        .unwrap_or(0);
    16.0 + 6.6 * longest as f64
}

/// The least of a few round numbers that is not below `most`, and the step of its axis.
pub(super) fn round_up(most: f64) -> (f64, f64) {
    let step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25]
        .into_iter()
        .find(|step| most / step <= 5.0)
        .unwrap_or(0.25);
    ((most / step - 1e-9).ceil().max(1.0) * step, step)
}
