//! Draws a profile as a flame graph: the callers on top, the width of a box is its share.

mod colour;
mod tree;

mod svg;

use super::data::Profile;

/// A file for a browser, with search and zoom.
pub(super) fn flame_graph(profile: &Profile, title: &str) -> String {
    let boxes = tree::boxes(profile, svg::min_count);
    svg::draw(&boxes, title, "samples", &profile.comments)
}
