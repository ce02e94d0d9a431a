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

/// Threads for user handlers that were not ready at once.
const USER_WORKERS: usize = 2;

/// The thread of async live checks, if there are some.
const LIVE_CHECK_WORKERS: usize = 1;

/// Those, the runner of the user runtime, the thread that serves connections and the log.
pub(super) const START_THREADS: usize = USER_WORKERS + 3;

/// How long tasks of the server's own may take to notice that it has stopped.
const STOP_GRACE_TIME: Duration = Duration::from_millis(500);

/// The server's own runtime, the one for user handlers, and the one for live checks.
pub(super) struct Runtimes {
    /// On the thread that makes it. What runs there never blocks, and a second thread would be woken
    /// for most requests.
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
        let build_users = move || workers("admin-user", USER_WORKERS, max_blocking);
        let more_users: BuildRuntime = Arc::new(move || {
            check_threads(USER_WORKERS)?;
            build_users()
        });
        let cell = Arc::new(OnceLock::new());
        let marked = Arc::clone(&cell);
        mark_admin_thread(&cell);
        let admin = build(
            Builder::new_current_thread()
                .max_blocking_threads(1)
                .thread_name("admin-blocking")
                .on_thread_start(move || mark_admin_thread(&marked)),
        )?;
        let users = build_users()?;
        let live_checks = if context.health_checks.has_async_live_checks() {
            check_threads(LIVE_CHECK_WORKERS)?;
            Some(workers("health-live", LIVE_CHECK_WORKERS, 1)?)
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

/// A runtime with threads of its own.
fn workers(name: &str, count: usize, max_blocking: usize) -> io::Result<Runtime> {
    build(
        Builder::new_multi_thread()
            .worker_threads(count)
            .max_blocking_threads(max_blocking.max(1))
            .thread_name(name),
    )
}

/// A panic of the builder, which has no thread, is an error too.
fn build(builder: &mut Builder) -> io::Result<Runtime> {
    builder.enable_io().enable_time();
    catch_unwind(AssertUnwindSafe(|| builder.build()))
        .unwrap_or_else(|panic| Err(io::Error::other(panic_message(&*panic))))
}
