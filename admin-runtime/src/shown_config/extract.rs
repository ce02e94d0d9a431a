//! The settings of a server as an argument of a handler.

use super::ShownConfig;
use crate::request::{ArgumentDescriptor, Extractor, RequestContext};
use crate::response::AdminError;

impl Extractor for ShownConfig {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(request.service::<Self>().clone())
    }
}
