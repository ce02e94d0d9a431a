//! `GET /openapi.json`: everything that is linked as an OpenAPI 3.1 document.

mod access;
mod cached;
mod components;
mod document;
mod operation;
mod parameters;
mod responses;
mod schemas;
mod template;
mod text_first;

use admin_macros::admin_endpoint;
use bytes::Bytes;
use serde_json::Value;

pub(crate) use self::access::Access;
pub(crate) use self::cached::OpenApiDocuments;
use self::document::document;
use crate::registry::Registry;
use crate::request::{ArgumentDescriptor, Extractor, RequestContext};
use crate::response::{AdminError, Response};

impl Registry {
    /// The document of `GET /openapi.json` on a server without an authenticator.
    ///
    /// ```standalone_crate
    /// use admin_runtime::{AdminServer, admin_endpoint};
    ///
    /// /// Say hello.
    /// #[admin_endpoint(path = "/hello/{name}")]
    /// async fn hello(name: String) -> String {
    ///     format!("hello, {name}")
    /// }
    ///
    /// let document = AdminServer::builder().build()?.registry().openapi();
    /// assert_eq!(document["paths"]["/hello/{name}"]["get"]["summary"], "Say hello.");
    /// # Ok::<(), admin_runtime::BuildError>(())
    /// ```
    #[must_use]
    pub fn openapi(&self) -> Value {
        document(self.endpoints(), Access::Open)
    }
}

/// Get every endpoint of this server as an OpenAPI 3.1 document.
///
/// For client generators, validators and viewers. `x-effect` is the effect of a request,
/// `x-effect-if` lists the query parameters that raise it; `x-deny-unknown` is true if query
/// parameters that the endpoint does not have are refused.
#[admin_endpoint(
    path = "/openapi.json",
    runtime = "admin",
    produces = "application/json"
)]
async fn openapi(OpenApiDocument(document): OpenApiDocument) -> Response {
    Response::bytes("application/json", document)
}

/// The text of the document of the server that handles the request.
struct OpenApiDocument(Bytes);

impl Extractor for OpenApiDocument {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        let access = *request.service::<Access>();
        let endpoints = request.registry().endpoints().iter();
        let endpoints =
            endpoints.filter(|endpoint| request.is_listed(endpoint.method.as_str(), endpoint.path));
        let documents = request.service::<OpenApiDocuments>();
        let text = documents.text(request.listed.as_ref(), || document(endpoints, access));
        text.map(Self)
    }
}

#[cfg(test)]
mod tests;
