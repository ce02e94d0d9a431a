//! Copies of the sections that unwinding needs: `.eh_frame` and its search table `.eh_frame_hdr`.

use std::sync::Arc;

use gimli::{
    BaseAddresses, EhFrame, EhFrameHdr, LittleEndian, ParsedEhFrameHdr, Pointer, UnwindSection,
};

use super::elf::ElfImage;

/// Larger sections are not copied: no real program has one.
const MAX_SECTION_BYTES: u64 = 256 * 1024 * 1024;
const ADDRESS_BYTES: u8 = 8;
/// Version and encodings that GNU ld, gold, lld and mold write. With others, wrong counts would
/// overflow gimli's arithmetic.
const HEADER_ENCODINGS: [u8; 4] = [1, 0x1b, 0x03, 0x3b];

type SectionSlice<'a> = gimli::EndianSlice<'a, LittleEndian>;

/// Two sections and their addresses in the file.
#[derive(Debug)]
pub(super) struct UnwindTables {
    pub(super) eh_frame_hdr: Arc<[u8]>,
    pub(super) eh_frame_hdr_address: u64,
    pub(super) eh_frame: Arc<[u8]>,
    pub(super) eh_frame_address: u64,
}

impl UnwindTables {
    /// Copies the tables of an image. `read` fills a buffer from an address of the image, and
    /// returns whether it could.
    pub(super) fn copy(image: &ElfImage, read: impl Fn(u64, &mut [u8]) -> bool) -> Option<Self> {
        let section = |start: u64, end: u64| {
            let size = end.checked_sub(start)?;
            let mut bytes = vec![0; usize::try_from(size).ok()?];
            (size <= MAX_SECTION_BYTES && read(start, &mut bytes)).then(|| bytes.into())
        };
        let header = image.eh_frame_hdr.clone()?;
        let eh_frame_hdr: Arc<[u8]> = section(header.start, header.end)?;
        let parsed = parse_header(&eh_frame_hdr, header.start)?;
        let Pointer::Direct(eh_frame_address) = parsed.eh_frame_ptr() else {
            return None;
        };
        let eh_frame = section(eh_frame_address, image.segment_end(eh_frame_address)?)?;
        Some(Self {
            eh_frame_hdr,
            eh_frame_hdr_address: header.start,
            eh_frame,
            eh_frame_address,
        })
    }

    /// The start of the function that contains a code address of the image.
    pub(super) fn function_start(&self, address: u64) -> Option<u64> {
        let bases = BaseAddresses::default()
            .set_eh_frame_hdr(self.eh_frame_hdr_address)
            .set_eh_frame(self.eh_frame_address);
        let header = parse_header(&self.eh_frame_hdr, self.eh_frame_hdr_address)?;
        let frames = EhFrame::new(&self.eh_frame, LittleEndian);
        let Pointer::Direct(entry) = header.table()?.lookup(address, &bases).ok()? else {
            return None;
        };
        // Before `.eh_frame`: gimli's own subtraction would overflow.
        let offset = usize::try_from(entry.checked_sub(self.eh_frame_address)?).ok()?;
        let function = frames
            .fde_from_offset(&bases, offset.into(), EhFrame::cie_from_offset)
            .ok()
            .filter(|function| function.contains(address))?;
        Some(function.initial_address())
    }
}

fn parse_header(bytes: &[u8], address: u64) -> Option<ParsedEhFrameHdr<SectionSlice<'_>>> {
    if !bytes.starts_with(&HEADER_ENCODINGS) {
        return None;
    }
    let bases = BaseAddresses::default().set_eh_frame_hdr(address);
    EhFrameHdr::new(bytes, LittleEndian)
        .parse(&bases, ADDRESS_BYTES)
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn damaged_tables_never_panic(
            place in 0_usize..64, byte: u8, length in 0_usize..64, address: u64,
        ) {
            let mut header = HEADER_ENCODINGS.to_vec();
            for word in [0x100_i32, 2, -0x200, 0, -0x100, 0] {
                header.extend(word.to_le_bytes());
            }
            header.resize(64, 0);
            header[place] = byte;
            header.truncate(length);
            let tables = UnwindTables {
                eh_frame: header.clone().into(),
                eh_frame_hdr: header.into(),
                eh_frame_hdr_address: 0x1000,
                eh_frame_address: 0x1100,
            };
            let _ = tables.function_start(address);
        }
    }
}
