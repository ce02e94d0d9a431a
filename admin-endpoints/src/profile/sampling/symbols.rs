//! Turns the addresses of a profile into locations.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use admin_runtime::clock::Clock;

use super::stack_store::StoredAddress;
use crate::profile::data::{Location, Mapping};
use crate::profile::settings::MAX_SYMBOL_BYTES;
use crate::stacks::IncompleteLookup;
use crate::stacks::modules::Module;
use crate::stacks::symbolise::{symbolise, unsymbolised};

/// How long the names of one profile may take.
const SYMBOL_TIMEOUT: Duration = Duration::from_secs(10);

/// The locations of a profile, and what is missing.
pub(super) struct SymbolisedLocations {
    pub(super) locations: Vec<Location>,
    pub(super) mappings: Vec<Mapping>,
    pub(super) comments: Vec<String>,
    /// Whether the lookup was cancelled.
    pub(super) is_cancelled: bool,
}

/// Looks up all addresses, until `is_cancelled`, which is asked for every unit of the debug
/// information. Directories in `build_roots` are removed from source paths. Nothing of the files is
/// kept.
pub(super) fn symbolise_all(
    addresses: &[StoredAddress],
    modules: &[Arc<Module>],
    build_roots: &[String],
    clock: &Clock,
    is_cancelled: &mut dyn FnMut() -> bool,
) -> SymbolisedLocations {
    let deadline = clock.now() + SYMBOL_TIMEOUT;
    let mut comments = Vec::new();
    let mut locations: Vec<Location> = addresses
        .iter()
        .map(|stored| {
            let module = stored.module.map(|module| &modules[module as usize]);
            Location {
                address: stored.address.lookup(),
                mapping: stored.module,
                frames: Arc::new([Arc::new(unsymbolised(stored.address, module))]),
            }
        })
        .collect();
    let mut order: Vec<usize> = (0..addresses.len()).collect();
    order.sort_unstable_by_key(|index| (addresses[*index].module, locations[*index].address));
    let of_one_module =
        |first: &usize, second: &usize| addresses[*first].module == addresses[*second].module;
    let mut lookup = SymbolLookup {
        build_roots,
        clock,
        deadline,
        comments: &mut comments,
        is_cancelled,
        was_cancelled: false,
    };
    for order in order.chunk_by(of_one_module) {
        let Some(module) = addresses[order[0]].module else {
            continue;
        };
        lookup.add_names(&modules[module as usize], order, addresses, &mut locations);
        if lookup.was_cancelled {
            break;
        }
    }
    SymbolisedLocations {
        is_cancelled: lookup.was_cancelled,
        locations,
        mappings: modules.iter().map(|module| mapping(module)).collect(),
        comments,
    }
}

struct SymbolLookup<'a> {
    build_roots: &'a [String],
    clock: &'a Clock,
    deadline: Instant,
    comments: &'a mut Vec<String>,
    is_cancelled: &'a mut dyn FnMut() -> bool,
    was_cancelled: bool,
}

impl SymbolLookup<'_> {
    /// Looks up the addresses of one module, which `order` sorts.
    fn add_names(
        &mut self,
        module: &Arc<Module>,
        order: &[usize],
        addresses: &[StoredAddress],
        locations: &mut [Location],
    ) {
        let sorted: Vec<_> = order
            .iter()
            .map(|index| addresses[*index].address)
            .collect();
        let may_continue = |unit_bytes: u64| {
            self.was_cancelled = self.was_cancelled || (self.is_cancelled)();
            if self.was_cancelled || self.clock.now() > self.deadline {
                Err(IncompleteLookup::Stopped)
            } else if unit_bytes > MAX_SYMBOL_BYTES {
                Err(IncompleteLookup::Memory)
            } else {
                Ok(())
            }
        };
        let symbols = match symbolise(module, &sorted, self.build_roots, may_continue) {
            Ok(symbols) => symbols,
            // Code without a file, such as the vdso, has no symbols.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                let name = module.name();
                self.comments
                    .push(format!("The symbols of {name} could not be read: {error}."));
                return;
            }
        };
        if let Err(reason) = symbols.outcome {
            self.comments.push(incomplete(module, reason));
        }
        for (index, frames) in order.iter().zip(symbols.frames) {
            locations[*index].frames = frames;
        }
    }
}

fn incomplete(module: &Module, reason: IncompleteLookup) -> String {
    let reason = match reason {
        IncompleteLookup::Memory => {
            format!("a unit of its debug information takes more than {MAX_SYMBOL_BYTES} bytes")
        }
        IncompleteLookup::Stopped => format!("the lookup took longer than {SYMBOL_TIMEOUT:?}"),
    };
    format!(
        "Some functions of {} have no file and line, because {reason}.",
        module.name()
    )
}

fn mapping(module: &Module) -> Mapping {
    Mapping {
        start: module.code.address,
        end: module.file.end,
        offset: module.code.offset,
        file_name: module.name().to_owned(),
        build_id: module.build_id.clone(),
    }
}
