//! The variables of the live process, read while other threads may change them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Variables as `NAME=value` strings, each with a NUL at its end. A name may be there twice.
#[derive(Debug, Hash)]
pub(super) struct Variables(Vec<u8>);

impl Variables {
    /// The variables of this process.
    ///
    /// C code may call `setenv` meanwhile, which frees and moves what `environ` refers to:
    /// everything is copied through the kernel, so that an address that is no longer valid ends a
    /// copy and nothing else.
    #[cfg(target_os = "linux")]
    pub(super) fn of_process() -> Self {
        Self(snapshot::read())
    }

    /// The variables of this process.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn of_process() -> Self {
        let mut strings = Vec::new();
        for (name, value) in std::env::vars_os() {
            strings.extend_from_slice(name.as_bytes());
            strings.push(b'=');
            strings.extend_from_slice(value.as_bytes());
            strings.push(0);
        }
        Self(strings)
    }

    #[cfg(test)]
    pub(super) fn from_strings(strings: &[u8]) -> Self {
        Self(strings.to_vec())
    }

    /// Names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        let strings = self.0.split(|byte| *byte == 0);
        strings.filter_map(|string| {
            let (name, value) = split(string)?;
            Some((OsStr::from_bytes(name), OsStr::from_bytes(value)))
        })
    }

    /// The size of all of them.
    pub(super) fn bytes(&self) -> usize {
        self.0.len()
    }
}

/// Splits `NAME=value`. As in the standard library a name may begin with `=`.
fn split(string: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = string.iter().skip(1).position(|byte| *byte == b'=')? + 1;
    Some((&string[..equals], &string[equals + 1..]))
}

#[cfg(target_os = "linux")]
mod snapshot {
    use std::collections::BTreeMap;
    use std::sync::Once;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::split;
    use crate::memory;

    /// More variables are left out, and longer ones cut.
    const MAX_VARIABLES: usize = 65_536;
    const MAX_VARIABLE_BYTES: usize = 1 << 20;

    /// How often all is read again because it changed meanwhile.
    const MAX_ATTEMPTS: usize = 8;

    /// Bytes that are copied at once: pointers and strings of a process are near each other.
    const WINDOW_BYTES: usize = 8 << 10;
    const PAGE_BYTES: usize = 4 << 10;
    const POINTER_BYTES: usize = size_of::<usize>();

    unsafe extern "C" {
        static environ: AtomicUsize;
    }

    /// The strings at one moment. If they change all the time, those of several moments.
    pub(super) fn read() -> Vec<u8> {
        static PREPARE: Once = Once::new();
        PREPARE.call_once(memory::prepare);
        let mut seen = BTreeMap::new();
        for _ in 0..MAX_ATTEMPTS {
            let mut window = Window::default();
            let pointers = Pointers::read(&mut window);
            let mut strings = Vec::new();
            for address in &pointers.addresses {
                window.append_string(*address, &mut strings);
            }
            if pointers.are_unchanged() {
                return strings;
            }
            // A variable that moves while the pointers are copied is missed once, not every time.
            for string in strings.rsplit(|byte| *byte == 0) {
                if let Some((name, _)) = split(string) {
                    seen.insert(name.to_vec(), string.to_vec());
                }
            }
        }
        seen.into_values().fold(Vec::new(), |mut strings, string| {
            strings.extend_from_slice(&string);
            strings.push(0);
            strings
        })
    }

    /// The array of pointers to strings, which a null pointer ends.
    struct Pointers {
        array: usize,
        addresses: Vec<usize>,
    }

    impl Pointers {
        fn read(window: &mut Window) -> Self {
            let array = array();
            let mut addresses = Vec::new();
            while array != 0 && addresses.len() < MAX_VARIABLES {
                let Some(next) = array.checked_add(addresses.len() * POINTER_BYTES) else {
                    break;
                };
                match window.bytes_at(next).and_then(<[u8]>::first_chunk) {
                    None | Some(&[0, 0, 0, 0, 0, 0, 0, 0]) => break,
                    Some(pointer) => addresses.push(usize::from_ne_bytes(*pointer)),
                }
            }
            Self { array, addresses }
        }

        /// Whether the array is where it was and refers to the same strings.
        fn are_unchanged(&self) -> bool {
            let mut copy = vec![0; self.addresses.len() * POINTER_BYTES];
            let length = memory::read(self.array as u64, &mut copy);
            let (pointers, _) = copy[..length].as_chunks();
            let pointers = pointers
                .iter()
                .map(|pointer| usize::from_ne_bytes(*pointer));
            self.array == array() && pointers.eq(self.addresses.iter().copied())
        }
    }

    fn array() -> usize {
        // SAFETY: the C library has this variable, of the size of an address; it is only loaded.
        unsafe { environ.load(Ordering::Acquire) }
    }

    /// A copy of the memory around what was read last.
    #[derive(Default)]
    struct Window {
        start: usize,
        bytes: Vec<u8>,
    }

    impl Window {
        /// Appends the string at an address and a NUL, unless it does not end in memory that can
        /// be read.
        fn append_string(&mut self, address: usize, strings: &mut Vec<u8>) {
            let start = strings.len();
            let mut next = Some(address);
            while strings.len() - start < MAX_VARIABLE_BYTES {
                let Some(rest) = next.and_then(|next| self.bytes_at(next)) else {
                    strings.truncate(start);
                    return;
                };
                if let Some(end) = rest.iter().position(|byte| *byte == 0) {
                    strings.extend_from_slice(&rest[..end]);
                    break;
                }
                strings.extend_from_slice(rest);
                next = address.checked_add(strings.len() - start);
            }
            strings.push(0);
        }

        /// What can be read from an address on, at least one byte.
        fn bytes_at(&mut self, address: usize) -> Option<&[u8]> {
            let offset = |start| address.checked_sub(start);
            if offset(self.start).is_none_or(|at| at >= self.bytes.len()) {
                self.start = address - address % PAGE_BYTES;
                self.bytes.resize(WINDOW_BYTES, 0);
                let length = memory::read(self.start as u64, &mut self.bytes);
                self.bytes.truncate(length);
            }
            let rest = self.bytes.get(offset(self.start)?..)?;
            (!rest.is_empty()).then_some(rest)
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn string_at(address: usize) -> Vec<u8> {
            let mut strings = b"x".to_vec();
            Window::default().append_string(address, &mut strings);
            strings.split_off(1)
        }

        #[test]
        fn strings_at_bad_addresses_are_left_out() {
            assert_eq!(string_at(8), b"");
            assert_eq!(string_at(usize::MAX - 8), b"");
            assert_eq!(string_at(c"A=b".as_ptr() as usize), b"A=b\0");
        }

        #[test]
        fn a_string_longer_than_a_copy_is_whole() {
            let text = [b"A=".as_slice(), &[b'x'; 3 * WINDOW_BYTES], b"\0"].concat();
            assert_eq!(string_at(text.as_ptr() as usize), text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_standard_library_reads() {
        let mut expected: Vec<_> = std::env::vars_os().collect();
        let variables = Variables::of_process();
        let owned = |(name, value): (&OsStr, &OsStr)| (name.to_owned(), value.to_owned());
        let mut read: Vec<_> = variables.iter().map(owned).collect();
        expected.sort();
        read.sort();
        assert_eq!(read, expected);
    }

    #[test]
    fn a_name_may_begin_with_an_equals_sign() {
        let variables = Variables::from_strings(b"=C:=x\0A=\0A\0\0");
        let read: Vec<_> = variables.iter().collect();
        assert_eq!(
            read,
            [("=C:".as_ref(), "x".as_ref()), ("A".as_ref(), "".as_ref())]
        );
    }
}
