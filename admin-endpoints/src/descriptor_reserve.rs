//! Descriptors that are held open, to be closed when the process has used up its own.

use std::fs::File;

/// Up to `capacity` descriptors that are open on nothing.
pub(crate) struct HeldDescriptors {
    files: Vec<File>,
    capacity: usize,
}

impl HeldDescriptors {
    /// A reserve that holds nothing yet.
    pub(crate) const fn new(capacity: usize) -> Self {
        Self {
            files: Vec::new(),
            capacity,
        }
    }

    /// Frees the descriptors for the calling thread, or for whichever thread is faster.
    pub(crate) fn release(&mut self) {
        self.files.clear();
    }

    /// Takes the missing descriptors, as far as the process has any.
    pub(crate) fn refill(&mut self) {
        while self.files.len() < self.capacity
            && let Ok(file) = File::open("/dev/null")
        {
            self.files.push(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_descriptors_are_refilled() {
        let mut reserve = HeldDescriptors::new(3);
        assert_eq!(reserve.files.len(), 0);
        reserve.refill();
        assert_eq!(reserve.files.len(), 3);
        reserve.release();
        assert_eq!(reserve.files.len(), 0);
        reserve.refill();
        assert_eq!(reserve.files.len(), 3);
    }
}
