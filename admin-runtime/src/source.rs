//! The place of a registration in its crate.

use std::fmt;
use std::path::{Component, Path};

/// The place of a registration, as the compiler saw it.
///
/// ```
/// use admin_runtime::describe::SourceLocation;
///
/// const SOURCE: SourceLocation = SourceLocation::new("engine", "engine::stats", "stats")
///     .with_location("/build/app/engine", "engine/src/stats.rs", 3, 1);
/// assert_eq!(SOURCE.crate_file(), "src/stats.rs"); // for clients
/// assert_eq!(SOURCE.to_string(), "crate engine, engine/src/stats.rs:3"); // for developers
/// assert_eq!((SOURCE.crate_name(), SOURCE.module()), ("engine", "engine::stats"));
/// assert_eq!((SOURCE.function(), SOURCE.manifest_dir()), ("stats", "/build/app/engine"));
/// assert_eq!((SOURCE.file(), SOURCE.line(), SOURCE.column()), ("engine/src/stats.rs", 3, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceLocation {
    pub(crate) crate_name: &'static str,
    pub(crate) manifest_dir: &'static str,
    pub(crate) module: &'static str,
    pub(crate) function: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl SourceLocation {
    /// A function of a crate (`CARGO_CRATE_NAME`) and a module (`module_path!()`), without a file.
    #[must_use]
    pub const fn new(
        crate_name: &'static str,
        module: &'static str,
        function: &'static str,
    ) -> Self {
        Self {
            crate_name,
            manifest_dir: "",
            module,
            function,
            file: "",
            line: 0,
            column: 0,
        }
    }

    /// Sets `CARGO_MANIFEST_DIR`, `file!()`, `line!()` and `column!()`.
    #[must_use]
    pub const fn with_location(
        self,
        manifest_dir: &'static str,
        file: &'static str,
        line: u32,
        column: u32,
    ) -> Self {
        Self {
            manifest_dir,
            file,
            line,
            column,
            ..self
        }
    }

    /// `CARGO_CRATE_NAME` of the crate: underscores, no version.
    #[must_use]
    pub const fn crate_name(&self) -> &'static str {
        self.crate_name
    }

    /// `CARGO_MANIFEST_DIR` of the crate, to show `file` relative to it.
    #[must_use]
    pub const fn manifest_dir(&self) -> &'static str {
        self.manifest_dir
    }

    /// The module, as `module_path!()` gives it.
    #[must_use]
    pub const fn module(&self) -> &'static str {
        self.module
    }

    /// The function's name.
    #[must_use]
    pub const fn function(&self) -> &'static str {
        self.function
    }

    /// `file!()`: relative to the workspace, absolute for crates outside it.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// The line, from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The column, from 1.
    #[must_use]
    pub const fn column(&self) -> u32 {
        self.column
    }

    /// The file relative to the root of its crate: never a path of the build machine.
    #[must_use]
    pub fn crate_file(&self) -> &'static str {
        let root = Path::new(self.manifest_dir);
        let file = Path::new(self.file);
        if let Ok(inside) = file.strip_prefix(root) {
            return inside.to_str().unwrap_or(self.file);
        }
        if file.is_absolute() {
            return file
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or("");
        }
        // Relative to the workspace: drop the longest prefix that is a suffix of the crate's root.
        let head: Vec<Component<'_>> = root.components().collect();
        (1..head.len())
            .find_map(|skip| {
                file.strip_prefix(head[skip..].iter().collect::<std::path::PathBuf>())
                    .ok()
            })
            .and_then(Path::to_str)
            .unwrap_or(self.file)
    }
}

impl fmt::Display for SourceLocation {
    /// `crate engine, engine/src/stats.rs:3`, for build errors: only a developer reads them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "crate {}, {}:{}", self.crate_name, self.file, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_file(manifest_dir: &'static str, file: &'static str) -> &'static str {
        SourceLocation {
            crate_name: "c",
            manifest_dir,
            module: "c",
            function: "f",
            file,
            line: 1,
            column: 1,
        }
        .crate_file()
    }

    #[test]
    fn shows_no_path_of_the_build_machine() {
        assert_eq!(crate_file("/b/ws/a", "a/src/lib.rs"), "src/lib.rs");
        assert_eq!(crate_file("/b/ws/x/a", "x/a/src/m/n.rs"), "src/m/n.rs");
        assert_eq!(crate_file("/b/ws", "src/lib.rs"), "src/lib.rs");
        assert_eq!(
            crate_file("/r/engine-1.0", "/r/engine-1.0/src/lib.rs"),
            "src/lib.rs"
        );
        assert_eq!(crate_file("/b/ws", "/tmp/out/generated.rs"), "generated.rs");
    }
}
