//! The executable of this process.

/// The name of its file; that of a file which was replaced meanwhile has no ` (deleted)`.
pub(crate) fn executable_name() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    let name = path.file_name()?.to_string_lossy();
    let name = name.strip_suffix(" (deleted)").unwrap_or(&name);
    Some(name.to_owned())
}
