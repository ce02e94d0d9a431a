//! Profiles of the heap, which need another allocator.

use admin_runtime::{AdminError, admin_endpoint};

/// What a program has to do for a profile of its heap.
const NO_HEAP_PROFILE: &str = "Profiles of the heap are not available: they need an allocator that \
    samples allocations, such as jemalloc with its profiler. /metrics shows the memory of the process";

/// Profile the memory that is in use, by the stacks that allocated it: 501 without an allocator that samples.
#[admin_endpoint(
    path = "/debug/pprof/heap",
    runtime = "admin",
    sensitive = true,
    produces = "text/plain; charset=utf-8"
)]
async fn heap_in_use() -> Result<String, AdminError> {
    Err(AdminError::not_implemented(NO_HEAP_PROFILE))
}

/// Profile all memory that was allocated, by stacks: 501 without an allocator that samples.
#[admin_endpoint(
    path = "/debug/pprof/allocs",
    runtime = "admin",
    sensitive = true,
    produces = "text/plain; charset=utf-8"
)]
async fn allocations() -> Result<String, AdminError> {
    Err(AdminError::not_implemented(NO_HEAP_PROFILE))
}
