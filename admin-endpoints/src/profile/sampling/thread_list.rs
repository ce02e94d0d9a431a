//! The threads that a profile samples: which there are, what they are called, and their timers.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use admin_runtime::thread_names;

use super::session_table::ActiveSession;
use super::signal::SampleSignal;
use super::thread_timer::{ThreadTimer, thread_cpu_time};
use crate::stacks::task_files::{TaskReader, is_missing_task, task_ids};
use crate::threads::Query;

/// A thread is named after it was started: a name that is not wanted is read again.
const NAME_READINGS: u8 = 3;

/// A thread that was seen during the profile.
#[derive(Debug)]
pub(super) struct SampledThread {
    pub(super) tid: u64,
    pub(super) name: Arc<str>,
    pub(super) is_alive: bool,
    is_wanted: bool,
    name_readings: u8,
    timer: Option<ThreadTimer>,
    has_had_timer: bool,
    /// The CPU time of the thread when its timer was started.
    cpu_time: Duration,
}

impl SampledThread {
    pub(super) fn is_sampled(&self) -> bool {
        self.is_alive && self.is_wanted
    }

    fn end(&mut self) {
        self.is_alive = false;
        self.timer = None;
    }
}

/// How the threads are sampled.
#[derive(Clone, Copy)]
pub(super) struct TimerSettings<'a> {
    pub(super) session: &'a ActiveSession,
    pub(super) signal: SampleSignal,
    /// Nanoseconds of CPU time between two samples.
    pub(super) period: u64,
}

/// All threads that were seen during the profile, in the order in which they were seen. The index of
/// a thread is its number in the signals of its timer.
#[derive(Debug, Default)]
pub(super) struct ThreadList {
    threads: Vec<SampledThread>,
    alive: HashMap<u64, u32>,
    /// The last reason why a timer was refused.
    refusal: Option<io::Error>,
    /// Whether the kernel has refused a timer and none was deleted since.
    is_refused: bool,
}

impl ThreadList {
    pub(super) fn get(&self, index: u32) -> Option<&SampledThread> {
        self.threads.get(index as usize)
    }

    /// The threads with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &SampledThread)> {
        (0..).zip(&self.threads)
    }

    /// Looks for threads that were started or have ended. With `timers`, new ones get a timer.
    ///
    /// # Errors
    ///
    /// When the task directory cannot be read.
    pub(super) fn scan(
        &mut self,
        tasks: &mut TaskReader,
        wanted: &Query,
        timers: Option<TimerSettings<'_>>,
    ) -> io::Result<()> {
        let tids = task_ids()?;
        let threads = &mut self.threads;
        let mut has_ended = false;
        self.alive.retain(|tid, index| {
            let is_alive = tids.binary_search(tid).is_ok();
            if !is_alive {
                threads[*index as usize].end();
                has_ended = true;
            }
            is_alive
        });
        self.is_refused &= !has_ended;
        for tid in tids {
            if !self.alive.contains_key(&tid) {
                let index = u32::try_from(self.threads.len()).unwrap_or(u32::MAX);
                self.alive.insert(tid, index);
                self.threads.push(SampledThread {
                    tid,
                    name: "".into(),
                    is_alive: true,
                    is_wanted: false,
                    name_readings: 0,
                    timer: None,
                    has_had_timer: false,
                    cpu_time: Duration::ZERO,
                });
            }
        }
        self.read_names(tasks, wanted);
        if let Some(timers) = timers {
            self.start_timers(timers);
        }
        Ok(())
    }

    fn read_names(&mut self, tasks: &mut TaskReader, wanted: &Query) {
        let mut full_names = None;
        for thread in &mut self.threads {
            let is_known = thread.is_wanted || thread.name_readings >= NAME_READINGS;
            if is_known || !thread.is_alive {
                continue;
            }
            thread.name_readings += 1;
            let full_names = full_names.get_or_insert_with(thread_names::snapshot);
            read_name(thread, tasks, full_names);
            thread.is_wanted = wanted.matches(thread.tid, &thread.name);
        }
    }

    /// Reads the names again, which most threads get only after their start.
    pub(super) fn refresh_names(&mut self, tasks: &mut TaskReader) {
        let full_names = thread_names::snapshot();
        for thread in self.threads.iter_mut().filter(|thread| thread.is_sampled()) {
            read_name(thread, tasks, &full_names);
        }
    }

    fn start_timers(&mut self, timers: TimerSettings<'_>) {
        for (index, thread) in (0..).zip(&mut self.threads) {
            if self.is_refused || !thread.is_sampled() || thread.timer.is_some() {
                continue;
            }
            // Threads that start together must not be sampled together.
            const GOLDEN_RATIO: u64 = 0x9e37_79b9_7f4a_7c15;
            let first = u64::from(index).wrapping_mul(GOLDEN_RATIO) % timers.period;
            let ticket = timers.session.ticket(index);
            match ThreadTimer::start(thread.tid, timers.signal, ticket, first, timers.period) {
                Ok(timer) => {
                    thread.timer = Some(timer);
                    thread.has_had_timer = true;
                    thread.cpu_time = thread_cpu_time(thread.tid).unwrap_or_default();
                }
                // It has exited since it was listed.
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {}
                Err(error) => {
                    self.refusal = Some(error);
                    self.is_refused = true;
                }
            }
        }
    }

    /// Deletes all timers.
    pub(super) fn stop_timers(&mut self) {
        for thread in &mut self.threads {
            thread.timer = None;
        }
    }

    /// How many wanted threads had no timer, and why.
    pub(super) fn without_timer(&self) -> Option<(usize, &io::Error)> {
        let error = self.refusal.as_ref()?;
        let without = self
            .threads
            .iter()
            .filter(|thread| thread.is_wanted && !thread.has_had_timer);
        let count = without.count();
        (count > 0).then_some((count, error))
    }

    /// How many threads without a sample have used more than `cpu_time` under a timer: they block
    /// the signal.
    pub(super) fn silent(&self, cpu_time: Duration, sampled: &HashSet<u32>) -> usize {
        let has_run = |thread: &SampledThread| {
            let now = thread_cpu_time(thread.tid).unwrap_or_default();
            now.saturating_sub(thread.cpu_time) > cpu_time
        };
        self.iter()
            .filter(|(index, thread)| {
                thread.is_alive
                    && thread.has_had_timer
                    && !sampled.contains(index)
                    && has_run(thread)
            })
            .count()
    }
}

fn read_name(
    thread: &mut SampledThread,
    tasks: &mut TaskReader,
    full_names: &HashMap<u64, Arc<str>>,
) {
    match (full_names.get(&thread.tid), tasks.stat(thread.tid)) {
        (Some(name), _) => thread.name = Arc::clone(name),
        (None, Ok(stat)) => thread.name = stat.comm.into(),
        (None, Err(error)) if is_missing_task(&error) => {}
        // Out of descriptors: the thread keeps the name that it has.
        (None, Err(_)) => {}
    }
}
