//! The file of a module on disk: its symbol table and its debug information.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use object::LittleEndian;
use object::elf::{SHF_COMPRESSED, SHN_UNDEF, SHT_DYNSYM, SHT_SYMTAB, STT_FUNC, STT_GNU_IFUNC};
use object::read::elf::{FileHeader as _, SectionHeader as _, SectionTable, Sym as _};

use super::dwarf::DebugInfo;
use super::elf::{ElfImage, FileHeader, HEADER_BYTES};
use super::modules::{Module, hex};

/// The running program, even if its file was replaced or deleted.
const OWN_EXECUTABLE: &str = "/proc/self/exe";
/// Larger note segments are not searched for a build ID.
const MAX_NOTE_BYTES: u64 = 4096;

const BYTE_ORDER: LittleEndian = LittleEndian;

/// A mapped file. Its pages belong to the page cache and count as the program's file memory.
pub(super) struct SymbolFile {
    map: Mmap,
}

impl SymbolFile {
    /// Opens the file that a module was mapped from.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or mapped, or is not the one that was loaded.
    pub(super) fn open(module: &Module) -> io::Result<Self> {
        let path = find_file(module).ok_or(io::ErrorKind::NotFound)?;
        let file = File::open(path)?;
        // SAFETY: the mapping is private and read-only. As for every mapped file, and for the code
        // that runs from this one, nobody may truncate it: package managers replace files instead.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self { map })
    }

    fn bytes(&self) -> &[u8] {
        &self.map
    }

    fn sections(&self) -> Option<SectionTable<'_, FileHeader>> {
        let header = FileHeader::parse(self.bytes()).ok()?;
        header.sections(BYTE_ORDER, self.bytes()).ok()
    }

    /// The name of the function that contains each address. The addresses must be in ascending
    /// order. Reads the symbol table once and copies nothing of it.
    pub(super) fn function_names(&self, addresses: &[u64]) -> Vec<Option<&str>> {
        let mut best: Vec<Option<Candidate<'_>>> = vec![None; addresses.len()];
        if let Some(sections) = self.sections() {
            // The dynamic symbols are a subset of the symbols, unless those were stripped.
            for table in [SHT_SYMTAB, SHT_DYNSYM] {
                self.find_functions(&sections, table, addresses, &mut best);
                if best.iter().any(Option::is_some) {
                    break;
                }
            }
        }
        best.into_iter()
            .map(|candidate| candidate.map(|candidate| candidate.name))
            .collect()
    }

    fn find_functions<'a>(
        &'a self,
        sections: &SectionTable<'a, FileHeader>,
        table: u32,
        addresses: &[u64],
        best: &mut [Option<Candidate<'a>>],
    ) {
        let Ok(symbols) = sections.symbols(BYTE_ORDER, self.bytes(), table) else {
            return;
        };
        for symbol in symbols.iter() {
            let is_function = matches!(symbol.st_type(), STT_FUNC | STT_GNU_IFUNC)
                && symbol.st_shndx(BYTE_ORDER) != SHN_UNDEF;
            let start = symbol.st_value(BYTE_ORDER);
            let first = addresses.partition_point(|address| *address < start);
            // Functions written in assembly may have no size: they reach to the next symbol.
            let size = match symbol.st_size(BYTE_ORDER) {
                0 => u64::MAX,
                size => size,
            };
            let contained = addresses[first..]
                .iter()
                .take_while(|address| **address - start < size)
                .count();
            if !is_function || contained == 0 {
                continue;
            }
            let Ok(name) = symbol.name(BYTE_ORDER, symbols.strings()) else {
                continue;
            };
            let Ok(name) = std::str::from_utf8(name) else {
                continue;
            };
            let candidate = Candidate { start, size, name };
            for best in &mut best[first..first + contained] {
                if best.is_none_or(|best| candidate.is_better_than(&best)) {
                    *best = Some(candidate);
                }
            }
        }
    }

    /// The debug information; `None` if it is compressed, because reading it would need memory for
    /// all of it.
    pub(super) fn debug_info(&self) -> Option<DebugInfo<'_>> {
        let sections = self.sections()?;
        let section = |name: &str| {
            let (_, section) = sections.section_by_name(BYTE_ORDER, name.as_bytes())?;
            let is_compressed = section.sh_flags(BYTE_ORDER) & u64::from(SHF_COMPRESSED) != 0;
            (!is_compressed).then(|| section.data(BYTE_ORDER, self.bytes()).ok())?
        };
        section(".debug_info")?;
        Some(DebugInfo::new(|name| section(name).unwrap_or_default()))
    }
}

/// A symbol that may be the function at an address.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    start: u64,
    size: u64,
    name: &'a str,
}

impl Candidate<'_> {
    /// The nearest symbol is the function. Of several names for it, the one with the fewest leading
    /// underscores is the documented one.
    fn is_better_than(&self, other: &Self) -> bool {
        let underscores = |name: &str| name.len() - name.trim_start_matches('_').len();
        let rank = |candidate: &Self| {
            (
                candidate.size != u64::MAX,
                candidate.start,
                std::cmp::Reverse(underscores(candidate.name)),
            )
        };
        rank(self) > rank(other)
    }
}

/// The file that a module was mapped from, if it is still the same.
fn find_file(module: &Module) -> Option<PathBuf> {
    let path = PathBuf::from(&module.file.path);
    let own_executable = Path::new(OWN_EXECUTABLE);
    if path.is_absolute() && is_file_of(&path, module) {
        Some(path)
    } else if is_file_of(own_executable, module) {
        Some(own_executable.to_owned())
    } else {
        None
    }
}

fn is_file_of(path: &Path, module: &Module) -> bool {
    let is_mapped = std::fs::metadata(path).is_ok_and(|file| {
        let device = (libc::major(file.dev()), libc::minor(file.dev()));
        file.ino() == module.file.inode && device == module.file.device
    });
    is_mapped || has_build_id_of(path, module)
}

/// Some file systems report another device in `maps` than in `stat`: then the build ID decides.
fn has_build_id_of(path: &Path, module: &Module) -> bool {
    let (Some(expected), Ok(file)) = (&module.build_id, File::open(path)) else {
        return false;
    };
    let mut header = [0; HEADER_BYTES];
    let Ok(length) = file.read_at(&mut header, 0) else {
        return false;
    };
    ElfImage::parse(&header[..length]).is_some_and(|image| {
        image.notes.iter().any(|segment| {
            let size = segment.size.min(MAX_NOTE_BYTES);
            let mut notes = vec![0; usize::try_from(size).unwrap_or(0)];
            file.read_exact_at(&mut notes, segment.offset).is_ok()
                && segment
                    .build_id(&notes)
                    .is_some_and(|id| hex(id) == *expected)
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use object::{Object, ObjectSymbol, SymbolKind};

    use super::*;
    use crate::stacks::dwarf::{IncompleteLookup, SourceFrame, SourceFrames};
    use crate::stacks::modules::Modules;

    fn own_module() -> Arc<Module> {
        let mut modules = Modules::default();
        modules.refresh().expect("/proc is mounted");
        let address = own_module as *const () as u64;
        let module = modules.containing(address).expect("the test is mapped");
        Arc::clone(module)
    }

    /// Code addresses all over this program, in ascending order, with the symbol of each.
    fn samples(file: &SymbolFile, count: usize) -> Vec<(u64, String)> {
        let program = object::File::parse(file.bytes()).expect("an ELF file");
        let functions = program.symbols().filter(|symbol| {
            symbol.kind() == SymbolKind::Text && symbol.size() > 16 && symbol.is_definition()
        });
        let mut samples: Vec<(u64, String)> = functions
            .filter_map(|symbol| {
                let middle = symbol.address() + symbol.size() / 2;
                Some((middle, symbol.name().ok()?.to_owned()))
            })
            .collect();
        samples.sort_unstable();
        let step = samples.len() / count;
        samples.into_iter().step_by(step).collect()
    }

    #[test]
    fn finds_the_same_frames_as_addr2line() {
        let file = SymbolFile::open(&own_module()).expect("the test can read itself");
        let peer = addr2line::Loader::new(OWN_EXECUTABLE).expect("it has debug information");
        let (addresses, _): (Vec<u64>, Vec<String>) = samples(&file, 200).into_iter().unzip();
        let debug_info = file.debug_info().expect("it has debug information");
        let (found, outcome) = debug_info.find_frames(&addresses, |_| Ok(()));
        assert_eq!(outcome, Ok(()));

        let mut inlined = 0;
        for (address, found) in addresses.iter().zip(found) {
            let mut expected = SourceFrames::new();
            let mut frames = peer.find_frames(*address).expect("it is not damaged");
            while let Some(frame) = frames.next().expect("it is not damaged") {
                let name = frame
                    .function
                    .as_ref()
                    .and_then(|name| name.raw_name().ok());
                let location = frame.location.as_ref();
                expected.push(SourceFrame {
                    function: name.map(|name| name.into_owned()),
                    file: location.and_then(|at| at.file).map(str::to_owned),
                    line: location.and_then(|at| at.line),
                });
            }
            assert_eq!(found, expected, "at {address:#x}");
            inlined += found.len().saturating_sub(1);
        }
        assert!(inlined > 20, "the samples contain {inlined} inlined calls");
    }

    #[test]
    fn names_every_function_by_its_symbol() {
        let file = SymbolFile::open(&own_module()).expect("the test can read itself");
        let (addresses, symbols): (Vec<u64>, Vec<String>) =
            samples(&file, 5000).into_iter().unzip();
        let names = file.function_names(&addresses);
        // Identical functions are merged: then another symbol has the same address.
        let equal = names
            .iter()
            .zip(&symbols)
            .filter(|(name, symbol)| **name == Some(symbol));
        assert!(equal.count() * 100 > symbols.len() * 95);
        assert!(names.iter().all(Option::is_some));
        assert_eq!(file.function_names(&[1]), [None]);
    }

    #[test]
    fn reads_no_unit_without_permission() {
        let file = SymbolFile::open(&own_module()).expect("the test can read itself");
        let address = samples(&file, 10)[5].0;
        let debug_info = file.debug_info().expect("it has debug information");
        let mut needed = 0;
        let (found, outcome) = debug_info.find_frames(&[address], |bytes| {
            needed = bytes;
            Err(IncompleteLookup::Memory)
        });
        assert_eq!(
            (found, outcome),
            (vec![vec![]], Err(IncompleteLookup::Memory))
        );
        assert!((1..4 << 20).contains(&needed), "{needed} bytes");
    }
}
