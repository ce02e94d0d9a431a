//! Changes to a source text, given by offset and applied at once.

/// Replacements and insertions, made of the inner parts of the text before the outer ones.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<Edit>);

#[derive(Debug)]
struct Edit {
    start: usize,
    end: usize,
    kind: Kind,
    text: String,
}

/// In the order they have at one place: what ends there, what is replaced, what begins.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Kind {
    Close,
    Replace,
    Open,
}

impl Edits {
    /// Replaces a range.
    pub(super) fn replace(&mut self, start: usize, end: usize, text: impl Into<String>) {
        self.push(start, end, Kind::Replace, text.into());
    }

    /// Inserts in front of what begins at `at`; what is made later goes further out.
    pub(super) fn open(&mut self, at: usize, text: impl Into<String>) {
        self.push(at, at, Kind::Open, text.into());
    }

    /// Inserts behind what ends at `at`; what is made later goes further out.
    pub(super) fn close(&mut self, at: usize, text: impl Into<String>) {
        self.push(at, at, Kind::Close, text.into());
    }

    fn push(&mut self, start: usize, end: usize, kind: Kind, text: String) {
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
        let mut edits: Vec<(usize, Edit)> = self.0.into_iter().enumerate().collect();
        edits.sort_by(|(a_made, a), (b_made, b)| {
            let outer_first = a.kind == Kind::Open;
            let made = a_made.cmp(b_made);
            let made = if outer_first { made.reverse() } else { made };
            (a.start, a.kind).cmp(&(b.start, b.kind)).then(made)
        });
        let mut text = String::with_capacity(source.len() + 64);
        let mut done = 0;
        for (_, edit) in edits {
            if let Some(kept) = source.get(done..edit.start) {
                text.push_str(kept);
            }
            text.push_str(&edit.text);
            done = done.max(edit.end);
        }
        text.push_str(source.get(done..).unwrap_or_default());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_replaced_and_the_rest_kept() {
        let mut edits = Edits::default();
        edits.replace(2, 3, ",");
        edits.open(0, "f(");
        edits.close(8, ")");
        edits.open(0, "g(");
        assert_eq!(edits.apply("a % b # c"), "g(f(a , b # )c");
    }

    #[test]
    fn what_ends_at_a_place_comes_before_what_begins_there() {
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
