//! From shapes to bytes, with plotters.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, register_font};

use super::shape::{Anchor, Picture, Shade, Shape};
use crate::error::Cause;

/// The family under which our font is known to plotters, and the first that an SVG viewer looks for.
const FAMILY: &str = "Open Sans, sans-serif";

const FONT: &[u8] = include_bytes!("font/OpenSans-Regular.ttf");

/// Pixels a point of a PNG: 720 points are 7.2 inches at 300 dots an inch.
const PIXELS: f64 = 3.0;

fn register() -> Result<(), Cause> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let usable = REGISTERED.get_or_init(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok());
    usable
        .then_some(())
        .ok_or_else(|| "the built-in font is not usable: bug".into())
}

/// The picture as SVG.
pub(super) fn svg(picture: &Picture) -> Result<String, Cause> {
    register()?;
    let mut text = String::new();
    {
        let size = (pixels(picture.width, 1.0), pixels(picture.height, 1.0));
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        paint(&area, picture, 1.0).map_err(|error| Cause::from(error.to_string()))?;
        area.present()
            .map_err(|error| Cause::from(error.to_string()))?;
    }
    Ok(text)
}

/// The picture as PNG.
pub(super) fn png(picture: &Picture) -> Result<Vec<u8>, Cause> {
    register()?;
    let size = (
        pixels(picture.width, PIXELS),
        pixels(picture.height, PIXELS),
    );
    let mut buffer = vec![255; size.0 as usize * size.1 as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut buffer, size).into_drawing_area();
        paint(&area, picture, PIXELS).map_err(|error| Cause::from(error.to_string()))?;
        area.present()
            .map_err(|error| Cause::from(error.to_string()))?;
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.0, size.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let dots_a_metre = pixels(72.0 * PIXELS / 0.0254, 1.0);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: dots_a_metre,
        yppu: dots_a_metre,
        unit: png::Unit::Meter,
    }));
    encoder.write_header()?.write_image_data(&buffer)?;
    Ok(bytes)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of pictures"
)]
fn pixels(points: f64, scale: f64) -> u32 {
    (points * scale).round().max(0.0) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "places in a picture")]
fn at((x, y): (f64, f64), scale: f64) -> (i32, i32) {
    ((x * scale).round() as i32, (y * scale).round() as i32)
}

type Painted<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

fn paint<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    picture: &Picture,
    scale: f64,
) -> Painted<B> {
    area.fill(&WHITE)?;
    for shape in &picture.shapes {
        paint_shape(area, shape, scale)?;
    }
    Ok(())
}

fn rgb((red, green, blue): Shade) -> RGBColor {
    RGBColor(red, green, blue)
}

fn paint_shape<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    shape: &Shape,
    scale: f64,
) -> Painted<B> {
    match shape {
        Shape::Line { ends, color, width } => {
            let style = rgb(*color).stroke_width(pixels(*width, scale).max(1));
            area.draw(&PathElement::new(ends.map(|end| at(end, scale)), style))
        }
        Shape::Dot {
            at: centre,
            radius,
            color,
        } => {
            let dot = Circle::new(
                at(*centre, scale),
                pixels(*radius, scale),
                rgb(*color).filled(),
            );
            area.draw(&dot)
        }
        Shape::Box { from, to, color } => area.draw(&Rectangle::new(
            [at(*from, scale), at(*to, scale)],
            rgb(*color).filled(),
        )),
        Shape::Area {
            points,
            color,
            opacity,
        } => {
            let points: Vec<(i32, i32)> = points.iter().map(|&point| at(point, scale)).collect();
            area.draw(&Polygon::new(points, rgb(*color).mix(*opacity)))
        }
        Shape::Text {
            at: place,
            text,
            size,
            color,
            anchor,
        } => {
            let horizontal = match anchor {
                Anchor::Left => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::Right => HPos::Right,
            };
            let ink = rgb(*color);
            let style = TextStyle::from((FAMILY, size * scale).into_font())
                .color(&ink)
                .pos(Pos::new(horizontal, VPos::Center));
            // plotters centres the line, ascenders and descenders alike; letters sit a little higher
            let place = (place.0, place.1 + 0.09 * size);
            area.draw(&Text::new(text.clone(), at(place, scale), style))
        }
    }
}
