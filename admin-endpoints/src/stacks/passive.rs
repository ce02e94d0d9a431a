//! Reads the stack of a blocked thread from outside, without disturbing it.
//!
//! This is a sequence lock on the scheduler's counts: if they changed while the stack was read,
//! the thread has run, and the result is discarded.

use std::io;

use super::arena::Arena;
use super::modules::Modules;
use super::registers::Registers;
use super::task_files::{TaskReader, TaskWatch};
use super::task_records::{Schedstat, SwitchCounts, SyscallState};
use super::unwind::{StackEnd, StackUnwinder, UnwoundStack};
use crate::memory;

/// Size of the first read. Most stacks are smaller.
const FIRST_READ_BYTES: usize = 8 * 1024;
const PAGE_BYTES: usize = 4096;
/// How many pages are read beyond the first read.
const MAX_FURTHER_PAGES: usize = 128;

/// The result of reading one stack.
#[derive(Debug)]
pub(crate) enum PassiveOutcome {
    Captured(UnwoundStack),
    /// The thread is running or ready to run.
    Running,
    /// The thread ran while its stack was read.
    Disturbed,
    /// A register is needed that only the thread itself can read.
    Incomplete(UnwoundStack),
    /// The task files cannot be read.
    Unreadable(io::Error),
}

/// Everything that one reading of a thread found.
#[derive(Debug)]
pub(crate) struct PassiveReading {
    pub(crate) outcome: PassiveOutcome,
    /// The number of the system call that the thread is in.
    pub(crate) system_call: Option<i64>,
    pub(crate) count: Option<SchedulerCount>,
}

/// Which count shows that a thread has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CountSource {
    Schedstat,
    /// For kernels without `SCHED_INFO`, whose `schedstat` is all zeros.
    Status,
}

/// Equal before and after a reading if the thread did not run in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchedulerCount {
    Schedstat(Schedstat),
    Switches(SwitchCounts),
}

pub(crate) struct PassiveReader {
    copies: Arena,
    count_source: CountSource,
}

impl PassiveReader {
    pub(crate) fn new(tasks: &mut TaskReader, own_tid: u64) -> io::Result<Self> {
        let has_schedstat = tasks
            .schedstat(own_tid)
            .is_ok_and(|schedstat| !schedstat.is_disabled());
        let count_source = if has_schedstat {
            CountSource::Schedstat
        } else {
            CountSource::Status
        };
        Ok(Self {
            copies: Arena::new(FIRST_READ_BYTES + MAX_FURTHER_PAGES * PAGE_BYTES)?,
            count_source,
        })
    }

    fn count(tasks: &mut TaskReader, tid: u64, watch: &TaskWatch) -> io::Result<SchedulerCount> {
        match tasks.watched_schedstat(watch)? {
            Some(schedstat) => Ok(SchedulerCount::Schedstat(schedstat)),
            None => tasks.switch_counts(tid).map(SchedulerCount::Switches),
        }
    }

    /// What changes when a thread runs.
    ///
    /// # Errors
    ///
    /// When the task file cannot be read.
    #[cfg(feature = "profile")]
    pub(crate) fn scheduler_count(
        &self,
        tasks: &mut TaskReader,
        tid: u64,
    ) -> io::Result<SchedulerCount> {
        match self.count_source {
            CountSource::Schedstat => tasks.schedstat(tid).map(SchedulerCount::Schedstat),
            CountSource::Status => tasks.switch_counts(tid).map(SchedulerCount::Switches),
        }
    }

    /// Reads the stack of one thread.
    pub(crate) fn read(
        &mut self,
        tasks: &mut TaskReader,
        unwinder: &mut StackUnwinder,
        modules: &Modules,
        tid: u64,
        max_frames: usize,
    ) -> PassiveReading {
        let mut reading = PassiveReading {
            outcome: PassiveOutcome::Running,
            system_call: None,
            count: None,
        };
        let outcome = self.try_read(tasks, unwinder, modules, tid, max_frames, &mut reading);
        reading.outcome = outcome.unwrap_or_else(PassiveOutcome::Unreadable);
        reading
    }

    fn try_read(
        &mut self,
        tasks: &mut TaskReader,
        unwinder: &mut StackUnwinder,
        modules: &Modules,
        tid: u64,
        max_frames: usize,
        reading: &mut PassiveReading,
    ) -> io::Result<PassiveOutcome> {
        let watch = tasks.watch(tid, self.count_source == CountSource::Schedstat)?;
        let count_before = Self::count(tasks, tid, &watch)?;
        reading.count = Some(count_before);
        let state = tasks.syscall_state(&watch)?;
        let SyscallState::Blocked { number, sp, pc } = state else {
            return Ok(PassiveOutcome::Running);
        };
        reading.system_call = number;
        let mut window = StackWindow::new(self.copies.bytes_mut(), sp);
        let start = Registers {
            pc,
            sp,
            fp: None,
            lr: None,
        };
        let unwound = unwinder.unwind(modules, start, max_frames, &mut |address| {
            window.word(address)
        });
        let undisturbed = tasks.syscall_state(&watch)? == state
            && Self::count(tasks, tid, &watch)? == count_before;
        if !undisturbed {
            // Rules that were derived from a changing stack may be wrong.
            unwinder.clear_rules();
            return Ok(PassiveOutcome::Disturbed);
        }
        Ok(match unwound.end {
            StackEnd::UnknownRegister => PassiveOutcome::Incomplete(unwound),
            StackEnd::Outermost | StackEnd::Truncated(_) => PassiveOutcome::Captured(unwound),
        })
    }

    /// Returns the memory of the copies to the kernel.
    pub(crate) fn wipe(&mut self) {
        // SAFETY: the arena is borrowed exclusively and only this reader writes to it.
        unsafe { self.copies.wipe() };
    }
}

/// A stack that is copied on demand: first its innermost part, then page by page.
struct StackWindow<'a> {
    first: &'a [u8],
    start: u64,
    pages: &'a mut [u8],
    /// The address of each copied page, in the order of `pages`.
    copied: Vec<u64>,
}

impl<'a> StackWindow<'a> {
    fn new(buffer: &'a mut [u8], sp: u64) -> Self {
        let (first, pages) = buffer.split_at_mut(FIRST_READ_BYTES);
        let start = sp & !7;
        let length = memory::read(start, first);
        Self {
            first: &first[..length],
            start,
            pages,
            copied: Vec::new(),
        }
    }

    fn word(&mut self, address: u64) -> Result<u64, ()> {
        let offset = address.wrapping_sub(self.start);
        if let Some(word) = word_at(self.first, offset) {
            return Ok(word);
        }
        let page = address & !(PAGE_BYTES as u64 - 1);
        let index = match self.copied.iter().position(|copied| *copied == page) {
            Some(index) => index,
            None => self.copy_page(page)?,
        };
        let bytes = &self.pages[index * PAGE_BYTES..][..PAGE_BYTES];
        word_at(bytes, address - page).ok_or(())
    }

    fn copy_page(&mut self, page: u64) -> Result<usize, ()> {
        let index = self.copied.len();
        let target = self
            .pages
            .get_mut(index * PAGE_BYTES..(index + 1) * PAGE_BYTES)
            .ok_or(())?;
        if memory::read(page, target) != PAGE_BYTES {
            return Err(());
        }
        self.copied.push(page);
        Ok(index)
    }
}

/// The eight bytes at an offset, if all of them are there.
pub(crate) fn word_at(bytes: &[u8], offset: u64) -> Option<u64> {
    let offset = usize::try_from(offset).ok()?;
    let word = bytes.get(offset..offset.checked_add(8)?)?;
    Some(u64::from_le_bytes(word.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reads_mapped_memory_only() {
        let words: Vec<u64> = (0..8192).collect();
        let mut buffer = vec![0; FIRST_READ_BYTES + MAX_FURTHER_PAGES * PAGE_BYTES];
        let mut window = StackWindow::new(&mut buffer, words.as_ptr() as u64);
        for index in [0, 1, 1023, 1024, 8191] {
            assert_eq!(
                window.word(&raw const words[index] as u64),
                Ok(index as u64)
            );
        }
        assert_eq!(window.word(16), Err(()));
    }
}
