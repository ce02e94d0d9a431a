//! The command line of the zygote: how the server writes it and how the zygote recognises it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::interpreter_zygote::Interpreter;

/// The first argument of the zygote; no program has a reason to pass it.
const MARKER: &str = "--admin-endpoints-script-zygote";

/// What the zygote finds on its command line.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct ZygoteArguments {
    /// The process that started it.
    pub(super) server: i32,
    /// The interpreter that it becomes; `None` for the embedded engine.
    pub(super) interpreter: Option<Interpreter>,
}

/// Starts a zygote with the other end of `control` as its standard input. It becomes the
/// interpreter, if there is one, which imports `modules`.
///
/// # Errors
///
/// When the system has no process to give, or `/proc` is not mounted.
pub(crate) fn spawn_zygote(
    control: OwnedFd,
    interpreter: Option<&Path>,
    modules: &[String],
) -> io::Result<Child> {
    let modules = interpreter.is_some().then(|| modules.join(","));
    // A link to the file that runs, even if it was replaced or deleted since.
    Command::new("/proc/self/exe")
        .arg0("admin-script")
        .args([MARKER, &std::process::id().to_string()])
        .args(interpreter)
        .args(modules)
        .env_clear()
        .process_group(0) // Ctrl-C in a terminal is for the program, which ends its scripts itself
        .stdin(Stdio::from(control))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// The arguments of this process, or `None` where it is not a zygote.
pub(super) fn zygote_arguments() -> Option<ZygoteArguments> {
    parse(arguments())
}

/// The C library of the GNU project passes arguments to constructors, which std relies on too.
#[cfg(target_env = "gnu")]
fn arguments() -> impl Iterator<Item = OsString> {
    std::env::args_os()
}

/// Other C libraries do not.
#[cfg(not(target_env = "gnu"))]
fn arguments() -> impl Iterator<Item = OsString> {
    use std::os::unix::ffi::OsStringExt;
    let line = std::fs::read("/proc/self/cmdline").unwrap_or_default();
    let arguments: Vec<_> = line
        .split(|byte| *byte == 0)
        .map(|argument| OsString::from_vec(argument.to_vec()))
        .collect();
    arguments.into_iter()
}

fn parse(arguments: impl Iterator<Item = OsString>) -> Option<ZygoteArguments> {
    let mut after_program = arguments.skip(1);
    if after_program.next()? != MARKER {
        return None;
    }
    let number = after_program.next();
    let number = number.and_then(|text| text.to_str()?.parse().ok());
    let interpreter = after_program.next().map(|path| Interpreter {
        path: PathBuf::from(path),
        modules: names(after_program.next().as_deref()),
    });
    Some(ZygoteArguments {
        // No process has the number 0: a number that cannot be read is a server that has ended.
        server: number.unwrap_or(0),
        interpreter,
    })
}

/// Names of modules with commas in between.
fn names(joined: Option<&OsStr>) -> Vec<String> {
    let names = joined.and_then(OsStr::to_str).unwrap_or_default();
    let names = names.split(',').filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Option<ZygoteArguments> {
        parse(arguments.iter().map(OsString::from))
    }

    fn embedded(server: i32) -> Option<ZygoteArguments> {
        let interpreter = None;
        Some(ZygoteArguments {
            server,
            interpreter,
        })
    }

    #[test]
    fn only_marker_makes_a_zygote() {
        assert_eq!(parsed(&["program"]), None);
        assert_eq!(parsed(&["program", "--help"]), None);
        assert_eq!(parsed(&["program", "x", MARKER]), None);
        assert_eq!(parsed(&["program", MARKER, "7"]), embedded(7));
    }

    #[test]
    fn unreadable_number_names_no_process() {
        assert_eq!(parsed(&["program", MARKER, "x"]), embedded(0));
        assert_eq!(parsed(&["program", MARKER]), embedded(0));
    }

    #[test]
    fn interpreter_follows_with_its_modules() {
        let of = |modules: &str| {
            let arguments = parsed(&["program", MARKER, "7", "/usr/bin/python3", modules]);
            let interpreter = arguments.unwrap().interpreter.unwrap();
            assert_eq!(interpreter.path, Path::new("/usr/bin/python3"));
            interpreter.modules
        };
        assert_eq!(of("json,xml.dom"), ["json", "xml.dom"]);
        assert!(of("").is_empty());
    }
}
