//! The periodic threads of a server as an argument of a handler.

use super::threads::PeriodicThreads;
use crate::request::{ArgumentDescriptor, Extractor, RequestContext};
use crate::response::AdminError;

impl RequestContext {
    /// The periodic threads of this server.
    #[must_use]
    pub fn periodic_threads(&self) -> &PeriodicThreads {
        self.service()
    }
}

impl Extractor for PeriodicThreads {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(request.periodic_threads().clone())
    }
}
