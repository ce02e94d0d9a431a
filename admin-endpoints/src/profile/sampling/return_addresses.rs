//! A profile of stacks that were unwound by others.

use std::io;

use admin_runtime::clock::Clock;

use super::stack_store::StackStore;
use super::symbols::symbolise_all;
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
    let symbols = symbolise_all(&stacks.addresses, &stacks.modules, build_roots, clock);
    profile.tree = stacks.tree;
    profile.locations = symbols.locations;
    profile.mappings = symbols.mappings;
    profile.comments.extend(symbols.comments);
    Ok(profile)
}
