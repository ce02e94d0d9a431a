//! The log of periodic threads: one line at each edge, none for a run that is like the one before.

use std::time::Duration;

use super::health::PeriodicState;
use super::thread::Thread;

pub(super) fn started(thread: &Thread) {
    let Thread { name, settings, .. } = thread;
    tracing::info!(
        thread = %name, level = %settings.level, interval = ?settings.interval,
        "periodic thread started"
    );
}

pub(super) fn ended(thread: &Thread, state: PeriodicState) {
    let Thread { name, settings, .. } = thread;
    if state == PeriodicState::Dead {
        tracing::error!(thread = %name, level = %settings.level, "periodic thread died");
    } else {
        tracing::info!(thread = %name, level = %settings.level, "periodic thread stopped");
    }
}

pub(super) fn failed(thread: &Thread, error: &str) {
    let Thread { name, settings, .. } = thread;
    tracing::warn!(thread = %name, level = %settings.level, error, "periodic thread failed");
}

pub(super) fn recovered(thread: &Thread, failures: u32) {
    let Thread { name, settings, .. } = thread;
    tracing::info!(thread = %name, level = %settings.level, failures, "periodic thread recovered");
}

pub(super) fn overran(thread: &Thread, took: Duration) {
    let Thread { name, settings, .. } = thread;
    tracing::warn!(
        thread = %name, level = %settings.level, ?took, interval = ?settings.interval,
        "a run of a periodic thread took longer than its interval"
    );
}

/// Says when something is wrong that was not, and when it is not any more.
pub(super) fn verdict(thread: &Thread, before: PeriodicState, after: PeriodicState) {
    let Thread { name, settings, .. } = thread;
    let level = settings.level;
    if before == after || !(before.is_verdict() || after.is_verdict()) {
        return;
    }
    if !after.is_verdict() {
        tracing::info!(thread = %name, %level, %before, "periodic thread is well again");
    } else if level.decides_health() {
        tracing::error!(thread = %name, %level, state = %after, "periodic thread is unhealthy");
    } else {
        tracing::warn!(thread = %name, %level, state = %after, "periodic thread is unhealthy");
    }
}
