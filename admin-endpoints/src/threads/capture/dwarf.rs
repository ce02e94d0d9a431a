//! Functions, inlined calls and source lines of code addresses, from DWARF debug information.
//!
//! The crate `addr2line` keeps the headers of all compilation units and everything it has parsed:
//! some 25 MB for a program of 20 MB. Here a batch of addresses is looked up one unit at a time,
//! and nothing of a unit is kept.

use std::ops::Range;

use gimli::{
    AttributeValue, DebugInfoOffset, Dwarf, DwarfFileType, EndianSlice, LittleEndian, Reader as _,
    Section as _, SectionId, Unit, UnitHeader, UnitOffset,
};

/// How many references are followed from an inlined call to the function's name.
const MAX_NAME_REFERENCES: usize = 16;
/// Memory of gimli's tables of files and directories, per byte of the line program's header.
const TABLE_BYTES_PER_HEADER_BYTE: u64 = 32;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The debug information of one file.
pub(super) struct DebugInfo<'a> {
    dwarf: Dwarf<Slice<'a>>,
}

/// One function at a code address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SourceFrame {
    /// The name as the compiler wrote it, usually mangled.
    pub(super) function: Option<String>,
    pub(super) file: Option<String>,
    pub(super) line: Option<u32>,
}

/// The frames at one address: inlined functions first, the function itself last.
pub(super) type SourceFrames = Vec<SourceFrame>;

/// Why a batch was not looked up completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Incomplete {
    /// A unit needs more memory than is allowed.
    Memory,
    /// The caller asked to stop.
    Stopped,
}

/// What a unit says about one address.
#[derive(Clone, Default)]
struct AddressLookup<'a> {
    row: Option<SourceLine>,
    /// The function that contains the address, then the calls inlined there, outermost first.
    calls: Vec<FunctionCall<'a>>,
}

#[derive(Clone, Copy)]
struct FunctionCall<'a> {
    name: Option<Slice<'a>>,
    /// Where an inlined function is called.
    call_site: Option<SourceLine>,
}

/// A line of a file of the unit's line program.
#[derive(Clone, Copy)]
struct SourceLine {
    file: u64,
    line: u32,
}

impl<'a> DebugInfo<'a> {
    /// `section` returns the contents of a section by its name, empty if there is none.
    pub(super) fn new(section: impl Fn(&str) -> &'a [u8]) -> Self {
        let load = |id: SectionId| {
            Ok::<_, std::convert::Infallible>(Slice::new(section(id.name()), LittleEndian))
        };
        let Ok(mut dwarf) = Dwarf::load(load);
        dwarf.file_type = DwarfFileType::Main;
        Self { dwarf }
    }

    /// Looks up code addresses, which must be in ascending order. An address that is not found has
    /// no frames. `may_continue` is asked before each unit, with the memory that the unit needs.
    pub(super) fn find_frames(
        &self,
        addresses: &[u64],
        mut may_continue: impl FnMut(u64) -> Result<(), Incomplete>,
    ) -> (Vec<SourceFrames>, Result<(), Incomplete>) {
        let mut frames = vec![SourceFrames::new(); addresses.len()];
        let mut outcome = Ok(());
        let mut units: Vec<(DebugInfoOffset, usize)> = self
            .find_units(addresses)
            .into_iter()
            .zip(0..)
            .filter_map(|(unit, index)| Some((unit?, index)))
            .collect();
        units.sort_unstable();
        for unit in units.chunk_by(|(first, _), (second, _)| first == second) {
            let (offset, _) = unit[0];
            let Ok(header) = self.dwarf.debug_info.header_from_offset(offset) else {
                continue;
            };
            if let Err(reason) = may_continue(self.table_bytes(&header).unwrap_or(u64::MAX)) {
                outcome = Err(reason);
                match reason {
                    Incomplete::Memory => continue, // the next unit may be smaller
                    Incomplete::Stopped => break,
                }
            }
            let in_unit: Vec<u64> = unit.iter().map(|(_, index)| addresses[*index]).collect();
            // A damaged unit costs its own names only.
            let found = self.read_unit(header, &in_unit).unwrap_or_default();
            for ((_, index), found) in unit.iter().zip(found) {
                frames[*index] = found;
            }
        }
        (frames, outcome)
    }

    /// The unit of each address.
    fn find_units(&self, addresses: &[u64]) -> Vec<Option<DebugInfoOffset>> {
        let mut units = vec![None; addresses.len()];
        let mut listed = Vec::new();
        let mut sets = self.dwarf.debug_aranges.headers();
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
        let mut headers = self.dwarf.units();
        while units.contains(&None)
            && let Ok(Some(header)) = headers.next()
        {
            // Not every compiler writes .debug_aranges.
            if let Some(offset) = header.debug_info_offset()
                && listed.binary_search(&offset).is_err()
            {
                for range in self.unit_ranges(header).unwrap_or_default() {
                    for unit in &mut units[indexes_in(addresses, range)] {
                        unit.get_or_insert(offset);
                    }
                }
            }
        }
        units
    }

    fn unit_ranges(&self, header: UnitHeader<Slice<'a>>) -> gimli::Result<Vec<gimli::Range>> {
        let unit = self.dwarf.unit(header)?;
        let mut ranges = self.dwarf.unit_ranges(&unit)?;
        let mut found = Vec::new();
        while let Some(range) = ranges.next()? {
            found.push(range);
        }
        Ok(found)
    }

    /// The memory that gimli allocates for the tables of files and directories of a unit.
    fn table_bytes(&self, header: &UnitHeader<Slice<'a>>) -> gimli::Result<u64> {
        let abbreviations = self.dwarf.abbreviations(header)?;
        let mut entries = header.entries(&abbreviations);
        entries.next_dfs()?;
        let root = entries.current().ok_or(gimli::Error::MissingUnitDie)?;
        let Some(AttributeValue::DebugLineRef(offset)) = root.attr_value(gimli::DW_AT_stmt_list)
        else {
            return Ok(0);
        };
        let mut program = *self.dwarf.debug_line.reader();
        program.skip(offset.0)?;
        let (_, format) = program.read_initial_length()?;
        if program.read_u16()? >= 5 {
            program.skip(2)?; // the sizes of addresses and segment selectors
        }
        let header_length = program.read_length(format)?;
        Ok((header_length as u64).saturating_mul(TABLE_BYTES_PER_HEADER_BYTE))
    }

    fn read_unit(
        &self,
        header: UnitHeader<Slice<'a>>,
        addresses: &[u64],
    ) -> gimli::Result<Vec<SourceFrames>> {
        let unit = self.dwarf.unit(header)?;
        let mut lookups = vec![AddressLookup::default(); addresses.len()];
        read_lines(&unit, addresses, &mut lookups)?;
        self.read_functions(&unit, addresses, &mut lookups)?;
        lookups
            .iter()
            .map(|lookup| self.source_frames(&unit, lookup))
            .collect()
    }

    /// Finds the functions and inlined calls around each address.
    fn read_functions(
        &self,
        unit: &Unit<Slice<'a>>,
        addresses: &[u64],
        lookups: &mut [AddressLookup<'a>],
    ) -> gimli::Result<()> {
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
            self.for_each_range(unit, &attributes, |range| {
                for index in indexes_in(addresses, range) {
                    let call = *call.get_or_insert_with(|| FunctionCall {
                        name: self.name(unit, &attributes, MAX_NAME_REFERENCES),
                        call_site: attributes.call_site(unit),
                    });
                    let calls = &mut lookups[index].calls;
                    if !is_inlined {
                        calls.clear();
                    }
                    calls.push(call);
                }
            })?;
        }
        Ok(())
    }

    fn for_each_range(
        &self,
        unit: &Unit<Slice<'a>>,
        attributes: &FunctionAttributes<'a>,
        mut visit: impl FnMut(gimli::Range),
    ) -> gimli::Result<()> {
        if let Some(ranges) = attributes.ranges
            && let Some(offset) = self.dwarf.attr_ranges_offset(unit, ranges)?
        {
            let mut ranges = self.dwarf.ranges(unit, offset)?;
            while let Some(range) = ranges.next()? {
                visit(range);
            }
            return Ok(());
        }
        let address = |value| self.dwarf.attr_address(unit, value);
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
    fn name(
        &self,
        unit: &Unit<Slice<'a>>,
        attributes: &FunctionAttributes<'a>,
        references_left: usize,
    ) -> Option<Slice<'a>> {
        if let Some(name) = attributes.linkage_name.or(attributes.name) {
            return self.dwarf.attr_string(unit, name).ok();
        }
        let references_left = references_left.checked_sub(1)?;
        match attributes.origin? {
            AttributeValue::UnitRef(offset) => {
                let attributes = read_attributes(unit, offset).ok()?;
                self.name(unit, &attributes, references_left)
            }
            AttributeValue::DebugInfoRef(offset) => {
                let header = self.unit_containing(offset)?;
                let offset = offset.to_unit_offset(&header)?;
                let other = self.dwarf.unit(header).ok()?;
                let attributes = read_attributes(&other, offset).ok()?;
                self.name(&other, &attributes, references_left)
            }
            _ => None,
        }
    }

    fn unit_containing(&self, offset: DebugInfoOffset) -> Option<UnitHeader<Slice<'a>>> {
        let mut headers = self.dwarf.units();
        while let Some(header) = headers.next().ok()? {
            if offset.to_unit_offset(&header).is_some() {
                return Some(header);
            }
        }
        None
    }

    /// The frames at one address, innermost first: a function is at the line where the next inner
    /// one is called, the innermost at the line of the address.
    fn source_frames(
        &self,
        unit: &Unit<Slice<'a>>,
        lookup: &AddressLookup<'a>,
    ) -> gimli::Result<SourceFrames> {
        let mut at = lookup.row;
        let mut frames = SourceFrames::new();
        for call in lookup.calls.iter().rev() {
            let name = call.name.map(|name| name.to_string_lossy().into_owned());
            frames.push(self.source_frame(unit, name, at)?);
            at = call.call_site;
        }
        if frames.is_empty() && at.is_some() {
            frames.push(self.source_frame(unit, None, at)?);
        }
        Ok(frames)
    }

    fn source_frame(
        &self,
        unit: &Unit<Slice<'a>>,
        function: Option<String>,
        at: Option<SourceLine>,
    ) -> gimli::Result<SourceFrame> {
        Ok(SourceFrame {
            function,
            file: match at {
                Some(at) => self.file_path(unit, at.file)?,
                None => None,
            },
            line: at.map(|at| at.line).filter(|line| *line != 0),
        })
    }

    /// The path of a file of the unit's line program: compilation directory, directory, name.
    fn file_path(&self, unit: &Unit<Slice<'a>>, index: u64) -> gimli::Result<Option<String>> {
        let Some(header) = unit.line_program.as_ref().map(|program| program.header()) else {
            return Ok(None);
        };
        let Some(file) = header.file(index) else {
            return Ok(None);
        };
        let mut path = match unit.comp_dir {
            Some(directory) => directory.to_string_lossy().into_owned(),
            None => String::new(),
        };
        // Directory 0 is the compilation directory.
        if file.directory_index() != 0
            && let Some(directory) = file.directory(header)
        {
            let directory = self.dwarf.attr_string(unit, directory)?;
            push_path(&mut path, &directory.to_string_lossy());
        }
        let name = self.dwarf.attr_string(unit, file.path_name())?;
        push_path(&mut path, &name.to_string_lossy());
        Ok(Some(path))
    }
}

/// Finds the line of each address. Nothing of the line program is kept.
fn read_lines<'a>(
    unit: &Unit<Slice<'a>>,
    addresses: &[u64],
    lookups: &mut [AddressLookup<'a>],
) -> gimli::Result<()> {
    let Some(program) = unit.line_program.clone() else {
        return Ok(());
    };
    let mut rows = program.rows();
    let mut previous: Option<(u64, SourceLine)> = None;
    while let Some((_, row)) = rows.next_row()? {
        // A sequence at address 0 is that of a function which the linker removed.
        if let Some((begin, at)) = previous
            && begin != 0
        {
            let end = row.address();
            for lookup in &mut lookups[indexes_in(addresses, gimli::Range { begin, end })] {
                lookup.row = Some(at);
            }
        }
        previous = (!row.end_sequence()).then(|| {
            let line = row.line().map_or(0, |line| line.get());
            let at = SourceLine {
                file: row.file_index(),
                line: u32::try_from(line).unwrap_or(0),
            };
            (row.address(), at)
        });
    }
    Ok(())
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

/// The indexes of the addresses in a range. The addresses are sorted.
fn indexes_in(addresses: &[u64], range: gimli::Range) -> Range<usize> {
    let start = addresses.partition_point(|address| *address < range.begin);
    let end = addresses.partition_point(|address| *address < range.end);
    start..end.max(start)
}

fn push_path(path: &mut String, part: &str) {
    if part.starts_with('/') {
        path.clear();
    } else if !path.is_empty() && !path.ends_with('/') {
        path.push('/');
    }
    path.push_str(part);
}
