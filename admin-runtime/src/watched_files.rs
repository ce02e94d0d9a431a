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
    /// What was returned last: the contents, or why they cannot be read.
    returned: Result<Vec<String>, String>,
    /// New contents, returned once two reads agree: a file may be seen while it is written.
    seen: Option<Vec<String>>,
}

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
            returned: Ok(contents.clone()),
            seen: None,
        };
        Ok((files, contents))
    }

    /// Reads them again.
    pub(crate) fn check(&mut self) -> ContentChange {
        let read = read_all(&self.paths);
        let seen = self.seen.take();
        if read == self.returned {
            return ContentChange::Unchanged;
        }
        match read {
            Err(reason) => {
                self.returned = Err(reason.clone());
                ContentChange::Unreadable(reason)
            }
            Ok(contents) if seen.as_ref() == Some(&contents) => {
                self.returned = Ok(contents.clone());
                ContentChange::Changed(contents)
            }
            Ok(contents) => {
                self.seen = Some(contents);
                ContentChange::Changing
            }
        }
    }
}

// By hand: the contents are secrets.
impl fmt::Debug for WatchedFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WatchedFiles").field(&self.paths).finish()
    }
}

/// The path is named where there are several.
fn read_all(paths: &[PathBuf]) -> Result<Vec<String>, String> {
    let read = |path: &PathBuf| {
        read(path).map_err(|error| match paths {
            [_] => error.to_string(),
            _ => format!("{}: {error}", path.display()),
        })
    };
    paths.iter().map(read).collect()
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
