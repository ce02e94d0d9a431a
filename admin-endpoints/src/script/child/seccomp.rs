//! The system calls that computing and one stream need; any other is refused with `EPERM`.
//!
//! Refused and not deadly: libraries try calls such as the number of processors and continue
//! without them.

use std::collections::BTreeMap;
use std::os::fd::RawFd;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

/// Allowed with any arguments.
const ALLOWED_SYSCALLS: [i64; 17] = [
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid, // this, gettid and tgkill: how abort() ends the process
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
];

/// Allowed with the stream only.
const STREAM_SYSCALLS: [i64; 4] = [
    libc::SYS_read,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_write,
];

/// Installs the filter; returns whether the kernel accepted it.
pub(super) fn restrict(stream: RawFd) -> bool {
    filter(stream).is_ok_and(|filter| apply_filter(&filter).is_ok())
}

fn filter(stream: RawFd) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED_SYSCALLS
        .into_iter()
        .map(|call| (call, Vec::new()))
        .collect();
    let stream = u64::from(stream.unsigned_abs()); // no open file has a negative number
    for transfer in STREAM_SYSCALLS {
        rules.insert(transfer, vec![first_argument_is(stream)?]);
    }
    rules.insert(
        libc::SYS_tgkill,
        vec![first_argument_is(u64::from(std::process::id()))?],
    );
    rules.insert(libc::SYS_mmap, vec![never_executable()?]);
    rules.insert(libc::SYS_mprotect, vec![never_executable()?]);
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, refused, SeccompAction::Allow, arch)?.try_into()
}

/// The first argument is this number: a file, or our own process.
fn first_argument_is(number: u64) -> Result<SeccompRule, seccompiler::BackendError> {
    let is = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, number)?;
    SeccompRule::new(vec![is])
}

/// The third argument of `mmap` and `mprotect` lacks `PROT_EXEC`.
fn never_executable() -> Result<SeccompRule, seccompiler::BackendError> {
    let executable = SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64);
    SeccompRule::new(vec![SeccompCondition::new(
        2,
        SeccompCmpArgLen::Dword,
        executable,
        0,
    )?])
}
