//! The log of periodic threads: one line for each change, none for a run like the one before.

use std::time::Duration;

use super::identity::ThreadIdentity;
use super::settings::Settings;
use super::state::ThreadState;
use crate::log_queue;
use crate::text::one_line;

pub(super) fn started(thread: &ThreadIdentity) {
    emit(thread, |name, settings| {
        tracing::info!(
            thread = %name, level = %settings.level, interval = ?settings.interval,
            "periodic thread started"
        );
    });
}

pub(super) fn ended(thread: &ThreadIdentity, state: ThreadState) {
    emit(thread, move |name, settings| {
        if state == ThreadState::Dead {
            tracing::error!(thread = %name, level = %settings.level, "periodic thread died");
        } else {
            tracing::info!(thread = %name, level = %settings.level, "periodic thread stopped");
        }
    });
}

pub(super) fn failed(thread: &ThreadIdentity, error: &str) {
    let error = one_line(error);
    emit(thread, move |name, settings| {
        tracing::warn!(thread = %name, level = %settings.level, error, "periodic thread failed");
    });
}

pub(super) fn recovered(thread: &ThreadIdentity, failures: u32) {
    emit(thread, move |name, settings| {
        tracing::info!(
            thread = %name, level = %settings.level, failures,
            "periodic thread recovered"
        );
    });
}

pub(super) fn overran(thread: &ThreadIdentity, took: Duration) {
    emit(thread, move |name, settings| {
        tracing::warn!(
            thread = %name, level = %settings.level, ?took, interval = ?settings.interval,
            "run of a periodic thread took longer than its interval"
        );
    });
}

/// Logs the beginning and the end of a fault.
pub(super) fn state_changed(thread: &ThreadIdentity, before: ThreadState, after: ThreadState) {
    if before == after || !(before.is_fault() || after.is_fault()) {
        return;
    }
    emit(thread, move |name, settings| {
        let level = settings.level;
        if after == ThreadState::Paused {
            tracing::info!(thread = %name, %level, %before, "periodic thread is paused");
        } else if !after.is_fault() {
            tracing::info!(thread = %name, %level, %before, "periodic thread is healthy again");
        } else if level.affects_health() {
            tracing::error!(thread = %name, %level, state = %after, "periodic thread is unhealthy");
        } else {
            tracing::warn!(thread = %name, %level, state = %after, "periodic thread is unhealthy");
        }
    });
}

/// Queues an event about a thread: a blocked log output must not stop it.
fn emit(thread: &ThreadIdentity, event: impl FnOnce(&str, &Settings) + Send + 'static) {
    let (name, settings) = (one_line(&thread.name), thread.settings);
    log_queue::emit(move || event(&name, &settings));
}
