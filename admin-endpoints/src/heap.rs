//! The heap of the process.

/// Returns free memory of the heap to the system, that of the calling thread first.
///
/// glibc keeps what short-lived threads and large requests free: its trim threshold grows with the
/// largest block that was ever freed. Other C libraries return memory by themselves.
pub(crate) fn trim() {
    #[cfg(target_env = "gnu")]
    {
        thread_arena::trim_end();
        // SAFETY: it affects free memory only, and takes the locks of the heap.
        unsafe { libc::malloc_trim(0) };
    }
}

/// As [`trim`], but only the end of the calling thread's arena, which takes microseconds.
#[cfg(feature = "run-script")]
pub(crate) fn trim_thread() {
    #[cfg(target_env = "gnu")]
    thread_arena::trim_end();
}

/// The free memory at the end of an arena, which `malloc_trim` returns for the main arena only.
#[cfg(target_env = "gnu")]
mod thread_arena {
    use std::ptr::NonNull;

    /// Large blocks first: the page between two of them stays. Where a large block is a mapping, the
    /// end of the arena is short.
    const BLOCK_SIZES: [usize; 2] = [1 << 20, SMALL_BLOCK_BYTES];

    /// Below every default threshold from which on a block is a mapping.
    const SMALL_BLOCK_BYTES: usize = 120 << 10;

    /// An arena has no more memory without a gap.
    const MAX_BLOCKS: usize = (64 << 20) / SMALL_BLOCK_BYTES;

    /// So many blocks one after another without memory are the part that nobody has used.
    const MAX_UNUSED_BLOCKS: usize = 3;

    /// Pages that blocks of an earlier time have left in the part that nobody has used.
    const MAX_PAGES_BETWEEN_BLOCKS: usize = 8;

    const MAX_PAGES: usize = BLOCK_SIZES[0] / 4096;

    /// Allocates the free memory block by block, returns the pages of each, and frees them.
    pub(super) fn trim_end() {
        let mut blocks = Vec::with_capacity(MAX_BLOCKS);
        for bytes in BLOCK_SIZES {
            let mut unused = 0;
            while blocks.len() < MAX_BLOCKS && unused < MAX_UNUSED_BLOCKS {
                let Some(block) = FreeHeapBlock::allocate(bytes) else {
                    break;
                };
                unused = if block.return_pages() { 0 } else { unused + 1 };
                blocks.push(block);
            }
        }
    }

    /// A block of the heap with no content.
    struct FreeHeapBlock {
        start: NonNull<libc::c_void>,
        bytes: usize,
    }

    impl FreeHeapBlock {
        fn allocate(bytes: usize) -> Option<Self> {
            // SAFETY: any size may be requested.
            let start = NonNull::new(unsafe { libc::malloc(bytes) })?;
            Some(Self { start, bytes })
        }

        /// Returns whole pages to the system; whether the block was used since the last time.
        fn return_pages(&self) -> bool {
            // SAFETY: the call takes a number.
            let page_bytes = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) });
            let page_bytes = page_bytes.unwrap_or(self.bytes).max(4096);
            let before = self.start.align_offset(page_bytes);
            let pages = self.bytes.saturating_sub(before) / page_bytes;
            if pages == 0 {
                return false;
            }
            let mut resident = [0; MAX_PAGES];
            // SAFETY: `before` and `pages` are within the block, and `MAX_PAGES` pages of at least
            // 4096 bytes are as long as the longest. The block belongs to this value and nothing
            // reads it, so that its pages may lose their content.
            unsafe {
                let start = self.start.byte_add(before).as_ptr();
                let length = pages * page_bytes;
                let known = libc::mincore(start, length, resident.as_mut_ptr()) == 0;
                let used = resident.iter().filter(|page| **page & 1 == 1).count();
                if !known || used > 0 {
                    libc::madvise(start, length, libc::MADV_DONTNEED);
                }
                !known || used > MAX_PAGES_BETWEEN_BLOCKS
            }
        }
    }

    impl Drop for FreeHeapBlock {
        fn drop(&mut self) {
            // To free a large mapping would raise the thresholds of the program's heap.
            // SAFETY: it was allocated by `malloc`; what `realloc` returns, or the block if that
            // returns nothing, is freed once.
            unsafe {
                let smaller = libc::realloc(self.start.as_ptr(), SMALL_BLOCK_BYTES);
                let block = NonNull::new(smaller).unwrap_or(self.start);
                libc::free(block.as_ptr());
            }
        }
    }
}

#[cfg(all(test, target_env = "gnu"))]
mod tests {
    use super::*;

    /// Resident memory of the mappings that have one of these addresses: other tests use others.
    fn resident_kib(addresses: &[usize]) -> usize {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut has_address = false;
        let mut resident = 0;
        for line in maps.lines() {
            let first = line.split(' ').next().unwrap();
            let bounds = first.split_once('-').map(|(start, end)| {
                let number = |text| usize::from_str_radix(text, 16);
                (number(start), number(end))
            });
            if let Some((Ok(start), Ok(end))) = bounds {
                has_address = addresses.iter().any(|at| (start..end).contains(at));
            } else if let Some(size) = line.strip_prefix("Rss:").filter(|_| has_address) {
                let number = size.trim().strip_suffix(" kB").unwrap();
                resident += number.parse::<usize>().unwrap();
            }
        }
        resident
    }

    #[test]
    fn the_end_of_an_arena_is_returned() {
        drop(vec![1_u8; 30 << 20]); // which raises the thresholds
        let thread = std::thread::Builder::new().spawn(|| {
            let blocks: Vec<Vec<u8>> = (0..20).map(|_| vec![1; 1 << 20]).collect();
            let addresses: Vec<_> = blocks.iter().map(|block| block.as_ptr().addr()).collect();
            let used = resident_kib(&addresses);
            drop(blocks);
            trim();
            (used, resident_kib(&addresses))
        });
        let (used, after) = thread.unwrap().join().unwrap();
        assert!(used > 20_000, "{used}");
        assert!(after + 15_000 < used, "{used} {after}");
    }
}
