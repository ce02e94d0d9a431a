//! Finds a periodic thread by the name in a path.

use admin_runtime::periodic::PeriodicThreads;
use admin_runtime::text::excerpt;
use admin_runtime::{AdminError, PeriodicThread};

/// How much of a name or level an error message repeats, in characters.
pub(super) const MAX_QUOTED_CHARS: usize = 255;

/// The thread with that name, or 404.
pub(super) fn find(threads: &PeriodicThreads, name: &str) -> Result<PeriodicThread, AdminError> {
    threads.get(name).ok_or_else(|| {
        let name = excerpt(name, MAX_QUOTED_CHARS);
        AdminError::not_found(format!("Thread not found: {name}"))
    })
}
