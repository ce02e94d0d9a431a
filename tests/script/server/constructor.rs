//! A thread that starts before `main`, as constructors of C libraries and of allocators do it.

use std::thread;

/// For the section `.init_array` of a program.
pub(crate) extern "C" fn start_thread() {
    let _parked = thread::Builder::new().spawn(thread::park);
}
