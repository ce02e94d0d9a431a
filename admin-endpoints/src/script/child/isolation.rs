//! What stands between a script and everything else: the base that the zygote lays once, and
//! the walls that each child builds on it before it reads its script.
//!
//! A process that cannot lay or build one of them ends. The kernel may lack namespaces,
//! Landlock and seccomp, which is reported.

use std::{
    fs, io,
    os::{fd::AsRawFd, unix::net::UnixStream},
    sync::OnceLock,
};

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getppid, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};
use serde::{Deserialize, Serialize};

use super::{control::Bounds, landlock, namespaces, seccomp};

/// The isolation layers that depend on the kernel, and whether each is active.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::script) struct Isolation {
    pub(in crate::script) seccomp: bool,
    pub(in crate::script) landlock: bool,
    pub(in crate::script) namespaces: bool,
}

/// What the first child said: the kernel stays what it is as long as the process runs.
static SEEN: OnceLock<Isolation> = OnceLock::new();

impl Isolation {
    /// Remembers what a child said.
    pub(in crate::script) fn seen(self) {
        let _ = SEEN.set(self); // they all say the same
    }

    /// What stands around scripts: as the first child said, else as this process finds the kernel.
    pub(in crate::script) fn expected() -> Self {
        SEEN.get().copied().unwrap_or_else(|| Self {
            seccomp: seccomp::is_there(),
            landlock: landlock::is_there(),
            namespaces: namespaces::is_there(),
        })
    }
}

/// What all children have from the zygote.
#[derive(Debug)]
pub(super) struct SandboxBase {
    server: u64,
    /// Bytes of address space that are in use without any script.
    mapped: u64,
    landlock: bool,
    namespaces: bool,
}

/// Lays the base; `warm_up` is done while files can still be read.
pub(super) fn prepare(server: u64, warm_up: impl FnOnce()) -> io::Result<SandboxBase> {
    let namespaces = namespaces::restrict(); // first: it may undo the death signal
    die_with(server)?;
    rustix::thread::set_no_new_privs(true)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    close_inherited_files();
    default_fault_signals();
    warm_up();
    let mapped = mapped()?; // the last file that is read
    Ok(SandboxBase {
        server,
        mapped,
        landlock: landlock::restrict(),
        namespaces,
    })
}

/// Builds the walls of one child, which can reach the server through `stream` and nothing else.
pub(super) fn apply(
    base: &SandboxBase,
    bounds: Bounds,
    stream: &UnixStream,
) -> io::Result<Isolation> {
    rustix::thread::set_name(c"admin-script")?;
    die_with(base.server)?; // a fork does not inherit it
    limit_resources(bounds, base.mapped)?;
    Ok(Isolation {
        seccomp: seccomp::restrict(stream.as_raw_fd()),
        landlock: base.landlock,
        namespaces: base.namespaces,
    })
}

/// The signal comes when the server's thread ends; a server that ended before is seen by its id.
fn die_with(server: u64) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let now = getppid().map(|pid| pid.as_raw_nonzero().get());
    let same = now
        .and_then(|now| u64::try_from(now).ok())
        .is_none_or(|now| now == server);
    if same {
        Ok(())
    } else {
        Err(io::Error::other("the server has gone"))
    }
}

/// Whatever the program left open across `exec` is not for scripts.
fn close_inherited_files() {
    // SAFETY: the process never returns from the worker, so nothing of the program will use a
    // file that is closed here; the worker itself has opened none but the first three yet.
    unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
}

/// Rust turns a stack overflow into an abort, which would look like exhausted memory.
fn default_fault_signals() {
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the default action needs no handler that could be wrong, and no other thread
        // exists that relies on the present one.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

fn limit_resources(bounds: Bounds, mapped: u64) -> io::Result<()> {
    let limits = [
        (Resource::As, mapped.saturating_add(bounds.memory_bytes)),
        (Resource::Cpu, bounds.cpu_seconds),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
        (Resource::Nofile, 0),
    ];
    for (resource, limit) in limits {
        // The kernel looks at the maximum of CPU time first, whose signal says nothing of it.
        let more = u64::from(resource == Resource::Cpu);
        setrlimit(
            resource,
            Rlimit {
                current: Some(limit),
                maximum: Some(limit.saturating_add(more)),
            },
        )?;
    }
    Ok(())
}

/// Bytes of address space in use: the executable, its libraries, its stack.
fn mapped() -> io::Result<u64> {
    let statm = fs::read_to_string("/proc/self/statm")?;
    let pages = statm
        .split(' ')
        .next()
        .and_then(|pages| pages.parse::<u64>().ok());
    let pages = pages.ok_or_else(|| io::Error::other("no size in /proc/self/statm"))?;
    Ok(pages * rustix::param::page_size() as u64)
}
