//! A request as handlers see it, and what can be extracted from it.

mod audit;
mod call;
mod caller;
mod extract;
mod extractor;
mod query;
mod request_id;
mod upload;

pub use self::audit::Audit;
pub use self::call::Call;
pub use self::caller::Caller;
pub use self::extract::{Config, Headers, State};
pub use self::extractor::Extractor;
pub use self::request_id::RequestId;
pub use self::upload::Upload;

pub(crate) use self::audit::Change;
pub(crate) use self::query::Query;
