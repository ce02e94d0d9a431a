//! Everything that generated code names. Not public API: any release may change it.
//!
//! An argument and the return type each become one typed constant, so that a type that cannot
//! serve is one compile error and not one for every use.

use std::fmt;
use std::future::Future;

pub use inventory::submit;

pub use core::option::Option;
pub use core::primitive::{str, u32};
pub use core::time::Duration;

use crate::endpoint::{Argument, ArgumentPlace, ParamSpec};
pub use crate::endpoint::{
    ArgumentDescriptor, ArgumentKind, Effect, EffectIf, EndpointDescriptor, Handling, Method,
    Param, Runtime, Source, Work,
};
pub use crate::registry::LinkExpectation;
pub use crate::request::Call;
pub use crate::response::{AdminError, ErrorFormat, IntoResponse, Response, ResponseSpec};

/// An argument of type `T`: what is registered about it and how it is taken.
pub struct TypedArgument<T> {
    /// What is registered.
    pub descriptor: ArgumentDescriptor,
    take: fn(&mut Call, &ArgumentDescriptor) -> Result<T, AdminError>,
}

impl<T> TypedArgument<T> {
    /// Takes the value out of a call.
    pub fn take(&self, call: &mut Call) -> Result<T, AdminError> {
        (self.take)(call, &self.descriptor)
    }
}

impl<T> fmt::Debug for TypedArgument<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.descriptor.fmt(f)
    }
}

/// The argument that the n-th parameter of the path gives.
pub const fn path_argument<T: Param>(
    name: &'static str,
    docs: &'static str,
    index: usize,
) -> TypedArgument<T> {
    let kind = ArgumentKind::Parameter(ParamSpec::of::<T>());
    let place = ArgumentPlace::Path(index);
    TypedArgument {
        descriptor: ArgumentDescriptor {
            name,
            docs,
            place,
            default: None,
            kind,
        },
        take: <T as Argument<crate::endpoint::via::Required>>::take,
    }
}

/// An argument that its type explains.
pub const fn argument<T: Argument<Via>, Via>(
    name: &'static str,
    docs: &'static str,
    default: Option<&'static str>,
) -> TypedArgument<T> {
    let place = ArgumentPlace::Query;
    TypedArgument {
        descriptor: ArgumentDescriptor {
            name,
            docs,
            place,
            default,
            kind: T::KIND,
        },
        take: T::take,
    }
}

/// A return type: what is registered about it and how it becomes a reply.
pub struct TypedReply<T> {
    /// What is registered.
    pub spec: ResponseSpec,
    into_response: fn(T) -> Result<Response, AdminError>,
}

impl<T> fmt::Debug for TypedReply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spec.fmt(f)
    }
}

/// The return type of an endpoint.
pub const fn reply<T: IntoResponse>() -> TypedReply<T> {
    TypedReply {
        spec: T::SPEC,
        into_response: T::into_response,
    }
}

impl<T: 'static> TypedReply<T> {
    /// The work of an `async fn`.
    pub fn future(&self, future: impl Future<Output = T> + Send + 'static) -> Handling {
        let into_response = self.into_response;
        Ok(Work::Async(Box::pin(
            async move { into_response(future.await) },
        )))
    }

    /// The work of a `fn`.
    pub fn blocking(&self, function: impl FnOnce() -> T + Send + 'static) -> Handling {
        let into_response = self.into_response;
        Ok(Work::Blocking(Box::new(move || into_response(function()))))
    }
}
