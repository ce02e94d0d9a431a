//! The runtimes of a started server.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::thread_check::check_threads;
use crate::dispatch::mark_admin_thread;
use crate::panics::panic_message;
use crate::server_context::ServerContext;
use crate::user_runtime::{BuildRuntime, RunnerThread, UserRuntime};

/// The thread that serves connections. What runs on it never blocks, and a second one would be
/// woken for most requests.
const ADMIN_WORKERS: usize = 1;

/// Threads for user handlers that were not ready at once.
const USER_WORKERS: usize = 2;

/// The thread of async live checks, if there are some.
const LIVE_CHECK_WORKERS: usize = 1;

/// Those, the runner of the user runtime, the accept loop and the log.
pub(super) const START_THREADS: usize = ADMIN_WORKERS + USER_WORKERS + 3;

/// How long tasks of the server's own may take to notice that it has stopped.
const STOP_GRACE_TIME: Duration = Duration::from_millis(500);

/// The server's own runtime, the one for user handlers, and the one for live checks.
pub(super) struct Runtimes {
    pub(super) admin: Runtime,
    pub(super) users: Runtime,
    /// Neither handlers nor ready checks can block it. Set if there are async live checks.
    pub(super) live_checks: Option<Runtime>,
    user_runtime: UserRuntime,
    runner: RunnerThread,
}

impl Runtimes {
    /// Starts them, and marks the calling thread as one of the server.
    pub(super) fn start(context: &ServerContext) -> io::Result<Self> {
        let max_blocking = context.limits.max_blocking_handlers;
        let build_users = move || runtime("admin-user", USER_WORKERS, max_blocking, || {});
        let more_users: BuildRuntime = Arc::new(move || {
            check_threads(USER_WORKERS)?;
            build_users()
        });
        let cell = Arc::new(OnceLock::new());
        let marked = Arc::clone(&cell);
        mark_admin_thread(&cell);
        let admin = runtime("admin-worker", ADMIN_WORKERS, 1, move || {
            mark_admin_thread(&marked);
        })?;
        let users = build_users()?;
        let live_checks = if context.health_checks.has_async_live_checks() {
            check_threads(LIVE_CHECK_WORKERS)?;
            Some(runtime("health-live", LIVE_CHECK_WORKERS, 1, || {})?)
        } else {
            None
        };
        let state = Arc::clone(&context.user_runtime_state);
        let (user_runtime, runner) =
            UserRuntime::start(users.handle(), admin.handle(), more_users, state)?;
        // Its only writer.
        let _ = cell.set(user_runtime.clone());
        Ok(Self {
            admin,
            users,
            live_checks,
            user_runtime,
            runner,
        })
    }

    /// Stops them. Handlers of a server that has served may still run, and may never return.
    pub(super) fn stop(self, has_served: bool) {
        self.user_runtime.close();
        if let Some(live_checks) = self.live_checks {
            // A check that never returns must not delay the end of the program.
            live_checks.shutdown_background();
        }
        if has_served {
            // A handler that never returns must not delay the end of the program.
            self.users.shutdown_background();
        } else {
            self.users.shutdown_timeout(STOP_GRACE_TIME);
        }
        self.admin.shutdown_timeout(STOP_GRACE_TIME);
        self.runner.join_within(STOP_GRACE_TIME);
    }
}

/// A panic of the builder, which has no thread, is an error too.
fn runtime(
    name: &str,
    workers: usize,
    max_blocking: usize,
    on_start: impl Fn() + Send + Sync + 'static,
) -> io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder
        .worker_threads(workers)
        .max_blocking_threads(max_blocking.max(1))
        .thread_name(name)
        .on_thread_start(on_start)
        .enable_io()
        .enable_time();
    catch_unwind(AssertUnwindSafe(|| builder.build()))
        .unwrap_or_else(|panic| Err(io::Error::other(panic_message(&*panic))))
}
