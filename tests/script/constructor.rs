//! Threads that start before `main`, as constructors of C libraries and of allocators do it.
//!
//! A case says by the name of its executable whether there is one: the zygote, which is started
//! without an environment, has the same executable.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

/// What the executable of such a case ends with.
const BEFORE_ZYGOTE: &str = "thread_before_zygote";
const AFTER_ZYGOTE: &str = "thread_after_zygote";

/// Runs first of all, as the constructor of a shared library does.
#[used]
#[unsafe(link_section = ".init_array.00001")]
static BEFORE_THE_ZYGOTE: extern "C" fn() = before_the_zygote;

/// Runs after a process that is a zygote was taken over.
#[used]
#[unsafe(link_section = ".init_array")]
static AFTER_THE_ZYGOTE: extern "C" fn() = after_the_zygote;

extern "C" fn before_the_zygote() {
    start_thread_if(BEFORE_ZYGOTE);
}

extern "C" fn after_the_zygote() {
    start_thread_if(AFTER_ZYGOTE);
}

fn start_thread_if(extension: &str) {
    let executable = std::env::current_exe();
    if executable.is_ok_and(|path| path.extension() == Some(OsStr::new(extension))) {
        let _parked = thread::Builder::new().spawn(thread::park);
    }
}

/// A name of this program with which a thread starts before a zygote would be taken over.
pub(crate) fn with_thread_before_zygote(program: &Path, case: &str) -> PathBuf {
    link(program, case, BEFORE_ZYGOTE)
}

/// A name of this program with which a thread starts after a zygote would be taken over.
pub(crate) fn with_thread_after_zygote(program: &Path, case: &str) -> PathBuf {
    link(program, case, AFTER_ZYGOTE)
}

fn link(program: &Path, case: &str, extension: &str) -> PathBuf {
    let link = program.with_extension(format!("{case}.{extension}"));
    // That of an earlier run.
    let _ = fs::remove_file(&link);
    fs::hard_link(program, &link).expect("a link in the folder of the program");
    link
}
