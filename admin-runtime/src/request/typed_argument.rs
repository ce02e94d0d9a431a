//! An argument with its type: what generated code registers and how it reads the value.

use std::fmt;

use super::{ArgumentBinding, ArgumentDescriptor, ArgumentLocation, RequestContext};
use crate::response::{AdminError, TypeSchema};

/// An argument of type `T`: what is registered about it and how it is taken.
pub struct TypedArgument<T> {
    /// What is registered.
    pub descriptor: ArgumentDescriptor,
    from_request: fn(&mut RequestContext, &ArgumentDescriptor) -> Result<T, AdminError>,
}

impl<T> TypedArgument<T> {
    /// Sets the schema of a JSON body.
    #[must_use]
    pub const fn with_schema(self, schema: Option<TypeSchema>) -> Self {
        let Self {
            mut descriptor,
            from_request,
        } = self;
        descriptor.schema = schema;
        Self {
            descriptor,
            from_request,
        }
    }

    /// Takes the value out of a request.
    pub fn bind(&self, request: &mut RequestContext) -> Result<T, AdminError> {
        (self.from_request)(request, &self.descriptor)
    }
}

impl<T> fmt::Debug for TypedArgument<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.descriptor.fmt(f)
    }
}

/// The argument that the n-th parameter of the path gives.
pub const fn path_argument<T>(
    binding: ArgumentBinding<T>,
    name: &'static str,
    docs: &'static str,
    index: usize,
) -> TypedArgument<T> {
    let ArgumentBinding { kind, from_request } = binding;
    let location = ArgumentLocation::Path(index);
    let descriptor = ArgumentDescriptor {
        name,
        docs,
        location,
        default: None,
        kind,
        schema: None,
    };
    TypedArgument {
        descriptor,
        from_request,
    }
}

/// An argument that its type explains.
pub const fn argument<T>(
    binding: ArgumentBinding<T>,
    name: &'static str,
    docs: &'static str,
    default: Option<&'static str>,
) -> TypedArgument<T> {
    let ArgumentBinding { kind, from_request } = binding;
    let descriptor = ArgumentDescriptor {
        name,
        docs,
        location: ArgumentLocation::Query,
        default,
        kind,
        schema: None,
    };
    TypedArgument {
        descriptor,
        from_request,
    }
}
