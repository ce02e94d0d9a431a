//! Renders a report as text or JSON.

mod layout;

mod elide;
mod group;

mod json;
mod text;

pub use layout::Layout;
