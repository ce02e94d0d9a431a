//! Names of the system calls that threads can block in.

/// The name of a system call, if it is one that can block.
pub(super) fn name(number: i64) -> Option<&'static str> {
    NAMES
        .iter()
        .chain(X86_64_NAMES)
        .find(|(known, _)| *known == number)
        .map(|(_, name)| *name)
}

macro_rules! names {
    ($($constant:ident)*) => {
        &[$((libc::$constant, strip(stringify!($constant)))),*]
    };
}

/// `SYS_futex` as `futex`.
const fn strip(constant: &'static str) -> &'static str {
    constant.split_at(4).1
}

const NAMES: &[(i64, &str)] = names! {
    SYS_futex SYS_epoll_pwait SYS_epoll_pwait2 SYS_clock_nanosleep SYS_nanosleep SYS_ppoll
    SYS_pselect6 SYS_read SYS_readv SYS_pread64 SYS_preadv SYS_preadv2 SYS_write SYS_writev
    SYS_pwrite64 SYS_pwritev SYS_pwritev2 SYS_recvfrom SYS_recvmsg SYS_recvmmsg SYS_sendto
    SYS_sendmsg SYS_sendmmsg SYS_accept SYS_accept4 SYS_connect SYS_wait4 SYS_waitid SYS_fsync
    SYS_fdatasync SYS_sync_file_range SYS_syncfs SYS_sync SYS_msync SYS_flock SYS_fcntl SYS_ioctl
    SYS_openat SYS_openat2 SYS_close SYS_statx SYS_newfstatat SYS_getdents64 SYS_unlinkat
    SYS_renameat2 SYS_mkdirat SYS_ftruncate SYS_fallocate SYS_sendfile SYS_splice SYS_tee
    SYS_vmsplice SYS_copy_file_range SYS_io_getevents SYS_io_submit SYS_io_uring_enter
    SYS_rt_sigtimedwait SYS_rt_sigsuspend SYS_mmap SYS_munmap SYS_mremap SYS_mprotect SYS_madvise
    SYS_brk SYS_mlock SYS_membarrier SYS_sched_yield SYS_execve SYS_clone SYS_clone3 SYS_exit
    SYS_exit_group SYS_restart_syscall SYS_semtimedop SYS_semop SYS_msgrcv SYS_msgsnd
    SYS_mq_timedreceive SYS_mq_timedsend SYS_userfaultfd SYS_process_vm_readv SYS_getrandom
    SYS_landlock_restrict_self SYS_futex_waitv
};

#[cfg(target_arch = "x86_64")]
const X86_64_NAMES: &[(i64, &str)] = names! {
    SYS_epoll_wait SYS_poll SYS_select SYS_pause SYS_open SYS_fork SYS_vfork SYS_stat SYS_lstat
    SYS_unlink SYS_rename
};
#[cfg(not(target_arch = "x86_64"))]
const X86_64_NAMES: &[(i64, &str)] = &[];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_calls_like_their_manual_pages() {
        assert_eq!(name(libc::SYS_futex), Some("futex"));
        assert_eq!(name(-7), None);
    }
}
