//! Keeps the frames of code addresses between dumps.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use super::thread_capture::{DumpLimits, Notes};
use crate::frames::Frame;
use crate::stacks::IncompleteLookup;
use crate::stacks::modules::{Module, Modules};
use crate::stacks::symbolise::{SymbolisedFrames, symbolise, unsymbolised};
use crate::stacks::unwind::CodeAddress;

/// Frames by code address. Files are read only for addresses that are not in it.
#[derive(Default)]
pub(super) struct SymbolCache {
    frames: HashMap<CodeAddress, SymbolisedFrames>,
    /// The memory of `frames`.
    bytes: usize,
    /// Whether lines are missing from `frames` that a later dump may have the memory or time for.
    is_incomplete: bool,
    /// The modules that the frames belong to.
    modules: Vec<Arc<Module>>,
    /// Directories that are removed from the paths of source files.
    build_roots: Vec<String>,
}

impl SymbolCache {
    /// Drops the frames of modules that are no longer loaded.
    pub(super) fn retain_modules(&mut self, modules: &Modules) {
        let previous = std::mem::replace(&mut self.modules, modules.all().to_vec());
        self.frames.retain(|address, _| {
            modules.containing(address.lookup()).is_some_and(|module| {
                previous
                    .iter()
                    .any(|previous| Arc::ptr_eq(module, previous))
            })
        });
        self.bytes = self.frames.values().map(frame_bytes).sum();
    }

    /// Drops everything.
    pub(super) fn release(&mut self) {
        self.clear();
        self.modules = Vec::new();
    }

    fn clear(&mut self) {
        self.frames = HashMap::new();
        self.bytes = 0;
        self.is_incomplete = false;
    }

    /// Removes these directories from the paths of source files, in addition to earlier ones.
    pub(super) fn hide_build_roots(&mut self, roots: &[String]) {
        for root in roots {
            if !self.build_roots.contains(root) {
                self.build_roots.push(root.clone());
                self.clear();
            }
        }
    }

    /// Looks up all addresses that are not in the cache. When `max_bytes` or the deadline is
    /// reached, functions are shown without lines, or not at all; then there is a note.
    pub(super) fn resolve(
        &mut self,
        modules: &Modules,
        addresses: impl Iterator<Item = CodeAddress>,
        limits: &DumpLimits,
        notes: &mut Notes,
    ) {
        if self.is_incomplete || self.bytes > limits.max_symbol_bytes / 2 {
            self.clear();
        }
        let mut missing: Vec<CodeAddress> = addresses
            .filter(|address| !self.frames.contains_key(address))
            .collect();
        missing.sort_unstable_by_key(|address| (address.lookup(), address.address));
        missing.dedup();
        let module_of = |address: &CodeAddress| modules.containing(address.lookup());
        let is_same_module = |first: &CodeAddress, second: &CodeAddress| {
            module_of(first).map(Arc::as_ptr) == module_of(second).map(Arc::as_ptr)
        };
        for addresses in missing.chunk_by(is_same_module) {
            if let Some(module) = module_of(&addresses[0]) {
                self.resolve_in_module(module, addresses, limits, notes);
            }
        }
    }

    /// The frames at an address; without symbols, one frame with module and offset.
    pub(super) fn frames(&self, modules: &Modules, address: CodeAddress) -> SymbolisedFrames {
        match self.frames.get(&address) {
            Some(frames) => Arc::clone(frames),
            None => Arc::new([Arc::new(unsymbolised(
                address,
                modules.containing(address.lookup()),
            ))]),
        }
    }

    fn resolve_in_module(
        &mut self,
        module: &Arc<Module>,
        addresses: &[CodeAddress],
        limits: &DumpLimits,
        notes: &mut Notes,
    ) {
        if limits.is_exceeded() {
            return;
        }
        let bytes_left = limits.max_symbol_bytes.saturating_sub(self.bytes) as u64;
        let symbols = symbolise(module, addresses, &self.build_roots, |unit_bytes| {
            if limits.is_exceeded() {
                Err(IncompleteLookup::Stopped)
            } else if unit_bytes > bytes_left {
                Err(IncompleteLookup::Memory)
            } else {
                Ok(())
            }
        });
        let symbols = match symbols {
            Ok(symbols) => symbols,
            Err(error) => {
                // Code without a file, such as the vdso, has no symbols: that is not a limitation.
                if error.kind() != io::ErrorKind::NotFound {
                    let name = module.name();
                    notes.add(format!("the symbols of {name} could not be read: {error}"));
                }
                return;
            }
        };
        if let Err(reason) = symbols.outcome {
            self.is_incomplete = true;
            notes.add(incomplete_note(reason, limits));
        }
        for (address, frames) in addresses.iter().zip(symbols.frames) {
            self.bytes += frame_bytes(&frames);
            self.frames.insert(*address, frames);
        }
    }
}

fn incomplete_note(reason: IncompleteLookup, limits: &DumpLimits) -> String {
    let reason = match reason {
        IncompleteLookup::Memory => format!(
            "symbols may take {} bytes of memory (ThreadsConfig::max_symbol_bytes)",
            limits.max_symbol_bytes
        ),
        IncompleteLookup::Stopped => "the dump reached its limit of five seconds".to_owned(),
    };
    format!("some functions are shown without file and line, because {reason}")
}

/// An estimate of the memory that frames occupy.
fn frame_bytes(frames: &SymbolisedFrames) -> usize {
    const OVERHEAD_BYTES: usize = 64;
    let text_bytes = |text: &Option<String>| text.as_ref().map_or(0, String::capacity);
    let one = |frame: &Arc<Frame>| {
        size_of::<Frame>()
            + OVERHEAD_BYTES
            + text_bytes(&frame.function)
            + text_bytes(&frame.file)
            + frame.module.as_ref().map_or(0, |name| name.len())
    };
    OVERHEAD_BYTES + frames.iter().map(one).sum::<usize>()
}
