//! The threads that a profile samples: which there are, what they are called, and their timers.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use admin_runtime::thread_names;

use super::random_phase::RandomPhase;
use super::session_table::ActiveSession;
use super::signal::SampleSignal;
use super::thread_timer::{ThreadTimer, kernel_tick, thread_cpu_time};
use crate::stacks::task_files::{TaskReader, is_missing_task, task_ids};
use crate::stacks::task_records::SyscallState;
use crate::threads::Query;

/// A thread is named after it was started: the name is read again.
const NAME_READINGS: u8 = 3;

/// Names of threads that are not wanted so far that are read again in one scan: they may have been
/// renamed.
const NAMES_PER_SCAN: usize = 256;

/// A thread that waits for signals seems not to block them while it is woken: it has no timer before it
/// was seen so in this many scans.
const SCANS_AFTER_BLOCKED: u8 = 5;

/// So often the kernel may not know a thread that is listed, which may just have ended.
const MAX_UNKNOWN: u8 = 2;

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
    has_sample: bool,
    /// The thread's CPU time when it was seen to block the signal of the timers.
    blocked_at: Option<Duration>,
    /// In how many scans it must not block the signal before it has a timer.
    scans_until_timer: u8,
    /// How often the kernel did not know the thread.
    times_unknown: u8,
    /// The CPU time of the thread when the profile began.
    cpu_before: Duration,
    /// For how long it had had a processor or waited for one then, in nanoseconds.
    scheduled_before: u64,
}

impl SampledThread {
    pub(super) fn is_sampled(&self) -> bool {
        self.is_alive && self.is_wanted
    }

    /// Whether the kernel has refused a timer, or would have.
    pub(super) fn lacks_timer(&self) -> bool {
        self.is_wanted && !self.has_had_timer && self.blocked_at.is_none()
    }

    fn new(tid: u64, cpu_before: Duration) -> Self {
        Self {
            tid,
            name: "".into(),
            is_alive: true,
            is_wanted: false,
            name_readings: 0,
            timer: None,
            has_had_timer: false,
            has_sample: false,
            blocked_at: None,
            scans_until_timer: 0,
            times_unknown: 0,
            cpu_before,
            scheduled_before: 0,
        }
    }

    fn end(&mut self) {
        self.is_alive = false;
        self.timer = None;
    }

    /// Whether a timer of the thread would have to wait: its signal would only be found by a thread
    /// that waits for signals itself.
    fn blocks(&mut self, signal: SampleSignal, tasks: &mut TaskReader) -> bool {
        let now = thread_cpu_time(self.tid);
        if self.blocked_at.is_some() && self.blocked_at == now {
            return true; // it has not run since
        }
        let blocked = tasks.blocked_signals(self.tid);
        let is_blocked = blocked.is_ok_and(|blocked| blocked.contains(signal.number()))
            || waits_for_signals(tasks, self.tid);
        if is_blocked {
            self.scans_until_timer = SCANS_AFTER_BLOCKED;
        } else {
            self.scans_until_timer = self.scans_until_timer.saturating_sub(1);
        }
        let is_delayed = self.scans_until_timer > 0;
        self.blocked_at = now.filter(|_| is_delayed);
        is_delayed
    }
}

/// What a thread used during a profile.
pub(super) struct UsedCpuTime {
    pub(super) thread: u32,
    /// In nanoseconds; `None` if it has ended.
    pub(super) nanoseconds: Option<u64>,
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
#[derive(Debug)]
pub(super) struct ThreadList {
    phase: RandomPhase,
    /// By how much the kernel is late on average, in nanoseconds.
    mean_delay: u64,
    /// The first of the names that are read again next.
    next_name: usize,
    threads: Vec<SampledThread>,
    alive: HashMap<u64, u32>,
    /// The last reason why a timer was refused.
    refusal: Option<io::Error>,
    /// Whether the kernel has refused a timer and none was deleted since.
    is_refused: bool,
}

impl ThreadList {
    pub(super) fn new() -> Self {
        Self {
            phase: RandomPhase::from_random_seed(),
            mean_delay: kernel_tick() / 2,
            next_name: 0,
            threads: Vec::new(),
            alive: HashMap::new(),
            refusal: None,
            is_refused: false,
        }
    }

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
        let is_first = self.threads.is_empty();
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
                let cpu_before = thread_cpu_time(tid).filter(|_| is_first);
                let mut thread = SampledThread::new(tid, cpu_before.unwrap_or_default());
                if is_first && let Some(scheduled) = scheduled_time(tasks, tid) {
                    thread.scheduled_before = scheduled;
                }
                self.threads.push(thread);
            }
        }
        self.read_names(tasks, wanted);
        if wanted.name.is_some() {
            self.read_unwanted_names(tasks, wanted);
        }
        if let Some(timers) = timers {
            self.start_timers(tasks, timers);
        }
        Ok(())
    }

    fn read_names(&mut self, tasks: &mut TaskReader, wanted: &Query) {
        let mut full_names = None;
        for thread in &mut self.threads {
            if thread.name_readings >= NAME_READINGS || !thread.is_alive {
                continue;
            }
            thread.name_readings += 1;
            let full_names = full_names.get_or_insert_with(thread_names::snapshot);
            read_name(thread, tasks, full_names);
            thread.is_wanted |= wanted.matches(thread.tid, &thread.name);
        }
    }

    /// Reads the names of some threads that were not wanted: they may have been renamed.
    fn read_unwanted_names(&mut self, tasks: &mut TaskReader, wanted: &Query) {
        let count = self.threads.len();
        let full_names = thread_names::snapshot();
        for _ in 0..count.min(NAMES_PER_SCAN) {
            self.next_name = (self.next_name + 1) % count;
            let thread = &mut self.threads[self.next_name];
            if thread.is_alive && !thread.is_wanted {
                read_name(thread, tasks, &full_names);
                thread.is_wanted = wanted.matches(thread.tid, &thread.name);
                if thread.is_wanted {
                    thread.cpu_before = thread_cpu_time(thread.tid).unwrap_or_default();
                }
            }
        }
    }

    /// Notes a sample of a thread. At the first one the name is read again: when the thread was
    /// found, it may not have run yet.
    pub(super) fn note_sample(&mut self, index: u32, tasks: &mut TaskReader) {
        let Some(thread) = self.threads.get_mut(index as usize) else {
            return;
        };
        if !std::mem::replace(&mut thread.has_sample, true) && thread.is_alive {
            match thread_names::lookup(thread.tid) {
                Some(name) => thread.name = name,
                None => read_name(thread, tasks, &HashMap::new()),
            }
        }
    }

    /// Reads the names again, which most threads get only after their start.
    pub(super) fn refresh_names(&mut self, tasks: &mut TaskReader) {
        let full_names = thread_names::snapshot();
        for thread in self.threads.iter_mut().filter(|thread| thread.is_sampled()) {
            read_name(thread, tasks, &full_names);
        }
    }

    fn start_timers(&mut self, tasks: &mut TaskReader, timers: TimerSettings<'_>) {
        for (index, thread) in (0..).zip(&mut self.threads) {
            if self.is_refused || !thread.is_sampled() || thread.timer.is_some() {
                continue;
            }
            if thread.blocks(timers.signal, tasks) {
                continue;
            }
            // Otherwise every burst of CPU time would lose what follows its last tick.
            let first = self.phase.next(timers.period);
            let first = first.saturating_sub(self.mean_delay);
            let ticket = timers.session.ticket(index);
            match ThreadTimer::start(thread.tid, timers.signal, ticket, first, timers.period) {
                Ok(timer) => {
                    thread.timer = Some(timer);
                    thread.has_had_timer = true;
                }
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
                    // It has exited since it was listed, unless it is listed again.
                    thread.times_unknown = thread.times_unknown.saturating_add(1);
                    if thread.times_unknown >= MAX_UNKNOWN {
                        self.refusal = Some(error);
                    }
                }
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

    /// How many wanted threads had no timer, and why, as a sentence.
    pub(super) fn refusal_comment(&self) -> Option<String> {
        let error = self.refusal.as_ref()?;
        let without = self.threads.iter().filter(|thread| thread.lacks_timer());
        let count = without.count();
        let reason = match error.raw_os_error() {
            Some(libc::EAGAIN) => {
                "the process has reached its limit of timers and queued signals (ulimit -i)"
                    .to_owned()
            }
            Some(libc::EINVAL) => {
                "the kernel does not know their IDs: /proc is that of another PID namespace"
                    .to_owned()
            }
            _ => error.to_string(),
        };
        (count > 0).then(|| format!("Threads without a timer, because {reason}: {count}."))
    }

    /// Whether `/proc` lists threads by IDs that the kernel does not know here.
    pub(super) fn are_unknown(&self) -> bool {
        let error = self.refusal.as_ref();
        error.is_some_and(|error| error.raw_os_error() == Some(libc::EINVAL))
    }

    /// For how long a thread has had a processor or waited for one since the profile began; `None` if it has
    /// ended, or the kernel does not tell.
    pub(super) fn scheduled_time(&self, index: u32, tasks: &mut TaskReader) -> Option<u64> {
        let thread = self.get(index).filter(|thread| thread.is_alive)?;
        let now = scheduled_time(tasks, thread.tid)?;
        Some(now.saturating_sub(thread.scheduled_before))
    }

    /// What each wanted thread has used since the profile began.
    pub(super) fn used_cpu_times(&self) -> Vec<UsedCpuTime> {
        let wanted = self.iter().filter(|(_, thread)| thread.is_wanted);
        let used = wanted.map(|(index, thread)| {
            let now = thread_cpu_time(thread.tid).filter(|_| thread.is_alive);
            let used = now.map(|now| now.saturating_sub(thread.cpu_before));
            UsedCpuTime {
                thread: index,
                nanoseconds: used.map(|used| used.as_nanos() as u64),
            }
        });
        used.collect()
    }
}

/// For how long a thread has had a processor or waited for one, in nanoseconds.
fn scheduled_time(tasks: &mut TaskReader, tid: u64) -> Option<u64> {
    let schedstat = tasks.schedstat(tid).ok()?;
    (!schedstat.is_disabled()).then_some(schedstat.on_cpu + schedstat.waited)
}

/// Whether a thread is in `sigwait` or the like, which unblocks the signals that it waits for.
fn waits_for_signals(tasks: &mut TaskReader, tid: u64) -> bool {
    let watch = tasks.watch(tid, false);
    let state = watch.and_then(|watch| tasks.syscall_state(&watch));
    matches!(
        state,
        Ok(SyscallState::Blocked {
            number: Some(libc::SYS_rt_sigtimedwait),
            ..
        })
    )
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
