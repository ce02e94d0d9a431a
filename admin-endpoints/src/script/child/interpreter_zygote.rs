//! The stage of a CPython zygote before the interpreter: this executable isolates itself and
//! becomes the interpreter, which inherits the isolation.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::fcntl_dupfd_cloexec;

use super::{capabilities, empty_root, isolation, landlock, seccomp};
use crate::script::cpython::{self, BootstrapSettings};
use crate::script::setup_failure::{SetupFailure, SetupStep};

/// Descriptors from this number on are not among those that the interpreter gets.
const FIRST_FREE_DESCRIPTOR: RawFd = 16;

/// Isolated mode, no site packages, no files with byte code, no warnings, text in UTF-8, and the
/// program from standard input.
const ARGUMENTS: [&str; 8] = ["-I", "-S", "-B", "-W", "ignore", "-X", "utf8", "-"];

/// What the command line says of an interpreter.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Interpreter {
    /// The file, without symbolic links.
    pub(super) path: PathBuf,
    pub(super) modules: Vec<String>,
}

/// Becomes the interpreter, which sends the start report itself; returns only on failure.
pub(super) fn execute(server: i32, interpreter: Interpreter, control: &OwnedFd) -> SetupFailure {
    match prepare(server, &interpreter, control) {
        Err(failure) => failure,
        Ok(()) => {
            // The path as the name: the interpreter looks for its library beside it.
            let error = Command::new(&interpreter.path)
                .args(ARGUMENTS)
                .env_clear()
                .exec();
            SetupStep::ExecuteInterpreter.failed(&error)
        }
    }
}

/// Isolates this process as far as it can be while the interpreter still has to be read.
fn prepare(server: i32, interpreter: &Interpreter, control: &OwnedFd) -> Result<(), SetupFailure> {
    let entered = isolation::enter(server)?;
    let statm =
        File::open("/proc/self/statm").map_err(|error| SetupStep::ReadProc.failed(&error))?;
    if entered.namespaces.user {
        capabilities::keep_for_zygote().map_err(SetupStep::DropCapabilities.failed_with())?;
    }
    let mount_namespace = entered.namespaces.mount && empty_root::cover_proc().is_ok();
    let deny_all = landlock::deny_all_ruleset();
    let landlock = deny_all.is_some() && landlock::restrict_to_reading(&readable(interpreter));
    let filter = |process| seccomp::filter_for_python(cpython::STREAM, process).unwrap_or_default();
    let program = cpython::program(&BootstrapSettings {
        server,
        modules: interpreter.modules.clone(),
        system_calls: BTreeMap::from([
            ("capset", libc::SYS_capset),
            ("clone", libc::SYS_clone),
            ("close_range", libc::SYS_close_range),
            ("landlock_restrict_self", libc::SYS_landlock_restrict_self),
            ("prctl", libc::SYS_prctl),
        ]),
        filter: hexadecimal(&filter(None)),
        filter_of_first_process: hexadecimal(&filter(Some(1))),
        landlock,
        namespaces: entered.namespaces.user,
        mount_namespace,
        oom_score_adj: entered.oom_score_adj,
    });
    let passed = program
        .map_err(io::Error::from)
        .and_then(|program| pass_descriptors(&program, control.try_clone()?, statm, deny_all));
    passed.map_err(|error| SetupStep::PassDescriptors.failed(&error))
}

/// The interpreter, its library, and the libraries of the system.
fn readable(interpreter: &Interpreter) -> Vec<PathBuf> {
    let mut paths = vec![interpreter.path.clone()];
    if let Some(prefix) = interpreter.path.parent().and_then(|bin| bin.parent()) {
        paths.extend(["lib", "lib64"].map(|folder| prefix.join(folder)));
    }
    paths.extend(
        [
            "/lib",
            "/lib64",
            "/usr/lib",
            "/usr/lib64",
            "/etc/ld.so.cache",
        ]
        .map(PathBuf::from),
    );
    paths
}

/// Gives the interpreter its descriptors; all others are closed when it is executed.
fn pass_descriptors(
    program: &str,
    control: OwnedFd,
    statm: File,
    deny_all: Option<OwnedFd>,
) -> io::Result<()> {
    let mut file = File::from(memfd_create("script-zygote", MemfdFlags::CLOEXEC)?);
    file.write_all(program.as_bytes())?;
    file.rewind()?;
    rustix::stdio::dup2_stdin(&file)?;
    let passed = [
        (Some(control), cpython::CONTROL_SOCKET),
        (Some(statm.into()), cpython::MEMORY_MAP_SIZE),
        (deny_all, cpython::RULESET),
    ];
    // Away from these numbers first, and closed there: one may have the number of another.
    let moved = passed
        .into_iter()
        .filter_map(|(descriptor, number)| Some((descriptor?, number)))
        .map(|(descriptor, number)| {
            Ok((
                fcntl_dupfd_cloexec(descriptor, FIRST_FREE_DESCRIPTOR)?,
                number,
            ))
        });
    for (descriptor, number) in moved.collect::<io::Result<Vec<_>>>()? {
        // SAFETY: dup2(2) takes two numbers. Only the server's socket may have one of them, and
        // that one becomes the same socket again.
        if unsafe { libc::dup2(descriptor.as_raw_fd(), number) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
