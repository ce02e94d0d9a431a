//! The constant that `#[periodic]` registers.

use std::fmt;

use super::body::{RunBody, RunFuture};
use super::context::RunContext;
use super::outcome::RunResult;
use super::run_error::PeriodicError;
use super::settings::Settings;
use crate::server_state::RequiredState;
use crate::source::SourceLocation;

/// One registered periodic thread.
#[derive(Clone, Copy, Debug)]
pub struct PeriodicDescriptor {
    /// Its name, unique in the binary.
    pub name: &'static str,
    /// The doc comment of the function.
    pub docs: &'static str,
    /// When it runs and what counts as a fault.
    pub settings: Settings,
    /// The state that its arguments require.
    pub required_state: &'static [Option<RequiredState>],
    /// Where it was written.
    pub source: SourceLocation,
    /// The function.
    pub body: PeriodicBody,
}

/// The value of [`PeriodicBody::Async`].
pub type AsyncRun = Result<RunFuture, PeriodicError>;

/// The value of [`PeriodicBody::Sync`].
pub type SyncRun = RunResult;

/// The registered function, wrapped in one that extracts its arguments.
#[derive(Clone, Copy)]
pub enum PeriodicBody {
    /// A `fn`: runs on an OS thread of its own.
    Sync(fn(&RunContext) -> SyncRun),
    /// An `async fn`: runs on the user runtime.
    Async(fn(&RunContext) -> AsyncRun),
}

impl PeriodicBody {
    pub(super) fn bind(self, context: RunContext) -> RunBody {
        match self {
            Self::Sync(run) => RunBody::Sync(Box::new(move || run(&context))),
            Self::Async(run) => RunBody::Async(Box::new(move || match run(&context) {
                Ok(future) => future,
                Err(error) => Box::pin(std::future::ready(Err(error))),
            })),
        }
    }
}

impl fmt::Debug for PeriodicBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sync(_) => "PeriodicBody::Sync",
            Self::Async(_) => "PeriodicBody::Async",
        })
    }
}
