//! Paragraphs and lists.

use std::fmt::{self, Display, Formatter};

use super::line::MarkdownLine;

/// Markup of several paragraphs and lists; the first paragraph has no element of its own.
pub(crate) struct MarkdownText<'a>(pub(crate) &'a str);

impl Display for MarkdownText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (position, block) in blocks(self.0).iter().enumerate() {
            match block {
                MarkdownBlock::Paragraph(text) if position == 0 => {
                    MarkdownLine::new(text).fmt(f)?
                }
                MarkdownBlock::Paragraph(text) => write!(f, "<p>{}</p>", MarkdownLine::new(text))?,
                MarkdownBlock::List(items) => {
                    f.write_str("<ul>")?;
                    for item in items {
                        write!(f, "<li>{}</li>", MarkdownLine::new(item))?;
                    }
                    f.write_str("</ul>")?;
                }
            }
        }
        Ok(())
    }
}

enum MarkdownBlock {
    Paragraph(String),
    List(Vec<String>),
}

/// Paragraphs end with an empty line or a list; a list ends with a line that is not indented.
fn blocks(text: &str) -> Vec<MarkdownBlock> {
    let mut blocks = Vec::new();
    let mut is_after_empty = true;
    for line in text.lines() {
        let words = line.trim();
        if words.is_empty() {
            is_after_empty = true;
            continue;
        }
        let is_indented = line.starts_with([' ', '\t']);
        match (list_item(words), blocks.last_mut()) {
            (Some(item), Some(MarkdownBlock::List(items))) => items.push(item.to_owned()),
            (Some(item), _) => blocks.push(MarkdownBlock::List(vec![item.to_owned()])),
            (None, Some(MarkdownBlock::Paragraph(paragraph))) if !is_after_empty => {
                paragraph.push(' ');
                paragraph.push_str(words);
            }
            (None, Some(MarkdownBlock::List(items))) if !is_after_empty || is_indented => {
                if let Some(item) = items.last_mut() {
                    item.push(' ');
                    item.push_str(words);
                }
            }
            (None, _) => blocks.push(MarkdownBlock::Paragraph(words.to_owned())),
        }
        is_after_empty = false;
    }
    blocks
}

/// What follows the mark of an item.
fn list_item(line: &str) -> Option<&str> {
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = numbered.len() < line.len();
    let marks: &[&str] = if is_numbered {
        &[". ", ") "]
    } else {
        &["- ", "* ", "+ "]
    };
    marks.iter().find_map(|mark| numbered.strip_prefix(mark))
}
