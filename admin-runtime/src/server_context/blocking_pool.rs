//! The threads that run sync handlers.
//!
//! `spawn_blocking` of tokio panics, or waits without an end, where the system has no further
//! thread. Here that is an error, and a server that runs has one thread from its start.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use crate::sync::lock;
use crate::thread_names::spawn_named;

const THREAD_NAME: &str = "admin-blocking";

/// How long a thread waits for the next handler.
const IDLE_TIME: Duration = Duration::from_secs(10);

/// A handler to run. What it returns is called when its thread is idle again, and sends the reply: so
/// the next request finds that thread.
type BlockingJob = Box<dyn FnOnce() -> SendReply + Send>;

/// Sends the reply of a handler.
pub(crate) type SendReply = Box<dyn FnOnce()>;

/// The pool of one server. It has as many threads as handlers run at once.
pub(crate) struct BlockingPool(Arc<PoolShared>);

#[derive(Default)]
struct PoolShared {
    state: Mutex<PoolState>,
    changed: Condvar,
}

#[derive(Default)]
struct PoolState {
    jobs: VecDeque<BlockingJob>,
    threads: usize,
    /// Threads that wait for a job, including those that will take one of `jobs`.
    idle: usize,
    /// Started servers: with one, the last thread stays.
    keepers: usize,
    /// Whether threads without a job end at once.
    is_stopped: bool,
}

/// Keeps one thread, for a server that runs. Dropping it ends idle threads.
pub(crate) struct KeptBlockingThread(Arc<PoolShared>);

impl BlockingPool {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// Starts the first thread.
    ///
    /// # Errors
    ///
    /// If the system has no thread.
    pub(crate) fn keep_thread(&self) -> io::Result<KeptBlockingThread> {
        let mut state = lock(&self.0.state);
        if state.threads == 0 {
            self.start_thread(&mut state)?;
        }
        state.keepers += 1;
        state.is_stopped = false;
        Ok(KeptBlockingThread(Arc::clone(&self.0)))
    }

    /// Runs a job on an idle thread or a new one. It must not panic.
    ///
    /// # Errors
    ///
    /// If all threads are busy and the system has no further one.
    pub(crate) fn run(&self, job: BlockingJob) -> io::Result<()> {
        let mut state = lock(&self.0.state);
        if state.idle <= state.jobs.len() {
            self.start_thread(&mut state)?;
        }
        state.jobs.push_back(job);
        drop(state);
        self.0.changed.notify_one();
        Ok(())
    }

    fn start_thread(&self, state: &mut PoolState) -> io::Result<()> {
        let shared = Arc::clone(&self.0);
        spawn_named(Builder::new(), THREAD_NAME, move || shared.run_jobs())?;
        state.threads += 1;
        state.idle += 1;
        Ok(())
    }
}

impl PoolShared {
    /// The body of a thread, which is counted as idle when it starts.
    fn run_jobs(&self) {
        while let Some(job) = self.next_job() {
            let send_reply = job();
            lock(&self.state).idle += 1;
            send_reply();
        }
    }

    /// The next job; `None` if the thread has to end.
    fn next_job(&self) -> Option<BlockingJob> {
        let mut state = lock(&self.state);
        loop {
            if let Some(job) = state.jobs.pop_front() {
                state.idle -= 1;
                return Some(job);
            }
            let is_last = state.keepers > 0 && state.threads == 1;
            if state.is_stopped && !is_last {
                break;
            }
            let timeout = if is_last { Duration::MAX } else { IDLE_TIME };
            let (guard, waited) = self
                .changed
                .wait_timeout(state, timeout)
                .unwrap_or_else(PoisonError::into_inner);
            state = guard;
            let is_last = state.keepers > 0 && state.threads == 1;
            if waited.timed_out() && state.jobs.is_empty() && !is_last {
                break;
            }
        }
        state.idle -= 1;
        state.threads -= 1;
        None
    }
}

impl Drop for KeptBlockingThread {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.keepers -= 1;
        state.is_stopped = state.keepers == 0;
        drop(state);
        self.0.changed.notify_all();
    }
}

impl Drop for BlockingPool {
    fn drop(&mut self) {
        lock(&self.0.state).is_stopped = true;
        self.0.changed.notify_all();
    }
}

impl fmt::Debug for BlockingPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlockingPool")
    }
}

impl fmt::Debug for KeptBlockingThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptBlockingThread")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;

    use super::*;
    use crate::thread_names::current_tid;

    const EVENT_TIMEOUT: Duration = Duration::from_secs(60);

    fn thread_of_a_job(pool: &BlockingPool) -> Receiver<Option<u64>> {
        let (sender, receiver) = channel();
        let job = move || -> SendReply { Box::new(move || sender.send(current_tid()).unwrap()) };
        pool.run(Box::new(job)).unwrap();
        receiver
    }

    fn wait_for(pool: &PoolShared, condition: impl Fn(&PoolState) -> bool) {
        while !condition(&lock(&pool.state)) {
            thread::yield_now();
        }
    }

    #[test]
    fn an_idle_thread_is_used_again() {
        let pool = BlockingPool::new();
        let first = thread_of_a_job(&pool).recv_timeout(EVENT_TIMEOUT);
        for _ in 0..100 {
            assert_eq!(thread_of_a_job(&pool).recv_timeout(EVENT_TIMEOUT), first);
        }
    }

    #[test]
    fn a_busy_thread_delays_no_job() {
        let pool = BlockingPool::new();
        let (unblock, blocked) = channel::<()>();
        let job = move || -> SendReply {
            assert!(blocked.recv().is_err());
            Box::new(|| ())
        };
        pool.run(Box::new(job)).unwrap();
        let others = [(); 3].map(|()| thread_of_a_job(&pool));
        for other in others {
            assert!(other.recv_timeout(EVENT_TIMEOUT).is_ok());
        }
        drop(unblock);
    }

    #[test]
    fn threads_end_with_the_last_server() {
        let pool = BlockingPool::new();
        let kept = [(); 2].map(|()| pool.keep_thread().unwrap());
        assert_eq!(lock(&pool.0.state).threads, 1);
        drop(kept);
        wait_for(&pool.0, |state| state.threads == 0);
        assert!(thread_of_a_job(&pool).recv_timeout(EVENT_TIMEOUT).is_ok());
        wait_for(&pool.0, |state| state.threads == 0);
    }

    #[test]
    fn dropping_the_pool_ends_its_threads() {
        let pool = BlockingPool::new();
        let shared = Arc::clone(&pool.0);
        let last = thread_of_a_job(&pool);
        drop(pool);
        assert!(last.recv_timeout(EVENT_TIMEOUT).is_ok(), "its jobs are run");
        wait_for(&shared, |state| state.threads == 0);
    }
}
