//! Arguments that are not parameters.

use super::{ArgumentDescriptor, ArgumentKind, RequestContext};
use crate::response::AdminError;

/// A type that a handler's argument can have beyond parameters.
///
/// ```
/// use admin_runtime::{AdminError, RequestContext, Extractor};
/// use admin_runtime::describe::ArgumentDescriptor;
///
/// /// The client's `User-Agent`.
/// struct Agent(String);
///
/// impl Extractor for Agent {
///     fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
///         let value = request.headers().get("user-agent").and_then(|value| value.to_str().ok());
///         value.map(|agent| Self(agent.to_owned()))
///             .ok_or_else(|| AdminError::bad_request("Missing header User-Agent"))
///     }
/// }
/// ```
pub trait Extractor: Sized + Send + 'static {
    /// What is registered about the argument. An extractor that reads [`RequestContext::body`] says
    /// [`ArgumentKind::Body`]: without it the body is never read from the socket.
    const KIND: ArgumentKind = ArgumentKind::Extractor;

    /// Makes the value. It runs on the server's runtime and must not block.
    ///
    /// # Errors
    ///
    /// The answer to a request that lacks what is needed.
    fn extract(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError>;
}
