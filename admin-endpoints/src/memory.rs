//! Reads this process's memory through the kernel: a bad address is a short read, not a fault.

use std::fs::File;
use std::os::fd::IntoRawFd;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

/// A descriptor of `/proc/self/mem`, or -1. Used only where `process_vm_readv` is forbidden, for
/// example by seccomp, because it also reads guard pages.
static SELF_MEM: AtomicI32 = AtomicI32::new(-1);

/// The process that has opened it.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// Makes [`read`] work where `process_vm_readv` is forbidden. Call it before each use: the process may
/// have forked, or been forbidden the call, since the last one.
pub(crate) fn prepare() {
    let probe = 0x5eed_u64;
    let mut copy = [0_u8; 8];
    // SAFETY: the buffer is exclusively borrowed and as long as stated.
    let count = unsafe { read_directly(&raw const probe as u64, copy.as_mut_ptr(), copy.len()) };
    if count == copy.len() as isize || OWNER.load(Ordering::Acquire) == std::process::id() {
        return;
    }
    // After a fork the old descriptor is that of the parent's memory. It is not closed, because a
    // handler may still be reading from it.
    if let Ok(file) = File::open("/proc/self/mem") {
        SELF_MEM.store(file.into_raw_fd(), Ordering::Release);
        OWNER.store(std::process::id(), Ordering::Release);
    } else {
        SELF_MEM.store(-1, Ordering::Release);
    }
}

/// By `process_vm_readv`; the count, or -1.
///
/// # Safety
///
/// `target` is valid for writes of `length` bytes, and nothing else accesses them meanwhile.
unsafe fn read_directly(address: u64, target: *mut u8, length: usize) -> isize {
    let local = libc::iovec {
        iov_base: target.cast(),
        iov_len: length,
    };
    let remote = libc::iovec {
        iov_base: address as *mut libc::c_void,
        iov_len: length,
    };
    // SAFETY: the kernel checks the remote range and writes only within the local one, which the
    // caller guarantees.
    unsafe { libc::process_vm_readv(libc::getpid(), &local, 1, &remote, 1, 0) }
}

/// Copies from `address` until the buffer is full or memory is not readable; returns the count.
pub(crate) fn read(address: u64, buffer: &mut [u8]) -> usize {
    // SAFETY: the buffer is exclusively borrowed and as long as stated.
    unsafe { read_into(address, buffer.as_mut_ptr(), buffer.len()) }
}

/// Copies exactly `N` bytes.
#[cfg(any(test, feature = "threads"))]
pub(crate) fn read_array<const N: usize>(address: u64) -> Option<[u8; N]> {
    let mut array = [0; N];
    (read(address, &mut array) == N).then_some(array)
}

/// As [`read`], async-signal-safe: no allocation, no lock, `errno` is changed.
///
/// # Safety
///
/// `target` is valid for writes of `length` bytes, and nothing else accesses them meanwhile.
pub(crate) unsafe fn read_into(address: u64, target: *mut u8, length: usize) -> usize {
    // SAFETY: as for this function.
    let mut count = unsafe { read_directly(address, target, length) };
    let descriptor = SELF_MEM.load(Ordering::Acquire);
    if count < 0 && descriptor >= 0 {
        // SAFETY: as above; pread writes at most `length` bytes to `target`.
        count = unsafe { libc::pread(descriptor, target.cast(), length, address as libc::off_t) };
    }
    usize::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_mapped_memory_only() {
        let text = *b"on the stack";
        let mut copy = [0; 12];
        assert_eq!(read(text.as_ptr() as u64, &mut copy), 12);
        assert_eq!(copy, text);
        assert_eq!(read(8, &mut copy), 0, "the null page was read");
        assert_eq!(read_array::<8>(u64::MAX - 16), None);
    }

    #[test]
    fn a_read_ends_at_a_guard_page() {
        let page = 4096;
        // SAFETY: a fresh anonymous mapping of two pages, touched only through its own address.
        let start = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let read_write = libc::PROT_READ | libc::PROT_WRITE;
            let start = libc::mmap(std::ptr::null_mut(), 2 * page, read_write, flags, -1, 0);
            assert_ne!(start, libc::MAP_FAILED);
            assert_eq!(
                libc::mprotect(start.byte_add(page), page, libc::PROT_NONE),
                0
            );
            start
        };
        let mut copy = vec![0; 2 * page];
        assert_eq!(read(start as u64 + 100, &mut copy), page - 100);
        // SAFETY: the mapping made above, which nothing refers to any more.
        unsafe { libc::munmap(start, 2 * page) };
    }
}
