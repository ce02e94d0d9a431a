//! A thread that changes the environment, as C code of a program may.

use std::ffi::CString;

/// Adds variables until the list has moved several times, removes them, and begins again.
pub fn change_environment() -> ! {
    let names = (0..120).map(|number| format!("GROWN_{number}"));
    let variables: Vec<_> = names
        .map(|name| {
            let value = CString::new(format!("value of {name}")).expect("it has no NUL");
            (CString::new(name).expect("it has no NUL"), value)
        })
        .collect();
    loop {
        for (name, value) in &variables {
            // SAFETY: both are C strings. That other threads read the environment without the C
            // library's lock is what is tested: they copy it through the kernel.
            unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) };
        }
        for (name, _) in &variables {
            // SAFETY: as above.
            unsafe { libc::unsetenv(name.as_ptr()) };
        }
    }
}
