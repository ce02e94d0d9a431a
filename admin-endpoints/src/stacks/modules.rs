//! The program and its libraries as they are in memory.
//!
//! Everything is copied out of memory through the kernel. A library that is unloaded meanwhile
//! costs its own frames only, and the lock of the dynamic linker is never taken.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use super::elf::{ElfImage, HEADER_BYTES};
use super::maps::{MappedFile, mapped_files};
use super::unwind_tables::UnwindTables;
use crate::memory;

/// Larger note segments are not searched for a build ID.
const MAX_NOTE_BYTES: u64 = 4096;

/// One loaded file.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) file: MappedFile,
    /// The difference between an address in memory and the address in the file.
    pub(crate) bias: u64,
    pub(crate) build_id: Option<Arc<str>>,
    pub(super) unwind: Option<UnwindTables>,
}

impl Module {
    fn load(file: &MappedFile) -> Option<Self> {
        let mut header = [0; HEADER_BYTES];
        let length = memory::read(file.start, &mut header);
        let image = ElfImage::parse(&header[..length])?;
        let bias = file.start.wrapping_sub(image.start);
        let read = |address: u64, buffer: &mut [u8]| {
            memory::read(bias.wrapping_add(address), buffer) == buffer.len()
        };
        let build_id = image.notes.iter().find_map(|segment| {
            let size = segment.size.min(MAX_NOTE_BYTES);
            let mut notes = vec![0; usize::try_from(size).ok()?];
            read(segment.address, &mut notes)
                .then(|| segment.build_id(&notes).map(hex))
                .flatten()
        });
        Some(Self {
            file: file.clone(),
            bias,
            build_id,
            unwind: UnwindTables::copy(&image, read),
        })
    }

    /// The last component of the path.
    pub(crate) fn name(&self) -> &str {
        let path = self.file.path.trim_end_matches(" (deleted)");
        path.rsplit('/').next().unwrap_or(path)
    }

    /// The start of the function that contains a code address, both as addresses in memory.
    pub(super) fn function_start(&self, address: u64) -> Option<u64> {
        let start = self
            .unwind
            .as_ref()?
            .function_start(address.wrapping_sub(self.bias))?;
        Some(start.wrapping_add(self.bias))
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> Arc<str> {
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(digits, "{byte:02x}");
    }
    digits.into()
}

/// All loaded files. They are kept between dumps.
#[derive(Default)]
pub(crate) struct Modules {
    files: Vec<MappedFile>,
    loaded: Vec<Arc<Module>>,
}

impl Modules {
    /// Reads the mappings; returns whether they have changed.
    ///
    /// # Errors
    ///
    /// When `/proc/self/maps` cannot be read.
    pub(crate) fn refresh(&mut self) -> io::Result<bool> {
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

    pub(crate) fn all(&self) -> &[Arc<Module>] {
        &self.loaded
    }

    /// The file that contains a code address.
    pub(crate) fn containing(&self, address: u64) -> Option<&Arc<Module>> {
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
    fn finds_the_start_of_each_function() -> io::Result<()> {
        use object::{Object, ObjectSymbol, SymbolKind};

        let mut modules = Modules::default();
        assert!(modules.refresh()?);
        assert!(!modules.refresh()?, "nothing was loaded in between");
        assert!(modules.containing(8).is_none());
        let address = finds_the_start_of_each_function as *const () as u64;
        let module = modules.containing(address).expect("the test is mapped");
        assert!(module.name().starts_with("admin_endpoints"));

        let file = std::fs::read("/proc/self/exe")?;
        let program = object::File::parse(&*file).expect("an ELF file");
        let functions = program
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 1);
        let (mut found, mut all) = (0, 0);
        for function in functions.step_by(7) {
            let start = module.bias + function.address();
            let middle = start + function.size() / 2;
            found += usize::from(module.function_start(middle) == Some(start));
            all += 1;
        }
        // Some assembly functions have no unwind information.
        assert!(all > 1000 && found * 100 > all * 99, "{found} of {all}");
        Ok(())
    }
}
