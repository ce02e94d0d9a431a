//! What a profile needs of its server.

use admin_runtime::describe::ArgumentDescriptor;
use admin_runtime::{AdminError, Extractor, RequestContext};

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
