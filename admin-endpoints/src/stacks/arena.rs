//! Memory for copies of stacks. It is returned to the kernel after each dump, because stacks may
//! contain secrets.

use std::io;
use std::ptr::NonNull;

/// A private anonymous mapping that reads as zeros after [`Arena::wipe`].
pub(crate) struct Arena {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping belongs to this value alone and is not tied to a thread.
unsafe impl Send for Arena {}
// SAFETY: a shared reference gives access to the address only.
unsafe impl Sync for Arena {}

impl Arena {
    pub(crate) fn new(length: usize) -> io::Result<Self> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address that the kernel chooses does not affect other memory.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the mapping made above; MADV_DONTDUMP only excludes it from core dumps.
        unsafe { libc::madvise(start, length, libc::MADV_DONTDUMP) };
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, length })
    }

    /// The address of the first byte, for writers with their own synchronisation.
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: the mapping is `length` bytes, initialised by the kernel, and borrowed exclusively
        // through `self`; only [`Arena::start`]'s users write otherwise, and they never call this.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }

    /// Returns the pages to the kernel; they read as zeros afterwards.
    ///
    /// # Safety
    ///
    /// Nothing writes to the arena at the same time.
    pub(crate) unsafe fn wipe(&self) {
        // SAFETY: the mapping is private and anonymous, so its pages may be dropped; the caller
        // guarantees that nothing is writing.
        unsafe { libc::madvise(self.start.as_ptr().cast(), self.length, libc::MADV_DONTNEED) };
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `new` and nothing borrows it.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wiped_memory_reads_as_zeros() -> io::Result<()> {
        let mut arena = Arena::new(8192)?;
        arena.bytes_mut().fill(0xa5);
        // SAFETY: no other user of this arena exists.
        unsafe { arena.wipe() };
        assert!(arena.bytes_mut().iter().all(|byte| *byte == 0));
        Ok(())
    }
}
