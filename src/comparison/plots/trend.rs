//! Shares over time.

use super::shape::{
    Anchor, GRID, INK, NEUTRAL, Picture, SOFT, Shade, Shape, color, lighter, round_up, short,
};
use crate::comparison::collect::period::Period;
use crate::comparison::result::{Comparison, TrendPoint};

/// Groups with a colour of their own; more are grey.
const COLOURED: usize = 8;

/// Up to so many groups have bands; more would hide each other, and have bars beside each other.
const BANDED: usize = 4;

/// How far the points of one period stand apart where they have bars.
const APART: f64 = 4.0;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 48.0;

/// A panel a theme, a line a group; gaps stay gaps, bands are 95 % intervals, rings are changes of level.
pub(super) fn trend(comparison: &Comparison) -> Option<Picture> {
    comparison.options.over?;
    let periods = || comparison.trends.iter().map(|point| point.period);
    let (first, last) = periods().min().zip(periods().max())?;
    if first == last {
        return None;
    }
    let groups = comparison.groups.len();
    let intervals = if groups <= BANDED {
        Intervals::Bands
    } else if groups <= COLOURED {
        Intervals::Bars
    } else {
        Intervals::None
    };
    // wide bands of single documents may leave the picture, shares may not
    let highest = comparison
        .trends
        .iter()
        .filter_map(|point| point.share.share)
        .fold(0.02, f64::max);
    let (most, step) = round_up(1.15 * highest);
    let legend = 22.0 * comparison.groups.len().min(COLOURED).div_ceil(4) as f64;
    let block = HEIGHT + 62.0;
    let height = 34.0 + legend + block * comparison.themes.len() as f64;
    let mut picture = Picture::new(LEFT + WIDTH + 20.0, height);
    let (correction, bands) = (
        if comparison.correction.matched > 0 {
            " as predicted, not corrected"
        } else {
            ""
        },
        match intervals {
            Intervals::Bands => ", with 95 % bands".to_owned(),
            Intervals::Bars => ", with 95 % intervals".to_owned(),
            Intervals::None => {
                format!("; in colour the {COLOURED} of {groups} groups with the most statements")
            }
        },
    );
    let title = format!(
        "Share of statements over time{correction}{bands}; rings: significant changes of level"
    );
    picture.sized((12.0, 18.0), &title, 14.0, (INK, Anchor::Left));
    name_groups(&mut picture, comparison);
    for (row, theme) in comparison.themes.iter().enumerate() {
        let top = 34.0 + legend + block * row as f64;
        picture.sized((LEFT, top + 18.0), theme, 13.0, (INK, Anchor::Left));
        let frame = Frame {
            top: top + 32.0,
            first,
            last,
            most,
            step,
            intervals,
            groups,
        };
        frame.axes(&mut picture);
        frame.groups(&mut picture, comparison, theme);
        frame.changes(&mut picture, comparison, theme);
    }
    Some(picture)
}

/// The legend.
fn name_groups(picture: &mut Picture, comparison: &Comparison) {
    for (place, group) in comparison.groups.iter().take(COLOURED).enumerate() {
        let at = (
            LEFT + 165.0 * (place % 4) as f64,
            44.0 + 22.0 * (place / 4) as f64,
        );
        picture.dot(at, color(place));
        picture.label(
            (at.0 + 10.0, at.1),
            short(&group.name, 22),
            (SOFT, Anchor::Left),
        );
    }
}

/// How intervals are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Intervals {
    Bands,
    Bars,
    None,
}

/// Where a panel's axes are.
struct Frame {
    top: f64,
    first: Period,
    last: Period,
    most: f64,
    step: f64,
    intervals: Intervals,
    /// How many there are.
    groups: usize,
}

impl Frame {
    fn x(&self, period: Period) -> f64 {
        let steps = f64::from(self.last.index() - self.first.index());
        LEFT + WIDTH * f64::from(period.index() - self.first.index()) / steps
    }

    /// Where a group's point of a period stands: beside those of the others where bars would cover each other.
    fn x_of(&self, place: usize, period: Period) -> f64 {
        let beside = match self.intervals {
            Intervals::Bars => APART * (place as f64 - (self.groups as f64 - 1.0) / 2.0),
            _ => 0.0,
        };
        self.x(period) + beside
    }

    fn y(&self, share: f64) -> f64 {
        self.top + HEIGHT * (1.0 - share.min(self.most) / self.most)
    }

    fn axes(&self, picture: &mut Picture) {
        let mut tick = 0.0;
        while tick <= self.most + 1e-9 {
            picture.line(
                [(LEFT, self.y(tick)), (LEFT + WIDTH, self.y(tick))],
                GRID,
                1.0,
            );
            let label = format!("{:.0} %", 100.0 * tick);
            picture.sized(
                (LEFT - 8.0, self.y(tick)),
                label,
                10.5,
                (SOFT, Anchor::Right),
            );
            tick += self.step;
        }
        let steps = self.last.index() - self.first.index();
        // as many labels as fit
        let every = (steps / 10 + 1).max(1);
        for step in (0..=steps).filter(|step| step % every == 0) {
            let period = self.first.plus(step);
            let at = (self.x(period), self.top + HEIGHT + 13.0);
            picture.sized(at, period.to_string(), 10.5, (SOFT, Anchor::Middle));
        }
    }

    fn groups(&self, picture: &mut Picture, comparison: &Comparison, theme: &str) {
        for (place, group) in comparison.groups.iter().enumerate().rev() {
            let points: Vec<&TrendPoint> = comparison
                .trends
                .iter()
                .filter(|point| point.group == group.name && point.theme == theme)
                .collect();
            let shade = if place < COLOURED {
                color(place)
            } else {
                NEUTRAL
            };
            match self.intervals {
                Intervals::Bands => self.bands(picture, &points, shade),
                Intervals::Bars => self.bars(picture, &points, place),
                Intervals::None => {}
            }
            self.line(picture, &points, (place, shade));
        }
    }

    fn bars(&self, picture: &mut Picture, points: &[&TrendPoint], place: usize) {
        let pale = lighter(color(place));
        for point in points {
            if let Some(interval) = point.share.interval {
                let x = self.x_of(place, point.period);
                let ends = [(x, self.y(interval.high)), (x, self.y(interval.low))];
                picture.line(ends, pale, 2.0);
            }
        }
    }

    /// One area for every stretch of periods that follow each other and have an interval.
    fn bands(&self, picture: &mut Picture, points: &[&TrendPoint], color: Shade) {
        for stretch in points.chunk_by(|a, b| {
            a.share.interval.is_some() && b.share.interval.is_some() && b.period == a.period.plus(1)
        }) {
            let ends: Vec<_> = stretch
                .iter()
                .filter_map(|p| Some((self.x(p.period), p.share.interval?)))
                .collect();
            if ends.len() < 2 {
                continue;
            }
            let upper = ends.iter().map(|(x, interval)| (*x, self.y(interval.high)));
            let lower = ends
                .iter()
                .rev()
                .map(|(x, interval)| (*x, self.y(interval.low)));
            picture.shapes.push(Shape::Area {
                points: upper.chain(lower).collect(),
                color,
                opacity: 0.13,
            });
        }
    }

    fn line(&self, picture: &mut Picture, points: &[&TrendPoint], (place, shade): (usize, Shade)) {
        let is_coloured = place < COLOURED;
        let at =
            |point: &TrendPoint| Some((self.x_of(place, point.period), self.y(point.share.share?)));
        for pair in points.windows(2) {
            if let [a, b] = pair
                && let (Some(from), Some(to)) = (at(a), at(b))
            {
                picture.line([from, to], shade, if is_coloured { 2.0 } else { 0.7 });
            }
        }
        for at in points
            .iter()
            .filter_map(|point| at(point))
            .filter(|_| is_coloured)
        {
            picture.shapes.push(Shape::Dot {
                at,
                radius: 2.6,
                color: shade,
            });
        }
    }

    fn changes(&self, picture: &mut Picture, comparison: &Comparison, theme: &str) {
        for change in comparison
            .changes
            .iter()
            .filter(|c| c.significant && c.theme == theme)
        {
            let place = comparison
                .groups
                .iter()
                .position(|group| group.name == change.group);
            let ring = place
                .filter(|&place| place < COLOURED)
                .map_or(NEUTRAL, color);
            let point = comparison
                .trends
                .iter()
                .find(|p| p.group == change.group && p.theme == theme && p.period == change.period);
            let share = point
                .and_then(|point| point.share.share)
                .unwrap_or(change.after);
            let at = (
                self.x_of(place.unwrap_or_default(), change.period),
                self.y(share),
            );
            for (radius, color) in [(7.0, ring), (4.2, (255, 255, 255)), (2.6, ring)] {
                picture.shapes.push(Shape::Dot { at, radius, color });
            }
        }
    }
}
