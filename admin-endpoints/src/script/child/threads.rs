//! Proof that this process has one thread, which a fork of it depends on.

use std::fs;
use std::io;

/// The number of threads of this process.
pub(super) fn count() -> io::Result<usize> {
    Ok(fs::read_dir("/proc/self/task")?.count())
}

/// Whether the kernel knows of a second thread.
///
/// Works without `/proc`, which the zygote cannot read once it is isolated. Where a policy forbids
/// `unshare` altogether the answer is `false`, and [`count`] was the proof.
pub(super) fn has_second_thread() -> bool {
    // SAFETY: unshare(2): with `CLONE_VM` alone the call changes nothing; it fails with `EINVAL`
    // where the caller has several threads.
    let failed = unsafe { libc::unshare(libc::CLONE_VM) } != 0;
    failed && io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test harness has a main thread beside this one.
    #[test]
    fn both_proofs_see_the_second_thread() {
        assert!(count().unwrap() > 1);
        assert!(has_second_thread());
    }
}
