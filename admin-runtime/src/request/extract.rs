//! The extractors that most handlers need: state, settings, JSON bodies, headers.

use std::any::{TypeId, type_name};
use std::ops::Deref;
use std::sync::Arc;

use http::HeaderMap;
use serde::de::DeserializeOwned;

use super::{Extractor, RequestContext};
use crate::registry::Registry;
use crate::request::{ArgumentDescriptor, ArgumentKind};
use crate::response::{AdminError, Json};

/// The value of type `T` that *this* server was given with `builder().state(value)`.
///
/// Two servers in one process never share it. A server that lacks it does not build: the error
/// names the type, the file and the line.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, State, admin_endpoint};
/// use std::sync::Arc;
///
/// struct Cache { blocks: usize }
///
/// /// Blocks held now.
/// #[admin_endpoint(path = "/blocks")]
/// async fn blocks(cache: State<Arc<Cache>>) -> String {
///     cache.blocks.to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().state(Arc::new(Cache { blocks: 7 })).build()?;
/// assert_eq!(server.test_client().get("/blocks").await.text(), "7");
///
/// let error = AdminServer::builder().build().unwrap_err().to_string();
/// assert!(error.contains("Cache>>, which this server was not given: add `.state(..)`"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct State<T>(pub T);

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone + Send + Sync + 'static> Extractor for State<T> {
    const KIND: ArgumentKind = ArgumentKind::State {
        type_name: type_name::<T>,
        type_id: TypeId::of::<T>,
    };

    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        let missing = || AdminError::internal(format!("no state of type {}", type_name::<T>()));
        request.state::<T>().cloned().map(Self).ok_or_else(missing)
    }
}

/// Settings of a route: what `builder().config(value)` was given, else the default.
///
/// ```standalone_crate
/// # use admin_runtime::{admin_endpoint, AdminServer, Config};
/// #[derive(Debug, Default)]
/// struct EchoConfig { prefix: String }
///
/// #[admin_endpoint(path = "/echo/{text}")]
/// fn echo(text: String, config: Config<EchoConfig>) -> String {
///     format!("{}{text}", config.prefix)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().config(EchoConfig { prefix: "> ".into() }).build()?;
/// assert_eq!(server.test_client().get("/echo/hi").await.text(), "> hi");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Config<T>(pub Arc<T>);

impl<T> Clone for Config<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Config<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Default + Send + Sync + 'static> Extractor for Config<T> {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(Self(request.config().unwrap_or_default()))
    }
}

/// All headers of the request.
///
/// ```
/// use admin_runtime::{HeaderMap, HeaderValue, Headers};
///
/// /// An endpoint under `#[admin_endpoint(path = "/agent")]`, called as the function that it is.
/// fn agent(headers: Headers) -> String {
///     let agent = headers.get("user-agent").and_then(|agent| agent.to_str().ok());
///     agent.unwrap_or("none").to_owned()
/// }
///
/// let headers = HeaderMap::from_iter([(
///     admin_runtime::header::USER_AGENT,
///     HeaderValue::from_static("curl/8.14"),
/// )]);
/// assert_eq!(agent(Headers(headers)), "curl/8.14");
/// ```
#[derive(Clone, Debug)]
pub struct Headers(pub HeaderMap);

impl Deref for Headers {
    type Target = HeaderMap;

    fn deref(&self) -> &HeaderMap {
        &self.0
    }
}

impl Extractor for Headers {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(Self(request.headers().clone()))
    }
}

impl Extractor for Registry {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(request.registry().clone())
    }
}

const JSON_BODY: &str = "application/json";

impl<T: DeserializeOwned + Send + 'static> Extractor for Json<T> {
    const KIND: ArgumentKind = ArgumentKind::Body {
        content_type: JSON_BODY,
        required: true,
    };

    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        if !is_json(request.headers()) {
            return Err(AdminError::new(
                http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Expected a body of Content-Type application/json",
            ));
        }
        // serde's message names fields of the body and its line, nothing of this process.
        serde_json::from_slice(request.body())
            .map(Self)
            .map_err(|error| AdminError::bad_request(format!("Invalid JSON body: {error}")))
    }
}

impl<T: DeserializeOwned + Send + 'static> Extractor for Option<Json<T>> {
    const KIND: ArgumentKind = ArgumentKind::Body {
        content_type: JSON_BODY,
        required: false,
    };

    fn extract(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        if request.body().is_empty() {
            Ok(None)
        } else {
            Json::extract(request, argument).map(Some)
        }
    }
}

/// `application/json`, with or without parameters, or anything `+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|essence| essence.trim().to_ascii_lowercase());
    essence.is_some_and(|essence| essence == JSON_BODY || essence.ends_with("+json"))
}
