//! Charts as inline SVG: lines over time, lines over percentiles, and a heat map. Colours come from the page's style, so
//! that the same picture serves light and dark; the picture scales to the width there is.

use std::fmt::Write as _;

use super::text::{Unit, escape};

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 22.0;
/// Points that get a text to point at; more would make the page heavy.
const HINTS_MAX: usize = 240;

/// How an axis grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// From zero, evenly.
    Linear,
    /// By powers of ten.
    Log,
}

/// One line of a chart.
pub(super) struct Line {
    /// What it is.
    pub(super) name: String,
    /// Which of the page's colours, 0 to 5.
    pub(super) colour: usize,
    /// A value per position; a gap where there is none.
    pub(super) values: Vec<Option<f64>>,
}

impl Line {
    pub(super) fn new(name: &str, colour: usize, values: Vec<Option<f64>>) -> Self {
        Self { name: name.to_owned(), colour, values }
    }

    fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }
}

/// A chart of lines.
pub(super) struct Chart {
    /// Its title.
    pub(super) title: String,
    /// What the values count.
    pub(super) unit: Unit,
    /// How the values' axis grows.
    pub(super) scale: Scale,
    /// The positions, rising.
    pub(super) positions: Vec<f64>,
    /// Marks on the positions' axis: where, and what to write.
    pub(super) marks: Vec<(f64, String)>,
    /// Ranges of positions to shade.
    pub(super) bands: Vec<(f64, f64)>,
    /// The lines.
    pub(super) lines: Vec<Line>,
}

/// From values to places in the picture.
struct Plane {
    x: (f64, f64),
    y: (f64, f64),
    scale: Scale,
}

impl Plane {
    fn x(&self, position: f64) -> f64 {
        let span = (self.x.1 - self.x.0).max(f64::EPSILON);
        LEFT + (position - self.x.0) / span * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let place = |value: f64| if self.scale == Scale::Log { value.max(self.y.0).log10() } else { value };
        let (low, high) = (place(self.y.0), place(self.y.1));
        HEIGHT - BOTTOM - (place(value) - low) / (high - low).max(f64::EPSILON) * (HEIGHT - TOP - BOTTOM)
    }
}

/// A figure of the page: a picture under its title.
fn figure(title: &str, legend: &str, label: &str, drawing: &str) -> String {
    format!(
        "<figure><figcaption><b>{}</b>{legend}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{}\">{drawing}</svg></figure>\n",
        escape(title),
        escape(label)
    )
}

impl Chart {
    /// The picture; nothing when there is nothing to draw.
    pub(super) fn svg(&self) -> String {
        let lines: Vec<&Line> = self.lines.iter().filter(|line| !line.is_empty()).collect();
        // A flat line at zero says no more than its absence.
        if !lines.iter().any(|line| line.values.iter().flatten().any(|value| *value > 0.0)) {
            return String::new();
        }
        let plane = self.plane(&lines);
        let mut drawing = String::new();
        for (from, to) in &self.bands {
            let (left, right) = (plane.x(*from), plane.x(*to));
            write_band(&mut drawing, left, right);
        }
        self.draw_axes(&mut drawing, &plane);
        for line in &lines {
            draw_line(&mut drawing, &plane, &self.positions, line);
        }
        self.draw_hints(&mut drawing, &plane, &lines);
        let entry = |line: &&Line| format!("<span class=\"key c{}\">{}</span>", line.colour, escape(&line.name));
        let legend: String = lines.iter().map(entry).collect();
        figure(&self.title, &legend, &self.title, &drawing)
    }

    fn plane(&self, lines: &[&Line]) -> Plane {
        let values = || lines.iter().flat_map(|line| &line.values).flatten().copied();
        let highest = values().fold(0.0, f64::max);
        let y = match self.scale {
            Scale::Linear => {
                let step = self.step(highest);
                (0.0, step * (highest / step).ceil().max(1.0))
            }
            Scale::Log => {
                let lowest = values().filter(|value| *value > 0.0).fold(highest.max(0.1), f64::min);
                let low = 10_f64.powf(lowest.max(0.01).log10().floor());
                (low, 10_f64.powf(highest.max(low * 1.1).log10().ceil()))
            }
        };
        let first = self.positions.first().copied().unwrap_or(0.0);
        let last = self.positions.last().copied().unwrap_or(1.0);
        // A single second still has a width.
        Plane { x: (first, last.max(first + 1e-6)), y, scale: self.scale }
    }

    /// A round step for values up to this one.
    fn step(&self, highest: f64) -> f64 {
        let base = self.unit.base(highest);
        base * nice_step(highest.max(1e-6) / base, 4.0)
    }

    fn draw_axes(&self, drawing: &mut String, plane: &Plane) {
        for value in grid(plane.y, self.scale, self.step(plane.y.1)) {
            let (y, text) = (plane.y(value), escape(&self.unit.text(value)));
            let right = WIDTH - RIGHT;
            let _ = write!(
                drawing,
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/><text x=\"{:.0}\" y=\"{:.1}\" \
                 text-anchor=\"end\">{text}</text>",
                LEFT - 5.0,
                y + 3.5
            );
        }
        draw_marks(drawing, &self.marks, |position| plane.x(position));
    }

    /// Invisible columns with a text each, which browsers show when one points at them.
    fn draw_hints(&self, drawing: &mut String, plane: &Plane, lines: &[&Line]) {
        if self.positions.len() > HINTS_MAX {
            return;
        }
        let width = ((WIDTH - LEFT - RIGHT) / self.positions.len().max(1) as f64).max(1.0);
        for (index, position) in self.positions.iter().enumerate() {
            let value = |line: &&&Line| {
                let value = line.values.get(index).copied().flatten()?;
                Some(format!("{} {}", line.name, self.unit.text(value)))
            };
            let texts: Vec<String> = lines.iter().filter_map(|line| value(&line)).collect();
            if !texts.is_empty() {
                let _ = write!(
                    drawing,
                    "<rect class=\"hint\" x=\"{:.1}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{:.0}\"><title>{}</title></rect>",
                    plane.x(*position) - width / 2.0,
                    HEIGHT - TOP - BOTTOM,
                    escape(&texts.join(", "))
                );
            }
        }
    }
}

fn write_band(drawing: &mut String, left: f64, right: f64) {
    let _ = write!(
        drawing,
        "<rect class=\"band\" x=\"{left:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.0}\"/>",
        (right - left).max(1.0),
        HEIGHT - TOP - BOTTOM
    );
}

fn draw_marks(drawing: &mut String, marks: &[(f64, String)], x: impl Fn(f64) -> f64) {
    for (position, text) in marks {
        let _ = write!(
            drawing,
            "<text x=\"{:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
            x(*position).min(WIDTH - RIGHT - 12.0),
            HEIGHT - 6.0,
            escape(text)
        );
    }
}

fn draw_line(drawing: &mut String, plane: &Plane, positions: &[f64], line: &Line) {
    let mut path = String::new();
    let mut alone: Option<(f64, f64)> = None;
    let mut lonely = Vec::new();
    for (position, value) in positions.iter().zip(&line.values) {
        let Some(value) = value else {
            lonely.extend(alone.take());
            path.push(' ');
            continue;
        };
        let (x, y) = (plane.x(*position), plane.y(*value));
        let begins = path.is_empty() || path.ends_with(' ');
        let _ = write!(path, "{}{x:.1} {y:.1}", if begins { 'M' } else { 'L' });
        alone = begins.then_some((x, y));
    }
    lonely.extend(alone);
    let colour = line.colour;
    let _ = write!(drawing, "<path class=\"line c{colour}\" d=\"{}\"/>", path.trim());
    // A value between two gaps has no line to be on.
    for (x, y) in lonely {
        let _ = write!(drawing, "<circle class=\"dot c{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\"/>");
    }
}

/// A round step that divides a span into about so many parts.
fn nice_step(span: f64, parts: f64) -> f64 {
    let rough = span / parts;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|step| step * power >= rough * 0.999).unwrap_or(10.0);
    step * power
}

fn grid(range: (f64, f64), scale: Scale, step: f64) -> Vec<f64> {
    let (low, high) = range;
    match scale {
        Scale::Linear => {
            (0..=5).map(|index| f64::from(index) * step).take_while(|value| *value <= high * 1.001).collect()
        }
        Scale::Log => std::iter::successors(Some(low), |value| Some(value * 10.0))
            .take_while(|value| *value <= high * 1.001)
            .collect(),
    }
}

/// Round marks on an axis of time.
pub(super) fn time_marks(first: f64, last: f64) -> Vec<(f64, String)> {
    let span = (last - first).max(1.0);
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0];
    let step = steps.into_iter().find(|step| span / step <= 6.0).unwrap_or(span / 5.0);
    let begin = (first / step).ceil();
    (0..8)
        .map(|index| (begin + f64::from(index)) * step)
        .take_while(|position| *position <= last)
        .map(|position| (position, Unit::Time.text(position)))
        .collect()
}

/// A heat map: how many of each row's kind at each position. Rows from below.
pub(super) struct HeatMap {
    pub(super) title: String,
    pub(super) rows: Vec<String>,
    pub(super) positions: Vec<f64>,
    pub(super) marks: Vec<(f64, String)>,
    /// Per position, per row.
    pub(super) counts: Vec<Vec<f64>>,
}

impl HeatMap {
    /// The picture; nothing when there is nothing to draw.
    pub(super) fn svg(&self) -> String {
        let most = self.counts.iter().flatten().copied().fold(0.0, f64::max);
        let (Some(first), Some(last)) = (self.positions.first(), self.positions.last()) else { return String::new() };
        if self.rows.is_empty() || most <= 0.0 {
            return String::new();
        }
        let column = (WIDTH - LEFT - RIGHT) / (last - first + 1.0);
        let row = (HEIGHT - TOP - BOTTOM) / self.rows.len() as f64;
        let x = |position: f64| LEFT + (position - first) * column;
        let mut drawing = String::new();
        for (index, name) in self.rows.iter().enumerate() {
            let y = HEIGHT - BOTTOM - (index as f64 + 0.5) * row + 3.5;
            let _ = write!(
                drawing,
                "<text x=\"{:.0}\" y=\"{y:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 5.0,
                escape(name)
            );
        }
        let wide = self.widths();
        for ((position, counts), wide) in self.positions.iter().zip(&self.counts).zip(wide) {
            for (index, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
                // By logarithm: a single slow tick among thousands must be seen.
                let shade = 0.15 + 0.85 * (1.0 + count).ln() / (1.0 + most).ln();
                let _ = write!(
                    drawing,
                    "<rect class=\"heat\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" \
                     fill-opacity=\"{shade:.2}\"><title>{}: {count:.0} ticks {}</title></rect>",
                    x(*position),
                    HEIGHT - BOTTOM - (index as f64 + 1.0) * row,
                    (wide * column).max(0.5),
                    (row - 1.0).max(0.5),
                    escape(&Unit::Time.text(*position)),
                    escape(&self.rows[index])
                );
            }
        }
        draw_marks(&mut drawing, &self.marks, |position| x(position) + column / 2.0);
        let legend = "<span class=\"key heat\">the stronger, the more</span>";
        figure(&self.title, legend, &self.title, &drawing)
    }

    /// How far each column reaches, in units of the axis: to the next one, but a gap stays one.
    fn widths(&self) -> Vec<f64> {
        let gaps: Vec<f64> = self.positions.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let usual = gaps.iter().copied().fold(f64::INFINITY, f64::min);
        let usual = if usual.is_finite() { usual } else { 1.0 };
        self.positions.iter().map(|_| usual).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: Vec<Option<f64>>) -> Chart {
        let positions = (0..values.len()).map(|index| index as f64).collect();
        Chart {
            title: "A & B".to_owned(),
            unit: Unit::Millis,
            scale: Scale::Log,
            positions,
            marks: time_marks(0.0, 5.0),
            bands: vec![(1.0, 3.0)],
            lines: vec![Line::new("p99", 1, values)],
        }
    }

    #[test]
    fn a_gap_interrupts_the_line_and_a_lonely_value_is_a_dot() {
        let svg = chart(vec![Some(1.0), Some(10.0), None, Some(5.0), None, Some(2.0), Some(0.0)]).svg();
        let path = svg.split("class=\"line c1\" d=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(path.matches('M').count(), 3, "{path}");
        assert_eq!(svg.matches("<circle").count(), 1, "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn nothing_is_no_picture() {
        assert_eq!(chart(vec![None, None]).svg(), "");
        assert_eq!(chart(vec![Some(0.0)]).svg(), "");
        assert_eq!(chart(vec![]).svg(), "");
    }

    #[test]
    fn axes_are_divided_in_round_numbers() {
        assert_eq!(grid((0.0, 800.0), Scale::Linear, nice_step(800.0, 4.0)), [0.0, 200.0, 400.0, 600.0, 800.0]);
        assert_eq!(grid((0.1, 100.0), Scale::Log, 0.0).len(), 4);
        let marks: Vec<String> = time_marks(-12.0, 60.0).into_iter().map(|(_, text)| text).collect();
        assert_eq!(marks, ["0 s", "20 s", "40 s", "60 s"]);
    }
}
