//! The markup of doc comments as HTML: code, emphasis, links, lists and paragraphs. Everything
//! else is shown as written; all text is escaped, and links are to `http` and `https` only.

mod line;
mod scan;
mod text;

pub(super) use self::line::MarkdownLine;
pub(super) use self::text::MarkdownText;

#[cfg(test)]
mod tests;
