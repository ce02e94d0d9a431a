//! Reads the stack of a blocked thread from outside, without disturbing it.
//!
//! A sequence lock over the kernel's books: whoever has run since the first look has been counted
//! by the scheduler, and then what was read is thrown away.

use super::arena::Arena;
use super::memory;
use super::modules::Modules;
use super::procfs::{Entry, Schedule, Switches, TaskReader, Watch};
use super::registers::Registers;
use super::unwind::{End, StackUnwinder, Unwound};
use std::io;

/// How much is read at once where most stacks end.
const FIRST: usize = 8 * 1024;
const PAGE: usize = 4096;
/// How many pages beyond the first read one stack may take.
const PAGES: usize = 128;

/// How it went.
#[derive(Debug)]
pub(super) enum Quiet {
    Captured(Unwound),
    /// The thread is on a CPU or waits for one.
    Running,
    /// The thread ran while its stack was read.
    Disturbed,
    /// A register is needed that only the thread itself can tell.
    Incomplete(Unwound),
    /// The task files cannot be read.
    Unreadable(io::Error),
}

/// What one look at a thread found.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) outcome: Quiet,
    /// The number of the system call that the thread is in.
    pub(super) system_call: Option<i64>,
    /// What the scheduler has booked for the thread.
    pub(super) booked: Option<Reading>,
}

/// Which of the kernel's counts tells that a thread has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clock {
    Schedstat,
    /// For kernels without `SCHED_INFO`, whose `schedstat` is all zeros.
    Switches,
}

/// Equal before and after if the thread did not run in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Schedule(Schedule),
    Switches(Switches),
}

pub(super) struct QuietReader {
    copies: Arena,
    clock: Clock,
}

impl QuietReader {
    pub(super) fn new(tasks: &mut TaskReader, own_tid: u64) -> io::Result<Self> {
        let blind = tasks
            .schedule(own_tid)
            .map_or(true, |schedule| schedule.is_blind());
        let clock = if blind {
            Clock::Switches
        } else {
            Clock::Schedstat
        };
        Ok(Self {
            copies: Arena::new(FIRST + PAGES * PAGE)?,
            clock,
        })
    }

    fn has_schedstat(&self) -> bool {
        self.clock == Clock::Schedstat
    }

    fn reading(&self, tasks: &mut TaskReader, tid: u64, watch: &Watch) -> io::Result<Reading> {
        match tasks.counted(watch)? {
            Some(schedule) => Ok(Reading::Schedule(schedule)),
            None => tasks.switches(tid).map(Reading::Switches),
        }
    }

    /// Reads one thread's stack.
    pub(super) fn read(
        &mut self,
        tasks: &mut TaskReader,
        unwinder: &mut StackUnwinder,
        modules: &Modules,
        tid: u64,
        most: usize,
    ) -> Look {
        let mut look = Look {
            outcome: Quiet::Running,
            system_call: None,
            booked: None,
        };
        let outcome = self.try_read(tasks, unwinder, modules, tid, most, &mut look);
        look.outcome = outcome.unwrap_or_else(Quiet::Unreadable);
        look
    }

    fn try_read(
        &mut self,
        tasks: &mut TaskReader,
        unwinder: &mut StackUnwinder,
        modules: &Modules,
        tid: u64,
        most: usize,
        seen: &mut Look,
    ) -> io::Result<Quiet> {
        let watch = tasks.watch(tid, self.has_schedstat())?;
        let before = self.reading(tasks, tid, &watch)?;
        seen.booked = Some(before);
        let entry = tasks.entry(&watch)?;
        let Entry::Blocked { number, sp, pc } = entry else {
            return Ok(Quiet::Running);
        };
        seen.system_call = number;
        let mut window = Window::open(self.copies.bytes_mut(), sp);
        let start = Registers {
            pc,
            sp,
            fp: None,
            lr: None,
        };
        let unwound = unwinder.unwind(modules, start, most, &mut |address| window.word(address));
        let undisturbed =
            tasks.entry(&watch)? == entry && self.reading(tasks, tid, &watch)? == before;
        if !undisturbed {
            // Rules made from a stack in motion may be wrong.
            unwinder.forget_rules();
            return Ok(Quiet::Disturbed);
        }
        Ok(match unwound.end {
            End::UnknownRegister => Quiet::Incomplete(unwound),
            End::Outermost | End::Cut(_) => Quiet::Captured(unwound),
        })
    }

    /// Gives the copies back to the kernel.
    pub(super) fn wipe(&mut self) {
        // SAFETY: the arena is borrowed exclusively and only this reader writes to it.
        unsafe { self.copies.wipe() };
    }
}

/// A stack that is copied as it is looked at: first its innermost part, then page by page.
struct Window<'a> {
    first: &'a [u8],
    start: u64,
    pages: &'a mut [u8],
    /// The address of each copied page, in the order of `pages`.
    copied: Vec<u64>,
}

impl<'a> Window<'a> {
    fn open(memory_for_copies: &'a mut [u8], sp: u64) -> Self {
        let (first, pages) = memory_for_copies.split_at_mut(FIRST);
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
        let page = address & !(PAGE as u64 - 1);
        let index = match self.copied.iter().position(|copied| *copied == page) {
            Some(index) => index,
            None => self.copy(page)?,
        };
        let bytes = &self.pages[index * PAGE..][..PAGE];
        word_at(bytes, address - page).ok_or(())
    }

    fn copy(&mut self, page: u64) -> Result<usize, ()> {
        let index = self.copied.len();
        let target = self
            .pages
            .get_mut(index * PAGE..(index + 1) * PAGE)
            .ok_or(())?;
        if memory::read(page, target) != PAGE {
            return Err(());
        }
        self.copied.push(page);
        Ok(index)
    }
}

/// The eight bytes at an offset, if all of them are there.
pub(super) fn word_at(bytes: &[u8], offset: u64) -> Option<u64> {
    let offset = usize::try_from(offset).ok()?;
    let word = bytes.get(offset..offset.checked_add(8)?)?;
    Some(u64::from_le_bytes(word.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reads_far_up_the_stack_and_refuses_what_is_not_there() {
        let words: Vec<u64> = (0..8192).collect();
        let mut arena = vec![0; FIRST + PAGES * PAGE];
        let mut window = Window::open(&mut arena, words.as_ptr() as u64);
        for index in [0, 1, 1023, 1024, 8191] {
            assert_eq!(
                window.word(&raw const words[index] as u64),
                Ok(index as u64)
            );
        }
        assert_eq!(window.word(16), Err(()));
    }
}
