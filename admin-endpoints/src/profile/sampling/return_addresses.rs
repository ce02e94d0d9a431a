//! A profile of stacks that were unwound by others.

use std::io;

use admin_runtime::clock::Clock;

use super::stack_store::StackStore;
use super::symbols::symbolise_all;
use crate::profile::call_tree::NodeId;
use crate::profile::data::{Profile, StackSample};
use crate::stacks::unwind::{AddressKind, CodeAddress};

/// Adds stacks, each the return addresses from the outermost and its weight, to a profile without
/// samples.
///
/// # Errors
///
/// When `/proc/self/maps` cannot be read.
pub(crate) fn profile_of_return_addresses(
    mut profile: Profile,
    stacks: impl Iterator<Item = (Vec<u64>, u64)>,
    build_roots: &[String],
    clock: &Clock,
) -> io::Result<Profile> {
    let mut store = StackStore::new()?;
    profile.samples = stacks
        .map(|(addresses, weight)| {
            let frames = addresses.into_iter().map(|address| CodeAddress {
                address,
                kind: AddressKind::Return,
            });
            StackSample {
                thread: u32::MAX,
                node: store.insert_addresses(frames),
                count: weight,
                nanoseconds: 0,
            }
        })
        .collect();
    let stacks = store.finish();
    let symbols = symbolise_all(
        &stacks.addresses,
        &stacks.modules,
        build_roots,
        clock,
        &mut || false,
    );
    profile.tree = stacks.tree;
    profile.locations = symbols.locations;
    profile.mappings = symbols.mappings;
    profile.comments.extend(symbols.comments);
    let mut samples = std::mem::take(&mut profile.samples);
    for sample in &mut samples {
        sample.node = without_allocator(&profile, sample.node);
    }
    profile.samples = samples;
    Ok(profile)
}

/// A stack without the allocator's own functions, which are the innermost of every stack.
fn without_allocator(profile: &Profile, node: NodeId) -> NodeId {
    let is_allocator = |location: u32| {
        let location = profile.locations.get(location as usize);
        let function = location.and_then(|location| location.frames.last()?.function.as_deref());
        function.is_some_and(is_function_of_jemalloc)
    };
    let own = profile.tree.stack(node);
    let own = own.take_while(|location| is_allocator(*location)).count();
    match profile.tree.without_innermost(node, own) {
        0 => node, // nothing is left
        outer => outer,
    }
}

fn is_function_of_jemalloc(name: &str) -> bool {
    const PREFIXES: [&str; 9] = [
        "_rjem_",
        "je_",
        "prof_",
        "arena_",
        "tcache_",
        "imalloc",
        "iallocztm",
        "irallocx",
        "do_rallocx",
    ];
    const NAMES: [&str; 9] = [
        "malloc",
        "calloc",
        "realloc",
        "aligned_alloc",
        "posix_memalign",
        "memalign",
        "mallocx",
        "rallocx",
        "xallocx",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_the_program_are_not_jemalloc() {
        for name in ["prof_backtrace_impl", "_rjem_je_malloc_default", "calloc"] {
            assert!(is_function_of_jemalloc(name), "{name}");
        }
        for name in ["alloc::alloc::alloc", "server::arena::Arena::new", "main"] {
            assert!(!is_function_of_jemalloc(name), "{name}");
        }
    }
}
