//! Functions, inlined calls and source lines of code addresses, from DWARF debug information.
//!
//! The crate `addr2line` keeps the headers of all compilation units and everything it has parsed:
//! about 25 MB for a program of 20 MB. Here a batch of addresses is looked up one unit at a time,
//! and nothing of a unit is kept.

mod batch;

mod lines;
mod units;

mod functions;

use std::convert::Infallible;

use gimli::{DebugInfoOffset, Dwarf, DwarfFileType, LittleEndian, SectionId, Unit, UnitHeader};

use self::batch::Slice;
use self::functions::FunctionCall;
use self::lines::SourceLine;

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
pub(crate) enum IncompleteLookup {
    /// A unit needs more memory than is allowed.
    Memory,
    /// The caller asked to stop.
    Stopped,
}

impl<'a> DebugInfo<'a> {
    /// `section` returns the contents of a section by its name, empty if there is none.
    pub(super) fn new(section: impl Fn(&str) -> &'a [u8]) -> Self {
        let load =
            |id: SectionId| Ok::<_, Infallible>(Slice::new(section(id.name()), LittleEndian));
        let Ok(mut dwarf) = Dwarf::load(load);
        dwarf.file_type = DwarfFileType::Main;
        Self { dwarf }
    }

    /// Looks up code addresses, which must be in ascending order. An address that is not found has
    /// no frames. `may_continue` is asked before each unit, with the memory that the unit needs.
    pub(super) fn find_frames(
        &self,
        addresses: &[u64],
        mut may_continue: impl FnMut(u64) -> Result<(), IncompleteLookup>,
    ) -> (Vec<SourceFrames>, Result<(), IncompleteLookup>) {
        let mut frames = vec![SourceFrames::new(); addresses.len()];
        let mut outcome = Ok(());
        let mut units: Vec<(DebugInfoOffset, usize)> = units::find(&self.dwarf, addresses)
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
            if let Err(reason) =
                may_continue(units::table_bytes(&self.dwarf, &header).unwrap_or(u64::MAX))
            {
                outcome = Err(reason);
                match reason {
                    IncompleteLookup::Memory => continue, // the next unit may be smaller
                    IncompleteLookup::Stopped => break,
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

    fn read_unit(
        &self,
        header: UnitHeader<Slice<'a>>,
        addresses: &[u64],
    ) -> gimli::Result<Vec<SourceFrames>> {
        let unit = self.dwarf.unit(header)?;
        let lines = lines::read(&unit, addresses)?;
        let calls = functions::read(&self.dwarf, &unit, addresses)?;
        lines
            .into_iter()
            .zip(calls)
            .map(|(line, calls)| self.source_frames(&unit, line, &calls))
            .collect()
    }

    /// The frames at one address, innermost first: a function is at the line where the next inner
    /// one is called, the innermost at the line of the address.
    fn source_frames(
        &self,
        unit: &Unit<Slice<'a>>,
        line: Option<SourceLine>,
        calls: &[FunctionCall<'a>],
    ) -> gimli::Result<SourceFrames> {
        let mut at = line;
        let mut frames = SourceFrames::new();
        for call in calls.iter().rev() {
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
                Some(at) => lines::file_path(&self.dwarf, unit, at.file)?,
                None => None,
            },
            line: at.map(|at| at.line).filter(|line| *line != 0),
        })
    }
}
