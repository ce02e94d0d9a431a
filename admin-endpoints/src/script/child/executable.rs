//! Whether this code is part of the running executable.
//!
//! The zygote is the running executable, started again. Code in a shared library, such as an
//! extension module of Python, would start a program that knows nothing of scripts.

use std::ffi::{c_int, c_void};

/// Returns whether the executable of this process contains this crate.
pub(crate) fn contains_this_code() -> bool {
    let mut contains = false;
    // SAFETY: the callback has the type that the function expects, and `contains` outlives the
    // call, which is the only time that the pointer is used.
    unsafe { libc::dl_iterate_phdr(Some(first_object), (&raw mut contains).cast()) };
    contains
}

/// Called with the executable itself, which dl_iterate_phdr(3) lists first; stops after it.
unsafe extern "C" fn first_object(
    info: *mut libc::dl_phdr_info,
    _: libc::size_t,
    contains: *mut c_void,
) -> c_int {
    // SAFETY: the loader passes a valid description for the time of the call.
    let info = unsafe { &*info };
    // SAFETY: the headers belong to an object that stays loaded as long as the process runs.
    let headers =
        unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    let address = contains_this_code as fn() -> bool as usize as u64;
    let found = headers.iter().any(|header| {
        let start = info.dlpi_addr.wrapping_add(header.p_vaddr);
        header.p_type == libc::PT_LOAD && (start..start + header.p_memsz).contains(&address)
    });
    // SAFETY: it is the `contains` of the only caller.
    unsafe { *contains.cast::<bool>() = found };
    1 // not zero: no further object
}

#[cfg(test)]
mod tests {
    #[test]
    fn test_executable_contains_this_code() {
        assert!(super::contains_this_code());
    }
}
