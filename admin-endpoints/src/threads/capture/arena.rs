//! Memory for copies of stacks, given back to the kernel after each dump: they may hold secrets.

use std::io;
use std::ptr::NonNull;

/// A private anonymous mapping that reads as zeros after [`Arena::wipe`].
pub(super) struct Arena {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping belongs to this value alone and is not tied to a thread.
unsafe impl Send for Arena {}
// SAFETY: through a shared reference only the address is given out.
unsafe impl Sync for Arena {}

impl Arena {
    pub(super) fn new(length: usize) -> io::Result<Self> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address of the kernel's choice; no memory in use is touched.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the mapping made above; MADV_DONTDUMP only keeps it out of core dumps.
        unsafe { libc::madvise(start, length, libc::MADV_DONTDUMP) };
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, length })
    }

    /// The first byte, for writers that synchronise by themselves.
    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: the mapping is `length` bytes, initialised by the kernel, and borrowed exclusively
        // through `self`; only [`Arena::start`]'s users write otherwise, and they never call this.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }

    /// Gives the pages back; they read as zeros from now on.
    ///
    /// # Safety
    /// Nothing writes to the arena at the same time.
    pub(super) unsafe fn wipe(&self) {
        // SAFETY: the mapping is private and anonymous, so its pages may be dropped; the caller
        // vouches that nobody is writing.
        unsafe { libc::madvise(self.start.as_ptr().cast(), self.length, libc::MADV_DONTNEED) };
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `new` and nothing borrows it any more.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_after_a_wipe() -> io::Result<()> {
        let mut arena = Arena::new(8192)?;
        arena.bytes_mut().fill(0xa5);
        // SAFETY: no other user of this arena exists.
        unsafe { arena.wipe() };
        assert!(arena.bytes_mut().iter().all(|byte| *byte == 0));
        Ok(())
    }
}
