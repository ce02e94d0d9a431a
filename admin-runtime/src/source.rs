//! The place of a registration in its crate.

use std::fmt;
use std::path::{Component, Path};

/// The place of a registration, as the compiler saw it.
///
/// ```
/// use admin_runtime::describe::Source;
///
/// let source = Source {
///     crate_name: "engine", manifest_dir: "/build/app/engine", module: "engine::stats",
///     function: "stats", file: "engine/src/stats.rs", line: 3, column: 1,
/// };
/// assert_eq!(source.crate_file(), "src/stats.rs"); // for clients
/// assert_eq!(source.to_string(), "crate engine, engine/src/stats.rs:3"); // for developers
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// `CARGO_CRATE_NAME` of the crate: underscores, no version.
    pub crate_name: &'static str,
    /// `CARGO_MANIFEST_DIR` of the crate, to show `file` relative to it.
    pub manifest_dir: &'static str,
    /// The module, as `module_path!()` gives it.
    pub module: &'static str,
    /// The function's name.
    pub function: &'static str,
    /// `file!()`: relative to the workspace, absolute for crates outside it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl Source {
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
        // Relative to the workspace: drop the longest head that is also the tail of the crate's root.
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

impl fmt::Display for Source {
    /// `crate engine, engine/src/stats.rs:3`, for build errors: only a developer reads them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "crate {}, {}:{}", self.crate_name, self.file, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_file(manifest_dir: &'static str, file: &'static str) -> &'static str {
        Source {
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
