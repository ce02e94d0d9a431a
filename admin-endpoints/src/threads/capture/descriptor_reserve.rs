//! Descriptors for dumps of a process that has used up its own.

use std::fs::File;

/// How many files a dump has open at the same time: two of a watched task and a third of its
/// files, or one of a library.
const MAX_OPEN_FILES: usize = 3;

/// Descriptors that are held between dumps and free during a dump.
pub(super) struct DumpDescriptorReserve(Vec<File>);

impl DumpDescriptorReserve {
    pub(super) fn new() -> Self {
        let mut reserve = Self(Vec::with_capacity(MAX_OPEN_FILES));
        reserve.refill();
        reserve
    }

    /// Frees the descriptors for the calling thread, or for whichever thread is faster.
    pub(super) fn release(&mut self) {
        self.0.clear();
    }

    /// Takes the descriptors again, as far as there are any.
    pub(super) fn refill(&mut self) {
        while self.0.len() < MAX_OPEN_FILES
            && let Ok(file) = File::open("/dev/null")
        {
            self.0.push(file);
        }
    }
}
