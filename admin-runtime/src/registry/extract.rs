//! The registry as an argument of a handler.

use super::Registry;
use crate::request::{ArgumentDescriptor, Extractor, RequestContext};
use crate::response::AdminError;

impl RequestContext {
    /// Every endpoint of this server.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        self.service()
    }
}

impl Extractor for Registry {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(request.registry().clone())
    }
}
