//! What a profile needs of its server.

use admin_runtime::describe::ArgumentDescriptor;
use admin_runtime::{AdminError, Extractor, RequestContext};
use futures_util::future::BoxFuture;

use crate::source_path::build_roots;

/// The directories that the crates with endpoints were built in.
#[derive(Debug)]
pub(super) struct BuildRoots(pub(super) Vec<String>);

impl Extractor for BuildRoots {
    fn extract(
        request: &mut RequestContext,
        _argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        Ok(Self(build_roots(request.registry())))
    }
}

/// What a profile that takes time needs.
pub(super) struct ProfileContext {
    pub(super) build_roots: Vec<String>,
    /// Returns when the server stops.
    pub(super) server_stop: BoxFuture<'static, ()>,
}

impl Extractor for ProfileContext {
    fn extract(
        request: &mut RequestContext,
        _argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        Ok(Self {
            build_roots: build_roots(request.registry()),
            server_stop: Box::pin(request.server_stop()),
        })
    }
}
