//! What an endpoint is: constant data that `#[admin_endpoint]` writes and the registry reads.

mod argument;
mod descriptor;
mod effect;
mod method;
mod param;
mod path;
mod schema;
mod source;
mod status;

pub use self::argument::{
    Argument, ArgumentDescriptor, ArgumentKind, ArgumentPlace, ParamSpec, Taker, via,
};
pub use self::descriptor::{EndpointDescriptor, Handler, Handling, Runtime, Work};
pub use self::effect::{Effect, EffectIf};
pub use self::method::Method;
pub use self::param::Param;
pub use self::path::{PathError, PathPattern, Segment};
#[cfg(feature = "schemars")]
pub(crate) use self::schema::Described;
pub use self::schema::TypeSchema;
pub use self::source::Source;
pub use self::status::{EndpointStatus, StatusFn};
