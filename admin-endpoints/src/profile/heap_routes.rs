//! Profiles of the heap, which need jemalloc.

use admin_runtime::{AdminError, HeaderValue, Response, admin_endpoint, header};

use super::context::BuildRoots;
#[cfg(not(all(
    feature = "heap-profile",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
use super::data::Profile;
use super::format::ProfileFormat;
#[cfg(all(
    feature = "heap-profile",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
use super::heap_dump::heap_profile;

/// What a program has to do for a profile of its heap.
#[cfg(not(all(
    feature = "heap-profile",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
fn heap_profile(_build_roots: &[String]) -> Result<Profile, AdminError> {
    Err(AdminError::not_implemented(
        "Profiles of the heap are not available: add the cargo feature `heap-profile` of \
         admin-endpoints, and make jemalloc the allocator of the program (the example \
         `heap_profile` shows both lines)",
    ))
}

/// Profile the memory that is in use, by the stacks that allocated it.
///
/// It needs the cargo feature `heap-profile` and jemalloc as the allocator of the program.
#[admin_endpoint(
    path = "/debug/pprof/heap",
    sensitive = true,
    produces = "application/octet-stream"
)]
fn heap_in_use(build_roots: BuildRoots) -> Result<Response, AdminError> {
    reply(&build_roots)
}

/// Profile the heap, as `/debug/pprof/heap` does: jemalloc does not record what was freed.
#[admin_endpoint(
    path = "/debug/pprof/allocs",
    sensitive = true,
    produces = "application/octet-stream"
)]
fn allocations(build_roots: BuildRoots) -> Result<Response, AdminError> {
    reply(&build_roots)
}

fn reply(build_roots: &BuildRoots) -> Result<Response, AdminError> {
    let profile = heap_profile(&build_roots.0)?;
    let bytes = ProfileFormat::Pprof.whole(&profile);
    let bytes = bytes.map_err(AdminError::internal)?;
    let reply = Response::bytes(ProfileFormat::Pprof.content_type(), bytes);
    Ok(reply.with_header(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"profile.pb.gz\""),
    ))
}
