//! The layers between a script and everything else: those that the zygote applies once for all
//! workers, and those that each worker applies before it reads its script.
//!
//! A process that cannot apply a required layer ends. Layers that depend on the kernel and its
//! policy may be missing, which is reported.

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use rustix::process::{
    DumpableBehavior, Pid, Signal, getpid, getppid, set_dumpable_behavior,
    set_parent_process_death_signal,
};

use super::control::WorkerLimits;
use super::namespaces::EnteredNamespaces;
use super::{
    capabilities, descriptors, empty_root, landlock, namespaces, resource_limits, seccomp, signals,
    threads,
};
use crate::script::isolation_report::IsolationReport;
use crate::script::setup_failure::{SetupFailure, SetupStep};

/// What all workers inherit from the zygote.
#[derive(Debug)]
pub(super) struct SandboxBase {
    zygote: Pid,
    /// Address space in use without a script.
    mapped_bytes: u64,
    landlock: bool,
    namespaces: bool,
    mount_namespace: bool,
    oom_score_adj: bool,
}

impl SandboxBase {
    /// Whether this process may create PID namespaces.
    pub(super) fn has_user_namespace(&self) -> bool {
        self.namespaces
    }
}

/// The layers of a zygote that can still read files.
#[derive(Clone, Copy, Debug)]
pub(super) struct EnteredLayers {
    pub(super) namespaces: EnteredNamespaces,
    pub(super) oom_score_adj: bool,
}

/// Applies the layers that leave files readable.
///
/// # Errors
///
/// Returns the required layer that could not be applied.
pub(super) fn enter(server: i32) -> Result<EnteredLayers, SetupFailure> {
    require_single_thread()?;
    signals::install();
    // Before anything that makes the files of this process root's.
    let oom_score_adj = fs::write("/proc/self/oom_score_adj", "1000").is_ok();
    let namespaces = namespaces::enter();
    end_with_parent(server)?; // after the namespaces, which may undo it
    rustix::thread::set_no_new_privs(true).map_err(SetupStep::NoNewPrivileges.failed_with())?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(SetupStep::NoNewPrivileges.failed_with())?;
    Ok(EnteredLayers {
        namespaces,
        oom_score_adj,
    })
}

/// Isolates the zygote. `warm_up` runs while files can still be read.
///
/// # Errors
///
/// Returns the required layer that could not be applied.
pub(super) fn prepare(server: i32, warm_up: impl FnOnce()) -> Result<SandboxBase, SetupFailure> {
    let EnteredLayers {
        namespaces,
        oom_score_adj,
    } = enter(server)?;
    warm_up();
    require_single_thread()?; // the allocator may have started one
    let mapped_bytes =
        resource_limits::mapped_bytes().map_err(|error| SetupStep::ReadProc.failed(&error))?;
    let mount_namespace = namespaces.mount && empty_root::enter();
    Ok(SandboxBase {
        zygote: getpid(),
        mapped_bytes,
        landlock: landlock::restrict(),
        namespaces: namespaces.user,
        mount_namespace,
        oom_score_adj,
    })
}

/// Isolates one worker, which can reach the server through `stream` and nothing else.
///
/// # Errors
///
/// Returns the required layer that could not be applied.
///
/// # Safety
///
/// No value that owns another descriptor than `stream` may be used or dropped afterwards.
pub(super) unsafe fn apply(
    base: &SandboxBase,
    limits: WorkerLimits,
    stream: &UnixStream,
) -> Result<IsolationReport, SetupFailure> {
    // SAFETY: as the caller promises.
    unsafe { descriptors::close_all_except(stream.as_raw_fd()) }
        .map_err(|error| SetupStep::CloseDescriptors.failed(&error))?;
    end_with_parent(base.zygote.as_raw_nonzero().get())?; // a fork does not inherit it
    resource_limits::set(limits, base.mapped_bytes)
        .map_err(SetupStep::ResourceLimits.failed_with())?;
    capabilities::drop_all().map_err(SetupStep::DropCapabilities.failed_with())?;
    Ok(IsolationReport {
        seccomp: seccomp::restrict(stream.as_raw_fd()),
        landlock: base.landlock,
        namespaces: base.namespaces,
        pid_namespace: getpid() == Pid::INIT,
        mount_namespace: base.mount_namespace,
        oom_score_adj: base.oom_score_adj,
    })
}

fn require_single_thread() -> Result<(), SetupFailure> {
    match threads::count() {
        Ok(1) => Ok(()),
        Ok(_) => Err(SetupFailure {
            step: SetupStep::SingleThread,
            errno: None,
        }),
        Err(error) => Err(SetupStep::ReadProc.failed(&error)),
    }
}

/// Makes the kernel end this process with its parent. A parent that ended before is recognised by
/// its number, except from inside a PID namespace, where it has none: there the CPU limit ends the
/// process.
fn end_with_parent(parent: i32) -> Result<(), SetupFailure> {
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(SetupStep::ParentDeathSignal.failed_with())?;
    let is_there = getppid().is_none_or(|now| now.as_raw_nonzero().get() == parent);
    if is_there {
        Ok(())
    } else {
        Err(SetupFailure {
            step: SetupStep::ParentDeathSignal,
            errno: None,
        })
    }
}
