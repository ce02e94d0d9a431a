//! The health checks of a server as an argument of a handler.

use super::checks::HealthChecks;
use crate::request::{ArgumentDescriptor, Extractor, RequestContext};
use crate::response::AdminError;

impl RequestContext {
    /// The health checks of this server.
    #[must_use]
    pub fn health_checks(&self) -> &HealthChecks {
        self.service()
    }
}

impl Extractor for HealthChecks {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(request.health_checks().clone())
    }
}
