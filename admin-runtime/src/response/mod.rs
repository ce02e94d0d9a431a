//! What handlers answer with.

mod body;
mod error;
mod excerpt;
mod into_response;
mod json;
mod render;
mod reply;

pub use self::body::Body;
pub use self::error::AdminError;
pub use self::into_response::{ErrorFormat, IntoResponse, ResponseSpec};
pub use self::json::{Json, Pretty};
pub use self::reply::Response;

pub(crate) use self::excerpt::excerpt;
pub(crate) use self::render::{internal, render};
