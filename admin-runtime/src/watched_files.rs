//! Files whose content is compared again and again.
//!
//! Kubernetes replaces links, and network file systems send no events, so that nothing but the content
//! tells whether a file is another one.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Longest file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// Files that are used together, or not at all.
pub(crate) struct WatchedFiles {
    paths: Vec<PathBuf>,
    /// The contents that were returned last.
    used: Vec<String>,
    /// Why they cannot be read, if that was returned after them.
    failure: Option<String>,
    /// New contents, returned once two reads agree: a file may be seen while it is written.
    seen: Option<Vec<String>>,
    /// New contents that are not returned, because a file is cut.
    cut: Option<Vec<String>>,
}

const CUT: &str =
    "it ends within a line of what it was before, as if it were half written: write it whole";

/// What comparing the files has found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ContentChange {
    Unchanged,
    /// New content, to be compared once more.
    Changing,
    Changed(Vec<String>),
    /// Why they cannot be read; returned once.
    Unreadable(String),
}

impl WatchedFiles {
    /// Reads them for the first time.
    ///
    /// # Errors
    ///
    /// Why one cannot be read.
    pub(crate) fn read(paths: Vec<PathBuf>) -> Result<(Self, Vec<String>), String> {
        let contents = read_all(&paths)?;
        let files = Self {
            paths,
            used: contents.clone(),
            failure: None,
            seen: None,
            cut: None,
        };
        Ok((files, contents))
    }

    /// Reads them again.
    pub(crate) fn check(&mut self) -> ContentChange {
        let read = read_all(&self.paths);
        let seen = self.seen.take();
        match read {
            Err(reason) if self.failure.as_ref() == Some(&reason) => ContentChange::Unchanged,
            Err(reason) => {
                self.failure = Some(reason.clone());
                ContentChange::Unreadable(reason)
            }
            Ok(contents) if self.failure.is_none() && contents == self.used => {
                ContentChange::Unchanged
            }
            Ok(contents) if self.cut.as_ref() == Some(&contents) => ContentChange::Unchanged,
            Ok(contents) if seen.as_ref() == Some(&contents) => {
                if let Some(reason) = self.cut_file(&contents) {
                    self.cut = Some(contents);
                    return ContentChange::Unreadable(reason);
                }
                self.cut = None;
                self.failure = None;
                self.used.clone_from(&contents);
                ContentChange::Changed(contents)
            }
            Ok(contents) => {
                self.seen = Some(contents);
                ContentChange::Changing
            }
        }
    }
}

impl WatchedFiles {
    /// A writer that pauses leaves a part, whose last word may be the beginning of a secret or a name alone.
    fn cut_file(&self, contents: &[String]) -> Option<String> {
        let mut files = self.paths.iter().zip(self.used.iter().zip(contents));
        let (path, _) = files.find(|(_, (used, new))| is_cut(used, new))?;
        Some(named(&self.paths, path, CUT))
    }
}

/// Whether a text is the beginning of another one, and ends within a line. One whose last lines are removed is
/// not: that is how a token is revoked.
fn is_cut(used: &str, new: &str) -> bool {
    let rest = used.strip_prefix(new).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    !new.is_empty() && !new.ends_with('\n') && !line.trim().is_empty()
}

// By hand: the contents are secrets.
impl fmt::Debug for WatchedFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WatchedFiles").field(&self.paths).finish()
    }
}

/// Everything that cannot be read is told.
fn read_all(paths: &[PathBuf]) -> Result<Vec<String>, String> {
    let (mut contents, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        match read(path) {
            Ok(text) => contents.push(text),
            Err(error) => problems.push(named(paths, path, &error.to_string())),
        }
    }
    if problems.is_empty() {
        Ok(contents)
    } else {
        Err(problems.join("; "))
    }
}

/// The path is named where there are several.
fn named(paths: &[PathBuf], path: &Path, problem: &str) -> String {
    match paths {
        [_] => problem.to_owned(),
        _ => format!("{}: {problem}", path.display()),
    }
}

fn read(path: &Path) -> io::Result<String> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file")); // a pipe would block the reader
    }
    let length = metadata.len();
    if length > MAX_BYTES {
        let message = format!("it has {length} bytes: expected at most {MAX_BYTES}");
        return Err(io::Error::other(message));
    }
    fs::read_to_string(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_a_line_is_cut() {
        let used = "prometheus read t0ken\r\nops dangerous s3cret\n";
        for new in [
            "prometheus",
            "prometheus read t0k",
            "prometheus read t0ken\r\nops dangerous s3",
        ] {
            assert!(is_cut(used, new), "{new}");
        }
        for new in [
            "",
            "prometheus read t0ken",
            "prometheus read t0ken\r\n",
            "prometheus read t0ken\r\nops dangerous s3cret",
            used,
            "t0ken",
            "prometheus read t0ken-2\n",
        ] {
            assert!(!is_cut(used, new), "{new}");
        }
    }
}
