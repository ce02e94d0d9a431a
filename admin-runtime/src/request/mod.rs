//! A request as handlers see it, and what can be extracted from it.

mod argument;
mod argument_descriptor;
mod audit;
mod caller;
mod content_disposition;
mod context;
mod current_request;
mod extract;
mod extractor;
mod multipart;
mod param;
mod query;
mod request_id;
mod services;
mod stop_signal;
mod typed_argument;
mod upload;

pub use self::argument::{Argument, ArgumentBinding, PathArgument};
pub use self::argument_descriptor::{
    ArgumentDescriptor, ArgumentKind, ArgumentLocation, ParamSpec,
};
pub use self::audit::Audit;
pub use self::caller::Caller;
pub(crate) use self::caller::Peer;
pub(crate) use self::context::ListedEndpoints;
pub use self::context::RequestContext;
pub(crate) use self::current_request::{CurrentRequest, InRequest};
pub use self::extract::Headers;
pub use self::extractor::Extractor;
pub use self::param::Param;
pub use self::request_id::RequestId;
pub use self::typed_argument::{TypedArgument, argument, path_argument};
pub use self::upload::Upload;

pub(crate) use self::query::{BadQuery, QueryParameters, decode_lossy};
pub(crate) use self::services::Services;
pub(crate) use self::stop_signal::StopSignal;
