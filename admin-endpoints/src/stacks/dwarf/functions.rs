//! The functions and inlined calls of one compilation unit.

use gimli::{AttributeValue, Dwarf, Unit, UnitOffset};

use super::batch::{Slice, indexes_in};
use super::lines::SourceLine;
use super::units;

/// How many references are followed from an inlined call to the function's name.
const MAX_NAME_REFERENCES: usize = 16;

/// A function, or a call that was inlined into it.
#[derive(Clone, Copy)]
pub(super) struct FunctionCall<'a> {
    /// The name as the compiler wrote it.
    pub(super) name: Option<Slice<'a>>,
    /// Where an inlined function is called.
    pub(super) call_site: Option<SourceLine>,
}

/// For each address, the function that contains it, then the calls inlined there, outermost first.
pub(super) fn read<'a>(
    dwarf: &Dwarf<Slice<'a>>,
    unit: &Unit<Slice<'a>>,
    addresses: &[u64],
) -> gimli::Result<Vec<Vec<FunctionCall<'a>>>> {
    let mut calls_at = vec![Vec::new(); addresses.len()];
    let mut entries = unit.header.entries_raw(&unit.abbreviations, None)?;
    while !entries.is_empty() {
        let Some(abbreviation) = entries.read_abbreviation()? else {
            continue;
        };
        let is_inlined = abbreviation.tag() == gimli::DW_TAG_inlined_subroutine;
        if !is_inlined && abbreviation.tag() != gimli::DW_TAG_subprogram {
            entries.skip_attributes(abbreviation.attributes())?;
            continue;
        }
        let mut attributes = FunctionAttributes::default();
        for specification in abbreviation.attributes() {
            let attribute = entries.read_attribute(*specification)?;
            attributes.add(attribute.name(), attribute.value());
        }
        let mut call = None;
        for_each_range(dwarf, unit, &attributes, |range| {
            for index in indexes_in(addresses, range) {
                let call = *call.get_or_insert_with(|| FunctionCall {
                    name: function_name(dwarf, unit, &attributes, MAX_NAME_REFERENCES),
                    call_site: attributes.call_site(unit),
                });
                let calls = &mut calls_at[index];
                if !is_inlined {
                    calls.clear();
                }
                calls.push(call);
            }
        })?;
    }
    Ok(calls_at)
}

fn for_each_range<'a>(
    dwarf: &Dwarf<Slice<'a>>,
    unit: &Unit<Slice<'a>>,
    attributes: &FunctionAttributes<'a>,
    mut visit: impl FnMut(gimli::Range),
) -> gimli::Result<()> {
    if let Some(ranges) = attributes.ranges
        && let Some(offset) = dwarf.attr_ranges_offset(unit, ranges)?
    {
        let mut ranges = dwarf.ranges(unit, offset)?;
        while let Some(range) = ranges.next()? {
            visit(range);
        }
        return Ok(());
    }
    let address = |value| dwarf.attr_address(unit, value);
    let (Some(low), Some(high)) = (attributes.low_pc, attributes.high_pc) else {
        return Ok(());
    };
    let Some(begin) = address(low)? else {
        return Ok(());
    };
    let end = match (address(high)?, high.udata_value()) {
        (Some(end), _) => end,
        (None, Some(size)) => begin.wrapping_add(size),
        (None, None) => begin,
    };
    visit(gimli::Range { begin, end });
    Ok(())
}

/// The linkage name if there is one, otherwise the name; of the entry itself or of the one that
/// it refers to.
fn function_name<'a>(
    dwarf: &Dwarf<Slice<'a>>,
    unit: &Unit<Slice<'a>>,
    attributes: &FunctionAttributes<'a>,
    references_left: usize,
) -> Option<Slice<'a>> {
    if let Some(name) = attributes.linkage_name.or(attributes.name) {
        return dwarf.attr_string(unit, name).ok();
    }
    let references_left = references_left.checked_sub(1)?;
    match attributes.origin? {
        AttributeValue::UnitRef(offset) => {
            let attributes = read_attributes(unit, offset).ok()?;
            function_name(dwarf, unit, &attributes, references_left)
        }
        AttributeValue::DebugInfoRef(offset) => {
            let header = units::containing(dwarf, offset)?;
            let offset = offset.to_unit_offset(&header)?;
            let other = dwarf.unit(header).ok()?;
            let attributes = read_attributes(&other, offset).ok()?;
            function_name(dwarf, &other, &attributes, references_left)
        }
        _ => None,
    }
}

/// The attributes of a function or an inlined call that are needed.
#[derive(Default)]
struct FunctionAttributes<'a> {
    low_pc: Option<AttributeValue<Slice<'a>>>,
    high_pc: Option<AttributeValue<Slice<'a>>>,
    ranges: Option<AttributeValue<Slice<'a>>>,
    linkage_name: Option<AttributeValue<Slice<'a>>>,
    name: Option<AttributeValue<Slice<'a>>>,
    origin: Option<AttributeValue<Slice<'a>>>,
    call_file: Option<u64>,
    call_line: Option<u64>,
}

impl<'a> FunctionAttributes<'a> {
    fn add(&mut self, name: gimli::DwAt, value: AttributeValue<Slice<'a>>) {
        match name {
            gimli::DW_AT_low_pc => self.low_pc = Some(value),
            gimli::DW_AT_high_pc => self.high_pc = Some(value),
            gimli::DW_AT_ranges => self.ranges = Some(value),
            gimli::DW_AT_linkage_name | gimli::DW_AT_MIPS_linkage_name => {
                self.linkage_name = Some(value);
            }
            gimli::DW_AT_name => self.name = Some(value),
            gimli::DW_AT_abstract_origin | gimli::DW_AT_specification => self.origin = Some(value),
            gimli::DW_AT_call_file => {
                self.call_file = match value {
                    AttributeValue::FileIndex(index) => Some(index),
                    _ => value.udata_value(),
                };
            }
            gimli::DW_AT_call_line => self.call_line = value.udata_value(),
            _ => {}
        }
    }

    fn call_site(&self, unit: &Unit<Slice<'a>>) -> Option<SourceLine> {
        // Before version 5, index 0 means that the file is not known.
        let file = self
            .call_file
            .filter(|file| *file != 0 || unit.header.version() >= 5)?;
        let line = self.call_line.and_then(|line| u32::try_from(line).ok());
        Some(SourceLine {
            file,
            line: line.unwrap_or(0),
        })
    }
}

fn read_attributes<'a>(
    unit: &Unit<Slice<'a>>,
    offset: UnitOffset,
) -> gimli::Result<FunctionAttributes<'a>> {
    let mut entries = unit.header.entries_raw(&unit.abbreviations, Some(offset))?;
    let mut attributes = FunctionAttributes::default();
    if let Some(abbreviation) = entries.read_abbreviation()? {
        for specification in abbreviation.attributes() {
            let attribute = entries.read_attribute(*specification)?;
            attributes.add(attribute.name(), attribute.value());
        }
    }
    Ok(attributes)
}
