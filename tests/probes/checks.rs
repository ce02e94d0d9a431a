//! The checks of the tests, with a switch for each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use admin_runtime::{State, health_check};

use crate::EVENT_TIMEOUT;

/// What the checks of one server do.
#[derive(Clone, Default)]
pub(crate) struct Switches(Arc<SwitchState>);

#[derive(Default)]
struct SwitchState {
    database_error: Mutex<Option<String>>,
    disk_runs: AtomicUsize,
    disk_hangs: Mutex<bool>,
    changed: Condvar,
}

impl Switches {
    /// Lets `database` fail with a message, or succeed.
    pub(crate) fn set_database_error(&self, error: Option<&str>) {
        *self.0.database_error.lock().unwrap() = error.map(str::to_owned);
    }

    /// Lets the next run of `disk` block its thread until this is called with `false`.
    pub(crate) fn set_disk_hangs(&self, hangs: bool) {
        *self.0.disk_hangs.lock().unwrap() = hangs;
        self.0.changed.notify_all();
    }

    pub(crate) fn disk_runs(&self) -> usize {
        self.0.disk_runs.load(Ordering::SeqCst)
    }
}

/// The database answers.
#[health_check(interval = "20ms", timeout = "5s")]
async fn database(switches: State<Switches>) -> Result<(), String> {
    let error = switches.0.0.database_error.lock().unwrap().clone();
    error.map_or(Ok(()), Err)
}

/// The disk has space.
#[health_check(kind = "live", interval = "20ms", timeout = "200ms", name = "disk")]
fn disk_space(switches: State<Switches>) {
    let state = &switches.0.0;
    state.disk_runs.fetch_add(1, Ordering::SeqCst);
    let hangs = state.disk_hangs.lock().unwrap();
    drop(
        state
            .changed
            .wait_timeout_while(hangs, EVENT_TIMEOUT, |hangs| *hangs),
    );
}
