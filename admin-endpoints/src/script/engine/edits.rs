//! Edits of a source text, collected by offset and applied together.

/// Replacements and insertions; those of inner parts are added before those of outer ones.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<Edit>);

#[derive(Debug)]
struct Edit {
    start: usize,
    end: usize,
    kind: EditKind,
    text: String,
}

/// In the order of edits at the same offset.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum EditKind {
    Close,
    Insert,
    Open,
    Replace,
}

impl Edits {
    /// Replaces a range.
    pub(super) fn replace(&mut self, start: usize, end: usize, text: impl Into<String>) {
        let kind = if start == end {
            EditKind::Insert
        } else {
            EditKind::Replace
        };
        self.push(start, end, kind, text.into());
    }

    /// Inserts before the text that begins at `at`; a later insertion is outside an earlier one.
    pub(super) fn open(&mut self, at: usize, text: impl Into<String>) {
        self.push(at, at, EditKind::Open, text.into());
    }

    /// Inserts after the text that ends at `at`; a later insertion is outside an earlier one.
    pub(super) fn close(&mut self, at: usize, text: impl Into<String>) {
        self.push(at, at, EditKind::Close, text.into());
    }

    fn push(&mut self, start: usize, end: usize, kind: EditKind, text: String) {
        self.0.push(Edit {
            start,
            end,
            kind,
            text,
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The changed text.
    pub(super) fn apply(self, source: &str) -> String {
        self.apply_to(source, 0, source.len())
    }

    /// The changed text of a part that contains every edit.
    pub(super) fn apply_to(self, source: &str, start: usize, end: usize) -> String {
        let mut edits: Vec<(usize, Edit)> = self.0.into_iter().enumerate().collect();
        edits.sort_by(|(a_made, a), (b_made, b)| {
            let outer_first = a.kind == EditKind::Open;
            let made = a_made.cmp(b_made);
            let made = if outer_first { made.reverse() } else { made };
            (a.start, a.kind).cmp(&(b.start, b.kind)).then(made)
        });
        let mut text = String::with_capacity(end.saturating_sub(start) + 64);
        let mut done = start;
        for (_, edit) in edits {
            if let Some(kept) = source.get(done..edit.start) {
                text.push_str(kept);
            }
            text.push_str(&edit.text);
            done = done.max(edit.end);
        }
        text.push_str(source.get(done..end).unwrap_or_default());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_keep_the_rest() {
        let mut edits = Edits::default();
        edits.replace(2, 3, ",");
        edits.open(0, "f(");
        edits.close(8, ")");
        edits.open(0, "g(");
        assert_eq!(edits.apply("a % b # c"), "g(f(a , b # )c");
    }

    #[test]
    fn replaced_part_is_inside_what_is_opened_there() {
        let mut edits = Edits::default();
        edits.replace(0, 5, "g");
        edits.open(0, "f(");
        edits.close(8, ")");
        edits.replace(6, 6, "x, ");
        edits.open(6, "h(");
        edits.close(7, ")");
        assert_eq!(edits.apply("float(a)"), "f(g(x, h(a)))");
    }

    #[test]
    fn closing_edits_come_before_opening_ones() {
        let mut edits = Edits::default();
        edits.open(0, "f(");
        edits.replace(1, 2, ",");
        edits.close(3, ")");
        edits.open(0, "g(");
        edits.replace(3, 4, ";");
        edits.close(5, "]");
        assert_eq!(edits.apply("a|b|c"), "g(f(a,b);c]");
    }
}
