//! `GET /openapi.json`: everything that is linked as an OpenAPI 3.1 document.

mod access;
mod components;
mod document;
mod operation;
mod parameters;
mod responses;
mod schemas;
mod template;
mod text_first;

use admin_macros::admin_endpoint;
use serde_json::Value;

pub(crate) use self::access::Access;
use self::document::document;
use self::text_first::TextFirst;
use crate::registry::Registry;
use crate::request::{ArgumentDescriptor, Extractor, RequestContext};
use crate::response::{AdminError, Json};

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
#[admin_endpoint(path = "/openapi.json", runtime = "admin")]
async fn openapi(OpenApiDocument(document): OpenApiDocument) -> Json<TextFirst> {
    Json(TextFirst(document))
}

/// The document of the server that handles the request.
struct OpenApiDocument(Value);

impl Extractor for OpenApiDocument {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        let access = *request.service::<Access>();
        let endpoints = request.registry().endpoints().iter();
        let endpoints =
            endpoints.filter(|endpoint| request.is_listed(endpoint.method.as_str(), endpoint.path));
        Ok(Self(document(endpoints, access)))
    }
}

#[cfg(test)]
mod tests;
