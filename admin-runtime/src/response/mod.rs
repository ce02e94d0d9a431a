//! Replies and errors of handlers.

mod body;
mod error;
mod error_status;
mod into_response;
mod json;
mod render;
mod reply;
mod schema;
mod spec;
mod typed;

pub use self::body::Body;
pub use self::error::AdminError;
pub use self::error_status::{
    ErrorStatusDescriptor, ErrorWithStatus, SharedError, StatusFromErrorStatusMacro,
};
pub use self::into_response::IntoResponse;
pub use self::json::{Json, Pretty};
pub use self::reply::Response;
pub use self::schema::TypeSchema;
pub use self::spec::{ErrorFormat, ResponseSpec};
pub use self::typed::TypedReply;

pub(crate) use self::render::{internal, render};
#[cfg(feature = "schemars")]
pub(crate) use self::schema::Described;
