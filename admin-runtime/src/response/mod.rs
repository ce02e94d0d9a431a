//! What handlers answer with.

mod body;
mod error;
mod into_response;
mod json;
mod render;
mod reply;
mod schema;

pub use self::body::Body;
pub use self::error::AdminError;
pub use self::into_response::{ErrorFormat, IntoResponse, ResponseSpec};
pub use self::json::{Json, Pretty};
pub use self::reply::Response;
pub use self::schema::TypeSchema;

pub(crate) use self::render::{internal, render};
#[cfg(feature = "schemars")]
pub(crate) use self::schema::Described;
