//! What one worker may use, enforced by the kernel.

use std::fs;
use std::io;

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::control::WorkerLimits;

/// Sets the limits of a worker; `mapped_bytes` is the address space in use without a script.
///
/// # Errors
///
/// Returns the error of setrlimit(2).
pub(super) fn set(limits: WorkerLimits, mapped_bytes: u64) -> Result<(), Errno> {
    let limits = [
        (
            Resource::As,
            mapped_bytes.saturating_add(limits.memory_bytes),
        ),
        // The kernel counts whole seconds; rounded up, so that the engine's limit comes first.
        (Resource::Cpu, limits.cpu.as_secs().saturating_add(1)),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
        (Resource::Nofile, 0),
    ];
    limits.into_iter().try_for_each(|(resource, limit)| {
        // At the maximum of CPU time the kernel sends SIGKILL, which does not name the limit.
        let grace = u64::from(resource == Resource::Cpu);
        // The program may have a lower maximum already, which nobody without privileges can raise.
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Rlimit {
            current: Some(limit.min(most)),
            maximum: Some(limit.saturating_add(grace).min(most)),
        };
        setrlimit(resource, limit)
    })
}

/// Bytes of address space in use: the executable, its libraries, its heap and stack.
///
/// # Errors
///
/// Fails where `/proc` cannot be read.
pub(super) fn mapped_bytes() -> io::Result<u64> {
    let statm = fs::read_to_string("/proc/self/statm")?;
    let pages = statm.split(' ').next().and_then(|pages| pages.parse().ok());
    let pages: u64 = pages.ok_or(io::ErrorKind::InvalidData)?;
    Ok(pages * rustix::param::page_size() as u64)
}
