//! The heap of the process.

/// Returns free memory of the heap to the system.
///
/// glibc keeps what short-lived threads and large requests free: its trim threshold grows with the
/// largest block that was ever freed. Other C libraries return memory by themselves.
pub(crate) fn trim() {
    // SAFETY: it affects free memory only, and takes the locks of the heap.
    #[cfg(target_env = "gnu")]
    unsafe {
        libc::malloc_trim(0);
    }
}
