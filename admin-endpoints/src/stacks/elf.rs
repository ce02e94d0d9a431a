//! The headers of an ELF image: its segments, its build ID, the place of its unwind tables.

use std::ops::Range;

use object::LittleEndian;
use object::elf::{ELF_NOTE_GNU, FileHeader64, NT_GNU_BUILD_ID, PT_GNU_EH_FRAME, PT_LOAD, PT_NOTE};
use object::read::elf::{FileHeader as _, NoteIterator, ProgramHeader as _};

/// How much of an image [`ElfImage::parse`] needs: linkers put the program headers at the start.
pub(super) const HEADER_BYTES: usize = 4096;

const PAGE_BYTES: u64 = 4096;
const BYTE_ORDER: LittleEndian = LittleEndian;

pub(super) type FileHeader = FileHeader64<LittleEndian>;

/// The program headers of an image. Addresses are those in the file, without load bias.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ElfImage {
    /// The start of the first loaded page.
    pub(super) start: u64,
    /// The parts of the loaded segments that are backed by the file.
    segments: Vec<Range<u64>>,
    /// The address range of `.eh_frame_hdr`.
    pub(super) eh_frame_hdr: Option<Range<u64>>,
    pub(super) notes: Vec<NoteSegment>,
}

/// A segment of notes, one of which may be the build ID.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoteSegment {
    /// The offset in the file.
    pub(super) offset: u64,
    pub(super) address: u64,
    pub(super) size: u64,
    align: u64,
}

impl ElfImage {
    /// Parses the first [`HEADER_BYTES`] of an image, or all of a smaller one. `None` if it is not
    /// a 64-bit little-endian ELF image with loaded segments.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let header = FileHeader::parse(bytes).ok()?;
        let endian = header.endian().ok()?;
        let mut image = Self {
            start: u64::MAX,
            ..Self::default()
        };
        for segment in header.program_headers(endian, bytes).ok()? {
            let address = segment.p_vaddr(endian);
            match segment.p_type(endian) {
                PT_LOAD => {
                    let end = address.checked_add(segment.p_filesz(endian))?;
                    image.start = image.start.min(address & !(PAGE_BYTES - 1));
                    image.segments.push(address..end);
                }
                PT_NOTE => image.notes.push(NoteSegment {
                    offset: segment.p_offset(endian),
                    address,
                    size: segment.p_filesz(endian),
                    align: segment.p_align(endian),
                }),
                PT_GNU_EH_FRAME => {
                    let end = address.checked_add(segment.p_memsz(endian))?;
                    image.eh_frame_hdr = Some(address..end);
                }
                _ => {}
            }
        }
        (!image.segments.is_empty()).then_some(image)
    }

    /// How far behind the start of its first page a segment begins.
    #[cfg(feature = "profile")]
    pub(super) fn offset_in_page(&self, page: u64) -> Option<u64> {
        let mut starts = self.segments.iter().map(|segment| segment.start);
        let start = starts.find(|start| start & !(PAGE_BYTES - 1) == page)?;
        Some(start - page)
    }

    /// The end of the segment that contains `address`.
    pub(super) fn segment_end(&self, address: u64) -> Option<u64> {
        self.segments
            .iter()
            .find(|segment| segment.contains(&address))
            .map(|segment| segment.end)
    }
}

impl NoteSegment {
    /// The build ID in the contents of this segment.
    pub(super) fn build_id<'a>(&self, contents: &'a [u8]) -> Option<&'a [u8]> {
        let mut notes = NoteIterator::<FileHeader>::new(BYTE_ORDER, self.align, contents).ok()?;
        while let Some(note) = notes.next().ok()? {
            if note.name() == ELF_NOTE_GNU && note.n_type(BYTE_ORDER) == NT_GNU_BUILD_ID {
                return Some(note.desc());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    fn own_header() -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        let mut file = File::open("/proc/self/exe").expect("the test can read itself");
        file.read_exact(&mut bytes).expect("it is larger than that");
        bytes
    }

    #[test]
    fn parses_the_segments_of_this_program() {
        let image = ElfImage::parse(&own_header()).expect("an ELF file");
        let table = image
            .eh_frame_hdr
            .as_ref()
            .expect("linkers write it by default");
        assert!(image.start <= table.start);
        assert!(table.start < image.segment_end(table.start).unwrap());
    }

    #[cfg(feature = "profile")]
    #[test]
    fn segments_begin_within_a_page() {
        let image = ElfImage {
            segments: vec![0..0x1f54, 0x2e80..0x9000],
            ..ElfImage::default()
        };
        assert_eq!(image.offset_in_page(0), Some(0));
        assert_eq!(image.offset_in_page(0x2000), Some(0xe80));
        assert_eq!(image.offset_in_page(0x3000), None);
    }

    #[test]
    fn finds_the_build_id_after_another_note() {
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
        let segment = NoteSegment {
            offset: 0,
            address: 0,
            size: notes.len() as u64,
            align: 4,
        };
        assert_eq!(segment.build_id(&notes), Some(&b"\xde\xad\xbe\xef"[..]));
        assert_eq!(segment.build_id(&notes[..20]), None);
    }

    proptest! {
        #[test]
        fn damaged_headers_never_panic(
            place in 0_usize..256, byte: u8, length in 0_usize..HEADER_BYTES, align in 0_u64..16,
        ) {
            let mut bytes = own_header();
            bytes[place] = byte;
            let _ = ElfImage::parse(&bytes);
            bytes.truncate(length);
            let _ = ElfImage::parse(&bytes);
            let segment = NoteSegment { offset: 0, address: 0, size: 0, align };
            let _ = segment.build_id(&bytes);
        }
    }
}
