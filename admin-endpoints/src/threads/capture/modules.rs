//! The program and its libraries, as they are in memory: unwind tables, function starts,
//! build-ids.
//!
//! Everything is copied out of memory through the kernel, so a library that is unloaded
//! meanwhile costs its frames and nothing else; the dynamic linker's lock is never taken.

use super::elf::{self, FunctionTable, Image};
use super::maps::{MappedFile, mapped_files};
use super::memory;
use std::io;
use std::sync::Arc;

/// The largest unwind section that is copied; larger ones are not seen in practice.
const LARGEST_SECTION: u64 = 256 * 1024 * 1024;

/// One loaded file.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) file: MappedFile,
    /// What is added to an address in the file to get the address in memory.
    pub(super) bias: u64,
    pub(super) build_id: Option<Arc<str>>,
    pub(super) unwind: Option<UnwindTables>,
}

/// Copies of two sections and their addresses in the file.
#[derive(Debug)]
pub(super) struct UnwindTables {
    pub(super) eh_frame_hdr: Arc<[u8]>,
    pub(super) eh_frame_hdr_address: u64,
    pub(super) eh_frame: Arc<[u8]>,
    pub(super) eh_frame_address: u64,
}

impl Module {
    fn load(file: &MappedFile) -> Option<Self> {
        let image = Image::parse(|offset, buffer| {
            memory::read(file.start.wrapping_add(offset), buffer) == buffer.len()
        })?;
        let bias = file.start.wrapping_sub(image.start);
        let build_id = image.notes.iter().find_map(|(_, address, size)| {
            let notes = copy(bias.wrapping_add(*address), (*size).min(4096))?;
            elf::build_id(&notes).map(hex)
        });
        let unwind = image.eh_frame_hdr.and_then(|(address, size)| {
            let eh_frame_hdr: Arc<[u8]> = copy(bias.wrapping_add(address), size)?.into();
            let start = FunctionTable::parse(&eh_frame_hdr, address)?.eh_frame;
            let size = image.segment_end(start)?.checked_sub(start)?;
            Some(UnwindTables {
                eh_frame_hdr,
                eh_frame_hdr_address: address,
                eh_frame: copy(bias.wrapping_add(start), size)?.into(),
                eh_frame_address: start,
            })
        });
        Some(Self {
            file: file.clone(),
            bias,
            build_id,
            unwind,
        })
    }

    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        let path = self.file.path.trim_end_matches(" (deleted)");
        path.rsplit('/').next().unwrap_or(path)
    }

    /// The start of the function around a code address, both as they are in memory.
    pub(super) fn function_start(&self, address: u64) -> Option<u64> {
        let tables = self.unwind.as_ref()?;
        let table = FunctionTable::parse(&tables.eh_frame_hdr, tables.eh_frame_hdr_address)?;
        Some(
            table
                .start_of(address.wrapping_sub(self.bias))?
                .wrapping_add(self.bias),
        )
    }
}

fn copy(address: u64, size: u64) -> Option<Vec<u8>> {
    if size > LARGEST_SECTION {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(size).ok()?];
    (memory::read(address, &mut bytes) == bytes.len()).then_some(bytes)
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> Arc<str> {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>()
        .into()
}

/// All loaded files, kept from dump to dump.
#[derive(Default)]
pub(super) struct Modules {
    files: Vec<MappedFile>,
    loaded: Vec<Arc<Module>>,
}

impl Modules {
    /// Reads the mappings anew; `true` when files came or went since the last time.
    pub(super) fn refresh(&mut self) -> io::Result<bool> {
        let maps = std::fs::read("/proc/self/maps")?;
        let files = mapped_files(&String::from_utf8_lossy(&maps));
        if files == self.files {
            return Ok(false);
        }
        let known = std::mem::take(&mut self.loaded);
        self.loaded = files
            .iter()
            .filter_map(|file| {
                let kept = known.iter().find(|module| module.file == *file).cloned();
                kept.or_else(|| Module::load(file).map(Arc::new))
            })
            .collect();
        self.files = files;
        Ok(true)
    }

    pub(super) fn all(&self) -> &[Arc<Module>] {
        &self.loaded
    }

    /// The file that a code address belongs to.
    pub(super) fn around(&self, address: u64) -> Option<&Arc<Module>> {
        let after = self
            .loaded
            .partition_point(|module| module.file.start <= address);
        let module = self.loaded.get(after.checked_sub(1)?)?;
        (address < module.file.end).then_some(module)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_is_a_module_with_unwind_tables() -> io::Result<()> {
        let mut modules = Modules::default();
        assert!(modules.refresh()?);
        assert!(!modules.refresh()?, "nothing was loaded in between");
        let address = this_test_is_a_module_with_unwind_tables as *const () as u64;
        let module = modules.around(address).expect("the test is mapped");
        assert!(module.name().starts_with("admin_endpoints"));
        assert_eq!(module.function_start(address + 1), Some(address));
        assert!(modules.around(8).is_none());
        Ok(())
    }
}
