//! What an endpoint is: constant data that `#[admin_endpoint]` writes and the registry reads.

mod descriptor;
mod effect;
mod method;
mod path;
mod resource;
mod status;

pub use self::descriptor::{EndpointDescriptor, Handler, HandlerResult, HandlerTask, Runtime};
pub use self::effect::{Effect, EffectIf};
pub use self::method::Method;
pub use self::path::{PathError, PathPattern, Segment};
pub use self::resource::{Resource, ResourceContext, ResourceFn};
pub use self::status::{EndpointStatus, StatusFn};
