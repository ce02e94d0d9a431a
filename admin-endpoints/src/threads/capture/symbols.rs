//! Turns code addresses into functions, files and lines.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use addr2line::Loader;

use super::elf::{ElfImage, HEADER_BYTES};
use super::modules::{Module, Modules, hex};
use super::unwind::{AddressKind, CodeAddress};
use crate::threads::frame::{Frame, SIGNAL_FRAME_NAME};
use crate::threads::source_path::shortened;

/// The frames at one address: inlined functions first, the function itself last.
pub(super) type SymbolisedFrames = Arc<[Arc<Frame>]>;

/// How many addresses are remembered before all are forgotten.
const MAX_CACHED_ADDRESSES: usize = 64 * 1024;

/// Symbol tables, opened when first needed, and what they answered.
#[derive(Default)]
pub(super) struct SymbolCache {
    tables: Vec<(Arc<Module>, Option<Loader>)>,
    answers: HashMap<CodeAddress, SymbolisedFrames>,
    /// The modules that the answers were given for.
    known: Vec<Arc<Module>>,
    /// Directories that sources were built in, which are not shown.
    build_roots: Vec<String>,
}

impl SymbolCache {
    /// Drops what belongs to modules that are no longer loaded.
    pub(super) fn retain_modules(&mut self, modules: &Modules) {
        let same = |now: &Arc<Module>, known: &Arc<Module>| Arc::ptr_eq(now, known);
        self.tables
            .retain(|(known, _)| modules.all().iter().any(|now| same(now, known)));
        let known = std::mem::replace(&mut self.known, modules.all().to_vec());
        self.answers.retain(|at, _| {
            let module = modules.containing(at.lookup());
            module.is_some_and(|now| known.iter().any(|known| same(now, known)))
        });
    }

    /// Lets go of every table and answer.
    pub(super) fn release(&mut self) {
        self.tables = Vec::new();
        self.answers = HashMap::new();
        self.known = Vec::new();
    }

    /// Leaves these directories away from now on, beside those that it was told before.
    pub(super) fn hide_build_roots(&mut self, roots: &[String]) {
        for root in roots {
            if !self.build_roots.contains(root) {
                self.build_roots.push(root.clone());
                self.answers.clear();
            }
        }
    }

    /// What is known without opening a table.
    pub(super) fn cached(&self, at: CodeAddress) -> Option<SymbolisedFrames> {
        self.answers.get(&at).cloned()
    }

    /// The frames at an address; without symbols one frame that has only module and offset.
    pub(super) fn frames(&mut self, modules: &Modules, at: CodeAddress) -> SymbolisedFrames {
        if let Some(known) = self.cached(at) {
            return known;
        }
        let module = modules.containing(at.lookup());
        let index = module.map(|module| self.table(module));
        let loader = index.and_then(|index| self.tables[index].1.as_ref());
        let frames = name_frames(at, module, loader, &self.build_roots);
        if self.answers.len() >= MAX_CACHED_ADDRESSES {
            self.answers.clear();
        }
        self.answers.insert(at, Arc::clone(&frames));
        frames
    }

    /// The place of a module's table, opened if it was not yet.
    fn table(&mut self, module: &Arc<Module>) -> usize {
        let found = self
            .tables
            .iter()
            .position(|(known, _)| Arc::ptr_eq(known, module));
        found.unwrap_or_else(|| {
            let loader = file_on_disk(module).and_then(|path| Loader::new(path).ok());
            self.tables.push((Arc::clone(module), loader));
            self.tables.len() - 1
        })
    }
}

/// A frame with what is known without symbols.
pub(super) fn unsymbolised(at: CodeAddress, module: Option<&Arc<Module>>) -> Frame {
    Frame {
        module: module.map(|module| module.name().into()),
        offset: at
            .lookup()
            .wrapping_sub(module.map_or(0, |module| module.bias)),
        build_id: module.and_then(|module| module.build_id.clone()),
        ..Frame::default()
    }
}

fn name_frames(
    at: CodeAddress,
    module: Option<&Arc<Module>>,
    loader: Option<&Loader>,
    build_roots: &[String],
) -> SymbolisedFrames {
    let unnamed = unsymbolised(at, module);
    if at.kind == AddressKind::SignalReturn {
        let function = Some(SIGNAL_FRAME_NAME.to_owned());
        return Arc::new([Arc::new(Frame {
            function,
            build_id: None,
            ..unnamed
        })]);
    }
    let Some(loader) = loader else {
        return Arc::new([Arc::new(unnamed)]);
    };
    let mut frames = Vec::new();
    if let Ok(mut inlined) = loader.find_frames(unnamed.offset) {
        while let Ok(Some(found)) = inlined.next() {
            let name = found
                .function
                .as_ref()
                .and_then(|function| function.raw_name().ok());
            let location = found.location.as_ref();
            frames.push(Frame {
                function: name.map(|name| demangled(without_arguments(&name))),
                file: location
                    .and_then(|at| at.file)
                    .map(|file| shortened(file, build_roots).to_owned()),
                line: location.and_then(|at| at.line),
                inlined: true,
                ..unnamed.clone()
            });
        }
    }
    if frames.is_empty() {
        frames.push(unnamed.clone());
    }
    // Line tables know the function's last name only; the symbol table has the whole path.
    if let Some(outermost) = frames.last_mut() {
        outermost.inlined = false;
        if let Some(symbol) = loader.find_symbol(unnamed.offset) {
            outermost.function = Some(demangled(symbol));
        }
    }
    for frame in &mut frames {
        if frame.function.is_some() {
            frame.build_id = None;
        }
    }
    frames.into_iter().map(Arc::new).collect()
}

/// Debug information spells out the type arguments of an inlined function, at any length.
fn without_arguments(name: &str) -> &str {
    match name.find('<') {
        Some(at) if at > 0 && name.ends_with('>') => &name[..at],
        _ => name,
    }
}

fn demangled(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// The file that a module was mapped from, if it is still the same one.
fn file_on_disk(module: &Module) -> Option<PathBuf> {
    const EXECUTABLE: &str = "/proc/self/exe";
    let is_mapped = |path: &Path| {
        std::fs::metadata(path).is_ok_and(|file| {
            let device = (libc::major(file.dev()), libc::minor(file.dev()));
            file.ino() == module.file.inode && device == module.file.device
        })
    };
    let path = PathBuf::from(&module.file.path);
    let executable = Path::new(EXECUTABLE);
    if path.is_absolute() && (is_mapped(&path) || has_build_id(&path, module)) {
        Some(path)
    } else if is_mapped(executable) || has_build_id(executable, module) {
        // The program was replaced or deleted on disk since it was started.
        Some(executable.to_owned())
    } else {
        None
    }
}

/// Some file systems report another device in `maps` than in `stat`: then the build-id decides.
fn has_build_id(path: &Path, module: &Module) -> bool {
    let Some(expected) = &module.build_id else {
        return false;
    };
    let Ok(file) = File::open(path) else {
        return false;
    };
    let mut header = [0; HEADER_BYTES];
    let Ok(length) = file.read_at(&mut header, 0) else {
        return false;
    };
    ElfImage::parse(&header[..length]).is_some_and(|image| {
        image.notes.iter().any(|segment| {
            let mut notes = vec![0; usize::try_from(segment.size.min(4096)).unwrap_or(0)];
            file.read_exact_at(&mut notes, segment.offset).is_ok()
                && segment
                    .build_id(&notes)
                    .is_some_and(|id| hex(id) == *expected)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_type_arguments_of_inlined_functions() {
        assert_eq!(without_arguments("with_mut<a::B<c::D>, ()>"), "with_mut");
        assert_eq!(without_arguments("{closure#0}<T>"), "{closure#0}");
        assert_eq!(without_arguments("<T as U>::f<V>"), "<T as U>::f<V>");
        assert_eq!(
            without_arguments("_ZN3std6thread5sleep17h0123456789abcdefE"),
            "_ZN3std6thread5sleep17h0123456789abcdefE"
        );
    }
}
