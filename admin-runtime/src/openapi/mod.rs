//! `GET /openapi.json`: everything that is linked as an OpenAPI 3.1 document.

mod document;
mod operation;
mod parameters;
mod responses;
mod schemas;

pub(crate) use self::document::{Access, document};

use serde_json::Value;

use crate::admin_endpoint;
use crate::request::ArgumentDescriptor;
use crate::request::{Extractor, RequestContext};
use crate::response::{AdminError, Json};

/// Every endpoint of this server as an OpenAPI 3.1 document.
///
/// For generators of clients, for validators and for people with a viewer. `x-effect` says what a
/// request may change, `x-effect-if` which query parameters raise that.
#[admin_endpoint(path = "/openapi.json", runtime = "admin")]
async fn openapi(Document(document): Document) -> Json<Value> {
    Json(document)
}

/// The document of the server that answers.
struct Document(Value);

impl Extractor for Document {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        let access = match request.server.authenticator {
            Some(_) => Access::Bearer,
            None => Access::Open,
        };
        Ok(Self(document(request.registry(), access)))
    }
}

#[cfg(test)]
mod tests;
