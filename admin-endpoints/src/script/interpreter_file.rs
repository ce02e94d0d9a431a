//! The file of a CPython interpreter: where it is, and whether it was replaced.

use std::fmt::{self, Display, Formatter};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How a program file of Linux begins.
const ELF_MAGIC: &[u8] = b"\x7fELF";

/// An interpreter as it is on the disk now. Another file of the same path is not equal to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct InterpreterFile {
    /// Without symbolic links: those of a virtual environment lead to the real interpreter.
    pub(super) path: PathBuf,
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

/// Why a file cannot be an interpreter.
#[derive(Debug)]
pub(super) enum InterpreterError {
    NotFound(PathBuf, io::Error),
    /// A text that names another program, as version managers install it.
    IsScript(PathBuf),
    NotExecutable(PathBuf),
}

impl InterpreterFile {
    /// Looks for the interpreter.
    ///
    /// # Errors
    ///
    /// When there is no file, or it is not an executable program.
    pub(super) fn find(interpreter: &Path) -> Result<Self, InterpreterError> {
        let not_found = |error| InterpreterError::NotFound(interpreter.to_owned(), error);
        let path = fs::canonicalize(interpreter).map_err(not_found)?;
        let metadata = fs::metadata(&path).map_err(not_found)?;
        if !metadata.is_file() || metadata.mode() & 0o111 == 0 {
            return Err(InterpreterError::NotExecutable(interpreter.to_owned()));
        }
        let mut start = [0; ELF_MAGIC.len()];
        // A file that can be executed and not read is left to the kernel.
        if let Ok(mut file) = File::open(&path) {
            let length = file.read(&mut start).map_err(not_found)?;
            if start.starts_with(b"#!") {
                return Err(InterpreterError::IsScript(interpreter.to_owned()));
            } else if start.get(..length) != Some(ELF_MAGIC) {
                return Err(InterpreterError::NotExecutable(interpreter.to_owned()));
            }
        }
        Ok(Self {
            path,
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            changed: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

impl Display for InterpreterError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(path, error) => {
                write!(
                    f,
                    "The interpreter {} cannot be used: {error}",
                    path.display()
                )
            }
            Self::IsScript(path) => write!(
                f,
                "The interpreter {} cannot be used: it is a script that starts another program; \
                 name that one (`sys.executable`)",
                path.display()
            ),
            Self::NotExecutable(path) => write!(
                f,
                "The interpreter {} cannot be used: it is not an executable program",
                path.display()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_an_executable_program_is_accepted() {
        let own = std::env::current_exe().unwrap();
        let found = InterpreterFile::find(&own).unwrap();
        assert_eq!(found, InterpreterFile::find(&own).unwrap());
        for (path, reason) in [
            ("/nonexistent/python3", "No such file or directory"),
            ("/proc/self/maps", "it is not an executable program"),
            ("/tmp", "it is not an executable program"),
        ] {
            let text = InterpreterFile::find(Path::new(path))
                .unwrap_err()
                .to_string();
            assert!(text.contains(reason) && text.contains(path), "{text}");
        }
    }

    #[test]
    fn scripts_and_replaced_files_are_recognised() {
        let path = std::env::temp_dir().join(format!("interpreter-{}", std::process::id()));
        let write = |content: &[u8]| {
            let _ = fs::remove_file(&path);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
            InterpreterFile::find(&path)
        };
        let script = write(b"#!/bin/sh\nexec python3").unwrap_err().to_string();
        let first = write(b"\x7fELF 1").unwrap();
        let second = write(b"\x7fELF two").unwrap();
        fs::remove_file(&path).unwrap();
        assert!(script.contains("it is a script"), "{script}");
        assert_ne!(first, second);
    }
}
