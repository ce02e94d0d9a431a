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
const ALLOWED_SYSCALLS: [i64; 14] = [
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
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
];

/// Allowed for the embedded engine: what Rust's signal and panic handlers call.
const SYSCALLS_OF_RUST: [i64; 3] = [
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sigaltstack,
];

/// Allowed for CPython: clocks and `time.sleep`. No script changes how a signal is handled, since
/// the CPU time limit is one.
const SYSCALLS_OF_PYTHON: [i64; 2] = [libc::SYS_clock_getres, libc::SYS_clock_nanosleep];

/// How older versions of CPython sleep; allowed without files to wait for.
#[cfg(target_arch = "x86_64")]
const SLEEPS_OF_PYTHON: [i64; 2] = [libc::SYS_select, libc::SYS_pselect6];
#[cfg(not(target_arch = "x86_64"))]
const SLEEPS_OF_PYTHON: [i64; 1] = [libc::SYS_pselect6];

/// Allowed with the stream only.
const STREAM_SYSCALLS: [i64; 4] = [
    libc::SYS_read,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_write,
];

/// Installs the filter; returns whether the kernel accepted it.
pub(super) fn restrict(stream: RawFd) -> bool {
    let process = std::process::id();
    let filter = rules(stream, Some(process), &SYSCALLS_OF_RUST).and_then(compile);
    filter.is_ok_and(|filter| apply_filter(&filter).is_ok())
}

/// The filter for a worker with CPython, as the kernel reads it. `process` is the number that the
/// worker has for itself, which it may signal.
///
/// # Errors
///
/// On processors for which there is no filter.
pub(super) fn filter_for_python(
    stream: RawFd,
    process: Option<u32>,
) -> Result<Vec<u8>, seccompiler::BackendError> {
    let mut rules = rules(stream, process, &SYSCALLS_OF_PYTHON)?;
    for sleep in SLEEPS_OF_PYTHON {
        rules.insert(sleep, vec![first_argument_is(0)?]);
    }
    let filter = compile(rules)?;
    let instructions = filter.iter().map(|instruction| {
        let [code_low, code_high] = instruction.code.to_ne_bytes();
        let [a, b, c, d] = instruction.k.to_ne_bytes();
        [
            code_low,
            code_high,
            instruction.jt,
            instruction.jf,
            a,
            b,
            c,
            d,
        ]
    });
    Ok(instructions.flatten().collect())
}

/// The system calls that are allowed, and with which arguments.
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// What both engines may do, and these calls of one.
fn rules(
    stream: RawFd,
    process: Option<u32>,
    of_engine: &[i64],
) -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = ALLOWED_SYSCALLS
        .iter()
        .chain(of_engine)
        .map(|call| (*call, Vec::new()))
        .collect();
    let stream = u64::from(stream.unsigned_abs()); // no open file has a negative number
    for transfer in STREAM_SYSCALLS {
        rules.insert(transfer, vec![first_argument_is(stream)?]);
    }
    if let Some(process) = process {
        let own = first_argument_is(u64::from(process))?;
        rules.insert(libc::SYS_tgkill, vec![own]);
    }
    rules.insert(libc::SYS_mmap, vec![never_executable()?]);
    rules.insert(libc::SYS_mprotect, vec![never_executable()?]);
    Ok(rules)
}

fn compile(rules: Rules) -> Result<BpfProgram, seccompiler::BackendError> {
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, refused, SeccompAction::Allow, arch)?.try_into()
}

/// The first argument is this number: a file, the calling process, or how many files.
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
