//! Handlers that wait for a thread, and outcomes that wait for their requests.

use std::collections::VecDeque;
use std::mem::take;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Waker;

use futures_util::task::AtomicWaker;

use super::job::{FinishedUserJob, UserJob};
use crate::sync::lock;

/// What connections, the dispatcher and the runners of one server share.
#[derive(Default)]
pub(super) struct JobQueue {
    waiting: Mutex<VecDeque<UserJob>>,
    finished: Mutex<Vec<FinishedUserJob>>,
    has_finished: AtomicBool,
    /// Whether jobs were submitted since the dispatcher last woke a runner.
    is_submitted: AtomicBool,
    /// Jobs that are submitted and have not ended.
    unfinished: AtomicUsize,
    is_closed: AtomicBool,
    dispatcher: AtomicWaker,
}

impl JobQueue {
    /// Queues a job and wakes the dispatcher, once for all jobs until it looks.
    pub(super) fn submit(&self, job: UserJob) {
        self.unfinished.fetch_add(1, Ordering::Relaxed);
        lock(&self.waiting).push_back(job);
        if !self.is_submitted.swap(true, Ordering::AcqRel) {
            self.dispatcher.wake();
        }
    }

    /// The next job that waits.
    pub(super) fn take(&self) -> Option<UserJob> {
        lock(&self.waiting).pop_front()
    }

    pub(super) fn has_waiting(&self) -> bool {
        !lock(&self.waiting).is_empty()
    }

    /// Keeps the outcome of a job until the dispatcher delivers it.
    pub(super) fn finish(&self, finished: FinishedUserJob) {
        lock(&self.finished).push(finished);
        self.has_finished.store(true, Ordering::Release);
    }

    /// Counts the end of a job, whatever its outcome.
    pub(super) fn count_finished(&self) {
        self.unfinished.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn has_unfinished(&self) -> bool {
        self.unfinished.load(Ordering::Relaxed) > 0
    }

    /// Sends the kept outcomes to their requests.
    pub(super) fn deliver(&self) {
        if self.has_finished.swap(false, Ordering::AcqRel) {
            let finished = take(&mut *lock(&self.finished));
            finished.into_iter().for_each(FinishedUserJob::send);
        }
    }

    /// Has `dispatcher` woken by what follows.
    pub(super) fn register_dispatcher(&self, dispatcher: &Waker) {
        self.dispatcher.register(dispatcher);
    }

    pub(super) fn wake_dispatcher(&self) {
        self.dispatcher.wake();
    }

    pub(super) fn is_submitted(&self) -> bool {
        self.is_submitted.load(Ordering::Acquire)
    }

    /// The next job that is submitted wakes the dispatcher again.
    pub(super) fn reset_submitted(&self) {
        self.is_submitted.store(false, Ordering::Release);
    }

    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        drop(take(&mut *lock(&self.waiting)));
        self.dispatcher.wake();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }
}
