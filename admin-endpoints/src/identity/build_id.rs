//! The build id of the executable.

use std::sync::OnceLock;

/// In hexadecimal digits; read once. `None` if the linker wrote none.
pub(super) fn build_id() -> Option<String> {
    static BUILD_ID: OnceLock<Option<String>> = OnceLock::new();
    BUILD_ID.get_or_init(read).clone()
}

/// The file of this program stays readable here when it was replaced.
#[cfg(target_os = "linux")]
fn read() -> Option<String> {
    use std::fmt::Write;
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    let file = File::open("/proc/self/exe").ok()?;
    let id = find(|buffer, at| file.read_exact_at(buffer, at).ok())?;
    let mut text = String::with_capacity(id.len() * 2);
    for byte in id {
        write!(text, "{byte:02x}").ok()?;
    }
    Some(text)
}

#[cfg(not(target_os = "linux"))]
fn read() -> Option<String> {
    None
}

/// What an ELF file of 64 bits, with the low byte first, begins with.
const ELF_64_LITTLE: &[u8] = b"\x7fELF\x02\x01";

const HEADER_BYTES: usize = 64;

const SEGMENT_BYTES: usize = 56;

/// `PT_NOTE`
const NOTE_SEGMENT: u32 = 4;

/// More notes than that are not looked at.
const MAX_NOTE_BYTES: u64 = 64 << 10;

/// The build id in a file, of which `read` fills a buffer from a position.
fn find(read: impl Fn(&mut [u8], u64) -> Option<()>) -> Option<Vec<u8>> {
    let mut header = [0; HEADER_BYTES];
    read(&mut header, 0)?;
    if !header.starts_with(ELF_64_LITTLE) {
        return None;
    }
    let table = u64_at(&header, 32)?;
    let (size, count) = (u16_at(&header, 54)?, u16_at(&header, 56)?);
    for index in 0..u64::from(count) {
        let mut segment = [0; SEGMENT_BYTES];
        read(&mut segment, table.checked_add(index * u64::from(size))?)?;
        let bytes = u64_at(&segment, 32)?;
        if u32_at(&segment, 0)? != NOTE_SEGMENT || bytes > MAX_NOTE_BYTES {
            continue;
        }
        let mut notes = vec![0; usize::try_from(bytes).ok()?];
        read(&mut notes, u64_at(&segment, 8)?)?;
        let align = if u64_at(&segment, 48)? == 8 { 8 } else { 4 };
        if let Some(id) = find_in_notes(&notes, align) {
            return Some(id.to_vec());
        }
    }
    None
}

/// The note `GNU` of the type 3.
fn find_in_notes(mut notes: &[u8], align: usize) -> Option<&[u8]> {
    loop {
        let name_bytes = u32_at(notes, 0)? as usize;
        let content_bytes = u32_at(notes, 4)? as usize;
        let kind = u32_at(notes, 8)?;
        let name = notes.get(12..)?.get(..name_bytes)?;
        let content_start = (12 + name_bytes).next_multiple_of(align);
        let content = notes.get(content_start..)?.get(..content_bytes)?;
        if name == b"GNU\0" && kind == 3 {
            return Some(content);
        }
        notes = notes.get((content_start + content_bytes).next_multiple_of(align)..)?;
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn note(name: &[u8], kind: u32, content: &[u8]) -> Vec<u8> {
        let mut note = Vec::new();
        for word in [name.len() as u32, content.len() as u32, kind] {
            note.extend(word.to_le_bytes());
        }
        for part in [name, content] {
            note.extend(part);
            note.resize(note.len().next_multiple_of(4), 0);
        }
        note
    }

    /// An executable with one segment of notes.
    fn executable() -> Vec<u8> {
        let notes = [note(b"ABC\0", 3, b"12345"), note(b"GNU\0", 3, b"\xde\xad")].concat();
        let mut file = vec![0; HEADER_BYTES + SEGMENT_BYTES];
        file[..6].copy_from_slice(ELF_64_LITTLE);
        file[32] = HEADER_BYTES as u8;
        file[54] = SEGMENT_BYTES as u8;
        file[56] = 1;
        let segment = &mut file[HEADER_BYTES..];
        segment[0] = 4;
        segment[8] = (HEADER_BYTES + SEGMENT_BYTES) as u8;
        segment[32] = notes.len() as u8;
        file.extend(notes);
        file
    }

    fn find_in(file: &[u8]) -> Option<Vec<u8>> {
        find(|buffer, at| {
            let rest = file.get(usize::try_from(at).ok()?..)?;
            buffer.copy_from_slice(rest.get(..buffer.len())?);
            Some(())
        })
    }

    #[test]
    fn finds_the_build_id_after_another_note() {
        assert_eq!(find_in(&executable()).as_deref(), Some(&b"\xde\xad"[..]));
        assert_eq!(find_in(b"#!/bin/sh\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn is_that_of_this_program() {
        use object::Object;

        let bytes = std::fs::read("/proc/self/exe").unwrap();
        let file = object::File::parse(&*bytes).unwrap();
        let expected = file.build_id().unwrap();
        assert_eq!(find_in(&bytes).as_deref(), expected);
    }

    proptest! {
        #[test]
        fn damaged_files_never_panic(place in 0_usize..160, byte: u8, length in 0_usize..160) {
            let mut file = executable();
            if let Some(damaged) = file.get_mut(place) {
                *damaged = byte;
            }
            let _ = find_in(&file);
            file.truncate(length);
            let _ = find_in(&file);
        }
    }
}
