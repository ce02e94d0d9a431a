//! A profile of the heap, from the samples that jemalloc has taken.

use std::sync::Arc;
use std::time::SystemTime;

use admin_runtime::AdminError;
use admin_runtime::clock::Clock;
use jemalloc_pprof::PROF_CTL;

use super::data::{Profile, ProfileKind};
use super::sampling::profile_of_return_addresses;

/// What is missing in a program whose jemalloc takes no samples.
const NOT_SAMPLED: &str = "jemalloc takes no samples: start the program with `prof:true,\
    prof_active:true,lg_prof_sample:19` as the configuration of jemalloc (`malloc_conf`), and make \
    it the allocator of the program, with its feature `profiling`";

/// The memory that is in use, in bytes, by the stacks that allocated it. Blocks for as long as
/// jemalloc writes its samples and their functions are named.
///
/// # Errors
///
/// 501 if jemalloc takes no samples.
pub(super) fn heap_profile(build_roots: &[String]) -> Result<Profile, AdminError> {
    let control = PROF_CTL.as_ref().map(Arc::clone);
    let control = control.ok_or_else(|| AdminError::not_implemented(NOT_SAMPLED))?;
    let mut control = control.blocking_lock();
    if !control.activated() {
        return Err(AdminError::not_implemented(NOT_SAMPLED));
    }
    let clock = Clock::system();
    let began: SystemTime = clock.wall();
    let dump = control.dump_profile().map_err(AdminError::internal)?;
    let period = 1_u64.checked_shl(control.lg_sample() as u32).unwrap_or(1);
    drop(control);
    let stacks = dump.iter().map(|(stack, _)| {
        let addresses: Vec<u64> = stack.addrs.iter().map(|address| *address as u64).collect();
        (addresses, stack.weight as u64)
    });
    let empty = Profile::without_samples(ProfileKind::Heap, began, String::new());
    let empty = Profile {
        period,
        comments: Vec::new(),
        ..empty
    };
    profile_of_return_addresses(empty, stacks, build_roots, &clock)
        .map_err(|error| AdminError::unavailable(error.to_string()))
}
