//! Takes one dump after another, on one thread.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use admin_runtime::clock::Clock;
use admin_runtime::thread_names;

use super::interrupt::Batch;
use super::sampler::StackSampler;
use super::signal::{self, SignalHandler};
use super::symbols::SymbolCache;
use super::thread_capture::{CaptureState, DumpLimits, Notes, ThreadCapture};
use crate::descriptor_reserve::HeldDescriptors;
use crate::frames::Truncation;
use crate::heap;
use crate::memory;
use crate::stacks::clock;
use crate::stacks::signal_mask;
use crate::stacks::task_files::{is_missing_task, task_ids};
use crate::stacks::task_records::TaskStat;
use crate::stacks::unwind::StackEnd;
use crate::threads::config::DumpSettings;
use crate::threads::error::CaptureError;
use crate::threads::info::{TaskState, ThreadInfo};
use crate::threads::report::{NoStack, Report, Stack, ThreadReport};

/// How long a dump may take.
const DUMP_TIMEOUT: Duration = Duration::from_secs(5);

/// How many files a dump has open at the same time: two of a watched task and a third of its
/// files, or one of a library.
const MAX_OPEN_FILES: usize = 3;

/// Everything that is kept between two dumps.
pub(crate) struct Collector {
    sampler: StackSampler,
    handler: io::Result<SignalHandler>,
    symbols: SymbolCache,
    /// Held between dumps and free during a dump.
    descriptors: HeldDescriptors,
}

impl Collector {
    /// Opens the task files and installs the signal handler. Must be called on the thread that
    /// takes the dumps.
    ///
    /// # Errors
    ///
    /// When the task files cannot be opened, or there is no memory for copies of stacks.
    pub(crate) fn new() -> Result<Self, CaptureError> {
        memory::prepare();
        let mut descriptors = HeldDescriptors::new(MAX_OPEN_FILES);
        descriptors.refill();
        Ok(Self {
            sampler: StackSampler::new(clock::own_tid())?,
            handler: SignalHandler::install(),
            symbols: SymbolCache::default(),
            descriptors,
        })
    }

    /// Keeps the application's signal handlers from running on the calling thread.
    pub(crate) fn block_application_signals() {
        signal_mask::block_application_signals(signal::STACK_SIGNAL);
    }

    /// Takes the stacks of the threads that `is_wanted` selects by ID and name.
    ///
    /// # Errors
    ///
    /// When `/proc` cannot be read.
    pub(crate) fn collect(
        &mut self,
        is_wanted: &dyn Fn(u64, &str) -> bool,
        settings: DumpSettings,
    ) -> Result<Report, CaptureError> {
        self.descriptors.release();
        let result = self.take_dump(is_wanted, settings);
        self.descriptors.refill();
        result
    }

    fn take_dump(
        &mut self,
        is_wanted: &dyn Fn(u64, &str) -> bool,
        settings: DumpSettings,
    ) -> Result<Report, CaptureError> {
        let limits = DumpLimits::new(Clock::system(), DUMP_TIMEOUT, settings);
        let mut notes = Notes::default();
        let mut threads = self.list_threads(is_wanted)?;
        if self.sampler.refresh_modules().map_err(task_files_error)? {
            self.symbols.retain_modules(&self.sampler.modules);
        }
        for thread in &mut threads {
            self.sampler.read(thread, &limits, &mut notes);
        }
        self.sampler.clear_rules();
        let mut running: Vec<&mut ThreadCapture> = threads
            .iter_mut()
            .filter(|thread| thread.needs_signal())
            .collect();
        for threads in running.chunks_mut(Batch::MAX_THREADS) {
            let mut batch = Batch {
                sampler: &mut self.sampler,
                handler: &self.handler,
                limits: &limits,
                notes: &mut notes,
            };
            batch.capture(threads);
        }
        self.wipe_stack_copies();
        self.resolve_symbols(&threads, &limits, &mut notes);
        let threads = threads
            .into_iter()
            .filter_map(|thread| self.thread_report(thread))
            .collect();
        Ok(Report {
            threads,
            notes: notes.into_vec(),
        })
    }

    /// Removes these directories from the paths of source files.
    pub(crate) fn hide_build_roots(&mut self, roots: &[String]) {
        self.symbols.hide_build_roots(roots);
    }

    /// Drops unwind tables and symbols, and returns their memory to the system.
    pub(crate) fn release(&mut self) {
        self.sampler.release();
        self.symbols.release();
        heap::trim();
    }

    fn list_threads(
        &mut self,
        is_wanted: &dyn Fn(u64, &str) -> bool,
    ) -> Result<Vec<ThreadCapture>, CaptureError> {
        let names = thread_names::snapshot();
        let since_boot = clock::since_boot();
        let mut threads = Vec::new();
        for tid in task_ids().map_err(task_files_error)? {
            let stat = match self.sampler.tasks.stat(tid) {
                Ok(stat) => stat,
                Err(error) if is_missing_task(&error) => continue,
                Err(error) => return Err(task_files_error(error)),
            };
            let name = names.get(&tid).map_or(stat.comm.as_str(), |name| name);
            if is_wanted(tid, name) {
                let info = self.thread_info(tid, name, &stat, since_boot);
                threads.push(ThreadCapture {
                    info,
                    blocks_signal: stat.blocks(signal::STACK_SIGNAL),
                    state: if stat.is_exiting() {
                        CaptureState::Failed(NoStack::Exiting)
                    } else {
                        CaptureState::NeedsSignal(None)
                    },
                });
            }
        }
        Ok(threads)
    }

    fn thread_info(
        &mut self,
        tid: u64,
        name: &str,
        stat: &TaskStat,
        since_boot: Duration,
    ) -> ThreadInfo {
        let mut info = ThreadInfo::new(tid, name);
        info.state = TaskState::from_letter(stat.state);
        if info.state != TaskState::Running {
            info.wait_channel = self.sampler.tasks.wait_channel(tid);
        }
        info.cpu = clock::ticks(stat.cpu_ticks);
        info.age = since_boot.saturating_sub(clock::ticks(stat.start_ticks));
        info
    }

    /// `None` if the thread has exited.
    fn thread_report(&self, thread: ThreadCapture) -> Option<ThreadReport> {
        let stack = match thread.state {
            CaptureState::Exited => return None,
            CaptureState::Failed(reason) => Err(reason),
            // Every thread that needs a signal was in a batch, and no batch leaves one.
            CaptureState::NeedsSignal(_) => Err(NoStack::Timeout),
            CaptureState::Captured(unwound, method) => {
                let mut frames = Vec::with_capacity(unwound.frames.len());
                for address in unwound.frames {
                    let symbolised = self.symbols.frames(&self.sampler.modules, address);
                    frames.extend(symbolised.iter().map(Arc::clone));
                }
                let mut stack = Stack::new(frames, method);
                stack.truncation = match unwound.end {
                    StackEnd::Outermost => None,
                    StackEnd::Truncated(truncation) => Some(truncation),
                    StackEnd::UnknownRegister => Some(Truncation::NoUnwindInfo),
                };
                Ok(stack)
            }
        };
        Some(ThreadReport::new(thread.info, stack))
    }

    fn resolve_symbols(
        &mut self,
        threads: &[ThreadCapture],
        limits: &DumpLimits,
        notes: &mut Notes,
    ) {
        let stacks = threads.iter().filter_map(|thread| match &thread.state {
            CaptureState::Captured(unwound, _) => Some(&unwound.frames),
            _ => None,
        });
        let addresses = stacks.flatten().copied();
        self.symbols
            .resolve(&self.sampler.modules, addresses, limits, notes);
    }

    fn wipe_stack_copies(&mut self) {
        self.sampler.wipe();
        if let Ok(handler) = &self.handler {
            handler.slots().wipe();
        }
    }
}

fn task_files_error(error: io::Error) -> CaptureError {
    CaptureError::TaskFiles(Arc::new(error))
}
