//! The line program of one compilation unit.

use gimli::{Dwarf, Unit};

use super::batch::{Slice, indexes_in};

/// A line of a file of the unit's line program.
#[derive(Clone, Copy)]
pub(super) struct SourceLine {
    pub(super) file: u64,
    /// 0 if it is not known.
    pub(super) line: u32,
}

/// Finds the line of each address. Nothing of the line program is kept.
pub(super) fn read(
    unit: &Unit<Slice<'_>>,
    addresses: &[u64],
) -> gimli::Result<Vec<Option<SourceLine>>> {
    let mut lines = vec![None; addresses.len()];
    let Some(program) = unit.line_program.clone() else {
        return Ok(lines);
    };
    let mut rows = program.rows();
    let mut previous: Option<(u64, SourceLine)> = None;
    while let Some((_, row)) = rows.next_row()? {
        // A sequence at address 0 is that of a function which the linker removed.
        if let Some((begin, at)) = previous
            && begin != 0
        {
            let end = row.address();
            lines[indexes_in(addresses, gimli::Range { begin, end })].fill(Some(at));
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
    Ok(lines)
}

/// The path of a file of the unit's line program: compilation directory, directory, name.
pub(super) fn file_path(
    dwarf: &Dwarf<Slice<'_>>,
    unit: &Unit<Slice<'_>>,
    index: u64,
) -> gimli::Result<Option<String>> {
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
        let directory = dwarf.attr_string(unit, directory)?;
        push_path(&mut path, &directory.to_string_lossy());
    }
    let name = dwarf.attr_string(unit, file.path_name())?;
    push_path(&mut path, &name.to_string_lossy());
    Ok(Some(path))
}

fn push_path(path: &mut String, part: &str) {
    if part.starts_with('/') {
        path.clear();
    } else if !path.is_empty() && !path.ends_with('/') {
        path.push('/');
    }
    path.push_str(part);
}
