//! Removes the build directory from paths of source files.

#[cfg(feature = "threads")]
use admin_runtime::introspect::Registry;

/// Shortens a path from debug information to the part that identifies the file:
///
/// | built from | shown as |
/// |---|---|
/// | the standard library | `library/std/src/thread/mod.rs` |
/// | a registry | `tokio-1.54.1/src/runtime/park.rs` |
/// | a git checkout | `crate/src/lib.rs`, relative to the repository |
/// | one of `roots` | relative to it |
/// | anywhere else | `crate-directory/src/lib.rs` |
///
/// The result never contains a home directory.
pub(crate) fn shortened<'a>(path: &'a str, roots: &[String]) -> &'a str {
    let absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    if !absolute {
        return path.strip_prefix("./").unwrap_or(path);
    }
    if let Some(rest) = path.strip_prefix("/rustc/") {
        return rest.split_once('/').map_or(rest, |(_hash, rest)| rest);
    }
    if let Some(rest) = after(path, "/rustlib/src/rust/") {
        return rest;
    }
    if let Some((_index, rest)) =
        after(path, "/registry/src/").and_then(|rest| rest.split_once('/'))
    {
        return rest;
    }
    if let Some(rest) = after(path, "/git/checkouts/") {
        // repository-hash/revision/crate/src/lib.rs
        return rest
            .split_once('/')
            .and_then(|(_, rest)| rest.split_once('/'))
            .map_or(rest, |x| x.1);
    }
    for root in roots {
        if let Some(rest) = path
            .strip_prefix(root)
            .and_then(|rest| rest.strip_prefix('/'))
        {
            return rest;
        }
    }
    from_crate_directory(path)
}

fn after<'a>(path: &'a str, marker: &str) -> Option<&'a str> {
    path.find(marker).map(|at| &path[at + marker.len()..])
}

/// The path from the directory that contains `src`, `tests`, `benches` or `examples`; otherwise the
/// file name.
fn from_crate_directory(path: &str) -> &str {
    let start_of_crate = |marker: &str| {
        let at = path.rfind(marker)?;
        Some(path[..at].rfind('/').map_or(0, |slash| slash + 1))
    };
    let found = ["/src/", "/tests/", "/benches/", "/examples/"]
        .into_iter()
        .find_map(start_of_crate);
    let start = found
        .or_else(|| path.rfind('/').map(|slash| slash + 1))
        .unwrap_or(0);
    path[start..].trim_start_matches('/')
}

/// The directories that the crates with endpoints were built in.
#[cfg(feature = "threads")]
pub(crate) fn build_roots(registry: &Registry) -> Vec<String> {
    let sources = registry
        .endpoints()
        .iter()
        .map(|endpoint| endpoint.source());
    let mut roots: Vec<&str> = sources
        .filter_map(|source| build_root(source.manifest_dir(), source.file()))
        .collect();
    roots.sort_unstable();
    roots.dedup();
    roots.into_iter().map(str::to_owned).collect()
}

/// The directory that a workspace was built in, given the manifest directory of a member and the
/// path of one of its sources, as `file!()` returns it.
#[cfg(feature = "threads")]
fn build_root<'a>(manifest_dir: &'a str, file: &str) -> Option<&'a str> {
    if file.starts_with('/') || !manifest_dir.starts_with('/') {
        return None;
    }
    // The longest suffix of the member's directory that is a prefix of the file's path.
    let starts = manifest_dir.match_indices('/').map(|(at, _)| at);
    let root = starts.into_iter().find(|at| {
        let tail = &manifest_dir[at + 1..];
        file.strip_prefix(tail)
            .is_some_and(|rest| rest.starts_with('/'))
    });
    Some(root.map_or(manifest_dir, |at| &manifest_dir[..at])).filter(|root| !root.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shortens_paths_of_each_origin() {
        let roots = ["/build/agent/7/workspace".to_owned()];
        for (path, short) in [
            (
                "/rustc/59807616e1/library/std/src/thread/mod.rs",
                "library/std/src/thread/mod.rs",
            ),
            (
                "/home/me/.rustup/toolchains/1.95/lib/rustlib/src/rust/library/core/src/ops.rs",
                "library/core/src/ops.rs",
            ),
            (
                "/home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/tokio-1.54.1/src/park.rs",
                "tokio-1.54.1/src/park.rs",
            ),
            (
                "/home/me/.cargo/git/checkouts/warp-1a2b/9f8e7d6/src/lib.rs",
                "src/lib.rs",
            ),
            (
                "/build/agent/7/workspace/examples/cache-engine/src/lib.rs",
                "examples/cache-engine/src/lib.rs",
            ),
            (
                "/home/me/project/engine/src/cache/lru.rs",
                "engine/src/cache/lru.rs",
            ),
            (
                "/home/me/project/engine/benches/threads.rs",
                "engine/benches/threads.rs",
            ),
            ("/home/me/project/build.c", "build.c"),
            ("./nptl/pthread_create.c", "nptl/pthread_create.c"),
            ("src/main.rs", "src/main.rs"),
        ] {
            assert_eq!(shortened(path, &roots), short);
        }
    }

    #[test]
    fn finds_the_workspace_of_a_member() {
        for (manifest_dir, file, root) in [
            (
                "/w/app/examples/engine",
                "examples/engine/src/lib.rs",
                Some("/w/app"),
            ),
            ("/w/app/engine", "engine/src/lib.rs", Some("/w/app")),
            ("/w/app", "src/lib.rs", Some("/w/app")),
            ("/w/app", "/w/app/src/lib.rs", None),
            ("/engine", "engine/src/lib.rs", None),
        ] {
            assert_eq!(build_root(manifest_dir, file), root);
        }
    }

    proptest! {
        #[test]
        fn short_forms_are_relative_parts_of_paths(path in "(/[a-z.]{0,9}){0,6}(/src|/git/checkouts|/rustc|/registry/src)?(/[a-z.]{0,9}){0,4}") {
            let short = shortened(&path, &["/home".to_owned()]);
            prop_assert!(path.ends_with(short));
            prop_assert!(!short.starts_with("/home/"));
        }
    }
}
