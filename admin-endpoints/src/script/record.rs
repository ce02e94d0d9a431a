//! What stays of a run: one audit line, and the printed text in the log.

use std::{fmt, time::Duration};

use sha2::{Digest, Sha256};

/// The longest printed text in the log, in bytes; the rest is counted.
const SHOWN: usize = 2048;

/// A script by its digest, and how it went.
pub(super) struct Record {
    digest: [u8; 32],
}

impl Record {
    pub(super) fn of(source: &[u8]) -> Self {
        Self {
            digest: Sha256::digest(source).into(),
        }
    }

    /// `sha256=… 1.234 ms, finished`
    pub(super) fn ended(&self, took: Duration, outcome: &str) -> String {
        format!("{self} {:.3} ms, {outcome}", took.as_secs_f64() * 1000.0)
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256=")?;
        self.digest
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Printed text as it stands in the log: its start, with control characters escaped.
pub(super) struct Printed<'a>(pub(super) &'a str);

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.floor_char_boundary(SHOWN);
        let (shown, rest) = self.0.split_at(end);
        write!(f, "{}", shown.escape_debug())?;
        match rest.len() {
            0 => Ok(()),
            more => write!(f, " (and {more} bytes more)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_sha256sum() {
        let record = Record::of(b"result = 1 + 1\n").ended(Duration::from_micros(1500), "finished");
        assert_eq!(
            record,
            "sha256=bc961ce9e43e1bbddbdc3ea47d7f8d10c78ec19896860ad702e7e476594a72a6 1.500 ms, \
             finished"
        );
    }

    #[test]
    fn printed_text_is_cut_between_characters_and_cannot_forge_lines() {
        let text = format!("a\n\x1b[31m{}", "é".repeat(2000));
        let shown = Printed(&text).to_string();
        assert!(shown.starts_with(r"a\n\u{1b}[31m"), "{shown}");
        assert!(shown.ends_with("bytes more)"), "{shown}");
    }
}
