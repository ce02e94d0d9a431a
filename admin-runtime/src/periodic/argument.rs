//! The argument types of a periodic body.

use super::context::RunContext;
use super::handle::PeriodicThread;
use super::run_error::PeriodicError;
use crate::server_state::{Config, FromServer, RequiredState, State};

/// A type that an argument of a periodic thread or a health check can have: [`State<T>`](State),
/// [`Config<T>`](Config), or, in a periodic thread, [`PeriodicThread`], the thread itself. Other types
/// can be built from these:
///
/// ```standalone_crate
/// use admin_runtime::periodic::{FromRunContext, RunContext};
/// use admin_runtime::{PeriodicError, State, periodic};
/// use admin_runtime::describe::RequiredState;
/// # use std::sync::{Arc, Mutex, PoisonError};
///
/// type Sockets = Arc<Mutex<Vec<u16>>>;
///
/// /// A socket of the pool; the run fails if all are in use.
/// struct Socket(u16);
///
/// impl FromRunContext for Socket {
///     const REQUIRED_STATE: Option<RequiredState> = State::<Sockets>::REQUIRED_STATE;
///     fn from_run_context(context: &RunContext) -> Result<Self, PeriodicError> {
///         let State(sockets) = State::<Sockets>::from_run_context(context)?;
///         let socket = sockets.lock().unwrap_or_else(PoisonError::into_inner).pop();
///         socket.map(Self).ok_or_else(|| PeriodicError::new("every socket is in use"))
///     }
/// }
///
/// #[periodic(interval = "1h")]
/// fn ping(socket: Socket) { /* sends to socket.0 */ }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # assert!(admin_runtime::AdminServer::builder().build().is_err(), "missing state is an error");
/// # let server = admin_runtime::AdminServer::builder().state(Sockets::default()).build()?;
/// # let running = server.periodic_threads().start()?;
/// # let ping = running.threads().get("ping").ok_or("not linked")?;
/// # assert!(ping.wait_until(std::time::Duration::from_secs(20), |status| status.total_runs == 1));
/// assert_eq!(ping.recent_runs()[0].message, "every socket is in use");
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a periodic thread or a health check",
    label = "nothing in the server has this type",
    note = "take `State<T>` of a `Clone` type, given by `builder().state(..)`, `Config<T>` of a `Default` type, or, in a periodic thread, `PeriodicThread`, the thread itself"
)]
pub trait FromRunContext: Sized {
    /// The state that the builder must provide.
    const REQUIRED_STATE: Option<RequiredState> = None;

    /// Extracts the value for one run.
    ///
    /// # Errors
    ///
    /// The value is missing; the run fails with this error.
    fn from_run_context(context: &RunContext) -> Result<Self, PeriodicError>;

    /// Named by generated code, so that a missing implementation is a single error.
    #[doc(hidden)]
    const BINDING: RunBinding<Self> = RunBinding {
        required_state: Self::REQUIRED_STATE,
        is_thread: false,
        from_run_context: Self::from_run_context,
    };
}

/// How an argument of type `T` is extracted.
#[derive(Debug)]
pub struct RunBinding<T> {
    /// The state that the builder must provide.
    pub required_state: Option<RequiredState>,
    /// Whether it is the periodic thread itself, which a health check does not have.
    pub is_thread: bool,
    from_run_context: fn(&RunContext) -> Result<T, PeriodicError>,
}

impl<T> RunBinding<T> {
    /// Extracts the value for one run.
    ///
    /// # Errors
    ///
    /// The value is missing.
    pub fn extract(&self, context: &RunContext) -> Result<T, PeriodicError> {
        (self.from_run_context)(context)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> FromRunContext for State<T> {
    const REQUIRED_STATE: Option<RequiredState> = <Self as FromServer>::REQUIRED_STATE;

    fn from_run_context(context: &RunContext) -> Result<Self, PeriodicError> {
        Ok(Self::from_server(&context.server)?)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Default + Send + Sync + 'static> FromRunContext for Config<T> {
    fn from_run_context(context: &RunContext) -> Result<Self, PeriodicError> {
        Ok(Self::from_server(&context.server)?)
    }
}

#[diagnostic::do_not_recommend]
impl FromRunContext for PeriodicThread {
    fn from_run_context(context: &RunContext) -> Result<Self, PeriodicError> {
        let thread = context.thread();
        thread.ok_or_else(|| PeriodicError::new("the thread has left its server"))
    }

    const BINDING: RunBinding<Self> = RunBinding {
        required_state: None,
        is_thread: true,
        from_run_context: Self::from_run_context,
    };
}
