//! The constant record that one `#[admin_endpoint]` leaves in the binary.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::{ArgumentDescriptor, Effect, EffectIf, Method, Source, StatusFn};
use crate::request::Call;
use crate::response::{AdminError, Response, ResponseSpec};

/// One registered endpoint. `#[admin_endpoint]` writes it; code may also write it by hand.
#[derive(Clone, Copy, Debug)]
pub struct EndpointDescriptor {
    /// The method it answers.
    pub method: Method,
    /// The path as written: `/cache/{tier}`.
    pub path: &'static str,
    /// What it changes when no `effect_if` applies.
    pub effect: Effect,
    /// Query parameters that raise the effect.
    pub effect_if: &'static [EffectIf],
    /// The doc comment: the first paragraph is the summary, the rest the description.
    pub docs: &'static str,
    /// The arguments of the function, in order.
    pub arguments: &'static [ArgumentDescriptor],
    /// What it answers with.
    pub response: ResponseSpec,
    /// How long it may run; `None` is the server's limit.
    pub timeout: Option<Duration>,
    /// Where it runs.
    pub runtime: Runtime,
    /// What it says of itself in the index, if it says anything.
    pub status: Option<StatusFn>,
    /// Where it was written.
    pub source: Source,
    /// The generated shim: takes the arguments out of the call and gives the work to be done.
    pub handler: Handler,
}

impl EndpointDescriptor {
    /// The first paragraph of the docs, on one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let first = self.docs.split("\n\n").next().unwrap_or_default();
        first.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What follows the first paragraph, as written.
    #[must_use]
    pub fn description(&self) -> &'static str {
        self.docs
            .split_once("\n\n")
            .map_or("", |(_, rest)| rest.trim())
    }
}

/// Where the body of an endpoint runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// On the server's own runtime, beside the guards: only for handlers that never block.
    Admin,
    /// An async handler on the runtime for users' code (the default of `async fn`).
    User,
    /// A sync handler on the bounded pool of threads (the default of `fn`).
    Blocking,
}

/// Takes typed arguments out of a call; fails with the answer to a bad request.
pub type Handler = fn(&mut Call) -> Handling;

/// What a [`Handler`] gives.
pub type Handling = Result<Work, AdminError>;

/// The user's function with its arguments, not yet run.
pub enum Work {
    /// An `async fn`.
    Async(Pin<Box<dyn Future<Output = Result<Response, AdminError>> + Send>>),
    /// A `fn`.
    Blocking(Box<dyn FnOnce() -> Result<Response, AdminError> + Send>),
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Async(_) => "Work::Async",
            Self::Blocking(_) => "Work::Blocking",
        })
    }
}
