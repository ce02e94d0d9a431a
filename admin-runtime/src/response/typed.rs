//! A return type as generated code names it.

use std::fmt;
use std::future::Future;

use super::{AdminError, Response, ResponseSpec};

/// A return type: what is registered about it and how it becomes a reply.
pub struct TypedReply<T> {
    /// What is registered.
    pub spec: ResponseSpec,
    pub(crate) into_response: fn(T) -> Result<Response, AdminError>,
}

impl<T> fmt::Debug for TypedReply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spec.fmt(f)
    }
}

impl<T: 'static> TypedReply<T> {
    /// The answer of an `async fn`. Generated code boxes it: a future that is not `Send` is then
    /// an error about the user's function, not about a bound of this one.
    pub fn answer<F: Future<Output = T>>(
        &self,
        future: F,
    ) -> impl Future<Output = Result<Response, AdminError>> + use<T, F> {
        let into_response = self.into_response;
        async move { into_response(future.await) }
    }
}
