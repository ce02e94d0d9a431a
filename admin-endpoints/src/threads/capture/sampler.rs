//! Reads the stacks of blocked threads and unwinds the copies that running threads made.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::signal;
use super::slots::StackCopy;
use super::syscall_names;
use super::thread_capture::{CaptureState, DumpLimits, Notes, ThreadCapture};
use crate::stacks::modules::Modules;
use crate::stacks::passive::{PassiveOutcome, PassiveReader, SchedulerCount, word_at};
use crate::stacks::registers;
use crate::stacks::task_files::{TaskReader, is_missing_task};
use crate::stacks::unwind::StackUnwinder;
use crate::threads::error::CaptureError;
use crate::threads::info::ThreadInfo;
use crate::threads::report::{CaptureMethod, NoStack};

/// How often a thread that runs while it is read is read again.
const MAX_PASSIVE_ATTEMPTS: u32 = 2;

/// The task files, the unwinder and its tables.
pub(super) struct StackSampler {
    pub(super) tasks: TaskReader,
    pub(super) modules: Modules,
    passive: PassiveReader,
    unwinder: StackUnwinder,
    own_tid: u64,
}

impl StackSampler {
    /// Opens the task directory; `own_tid` is the calling thread.
    ///
    /// # Errors
    ///
    /// When the task directory cannot be opened or there is no memory for copies of stacks.
    pub(super) fn new(own_tid: u64) -> Result<Self, CaptureError> {
        let mut tasks =
            TaskReader::new().map_err(|error| CaptureError::TaskFiles(Arc::new(error)))?;
        let passive = PassiveReader::new(&mut tasks, own_tid)
            .map_err(|error| CaptureError::NoMemory(Arc::new(error)))?;
        Ok(Self {
            passive,
            tasks,
            modules: Modules::default(),
            unwinder: StackUnwinder::default(),
            own_tid,
        })
    }

    /// Looks for libraries that were loaded or unloaded; returns whether there were any.
    ///
    /// # Errors
    ///
    /// When `/proc/self/maps` cannot be read.
    pub(super) fn refresh_modules(&mut self) -> io::Result<bool> {
        let changed = self.modules.refresh()?;
        if changed {
            self.unwinder.set_modules(&self.modules);
        }
        self.unwinder.clear_rules();
        Ok(changed)
    }

    /// Drops the rules that passive readings added: some of their registers are guesses.
    pub(super) fn clear_rules(&mut self) {
        self.unwinder.clear_rules();
    }

    /// Drops the unwind tables.
    pub(super) fn release(&mut self) {
        self.modules = Modules::default();
        self.unwinder = StackUnwinder::default();
    }

    /// Returns the memory of stack copies to the kernel.
    pub(super) fn wipe(&mut self) {
        self.passive.wipe();
    }

    /// Reads a thread without a signal; leaves `NeedsSignal` if it is running.
    pub(super) fn read(
        &mut self,
        thread: &mut ThreadCapture,
        limits: &DumpLimits,
        notes: &mut Notes,
    ) {
        // The file shows this thread as blocked in the system call that reads the file.
        if !thread.needs_signal() || thread.info.tid == self.own_tid {
            return;
        }
        if limits.is_exceeded() {
            thread.state = CaptureState::Failed(NoStack::DeadlineExceeded);
            return;
        }
        for _ in 0..MAX_PASSIVE_ATTEMPTS {
            let reading = self.passive.read(
                &mut self.tasks,
                &mut self.unwinder,
                &self.modules,
                thread.info.tid,
                limits.max_frames,
            );
            thread.info.syscall = reading.system_call.map(syscall_name);
            if let Some(count) = reading.count {
                add_scheduler_count(&mut thread.info, count);
            }
            thread.state = match reading.outcome {
                PassiveOutcome::Captured(unwound) => {
                    CaptureState::Captured(unwound, CaptureMethod::Passive)
                }
                PassiveOutcome::Incomplete(partial) => CaptureState::NeedsSignal(Some(partial)),
                PassiveOutcome::Running => CaptureState::NeedsSignal(None),
                PassiveOutcome::Disturbed => continue,
                PassiveOutcome::Unreadable(error) if is_missing_task(&error) => {
                    CaptureState::Exited
                }
                PassiveOutcome::Unreadable(error) => {
                    notes.add(format!(
                        "blocked threads were interrupted, and their system calls may have \
                         returned EINTR, because /proc/self/task/TID/syscall could not be \
                         read: {error}"
                    ));
                    CaptureState::NeedsSignal(None)
                }
            };
            return;
        }
    }

    /// Reads a thread again that was running: it may have blocked or exited since.
    pub(super) fn recheck(
        &mut self,
        thread: &mut ThreadCapture,
        limits: &DumpLimits,
        notes: &mut Notes,
    ) {
        self.read(thread, limits, notes);
        if !thread.needs_signal() {
            return;
        }
        match self.tasks.stat(thread.info.tid) {
            Ok(stat) if stat.is_exiting() => {
                thread.state = CaptureState::Failed(NoStack::Exiting);
            }
            Ok(stat) => thread.blocks_signal = stat.blocks(signal::STACK_SIGNAL),
            Err(error) if is_missing_task(&error) => thread.state = CaptureState::Exited,
            // Out of descriptors: the thread keeps the state that it was last seen in.
            Err(_) => {}
        }
    }

    /// Unwinds the copy that a thread made of its own stack.
    pub(super) fn unwind_copy(&mut self, copy: &StackCopy<'_>, max_frames: usize) -> CaptureState {
        if copy.bytes.is_empty() {
            return CaptureState::Failed(NoStack::Failed(
                "the kernel does not let the process read its own memory (process_vm_readv and \
                 /proc/self/mem)"
                    .into(),
            ));
        }
        let start = registers::from_saved(copy.registers);
        let read =
            &mut |address: u64| word_at(copy.bytes, address.wrapping_sub(copy.start)).ok_or(());
        let unwound = self.unwinder.unwind(&self.modules, start, max_frames, read);
        CaptureState::Captured(unwound, CaptureMethod::Signal)
    }
}

fn syscall_name(number: i64) -> String {
    match syscall_names::name(number) {
        Some(name) => name.to_owned(),
        None => format!("system call {number}"),
    }
}

fn add_scheduler_count(info: &mut ThreadInfo, count: SchedulerCount) {
    match count {
        SchedulerCount::Schedstat(schedule) => {
            info.cpu = Duration::from_nanos(schedule.on_cpu);
            info.cpu_wait = Some(Duration::from_nanos(schedule.waited));
            info.context_switches = Some(schedule.runs);
        }
        SchedulerCount::Switches(switches) => info.context_switches = Some(switches.total()),
    }
}
