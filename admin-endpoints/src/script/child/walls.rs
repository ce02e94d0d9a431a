//! What the child gives up before it reads the script, in this order.
//!
//! The first five are demanded: a child that cannot build one of them ends. The kernel may lack
//! the last two, which is reported.

use std::{fs, io};

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getppid, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};
use serde::{Deserialize, Serialize};

use super::{landlock, seccomp};

/// What a child is allowed, from its arguments.
#[derive(Debug)]
pub(super) struct Bounds {
    /// The process that started it.
    pub(super) parent: u64,
    /// Memory beyond what the executable itself has mapped.
    pub(super) memory_bytes: u64,
    pub(super) cpu_seconds: u64,
}

/// Which of the walls that depend on the kernel stand.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::script) struct Walls {
    pub(in crate::script) seccomp: bool,
    pub(in crate::script) landlock: bool,
}

/// Builds them all.
pub(super) fn build(bounds: &Bounds) -> io::Result<Walls> {
    die_with_parent(bounds.parent)?;
    rustix::thread::set_no_new_privs(true)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    close_inherited_files();
    default_fault_signals();
    let mapped = mapped()?; // the last file that is read
    let landlock = landlock::restrict();
    limit_resources(bounds, mapped)?;
    let seccomp = seccomp::restrict();
    Ok(Walls { seccomp, landlock })
}

/// The signal comes when the parent's thread ends; a parent that ended before is seen by its id.
fn die_with_parent(parent: u64) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let now = getppid().map(|pid| pid.as_raw_nonzero().get());
    let same = now
        .and_then(|now| u64::try_from(now).ok())
        .is_none_or(|now| now == parent);
    if same {
        Ok(())
    } else {
        Err(io::Error::other("the parent has gone"))
    }
}

/// Whatever the program left open across `exec` is not for scripts.
fn close_inherited_files() {
    // SAFETY: the process never returns from the worker, so nothing of the program will use a
    // file that is closed here; the worker itself uses only the first three.
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

fn limit_resources(bounds: &Bounds, mapped: u64) -> io::Result<()> {
    let limits = [
        (Resource::As, mapped.saturating_add(bounds.memory_bytes)),
        (Resource::Cpu, bounds.cpu_seconds),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
        (Resource::Nofile, 3),
    ];
    for (resource, limit) in limits {
        setrlimit(
            resource,
            Rlimit {
                current: Some(limit),
                maximum: Some(limit),
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
