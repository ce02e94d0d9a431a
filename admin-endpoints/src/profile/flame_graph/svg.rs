//! Draws boxes as one SVG file that needs nothing else: text, style and script are in it.

use std::fmt::Write as _;

use super::colour::colour;
use super::tree::FlameBox;

const WIDTH: f64 = 1200.0;
const SIDE: f64 = 10.0;
/// Room for the title, the search field and one line of notes.
const TOP: usize = 64;
/// The baseline of the first line of notes, and from one to the next.
const NOTES: usize = 42;
const NOTE_LINE: usize = 14;
const BOTTOM: usize = 26;
const ROW: usize = 17;
const CHARACTER: f64 = 6.6;

/// How wide a box is at least; narrower ones could not be seen.
const MIN_WIDTH: f64 = 0.3;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The number of samples of the narrowest box that is drawn.
pub(super) fn min_count(all: u64) -> u64 {
    (all as f64 * MIN_WIDTH / (WIDTH - 2.0 * SIDE)) as u64
}

/// The whole file. `unit` is what is counted; `notes` are shown below the title.
pub(super) fn draw(boxes: &[FlameBox], title: &str, unit: &str, notes: &[String]) -> String {
    let all = boxes.first().map_or(0, |root| root.count).max(1);
    let depth = boxes.iter().map(|found| found.depth).max().unwrap_or(0);
    let notes = wrapped(notes, ((WIDTH - 2.0 * SIDE) / CHARACTER) as usize);
    let top = TOP + notes.len().saturating_sub(1) * NOTE_LINE;
    let height = top + (depth + 1) * ROW + BOTTOM;
    let mut svg = String::with_capacity(boxes.len() * 320 + 8192);
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" font-family=\"monospace\" font-size=\"11\">\n\
         <style>{STYLE}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"{SIDE}\" y=\"22\" font-size=\"15\">{}</text>\n\
         <text id=\"details\" x=\"{SIDE}\" y=\"{}\"> </text>\n\
         <text id=\"matched\" x=\"{}\" y=\"{}\" text-anchor=\"end\"> </text>\n",
        escaped(title),
        height - 9,
        WIDTH - SIDE,
        height - 9,
    );
    for (line, y) in notes.iter().zip((NOTES..).step_by(NOTE_LINE)) {
        let line = escaped(line);
        let _ = writeln!(
            svg,
            "<text x=\"{SIDE}\" y=\"{y}\" fill=\"#555\">{line}</text>"
        );
    }
    let _ = write!(
        svg,
        "<foreignObject x=\"{}\" y=\"6\" width=\"330\" height=\"28\">\
         <input xmlns=\"http://www.w3.org/1999/xhtml\" id=\"search\" \
         placeholder=\"search: a regular expression\"/></foreignObject>\n\
         <g id=\"boxes\">\n",
        WIDTH - SIDE - 330.0,
    );
    let scale = (WIDTH - 2.0 * SIDE) / all as f64;
    for found in boxes {
        draw_box(&mut svg, found, top, scale, all, unit);
    }
    let _ = write!(
        svg,
        "</g>\n<script><![CDATA[\n{SCRIPT}]]></script>\n</svg>\n"
    );
    svg
}

fn draw_box(svg: &mut String, found: &FlameBox, top: usize, scale: f64, all: u64, unit: &str) {
    let (x, width) = (
        SIDE + found.start as f64 * scale,
        found.count as f64 * scale,
    );
    let y = top + found.depth * ROW;
    let share = found.count as f64 * 100.0 / all as f64;
    let _ = writeln!(
        svg,
        "<g><title>{} ({} {unit}, {share:.2}%)</title>\
         <rect x=\"{x:.2}\" y=\"{y}\" width=\"{width:.2}\" height=\"{}\" fill=\"{}\"/>\
         <text x=\"{:.2}\" y=\"{}\">{}</text></g>",
        escaped(&found.name),
        found.count,
        ROW - 1,
        colour(&found.name),
        x + 3.0,
        y + 12,
        escaped(&shortened(&found.name, width)),
    );
}

/// The words of all notes in lines of at most `width` characters, unless one word is longer.
fn wrapped(notes: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in notes.iter().flat_map(|note| note.split_whitespace()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// As much of a name as fits into a box, as the script shortens it too.
fn shortened(name: &str, width: f64) -> String {
    let room = ((width - 6.0) / CHARACTER).max(0.0) as usize;
    if name.chars().count() <= room {
        return name.to_owned();
    }
    match room {
        0..=2 => String::new(),
        _ => name.chars().take(room - 2).chain("..".chars()).collect(),
    }
}

/// Text in XML 1.0, which has no control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, depth: usize, start: u64, count: u64) -> FlameBox {
        FlameBox {
            name: name.to_owned(),
            depth,
            start,
            count,
        }
    }

    #[test]
    fn names_cannot_end_their_element() {
        let name = "</title><script>alert(1)</script>\u{1}]]>";
        let svg = draw(&[found(name, 0, 0, 2)], name, "samples", &[name.to_owned()]);
        assert_eq!(svg.matches("<script>").count(), 1);
        assert_eq!(svg.matches("]]>").count(), 1);
        assert!(!svg.contains('\u{1}'));
        assert!(svg.contains("&lt;/title&gt;&lt;script&gt;alert(1)"));
    }

    #[test]
    fn boxes_have_their_share_of_the_width() {
        let svg = draw(
            &[found("all", 0, 0, 4), found("main", 1, 1, 2)],
            "CPU",
            "samples",
            &[],
        );
        assert!(svg.contains("<title>main (2 samples, 50.00%)</title><rect x=\"305.00\""));
        assert!(svg.contains("width=\"590.00\""));
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn notes_are_wrapped_to_the_width() {
        let notes = ["one two", "three", "fourteen"].map(str::to_owned);
        assert_eq!(wrapped(&notes, 7), ["one two", "three", "fourteen"]);
        assert_eq!(wrapped(&notes, 13), ["one two three", "fourteen"]);
        assert_eq!(wrapped(&[], 13), [""; 0]);
        let svg = draw(
            &[found("all", 0, 0, 4)],
            "CPU",
            "samples",
            &["a ".repeat(200)],
        );
        assert_eq!(svg.matches("fill=\"#555\"").count(), 3);
        assert!(svg.contains("y=\"70\" fill=\"#555\""), "{svg}");
        assert!(svg.contains("<rect x=\"10.00\" y=\"92\""), "{svg}");
    }

    #[test]
    fn long_names_are_shortened_to_their_box() {
        assert_eq!(shortened("tokio::runtime", 60.0), "tokio:..");
        assert_eq!(shortened("main", 60.0), "main");
        assert_eq!(shortened("main", 20.0), "");
    }

    #[test]
    fn nothing_is_drawn_of_an_empty_profile() {
        assert!(draw(&[], "CPU", "samples", &[]).ends_with("</svg>\n"));
    }
}
