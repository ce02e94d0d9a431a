//! Changes to a source text, given by offset and applied at once.

/// Replacements of byte ranges; an empty range inserts.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<Edit>);

#[derive(Debug)]
struct Edit {
    start: usize,
    end: usize,
    text: String,
}

impl Edits {
    pub(super) fn replace(&mut self, start: usize, end: usize, text: impl Into<String>) {
        self.0.push(Edit {
            start,
            end,
            text: text.into(),
        });
    }

    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at, at, text);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The changed text. Insertions at one place keep the order they were made in.
    pub(super) fn apply(mut self, source: &str) -> String {
        self.0.sort_by_key(|edit| edit.start); // stable
        let mut text = String::with_capacity(source.len() + 64);
        let mut done = 0;
        for edit in self.0 {
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
        edits.insert(8, ")");
        edits.replace(2, 3, ",");
        edits.insert(0, "f(");
        edits.insert(0, "g(");
        assert_eq!(edits.apply("a % b # c"), "f(g(a , b # )c");
    }
}
