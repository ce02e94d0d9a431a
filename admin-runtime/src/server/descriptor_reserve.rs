//! Descriptors that are kept open, to be closed when the process has no other.

use std::fs::File;
use std::io;
use std::sync::Mutex;

use crate::sync::lock;

/// Connections that can be accepted at once while the process has no free descriptor, and one more.
const RESERVED_DESCRIPTORS: usize = 5;

/// What a reserved descriptor is open on.
const NULL_DEVICE: &str = "/dev/null";

/// The system's limit of open files, and the process's: the same numbers on every Unix.
const DESCRIPTOR_ERRORS: [i32; 2] = [23, 24];

/// Descriptors of one server that are open on nothing.
pub(super) struct DescriptorReserve(Mutex<Vec<File>>);

impl DescriptorReserve {
    /// As many as can be opened.
    pub(super) fn new() -> Self {
        let reserve = Self(Mutex::default());
        reserve.refill();
        reserve
    }

    /// Closes one, so that the next descriptor that is opened has its place; false if none is left.
    pub(super) fn release_one(&self) -> bool {
        lock(&self.0).pop().is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }

    /// Opens what is missing, as far as the process has descriptors.
    pub(super) fn refill(&self) {
        let mut reserve = lock(&self.0);
        while reserve.len() < RESERVED_DESCRIPTORS
            && let Ok(file) = File::open(NULL_DEVICE)
        {
            reserve.push(file);
        }
    }
}

/// Whether an error says that the process or the system has no free descriptor.
pub(super) fn is_descriptor_error(error: &io::Error) -> bool {
    let number = error.raw_os_error();
    number.is_some_and(|number| DESCRIPTOR_ERRORS.contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_descriptors_are_refilled() {
        let reserve = DescriptorReserve::new();
        for _ in 0..RESERVED_DESCRIPTORS {
            assert!(reserve.release_one());
        }
        assert!(!reserve.release_one() && reserve.is_empty());
        reserve.refill();
        assert!(reserve.release_one());
    }

    #[test]
    fn only_descriptor_errors_are_recognised() {
        for (number, expected) in [(23, true), (24, true), (11, false), (103, false)] {
            let error = io::Error::from_raw_os_error(number);
            assert_eq!(is_descriptor_error(&error), expected, "{error}");
        }
        assert!(!is_descriptor_error(&io::Error::other("text")));
    }
}
