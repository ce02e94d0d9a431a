//! One profile, on the thread that collects its samples.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use admin_runtime::clock::Clock;

use super::look_interval::LookInterval;
use super::numbered_threads::number_threads;
use super::sample_counts::SampleCounts;
use super::sample_slots::SampleSlots;
use super::session_table::ActiveSession;
use super::signal::SampleSignal;
use super::stack_store::StackStore;
use super::symbols::symbolise_all;
use super::thread_list::{ThreadList, TimerSettings, UsedCpuTime};
use super::thread_timer::{process_cpu_time, thread_cpu_time};
use super::unsampled_time::CpuTimeAccount;
use super::waiting::WaitingSampler;
use super::wall_clock_loss::WallClockLoss;
use crate::frames::Frame;
use crate::memory;
use crate::profile::data::{Location, Profile, ProfileKind, UnsampledTime};
use crate::profile::error::ProfileError;
use crate::profile::settings::{ProfileProgress, ProfileSettings, SampledTime};
use crate::stacks::clock::own_tid;
use crate::stacks::passive::PassiveReader;
use crate::stacks::signal_mask::block_application_signals;
use crate::stacks::task_files::TaskReader;
use crate::threads::Query;

/// How often the collector looks whether the profile ends early, and for new threads.
const SCAN_INTERVAL: Duration = Duration::from_millis(50);
/// To look for threads or at them may take this part of the collector's time: one part in so many.
const SCAN_SHARE: u32 = 20;
const LOOK_SHARE: u32 = 4;
/// The name of a thread's time on a processor of which there is no sample.
const UNKNOWN_STACK: &str = "(running, without a sample)";

/// A profile that can be begun.
pub(crate) struct Sampling {
    settings: ProfileSettings,
    clock: Clock,
    session: ActiveSession,
    signal: SampleSignal,
    tasks: TaskReader,
    store: StackStore,
    threads: ThreadList,
    /// Samples of timers.
    counts: SampleCounts,
    waiting: Option<WaitingSampler>,
    unsampled: Vec<UnsampledTime>,
    /// For how long threads seemed to run that had no processor, in nanoseconds.
    seemed_to_run: u64,
    /// Whether the program has taken the signal.
    is_replaced: bool,
    comments: Vec<String>,
}

impl Sampling {
    /// Opens what a profile needs. Call it on the thread that calls [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// See [`ProfileError`].
    pub(crate) fn prepare(settings: ProfileSettings) -> Result<Self, ProfileError> {
        memory::prepare();
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let slots = SampleSlots::new(processors).map_err(ProfileError::NoMemory)?;
        let signal = SampleSignal::install().ok_or(ProfileError::NoSignal)?;
        block_application_signals(signal.number());
        let mut tasks = TaskReader::new().map_err(ProfileError::TaskFiles)?;
        let store = StackStore::new().map_err(ProfileError::TaskFiles)?;
        let waiting = match settings.time {
            SampledTime::Cpu => None,
            SampledTime::WallClock(_) => {
                let own_tid = own_tid();
                let reader = PassiveReader::new(&mut tasks, own_tid);
                let reader = reader.map_err(ProfileError::NoMemory)?;
                Some(WaitingSampler::new(reader, own_tid))
            }
        };
        let session = ActiveSession::begin(Arc::new(slots));
        Ok(Self {
            settings,
            clock: Clock::system(),
            session: session.ok_or(ProfileError::TooManySessions)?,
            signal,
            tasks,
            store,
            threads: ThreadList::new(),
            counts: SampleCounts::default(),
            waiting,
            unsampled: Vec::new(),
            seemed_to_run: 0,
            is_replaced: false,
            comments: Vec::new(),
        })
    }

    /// Takes samples until the time is over, or `progress` says so, which is asked several times a
    /// second; `None` if it cancels the profile.
    pub(crate) fn run(mut self, progress: &mut dyn FnMut() -> ProfileProgress) -> Option<Profile> {
        let (began, start) = (self.clock.wall(), self.clock.now());
        let cpu_before = process_cpu_time();
        let is_complete = self.sample_until(start + self.settings.duration, progress);
        if !is_complete {
            self.threads.stop_timers();
            return None;
        }
        let duration = self.clock.now().saturating_duration_since(start);
        let cpu_time = process_cpu_time().saturating_sub(cpu_before);
        let used = self.threads.used_cpu_times();
        self.limit_running();
        self.threads.stop_timers();
        self.drain();
        self.account(&used, cpu_time);
        self.add_comments(cpu_time, duration);
        self.finish(began, duration, progress)
    }

    /// Whether the profile was not cancelled.
    fn sample_until(
        &mut self,
        end: Instant,
        progress: &mut dyn FnMut() -> ProfileProgress,
    ) -> bool {
        let period = Duration::from_nanos(self.settings.period());
        let mut next_scan = self.clock.now();
        let mut last_look = next_scan;
        let mut next_look = last_look + period;
        let mut expected = period;
        loop {
            let progress = progress();
            if progress == ProfileProgress::Cancel {
                return false;
            }
            let now = self.clock.now();
            let ends_early = progress == ProfileProgress::EndEarly;
            if ends_early {
                self.comment("The profile ended early, because the server stops.".to_owned());
            }
            if now >= end || ends_early {
                self.look(LookInterval::new(now - last_look, expected));
                return true;
            }
            if now >= next_scan {
                let cost = cpu_time_of(|| self.scan());
                next_scan = self.clock.now() + SCAN_INTERVAL.max(cost * SCAN_SHARE);
            }
            if self.waiting.is_some() && now >= next_look {
                let interval = LookInterval::new(now - last_look, expected);
                last_look = now;
                let cost = cpu_time_of(|| self.look(interval));
                expected = period.max(cost * LOOK_SHARE);
                next_look = (next_look + period).max(self.clock.now() + cost * (LOOK_SHARE - 1));
            }
            let seen = self.session.slots().wake_count();
            self.drain();
            let mut until = end.min(next_scan).min(now + SCAN_INTERVAL);
            if self.waiting.is_some() {
                until = until.min(next_look);
            }
            let timeout = until.saturating_duration_since(self.clock.now());
            self.session.slots().wait(seen, timeout);
        }
    }

    /// Looks for new threads and new libraries.
    fn scan(&mut self) {
        let is_ours = self.signal.is_installed();
        self.is_replaced |= !is_ours;
        let timers = TimerSettings {
            session: &self.session,
            signal: self.signal,
            period: self.settings.period(),
        };
        let timers = (is_ours && self.settings.time.samples_running()).then_some(timers);
        let wanted = &self.settings.threads;
        let scanned = self.threads.scan(&mut self.tasks, wanted, timers);
        if !is_ours {
            self.threads.stop_timers();
            self.comment(format!(
                "The program has replaced the handler of signal {}: no CPU time was sampled from \
                 then on.",
                self.signal.number()
            ));
        }
        let refreshed = self.store.refresh_if_stale();
        if let Err(error) = scanned.and(refreshed) {
            self.comment(format!(
                "New threads or libraries were not found, because the files in /proc/self could \
                 not be read: {error}."
            ));
        }
    }

    fn look(&mut self, interval: LookInterval) {
        if let Some(waiting) = &mut self.waiting {
            waiting.look(&self.threads, &mut self.tasks, &mut self.store, interval);
        }
    }

    /// Unwinds the samples that have come.
    fn drain(&mut self) {
        let period = self.settings.period();
        let (store, threads, counts) = (&mut self.store, &mut self.threads, &mut self.counts);
        let tasks = &mut self.tasks;
        self.session.slots().drain(|sample| {
            if threads.get(sample.thread).is_some() {
                threads.note_sample(sample.thread, tasks);
                let node = store.insert_sample(sample);
                counts.add(sample.thread, node, period * u64::from(sample.weight));
            }
        });
    }

    /// Threads that seemed to run only have the time in which they could.
    fn limit_running(&mut self) {
        let Some(waiting) = &mut self.waiting else {
            return;
        };
        let tasks = RefCell::new(&mut self.tasks);
        let threads = &self.threads;
        self.seemed_to_run = waiting.limit_running(self.settings.period(), |thread| {
            threads.scheduled_time(thread, &mut tasks.borrow_mut())
        });
    }

    fn comment(&mut self, comment: String) {
        if !self.comments.contains(&comment) {
            self.comments.push(comment);
        }
    }

    fn is_whole_process(&self) -> bool {
        self.settings.threads == Query::default()
    }

    /// Finds out for which CPU time there is no sample, and why.
    fn account(&mut self, used: &[UsedCpuTime], cpu_time: Duration) {
        let (period, signal) = (self.settings.period(), self.signal.number());
        let sampled = self.counts.by_thread();
        let mut account = CpuTimeAccount {
            sampled: self.counts.total(),
            lost: self.session.slots().lost() * period,
            ..CpuTimeAccount::default()
        };
        let (mut alive, mut sampled_of_ended, mut blocking) = (0, 0, 0);
        for thread in used {
            let sampled = sampled.get(&thread.thread).copied().unwrap_or(0);
            let Some(nanoseconds) = thread.nanoseconds else {
                sampled_of_ended += sampled;
                continue;
            };
            alive += nanoseconds;
            let unsampled = nanoseconds.saturating_sub(sampled);
            let Some(known) = self.threads.get(thread.thread) else {
                continue;
            };
            if unsampled < 2 * period {
                continue;
            }
            let blocked = self.tasks.blocked_signals(known.tid);
            if blocked.is_ok_and(|blocked| blocked.contains(signal)) {
                account.blocked += unsampled;
                blocking += 1;
            } else if known.lacks_timer() {
                account.without_timer += unsampled;
            }
        }
        account.used = alive + sampled_of_ended;
        if self.is_whole_process() {
            let used = cpu_time.as_nanos() as u64;
            account.short_lived = used.saturating_sub(account.used);
            account.used = account.used.max(used);
            if self.threads.are_unknown() {
                account.without_timer += std::mem::take(&mut account.short_lived);
            }
        }
        if blocking > 0 {
            let seconds = account.blocked as f64 / 1e9;
            self.comment(format!(
                "Threads that block signal {signal} and used CPU time without a sample: {blocking} \
                 ({seconds:.3} s)."
            ));
        }
        match &self.waiting {
            None => self.unsampled = account.causes(period, signal, self.is_replaced),
            Some(waiting) => {
                let loss = WallClockLoss {
                    short_lived: account.short_lived,
                    missed: waiting.missed,
                    seemed_to_run: self.seemed_to_run,
                    unreadable: waiting.unreadable,
                };
                self.unsampled = loss.causes(period, self.settings.time.samples_running());
                self.comments.extend(loss.comments(period));
            }
        }
    }

    /// Says what was lost.
    fn add_comments(&mut self, cpu_time: Duration, duration: Duration) {
        let lost = self.session.slots().lost();
        if lost > 0 {
            self.comment(format!(
                "Samples that were lost, because the collector had no processor in time: {lost}."
            ));
        }
        if let Some(comment) = self.threads.refusal_comment() {
            self.comment(comment);
        }
        if let Some(error) = self.waiting.as_ref().and_then(|w| w.failure.as_ref()) {
            let comment = format!("Threads could not be read at some moments: {error}.");
            self.comment(comment);
        }
        if let Some(waiting) = &self.waiting {
            let looks = waiting.looks;
            let looked_at = duration.saturating_sub(waiting.missed.duration);
            let period = u128::from(self.settings.period());
            if u128::from(looks) * period < looked_at.as_nanos() / 2 {
                self.comment(format!(
                    "The threads were looked at {looks} times in {:.1} s, because that takes long or \
                     the process was stopped; each time counts for the time since the last one.",
                    looked_at.as_secs_f64()
                ));
            }
            return;
        }
        for UnsampledTime { cause, nanoseconds } in self.unsampled.clone() {
            let seconds = nanoseconds as f64 / 1e9;
            self.comment(format!(
                "CPU time without a sample: {seconds:.3} s ({cause})."
            ));
        }
        if self.is_whole_process() {
            let sampled = Duration::from_nanos(self.counts.total());
            self.comment(format!(
                "The process used {:.3} s of CPU time; the samples stand for {:.3} s.",
                cpu_time.as_secs_f64(),
                sampled.as_secs_f64()
            ));
        }
    }

    /// Makes the profile and drops everything else; `None` if `progress` cancels it.
    fn finish(
        mut self,
        began: SystemTime,
        duration: Duration,
        progress: &mut dyn FnMut() -> ProfileProgress,
    ) -> Option<Profile> {
        self.threads.refresh_names(&mut self.tasks);
        let period = self.settings.period();
        let mut stacks = self.store.finish();
        let cut = stacks.cut.comment();
        let symbols = symbolise_all(
            &stacks.addresses,
            &stacks.modules,
            &self.settings.build_roots,
            &self.clock,
            &mut || progress() == ProfileProgress::Cancel,
        );
        if symbols.is_cancelled {
            return None;
        }
        let mut locations = symbols.locations;
        let mut counts = self.counts;
        if let Some(waiting) = self.waiting {
            let running = counts;
            counts = SampleCounts::default();
            if self.settings.time.samples_waiting() {
                counts = waiting.waiting;
            }
            if self.settings.time.samples_running() {
                let unknown = stacks.tree.insert([locations.len() as u32]).node;
                locations.push(named_location(UNKNOWN_STACK));
                counts.add_divided(&waiting.running, &running, unknown);
            }
        }
        let (threads, numbers) = number_threads(&self.threads, &counts, self.settings.group);
        let samples = counts.into_samples(period, numbers);
        let mut comments = self.comments;
        comments.extend(cut);
        comments.extend(symbols.comments);
        Some(Profile {
            kind: match self.settings.time {
                SampledTime::Cpu => ProfileKind::Cpu,
                SampledTime::WallClock(_) => ProfileKind::WallClock,
            },
            began,
            duration,
            period,
            threads,
            mappings: symbols.mappings,
            locations,
            tree: stacks.tree,
            samples,
            unsampled: self.unsampled,
            comments,
        })
    }
}

/// The CPU time that the calling thread uses: a clock on the wall would count when the process is stopped.
fn cpu_time_of(work: impl FnOnce()) -> Duration {
    let before = thread_cpu_time(own_tid()).unwrap_or_default();
    work();
    let after = thread_cpu_time(own_tid()).unwrap_or_default();
    after.saturating_sub(before)
}

/// A location that is not code.
fn named_location(name: &str) -> Location {
    Location {
        address: 0,
        mapping: None,
        frames: Arc::new([Arc::new(Frame {
            function: Some(name.to_owned()),
            ..Frame::default()
        })]),
    }
}
