//! What all requests of one server share.

mod blocking_pool;
mod body_budget;
mod concurrency;
mod context;
mod endpoint;
mod listener;
mod metric_keys;
mod request_metrics;
mod resources;

pub(crate) use self::blocking_pool::{KeptBlockingThread, SendReply};
pub(crate) use self::body_budget::BodyReservation;
pub(crate) use self::context::{EndpointSet, RoutedEndpoint, ServerContext, ServerParts};
pub(crate) use self::endpoint::ServedEndpoint;
pub(crate) use self::listener::ServedListener;
pub(crate) use self::request_metrics::{Answered, declared_path, describe};
pub(crate) use self::resources::ResourceFailure;
