//! The log of periodic threads: one line for each change, none for a run like the one before.

use std::time::Duration;

use super::identity::ThreadIdentity;
use super::state::ThreadState;

pub(super) fn started(thread: &ThreadIdentity) {
    let ThreadIdentity { name, settings, .. } = thread;
    tracing::info!(
        thread = %name, level = %settings.level, interval = ?settings.interval,
        "periodic thread started"
    );
}

pub(super) fn ended(thread: &ThreadIdentity, state: ThreadState) {
    let ThreadIdentity { name, settings, .. } = thread;
    if state == ThreadState::Dead {
        tracing::error!(thread = %name, level = %settings.level, "periodic thread died");
    } else {
        tracing::info!(thread = %name, level = %settings.level, "periodic thread stopped");
    }
}

pub(super) fn failed(thread: &ThreadIdentity, error: &str) {
    let ThreadIdentity { name, settings, .. } = thread;
    tracing::warn!(thread = %name, level = %settings.level, error, "periodic thread failed");
}

pub(super) fn recovered(thread: &ThreadIdentity, failures: u32) {
    let ThreadIdentity { name, settings, .. } = thread;
    tracing::info!(thread = %name, level = %settings.level, failures, "periodic thread recovered");
}

pub(super) fn overran(thread: &ThreadIdentity, took: Duration) {
    let ThreadIdentity { name, settings, .. } = thread;
    tracing::warn!(
        thread = %name, level = %settings.level, ?took, interval = ?settings.interval,
        "run of a periodic thread took longer than its interval"
    );
}

/// Logs the beginning and the end of a fault.
pub(super) fn state_changed(thread: &ThreadIdentity, before: ThreadState, after: ThreadState) {
    let ThreadIdentity { name, settings, .. } = thread;
    let level = settings.level;
    if before == after || !(before.is_fault() || after.is_fault()) {
        return;
    }
    if !after.is_fault() {
        tracing::info!(thread = %name, %level, %before, "periodic thread is healthy again");
    } else if level.affects_health() {
        tracing::error!(thread = %name, %level, state = %after, "periodic thread is unhealthy");
    } else {
        tracing::warn!(thread = %name, %level, state = %after, "periodic thread is unhealthy");
    }
}
