//! What a periodic body can take as an argument, decided by its type.

use std::sync::{Arc, Weak};

use super::handle::PeriodicThread;
use super::outcome::PeriodicError;
use super::thread::Thread;
use crate::server_state::{Config, FromServer, ServerState, State, StateNeed};

/// What a run can draw on: the state and settings of its server, and its own thread. Each type of
/// argument takes its part of it.
///
/// ```standalone_crate
/// use admin_runtime::{PeriodicArgument, PeriodicError, PeriodicThread, RunContext};
/// # use admin_runtime::{RunSummary, periodic};
/// # use std::time::Duration;
///
/// /// The number of this run, from 1.
/// struct Number(u64);
///
/// impl PeriodicArgument for Number {
///     fn take(context: &RunContext) -> Result<Self, PeriodicError> {
///         Ok(Self(PeriodicThread::take(context)?.status().total_runs + 1))
///     }
/// }
///
/// #[periodic]
/// fn sampler(number: Number) -> RunSummary {
///     RunSummary::new(format!("sample {}", number.0))
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = admin_runtime::AdminServer::builder().build()?;
/// # let running = server.periodic_threads().start()?;
/// # let sampler = running.threads().get("sampler").ok_or("not linked")?;
/// # assert!(sampler.wait_until(Duration::from_secs(20), |status| status.total_runs == 1));
/// assert_eq!(sampler.recent_runs()[0].message, "sample 1");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RunContext {
    pub(super) server: Arc<ServerState>,
    pub(super) thread: Weak<Thread>,
}

/// A type that an argument of a periodic body can have: [`State<T>`](State), [`Config<T>`](Config),
/// or [`PeriodicThread`], the thread itself. A type of one's own draws on these:
///
/// ```standalone_crate
/// use admin_runtime::{PeriodicArgument, PeriodicError, RunContext, State, StateNeed, periodic};
/// # use std::sync::{Arc, Mutex, PoisonError};
///
/// type Sockets = Arc<Mutex<Vec<u16>>>;
///
/// /// A socket of the pool; where there is none, the run fails.
/// struct Socket(u16);
///
/// impl PeriodicArgument for Socket {
///     const NEEDS: Option<StateNeed> = State::<Sockets>::NEEDS;
///     fn take(context: &RunContext) -> Result<Self, PeriodicError> {
///         let State(sockets) = State::<Sockets>::take(context)?;
///         let socket = sockets.lock().unwrap_or_else(PoisonError::into_inner).pop();
///         socket.map(Self).ok_or_else(|| PeriodicError::new("every socket is in use"))
///     }
/// }
///
/// #[periodic(interval = "1h")]
/// fn ping(socket: Socket) { /* sends to socket.0 */ }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # assert!(admin_runtime::AdminServer::builder().build().is_err(), "the need is checked");
/// # let server = admin_runtime::AdminServer::builder().state(Sockets::default()).build()?;
/// # let running = server.periodic_threads().start()?;
/// # let ping = running.threads().get("ping").ok_or("not linked")?;
/// # assert!(ping.wait_until(std::time::Duration::from_secs(20), |status| status.total_runs == 1));
/// assert_eq!(ping.recent_runs()[0].message, "every socket is in use");
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a periodic thread",
    label = "nothing in the server has this type",
    note = "take `State<T>`, given by `builder().state(..)`, `Config<T>`, or `PeriodicThread`, the thread itself"
)]
pub trait PeriodicArgument: Sized {
    /// What the builder must have been given.
    const NEEDS: Option<StateNeed> = None;

    /// Takes the value for one run.
    ///
    /// # Errors
    /// What is missing, which `build()` would have found.
    fn take(context: &RunContext) -> Result<Self, PeriodicError>;

    /// What generated code names, so that a type that cannot serve is one error.
    #[doc(hidden)]
    const BINDING: PeriodicBinding<Self> = PeriodicBinding {
        needs: Self::NEEDS,
        take: Self::take,
    };
}

/// An argument of type `T`: what it needs and how it is taken.
#[derive(Debug)]
pub struct PeriodicBinding<T> {
    /// What the builder must have been given.
    pub needs: Option<StateNeed>,
    take: fn(&RunContext) -> Result<T, PeriodicError>,
}

impl<T> PeriodicBinding<T> {
    /// Takes the value for one run.
    ///
    /// # Errors
    /// What is missing.
    pub fn take(&self, context: &RunContext) -> Result<T, PeriodicError> {
        (self.take)(context)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> PeriodicArgument for State<T> {
    const NEEDS: Option<StateNeed> = Self::NEED;

    fn take(context: &RunContext) -> Result<Self, PeriodicError> {
        Ok(Self::from_server(&context.server)?)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Default + Send + Sync + 'static> PeriodicArgument for Config<T> {
    fn take(context: &RunContext) -> Result<Self, PeriodicError> {
        Ok(Self::from_server(&context.server)?)
    }
}

#[diagnostic::do_not_recommend]
impl PeriodicArgument for PeriodicThread {
    fn take(context: &RunContext) -> Result<Self, PeriodicError> {
        let gone = || PeriodicError::new("the thread has left its server");
        context
            .thread
            .upgrade()
            .map(PeriodicThread::new)
            .ok_or_else(gone)
    }
}
