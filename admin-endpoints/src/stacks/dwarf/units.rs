//! Which compilation unit describes an address, and what reading it takes.

use gimli::{AttributeValue, DebugInfoOffset, Dwarf, Reader as _, Section as _, UnitHeader};

use super::batch::{Slice, indexes_in};

/// Memory of gimli's tables of files and directories, per byte of the line program's header.
const TABLE_BYTES_PER_HEADER_BYTE: u64 = 32;

/// The unit of each address.
pub(super) fn find(dwarf: &Dwarf<Slice<'_>>, addresses: &[u64]) -> Vec<Option<DebugInfoOffset>> {
    let mut units = vec![None; addresses.len()];
    let mut listed = Vec::new();
    let mut sets = dwarf.debug_aranges.headers();
    while let Ok(Some(set)) = sets.next() {
        let offset = set.debug_info_offset();
        listed.push(offset);
        let mut ranges = set.entries();
        // An entry whose end overflows is the only possible error: it is skipped.
        while let Some(range) = ranges.next().transpose() {
            if let Ok(range) = range {
                units[indexes_in(addresses, range.range())].fill(Some(offset));
            }
        }
    }
    listed.sort_unstable();
    let mut headers = dwarf.units();
    while units.contains(&None)
        && let Ok(Some(header)) = headers.next()
    {
        // Not every compiler writes .debug_aranges.
        if let Some(offset) = header.debug_info_offset()
            && listed.binary_search(&offset).is_err()
        {
            for range in unit_ranges(dwarf, header).unwrap_or_default() {
                for unit in &mut units[indexes_in(addresses, range)] {
                    unit.get_or_insert(offset);
                }
            }
        }
    }
    units
}

fn unit_ranges<'a>(
    dwarf: &Dwarf<Slice<'a>>,
    header: UnitHeader<Slice<'a>>,
) -> gimli::Result<Vec<gimli::Range>> {
    let unit = dwarf.unit(header)?;
    let mut ranges = dwarf.unit_ranges(&unit)?;
    let mut found = Vec::new();
    while let Some(range) = ranges.next()? {
        found.push(range);
    }
    Ok(found)
}

/// The memory that gimli allocates for the tables of files and directories of a unit.
pub(super) fn table_bytes<'a>(
    dwarf: &Dwarf<Slice<'a>>,
    header: &UnitHeader<Slice<'a>>,
) -> gimli::Result<u64> {
    let abbreviations = dwarf.abbreviations(header)?;
    let mut entries = header.entries(&abbreviations);
    entries.next_dfs()?;
    let root = entries.current().ok_or(gimli::Error::MissingUnitDie)?;
    let Some(AttributeValue::DebugLineRef(offset)) = root.attr_value(gimli::DW_AT_stmt_list) else {
        return Ok(0);
    };
    let mut program = *dwarf.debug_line.reader();
    program.skip(offset.0)?;
    let (_, format) = program.read_initial_length()?;
    if program.read_u16()? >= 5 {
        program.skip(2)?; // the sizes of addresses and segment selectors
    }
    let header_length = program.read_length(format)?;
    Ok((header_length as u64).saturating_mul(TABLE_BYTES_PER_HEADER_BYTE))
}

/// The unit that contains a reference.
pub(super) fn containing<'a>(
    dwarf: &Dwarf<Slice<'a>>,
    offset: DebugInfoOffset,
) -> Option<UnitHeader<Slice<'a>>> {
    let mut headers = dwarf.units();
    while let Some(header) = headers.next().ok()? {
        if offset.to_unit_offset(&header).is_some() {
            return Some(header);
        }
    }
    None
}
