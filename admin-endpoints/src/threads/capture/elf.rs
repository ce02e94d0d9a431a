//! The few parts of an ELF image that unwinding needs, read through a callback.
//!
//! Formats: System V ABI, "ELF-64 Object File Format"; `.eh_frame_hdr` from the Linux Standard
//! Base, section "Exception Frame Header".

/// What the program headers of a loaded image say. Addresses are the image's own, without bias.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Image {
    /// The lowest page that is loaded.
    pub(super) start: u64,
    /// One past the highest byte that is loaded.
    pub(super) end: u64,
    /// Start and end of each loaded segment, as far as the file fills it.
    pub(super) segments: Vec<(u64, u64)>,
    /// Address and size of the table that [`FunctionTable`] reads.
    pub(super) eh_frame_hdr: Option<(u64, u64)>,
    /// Offset in the file, address and size of each note segment.
    pub(super) notes: Vec<(u64, u64, u64)>,
}

const PAGE: u64 = 4096;
const HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;

fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    Some(u64::from_le_bytes(
        bytes.get(offset..offset + 8)?.try_into().ok()?,
    ))
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_le_bytes(
        bytes.get(offset..offset + 4)?.try_into().ok()?,
    ))
}

fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    Some(u16::from_le_bytes(
        bytes.get(offset..offset + 2)?.try_into().ok()?,
    ))
}

impl Image {
    /// Parses the headers. `read` fills its buffer from an offset in the file and says whether
    /// it could; the headers are at the same offset in memory, counted from the image's start.
    pub(super) fn parse(mut read: impl FnMut(u64, &mut [u8]) -> bool) -> Option<Self> {
        const PT_LOAD: u32 = 1;
        const PT_NOTE: u32 = 4;
        const PT_GNU_EH_FRAME: u32 = 0x6474_e550;

        let mut header = [0; HEADER];
        if !read(0, &mut header) || !header.starts_with(b"\x7fELF\x02\x01") {
            return None;
        }
        let offset = u64_at(&header, 32)?;
        let count = usize::from(u16_at(&header, 56)?);
        if usize::from(u16_at(&header, 54)?) != PROGRAM_HEADER || count > 128 {
            return None;
        }
        let mut table = vec![0; count * PROGRAM_HEADER];
        if !read(offset, &mut table) {
            return None;
        }
        let mut image = Self {
            start: u64::MAX,
            ..Self::default()
        };
        for entry in table.chunks_exact(PROGRAM_HEADER) {
            let (offset, address) = (u64_at(entry, 8)?, u64_at(entry, 16)?);
            let (in_file, in_memory) = (u64_at(entry, 32)?, u64_at(entry, 40)?);
            match u32_at(entry, 0)? {
                PT_LOAD => {
                    image.start = image.start.min(address & !(PAGE - 1));
                    image.end = image.end.max(address.checked_add(in_memory)?);
                    image
                        .segments
                        .push((address, address.checked_add(in_file)?));
                }
                PT_NOTE => image.notes.push((offset, address, in_file)),
                PT_GNU_EH_FRAME => image.eh_frame_hdr = Some((address, in_memory)),
                _ => {}
            }
        }
        (image.start < image.end).then_some(image)
    }

    /// The end of the loaded segment that `address` lies in.
    pub(super) fn segment_end(&self, address: u64) -> Option<u64> {
        self.segments
            .iter()
            .find(|(start, end)| (*start..*end).contains(&address))
            .map(|(_, end)| *end)
    }
}

/// The build-id among the notes of one segment.
pub(super) fn build_id(mut notes: &[u8]) -> Option<&[u8]> {
    const NT_GNU_BUILD_ID: u32 = 3;
    loop {
        let name = u32_at(notes, 0)? as usize;
        let description = u32_at(notes, 4)? as usize;
        let kind = u32_at(notes, 8)?;
        let start = 12 + name.checked_next_multiple_of(4)?;
        if kind == NT_GNU_BUILD_ID && notes.get(12..12 + name)? == b"GNU\0" {
            return notes.get(start..start.checked_add(description)?);
        }
        notes = notes.get(start.checked_add(description.checked_next_multiple_of(4)?)?..)?;
    }
}

/// The sorted table of function starts in `.eh_frame_hdr`.
#[derive(Debug)]
pub(super) struct FunctionTable<'a> {
    rows: &'a [u8],
    address: u64,
    /// Where `.eh_frame` begins.
    pub(super) eh_frame: u64,
}

impl<'a> FunctionTable<'a> {
    /// Takes the section's bytes and its address. `None` for encodings other than the one that
    /// GNU ld, gold, lld and mold write.
    pub(super) fn parse(bytes: &'a [u8], address: u64) -> Option<Self> {
        const VERSION: u8 = 1;
        const PCREL_SDATA4: u8 = 0x1b;
        const UDATA4: u8 = 0x03;
        const DATAREL_SDATA4: u8 = 0x3b;
        if bytes.get(..4)? != [VERSION, PCREL_SDATA4, UDATA4, DATAREL_SDATA4] {
            return None;
        }
        let relative = u32_at(bytes, 4)?.cast_signed();
        let eh_frame = address
            .checked_add(4)?
            .checked_add_signed(i64::from(relative))?;
        let count = u32_at(bytes, 8)? as usize;
        let rows = bytes.get(12..12_usize.checked_add(count.checked_mul(8)?)?)?;
        Some(Self {
            rows,
            address,
            eh_frame,
        })
    }

    /// The start of the function that contains `address`, by the nearest start at or before it.
    pub(super) fn start_of(&self, address: u64) -> Option<u64> {
        let (rows, _) = self.rows.as_chunks::<8>();
        let start = |row: &[u8; 8]| {
            let relative = i32::from_le_bytes([row[0], row[1], row[2], row[3]]);
            self.address.wrapping_add_signed(i64::from(relative))
        };
        let after = rows.partition_point(|row| start(row) <= address);
        rows.get(after.checked_sub(1)?).map(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs::File;
    use std::io::Read;

    fn own_file() -> Vec<u8> {
        std::fs::read("/proc/self/exe").expect("the test can read itself")
    }

    fn read_from(file: &[u8]) -> impl FnMut(u64, &mut [u8]) -> bool {
        |offset, buffer| {
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            let Some(bytes) = start
                .checked_add(buffer.len())
                .and_then(|end| file.get(start..end))
            else {
                return false;
            };
            buffer.copy_from_slice(bytes);
            true
        }
    }

    #[test]
    fn this_program_has_segments_and_a_table_of_functions() {
        let file = own_file();
        let image = Image::parse(read_from(&file)).expect("an ELF file");
        let (address, _) = image
            .eh_frame_hdr
            .expect("every linker writes it by default");
        assert!(image.start <= address && address < image.segment_end(address).unwrap());
    }

    #[test]
    fn a_build_id_is_found_behind_another_note() {
        let mut notes = Vec::new();
        for (name, kind, description) in [
            (&b"ABC\0"[..], 1_u32, &b"12345"[..]),
            (b"GNU\0", 3, b"\xde\xad\xbe\xef"),
        ] {
            for word in [name.len() as u32, description.len() as u32, kind] {
                notes.extend(word.to_le_bytes());
            }
            notes.extend(name);
            notes.extend(description);
            notes.resize(notes.len().next_multiple_of(4), 0);
        }
        assert_eq!(build_id(&notes), Some(&b"\xde\xad\xbe\xef"[..]));
        assert_eq!(build_id(&notes[..20]), None);
    }

    #[test]
    fn a_function_is_found_from_its_start_to_the_next() {
        let mut bytes = vec![1, 0x1b, 3, 0x3b];
        for word in [0x100_i32, 2, -0x200, 0, -0x100, 0] {
            bytes.extend(word.to_le_bytes());
        }
        let table = FunctionTable::parse(&bytes, 0x1000).expect("the usual encodings");
        assert_eq!(table.eh_frame, 0x1104);
        assert_eq!(table.start_of(0xdff), None);
        assert_eq!(table.start_of(0xe00), Some(0xe00));
        assert_eq!(table.start_of(0xeff), Some(0xe00));
        assert_eq!(table.start_of(0xf00), Some(0xf00));
        assert!(FunctionTable::parse(&bytes[..20], 0x1000).is_none());
    }

    proptest! {
        #[test]
        fn damaged_headers_are_refused_and_never_panic(
            place in 0_usize..4096, byte: u8, length in 0_usize..4096,
        ) {
            let mut file = vec![0; 4096];
            File::open("/proc/self/exe")?.read_exact(&mut file)?;
            file[place] = byte;
            file.truncate(length);
            let _ = Image::parse(read_from(&file));
            let _ = build_id(&file);
            let _ = FunctionTable::parse(&file, u64::MAX);
        }
    }
}
