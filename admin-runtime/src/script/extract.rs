//! The script objects of a server as an argument of a handler.

use super::ScriptObjects;
use crate::request::{ArgumentDescriptor, Extractor, RequestContext};
use crate::response::AdminError;

impl Extractor for ScriptObjects {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(request.service::<Self>().clone())
    }
}
