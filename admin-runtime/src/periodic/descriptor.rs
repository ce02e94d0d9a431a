//! The constant record that one `#[periodic]` leaves in the binary.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use super::argument::RunContext;
use super::outcome::{PeriodicError, RunSummary};
use super::settings::PeriodicSettings;
use crate::server_state::StateNeed;
use crate::source::Source;

/// One registered periodic thread. `#[periodic]` writes it.
///
/// ```
/// use admin_runtime::{
///     PeriodicArgument, PeriodicBody, PeriodicDescriptor, PeriodicSettings, RunSummary, Source, State,
/// };
/// # const HERE: Source = Source {
/// #     crate_name: "engine", manifest_dir: "/ws/engine", module: "engine", function: "sampler",
/// #     file: "engine/src/lib.rs", line: 1, column: 1,
/// # };
///
/// const SAMPLER: PeriodicDescriptor = PeriodicDescriptor {
///     name: "sampler", docs: "Reads the gauge.", settings: PeriodicSettings::DEFAULT, source: HERE,
///     needs: &[State::<u64>::NEEDS],
///     body: PeriodicBody::Sync(|context| {
///         let State(gauge) = State::<u64>::take(context)?;
///         Ok(RunSummary::new(format!("read {gauge}")))
///     }),
/// };
/// assert_eq!(SAMPLER.source.crate_file(), "src/lib.rs");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PeriodicDescriptor {
    /// Its name, unique in the binary.
    pub name: &'static str,
    /// The doc comment of the function.
    pub docs: &'static str,
    /// When it runs and what counts as trouble.
    pub settings: PeriodicSettings,
    /// The state that its arguments need.
    pub needs: &'static [Option<StateNeed>],
    /// Where it was written.
    pub source: Source,
    /// The function.
    pub body: PeriodicBody,
}

/// A future of one run.
///
/// ```
/// use admin_runtime::{RunFuture, RunSummary};
///
/// let run: RunFuture = Box::pin(async { Ok(RunSummary::new("answered in 3 ms")) });
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// assert_eq!(runtime.block_on(run)?.message(), "answered in 3 ms");
/// # Ok::<(), admin_runtime::PeriodicError>(())
/// ```
pub type RunFuture = Pin<Box<dyn Future<Output = Result<RunSummary, PeriodicError>> + Send>>;

/// What a shim over a `fn` gives.
pub type SyncRun = Result<RunSummary, PeriodicError>;

/// What a shim over an `async fn` gives.
pub type AsyncRun = Result<RunFuture, PeriodicError>;

/// The function of a [`PeriodicDescriptor`] behind a shim that takes its arguments.
///
/// ```
/// use admin_runtime::{PeriodicArgument, PeriodicBody, PeriodicError, RunSummary, State};
///
/// async fn ping(peer: String) -> Result<RunSummary, PeriodicError> {
///     Ok(RunSummary::new(format!("{peer} answered")))
/// }
/// let body = PeriodicBody::Async(|context| {
///     let State(peer) = State::<String>::take(context)?;
///     Ok(Box::pin(ping(peer)))
/// });
/// assert_eq!(format!("{body:?}"), "PeriodicBody::Async");
/// ```
#[derive(Clone, Copy)]
pub enum PeriodicBody {
    /// A `fn`: runs on an OS thread of its own.
    Sync(fn(&RunContext) -> SyncRun),
    /// An `async fn`: runs on the runtime for users' code.
    Async(fn(&RunContext) -> AsyncRun),
}

impl fmt::Debug for PeriodicBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sync(_) => "PeriodicBody::Sync",
            Self::Async(_) => "PeriodicBody::Async",
        })
    }
}

/// A body as the loop holds it, whether it was linked or given at run time.
pub(super) enum Body {
    Sync(Box<dyn FnMut() -> SyncRun + Send>),
    Async(Box<dyn FnMut() -> RunFuture + Send>),
}

impl Body {
    pub(super) fn of(body: PeriodicBody, context: RunContext) -> Self {
        match body {
            PeriodicBody::Sync(run) => Self::Sync(Box::new(move || run(&context))),
            PeriodicBody::Async(run) => Self::Async(Box::new(move || match run(&context) {
                Ok(future) => future,
                Err(error) => Box::pin(std::future::ready(Err(error))),
            })),
        }
    }
}

/// What a name must be to serve as a thread's name, a label and a segment of a path.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    const LONGEST: usize = 255;
    if name.is_empty() {
        return Err("the name is empty".to_owned());
    }
    if name.len() > LONGEST {
        return Err(format!(
            "the name has {} bytes: at most {LONGEST}",
            name.len()
        ));
    }
    if name == "." || name == ".." {
        return Err(
            "the name never arrives in a path: clients resolve it before they ask".to_owned(),
        );
    }
    match name.chars().find(|c| c.is_control()) {
        Some(c) => Err(format!("the name contains the control character {c:?}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_be_anything_that_can_be_shown() {
        for name in [
            "heartbeat",
            "a/b",
            "\"quoted\"",
            "größe 漢",
            "...",
            "a%2Fb",
            &"x".repeat(255),
        ] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", ".", "..", "a\0b", "a\nb", &"x".repeat(256)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}
