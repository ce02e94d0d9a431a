//! The door for arguments that are no parameter.

use super::Call;
use crate::endpoint::{ArgumentDescriptor, ArgumentKind};
use crate::response::AdminError;

/// A type that a handler's argument can have beyond parameters.
///
/// ```
/// use admin_runtime::{AdminError, ArgumentDescriptor, Call, Extractor};
///
/// /// The client's `User-Agent`.
/// struct Agent(String);
///
/// impl Extractor for Agent {
///     fn extract(call: &mut Call, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
///         let value = call.headers().get("user-agent").and_then(|value| value.to_str().ok());
///         value.map(|agent| Self(agent.to_owned()))
///             .ok_or_else(|| AdminError::bad_request("Missing header User-Agent"))
///     }
/// }
/// ```
pub trait Extractor: Sized + Send + 'static {
    /// What is registered about the argument. An extractor that reads [`Call::body`] says
    /// [`ArgumentKind::Body`]: without it the body is never read from the socket.
    const KIND: ArgumentKind = ArgumentKind::Extractor;

    /// Makes the value. It runs on the server's runtime and must not block.
    ///
    /// # Errors
    /// The answer to a request that lacks what is needed.
    fn extract(call: &mut Call, argument: &ArgumentDescriptor) -> Result<Self, AdminError>;
}
