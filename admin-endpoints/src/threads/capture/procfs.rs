//! The task files of `/proc`: which threads there are and what the kernel says about each.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::FileExt;

/// One line of `/proc/self/task/TID/stat`, as far as it is needed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat {
    /// The kernel's name of the thread, at most 15 bytes.
    pub(super) comm: String,
    /// One letter, as `ps` shows it.
    pub(super) state: char,
    /// The kernel's `PF_…` flags.
    pub(super) flags: u64,
    /// User and system time together, in clock ticks.
    pub(super) cpu_ticks: u64,
    /// When the thread began, in clock ticks since boot.
    pub(super) start_ticks: u64,
    /// One bit for each of the signals 1 to 31 that the thread blocks.
    blocked_signals: u64,
}

impl Stat {
    const PF_EXITING: u64 = 0x4;

    /// Whether the thread is on its way out, or already gone but for its entry.
    pub(super) fn is_exiting(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x') || self.flags & Self::PF_EXITING != 0
    }

    /// For signals that are not real-time ones.
    pub(super) fn blocks(&self, signal: i32) -> bool {
        self.blocked_signals >> (signal - 1) & 1 == 1
    }

    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        // The name may itself contain spaces and parentheses.
        let open = text.iter().position(|byte| *byte == b'(')?;
        let close = text.iter().rposition(|byte| *byte == b')')?;
        let comm = String::from_utf8_lossy(text.get(open + 1..close)?).into_owned();
        let rest = std::str::from_utf8(text.get(close + 1..)?).ok()?;
        // Counted from the state, which proc(5) numbers 3.
        let mut fields = rest.split_ascii_whitespace();
        let state = fields.next()?.chars().next()?;
        let flags = fields.nth(5)?.parse().ok()?;
        let user: u64 = fields.nth(4)?.parse().ok()?;
        let system: u64 = fields.next()?.parse().ok()?;
        let start_ticks = fields.nth(6)?.parse().ok()?;
        let blocked_signals = fields.nth(9)?.parse().ok()?;
        Some(Self {
            comm,
            state,
            flags,
            cpu_ticks: user.saturating_add(system),
            start_ticks,
            blocked_signals,
        })
    }
}

/// How often a thread has left a CPU, from `/proc/self/task/TID/status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Switches {
    voluntary: u64,
    involuntary: u64,
}

impl Switches {
    pub(super) fn total(self) -> u64 {
        self.voluntary.saturating_add(self.involuntary)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let count = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key))?;
            line.trim().parse().ok()
        };
        Some(Self {
            voluntary: count("voluntary_ctxt_switches:")?,
            involuntary: count("nonvoluntary_ctxt_switches:")?,
        })
    }
}

/// Where a thread entered the kernel, from `/proc/self/task/TID/syscall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Running,
    Blocked {
        /// `None` when it is not in a system call, but for example in a page fault.
        number: Option<i64>,
        sp: u64,
        pc: u64,
    },
}

impl Entry {
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.trim_end();
        if text == "running" {
            return Some(Self::Running);
        }
        let mut fields = text.split(' ');
        let number: i64 = fields.next()?.parse().ok()?;
        let mut hex = fields
            .rev()
            .map(|field| u64::from_str_radix(field.strip_prefix("0x").unwrap_or(field), 16).ok());
        let (pc, sp) = (hex.next()??, hex.next()??);
        Some(Self::Blocked {
            number: (number >= 0).then_some(number),
            sp,
            pc,
        })
    }
}

/// `/proc/self/task/TID/schedstat`: nanoseconds on a CPU, nanoseconds waiting for one, times run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Schedule {
    pub(super) on_cpu: u64,
    pub(super) waited: u64,
    pub(super) runs: u64,
}

impl Schedule {
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let mut fields = std::str::from_utf8(text).ok()?.split_ascii_whitespace();
        let mut number = || fields.next()?.parse().ok();
        Some(Self {
            on_cpu: number()?,
            waited: number()?,
            runs: number()?,
        })
    }

    /// All zeros for a thread that has run: a kernel without `SCHED_INFO`.
    pub(super) fn is_blind(&self) -> bool {
        self.runs == 0
    }
}

/// Reads the files of one task after the other, into one buffer.
pub(super) struct TaskReader {
    /// `/proc/self/task`: what is opened from here need not be looked up from the root.
    directory: File,
    path: Vec<u8>,
    buffer: Vec<u8>,
}

/// The two files of a task that tell whether it has moved, kept open between two looks.
pub(super) struct Watch {
    schedule: Option<File>,
    entry: File,
}

impl TaskReader {
    pub(super) fn new() -> io::Result<Self> {
        let directory = File::open("/proc/self/task")?;
        Ok(Self {
            directory,
            path: Vec::new(),
            buffer: vec![0; 4096],
        })
    }

    pub(super) fn stat(&mut self, tid: u64) -> io::Result<Stat> {
        let file = self.open(tid, "stat")?;
        self.parsed(&file, Stat::parse)
    }

    pub(super) fn switches(&mut self, tid: u64) -> io::Result<Switches> {
        let file = self.open(tid, "status")?;
        self.parsed(&file, Switches::parse)
    }

    pub(super) fn schedule(&mut self, tid: u64) -> io::Result<Schedule> {
        let file = self.open(tid, "schedstat")?;
        self.parsed(&file, Schedule::parse)
    }

    /// The kernel function a thread sleeps in; `None` if it does not sleep or that is not told.
    pub(super) fn wait_channel(&mut self, tid: u64) -> Option<String> {
        let file = self.open(tid, "wchan").ok()?;
        let text = std::str::from_utf8(self.contents(&file).ok()?).ok()?;
        (!text.is_empty() && text != "0").then(|| text.to_owned())
    }

    /// Opens what [`TaskReader::entry`] and [`TaskReader::counted`] read.
    pub(super) fn watch(&mut self, tid: u64, with_schedule: bool) -> io::Result<Watch> {
        let schedule = with_schedule
            .then(|| self.open(tid, "schedstat"))
            .transpose()?;
        Ok(Watch {
            schedule,
            entry: self.open(tid, "syscall")?,
        })
    }

    pub(super) fn entry(&mut self, watch: &Watch) -> io::Result<Entry> {
        self.parsed(&watch.entry, Entry::parse)
    }

    /// The scheduler's counts; `None` unless the watch was opened with them.
    pub(super) fn counted(&mut self, watch: &Watch) -> io::Result<Option<Schedule>> {
        watch
            .schedule
            .as_ref()
            .map(|file| self.parsed(file, Schedule::parse))
            .transpose()
    }

    fn parsed<T>(&mut self, file: &File, parse: fn(&[u8]) -> Option<T>) -> io::Result<T> {
        parse(self.contents(file)?).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "a task file has an unexpected form",
            )
        })
    }

    fn open(&mut self, tid: u64, file: &str) -> io::Result<File> {
        self.path.clear();
        // Writing to a vector does not fail.
        let _ = write!(self.path, "{tid}/{file}\0");
        let flags = libc::O_RDONLY | libc::O_CLOEXEC;
        // SAFETY: the path ends with a NUL and outlives the call.
        let result =
            unsafe { libc::openat(self.directory.as_raw_fd(), self.path.as_ptr().cast(), flags) };
        if result < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a descriptor that was just opened and belongs to nobody else.
        Ok(unsafe { File::from_raw_fd(result) })
    }

    fn contents(&mut self, file: &File) -> io::Result<&[u8]> {
        let mut length = 0;
        loop {
            if length == self.buffer.len() {
                self.buffer.resize(2 * length, 0);
            }
            let count = file.read_at(&mut self.buffer[length..], length as u64)?;
            length += count;
            // The kernel makes the whole text at the first read; a short one was all of it.
            if count == 0 || length < self.buffer.len() {
                return Ok(&self.buffer[..length]);
            }
        }
    }
}

/// The ids of this process's threads, ascending.
pub(super) fn task_ids() -> io::Result<Vec<u64>> {
    let mut tids = Vec::new();
    for entry in std::fs::read_dir("/proc/self/task")? {
        tids.extend(
            entry?
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<u64>().ok()),
        );
    }
    tids.sort_unstable();
    Ok(tids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_contain_what_delimits_it() {
        let line = b"42 (a) S (b) S 1 42 42 0 -1 4194372 9 0 0 0 7 5 0 0 20 0 3 0 1234 999 1 2 3 \
            4 5 6 7 0 4194304 8 9\n";
        let stat = Stat::parse(line).expect("the line is complete");
        assert_eq!(stat.comm, "a) S (b");
        assert_eq!(
            (stat.state, stat.cpu_ticks, stat.start_ticks),
            ('S', 12, 1234)
        );
        assert!(stat.is_exiting(), "flag 4 is PF_EXITING");
        assert!(stat.blocks(23) && !stat.blocks(22) && !stat.blocks(24));
        assert_eq!(Stat::parse(b"42 (cut) S 1"), None);
    }

    #[test]
    fn an_entry_has_its_stack_pointer_and_program_counter_last() {
        let line = b"230 0x1 0x0 0x7ffe 0x0 0x0 0x0 0x7ffe10 0x7f20\n";
        let entry = Entry::Blocked {
            number: Some(230),
            sp: 0x7f_fe10,
            pc: 0x7f20,
        };
        assert_eq!(Entry::parse(line), Some(entry));
        assert_eq!(Entry::parse(b"running\n"), Some(Entry::Running));
        let fault = Entry::Blocked {
            number: None,
            sp: 0x10,
            pc: 0x20,
        };
        assert_eq!(Entry::parse(b"-1 0x10 0x20\n"), Some(fault));
        assert_eq!(Entry::parse(b"-1"), None);
    }

    #[test]
    fn switches_of_both_kinds_count() {
        let status = b"Name:\tx\nvoluntary_ctxt_switches:\t40\nnonvoluntary_ctxt_switches:\t2\n";
        assert_eq!(Switches::parse(status).map(Switches::total), Some(42));
        assert_eq!(Switches::parse(b"Name:\tx\n"), None);
    }

    #[test]
    fn the_calling_thread_is_listed_and_running() -> io::Result<()> {
        let tid = admin_runtime::thread_names::current_tid().expect("/proc is mounted");
        assert!(task_ids()?.contains(&tid));
        let mut reader = TaskReader::new()?;
        assert_eq!(reader.stat(tid)?.state, 'R');
        // To itself it is in the very call that reads the file.
        let watch = reader.watch(tid, true)?;
        let entry = reader.entry(&watch)?;
        assert!(
            matches!(
                entry,
                Entry::Blocked {
                    number: Some(libc::SYS_pread64),
                    ..
                }
            ),
            "{entry:?}"
        );
        assert!(reader.switches(tid)?.total() < u64::MAX);
        assert_eq!(
            reader.stat(1 << 40).map_err(|error| error.kind()),
            Err(io::ErrorKind::NotFound)
        );
        Ok(())
    }
}
