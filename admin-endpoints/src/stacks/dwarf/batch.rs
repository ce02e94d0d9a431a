//! The bytes of sections and the addresses that are looked up in them.

use std::ops::Range;

use gimli::{EndianSlice, LittleEndian};

/// The bytes of a section, borrowed from the file.
pub(super) type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The indexes of the addresses in a range. The addresses are sorted.
pub(super) fn indexes_in(addresses: &[u64], range: gimli::Range) -> Range<usize> {
    let start = addresses.partition_point(|address| *address < range.begin);
    let end = addresses.partition_point(|address| *address < range.end);
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_addresses_in_a_range() {
        let addresses = [10, 20, 20, 30];
        for (begin, end, expected) in [
            (0, 10, 0..0),
            (10, 11, 0..1),
            (15, 30, 1..3),
            (20, u64::MAX, 1..4),
            (31, 40, 4..4),
            (30, 10, 3..3), // damaged
        ] {
            let range = gimli::Range { begin, end };
            assert_eq!(indexes_in(&addresses, range), expected, "{range:?}");
        }
    }
}
