//! Unwinds samples and keeps their stacks, each once.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use super::sample_slots::{RawSample, STACK_COPY_BYTES};
use crate::frames::Truncation;
use crate::profile::call_tree::{CallTree, LocationId, NodeId};
use crate::profile::settings::MAX_FRAMES;
use crate::stacks::modules::{Module, Modules};
use crate::stacks::passive::word_at;
use crate::stacks::registers;
use crate::stacks::unwind::{CodeAddress, StackEnd, StackUnwinder, UnwoundStack};

/// Frames of all different stacks of a profile; about 10 MiB.
const MAX_TREE_NODES: usize = 250_000;

/// An address that is part of a stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredAddress {
    pub(super) address: CodeAddress,
    /// An index into the modules.
    pub(super) module: Option<u32>,
}

/// How many samples have stacks without their outer frames, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CutStacks {
    pub(super) frame_limit: u64,
    /// They are larger than the copy.
    pub(super) unreadable: u64,
    /// They continue on another stack, as that of a signal handler may.
    pub(super) other_stack: u64,
    pub(super) no_unwind_info: u64,
    pub(super) tree_full: u64,
}

impl CutStacks {
    /// What a profile says of them, as a sentence.
    pub(super) fn comment(self) -> Option<String> {
        let reasons = [
            (self.frame_limit, "they have more than 256 frames"),
            (self.unreadable, "they are larger than the copy of 64 KiB"),
            (
                self.other_stack,
                "they continue on another stack, as below a signal handler",
            ),
            (self.no_unwind_info, "code without unwind information"),
            (self.tree_full, "the profile has too many different stacks"),
        ];
        let parts: Vec<String> = reasons
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, reason)| format!("{count} ({reason})"))
            .collect();
        (!parts.is_empty()).then(|| {
            format!(
                "Stacks without their outer frames, in samples: {}.",
                parts.join(", ")
            )
        })
    }
}

/// The stacks of a profile.
pub(super) struct StackStore {
    pub(super) loaded: Modules,
    pub(super) unwinder: StackUnwinder,
    ids: HashMap<CodeAddress, LocationId>,
    addresses: Vec<StoredAddress>,
    /// The executable, and every module that an address belongs to, also those that were unloaded
    /// since.
    modules: Vec<Arc<Module>>,
    tree: CallTree,
    cut: CutStacks,
    /// Whether code was seen that is in no known module.
    is_stale: bool,
}

/// What is left of a store when all samples are in it.
pub(super) struct StoredStacks {
    pub(super) addresses: Vec<StoredAddress>,
    pub(super) modules: Vec<Arc<Module>>,
    pub(super) tree: CallTree,
    pub(super) cut: CutStacks,
}

impl StackStore {
    /// # Errors
    ///
    /// When `/proc/self/maps` cannot be read.
    pub(super) fn new() -> io::Result<Self> {
        let mut store = Self {
            loaded: Modules::default(),
            unwinder: StackUnwinder::default(),
            ids: HashMap::new(),
            addresses: Vec::new(),
            modules: Vec::new(),
            tree: CallTree::new(MAX_TREE_NODES),
            cut: CutStacks::default(),
            is_stale: true,
        };
        store.refresh_if_stale()?;
        store.modules.extend(store.loaded.executable().cloned());
        Ok(store)
    }

    /// Looks for libraries that were loaded or unloaded, if code of one was seen.
    ///
    /// # Errors
    ///
    /// When `/proc/self/maps` cannot be read.
    pub(super) fn refresh_if_stale(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_stale) || !self.loaded.refresh()? {
            return Ok(());
        }
        self.unwinder.set_modules(&self.loaded);
        // Other code may be at the addresses of a library that was unloaded.
        let (loaded, addresses, modules) = (&self.loaded, &self.addresses, &self.modules);
        self.ids.retain(|address, id| {
            let module = addresses[*id as usize].module;
            let stored = module.map(|module| Arc::as_ptr(&modules[module as usize]));
            stored == loaded.containing(address.lookup()).map(Arc::as_ptr)
        });
        Ok(())
    }

    /// Adds the stack of an interrupted thread.
    pub(super) fn insert_sample(&mut self, sample: &RawSample<'_>) -> NodeId {
        let start = registers::from_saved(sample.registers);
        let mut missing = None;
        let read = &mut |address: u64| {
            let word = word_at(sample.bytes, address.wrapping_sub(sample.start));
            if word.is_none() {
                missing = Some(address);
            }
            word.ok_or(())
        };
        let unwound = self.unwinder.unwind(&self.loaded, start, MAX_FRAMES, read);
        let weight = u64::from(sample.weight);
        if unwound.end == StackEnd::Truncated(Truncation::UnreadableMemory)
            && missing.is_some_and(|address| !is_beyond_copy(sample, address))
        {
            self.cut.other_stack += weight;
            return self.insert_frames(&unwound, weight);
        }
        self.insert(&unwound, weight)
    }

    /// Adds a stack that stands for `weight` samples.
    pub(super) fn insert(&mut self, unwound: &UnwoundStack, weight: u64) -> NodeId {
        self.count_cut(unwound, weight);
        self.insert_frames(unwound, weight)
    }

    fn insert_frames(&mut self, unwound: &UnwoundStack, weight: u64) -> NodeId {
        let ids: Vec<LocationId> = unwound
            .frames
            .iter()
            .rev()
            .map(|address| self.id(*address))
            .collect();
        let inserted = self.tree.insert(ids);
        if !inserted.is_complete {
            self.cut.tree_full += weight;
        }
        inserted.node
    }

    /// Adds a stack that was unwound already, outermost frame first.
    #[cfg(feature = "heap-profile")]
    pub(super) fn insert_addresses(
        &mut self,
        outermost_first: impl Iterator<Item = CodeAddress>,
    ) -> NodeId {
        let ids: Vec<LocationId> = outermost_first.map(|address| self.id(address)).collect();
        self.tree.insert(ids).node
    }

    fn count_cut(&mut self, unwound: &UnwoundStack, weight: u64) {
        let count = match unwound.end {
            StackEnd::Outermost => return,
            StackEnd::Truncated(Truncation::FrameLimit) => &mut self.cut.frame_limit,
            StackEnd::Truncated(Truncation::UnreadableMemory) => &mut self.cut.unreadable,
            StackEnd::Truncated(Truncation::NoUnwindInfo) | StackEnd::UnknownRegister => {
                let last = unwound.frames.last();
                self.is_stale |=
                    last.is_some_and(|last| self.loaded.containing(last.lookup()).is_none());
                &mut self.cut.no_unwind_info
            }
        };
        *count += weight;
    }

    fn id(&mut self, address: CodeAddress) -> LocationId {
        if let Some(id) = self.ids.get(&address) {
            return *id;
        }
        let module = self.loaded.containing(address.lookup());
        let module = module.map(|module| {
            let known = self
                .modules
                .iter()
                .position(|known| Arc::ptr_eq(known, module));
            let index = known.unwrap_or_else(|| {
                self.modules.push(Arc::clone(module));
                self.modules.len() - 1
            });
            index as u32
        });
        let id = self.addresses.len() as LocationId;
        self.addresses.push(StoredAddress { address, module });
        self.ids.insert(address, id);
        id
    }

    /// Ends the sampling and drops what only it needs.
    pub(super) fn finish(self) -> StoredStacks {
        StoredStacks {
            addresses: self.addresses,
            modules: self.modules,
            tree: self.tree,
            cut: self.cut,
        }
    }
}

/// Whether an address can be of the stack that was copied in part.
fn is_beyond_copy(sample: &RawSample<'_>, address: u64) -> bool {
    /// Hardly a stack is larger.
    const MAX_STACK_BYTES: u64 = 64 << 20;

    // A shorter copy ends where the memory of the stack ends.
    sample.bytes.len() >= STACK_COPY_BYTES
        && (sample.start..sample.start.saturating_add(MAX_STACK_BYTES)).contains(&address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_stack_is_not_beyond_the_copy() {
        let bytes = vec![0; STACK_COPY_BYTES];
        let sample = |length| RawSample {
            thread: 0,
            weight: 1,
            registers: [0; 4],
            start: 0x7f00_0000_0000,
            bytes: &bytes[..length],
        };
        let whole = sample(STACK_COPY_BYTES);
        assert!(is_beyond_copy(&whole, 0x7f00_0001_0000));
        assert!(!is_beyond_copy(&whole, 0x7eff_ffff_0000));
        assert!(!is_beyond_copy(&whole, 0x7fff_0000_0000));
        assert!(!is_beyond_copy(&sample(4096), 0x7f00_0000_1000));
    }
}
