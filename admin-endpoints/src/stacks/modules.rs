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
    #[cfg(feature = "profile")]
    pub(crate) code: CodeStart,
    pub(super) unwind: Option<UnwindTables>,
}

/// The first byte of the code, which need not begin a page: Go's tool takes the difference of its
/// address in memory and its address in the file for that of all functions.
#[cfg(feature = "profile")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CodeStart {
    pub(crate) address: u64,
    /// Where it is in the file.
    pub(crate) offset: u64,
}

/// What an ELF file in memory says of itself.
struct LoadedImage {
    image: ElfImage,
    bias: u64,
    build_id: Option<Arc<str>>,
    #[cfg(feature = "profile")]
    code: CodeStart,
}

impl LoadedImage {
    fn read(file: &MappedFile) -> Option<Self> {
        let mut header = [0; HEADER_BYTES];
        let length = memory::read(file.start, &mut header);
        let image = ElfImage::parse(&header[..length])?;
        let bias = file.start.wrapping_sub(image.start);
        let build_id = image.notes.iter().find_map(|segment| {
            let size = segment.size.min(MAX_NOTE_BYTES);
            let mut notes = vec![0; usize::try_from(size).ok()?];
            let address = bias.wrapping_add(segment.address);
            let is_read = memory::read(address, &mut notes) == notes.len();
            is_read.then(|| segment.build_id(&notes).map(hex)).flatten()
        });
        Some(Self {
            #[cfg(feature = "profile")]
            code: {
                let page = file.code_start.wrapping_sub(bias);
                let in_page = image.offset_in_page(page).unwrap_or(0);
                CodeStart {
                    address: file.code_start + in_page,
                    offset: file.code_offset + in_page,
                }
            },
            image,
            bias,
            build_id,
        })
    }
}

impl Module {
    fn load(file: &MappedFile) -> Option<Self> {
        let loaded = LoadedImage::read(file)?;
        let bias = loaded.bias;
        let read = |address: u64, buffer: &mut [u8]| {
            memory::read(bias.wrapping_add(address), buffer) == buffer.len()
        };
        Some(Self {
            file: file.clone(),
            bias,
            unwind: UnwindTables::copy(&loaded.image, read),
            build_id: loaded.build_id,
            #[cfg(feature = "profile")]
            code: loaded.code,
        })
    }

    /// The last component of the path.
    pub(crate) fn name(&self) -> &str {
        self.file.name()
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

    /// The executable of the process.
    #[cfg(feature = "profile")]
    pub(crate) fn executable(&self) -> Option<&Arc<Module>> {
        self.containing(entry_point())
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

/// The first instruction of the executable that the kernel has started.
#[cfg(feature = "profile")]
fn entry_point() -> u64 {
    // SAFETY: reads a word that the kernel wrote at the start.
    unsafe { libc::getauxval(libc::AT_ENTRY) }
}

/// A loaded file, without what unwinding needs.
#[cfg(feature = "profile")]
#[derive(Debug)]
pub(crate) struct LoadedFile {
    pub(crate) file: MappedFile,
    pub(crate) bias: u64,
    pub(crate) build_id: Option<Arc<str>>,
    pub(crate) code: CodeStart,
}

/// All loaded files, the executable first.
///
/// # Errors
///
/// When `/proc/self/maps` cannot be read.
#[cfg(feature = "profile")]
pub(crate) fn loaded_files() -> io::Result<Vec<LoadedFile>> {
    let maps = std::fs::read("/proc/self/maps")?;
    let files = mapped_files(&String::from_utf8_lossy(&maps)).into_iter();
    let mut files: Vec<LoadedFile> = files
        .filter_map(|file| {
            let loaded = LoadedImage::read(&file)?;
            Some(LoadedFile {
                file,
                bias: loaded.bias,
                build_id: loaded.build_id,
                code: loaded.code,
            })
        })
        .collect();
    let entry = entry_point();
    let is_executable = |loaded: &LoadedFile| (loaded.file.start..loaded.file.end).contains(&entry);
    files.sort_by_key(|loaded| !is_executable(loaded));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "profile")]
    #[test]
    fn the_executable_is_the_first_file() -> io::Result<()> {
        let files = loaded_files()?;
        let program = std::fs::read_link("/proc/self/exe")?;
        assert_eq!(files[0].file.path, program.to_str().expect("UTF-8"));
        assert!(files.len() > 2, "{files:?}");
        let mut modules = Modules::default();
        modules.refresh()?;
        let executable = modules.executable().expect("it is mapped");
        assert_eq!(executable.file, files[0].file);
        assert_eq!(executable.build_id, files[0].build_id);
        assert_eq!(executable.bias, files[0].bias);
        assert_eq!(executable.code, files[0].code);
        Ok(())
    }

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
