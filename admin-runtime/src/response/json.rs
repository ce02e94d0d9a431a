//! JSON in both directions.

/// A value as JSON: as an argument the body of the request, as a return type that of the reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

/// A value as JSON with two spaces of indent, for answers that people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pretty<T>(pub T);
