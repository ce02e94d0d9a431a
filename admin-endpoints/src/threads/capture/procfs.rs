//! The task files of `/proc`: which threads there are and what the kernel says about each.

use std::fs::File;
use std::io::{self, Read};

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
}

impl Stat {
    const PF_EXITING: u64 = 0x4;

    /// Whether the thread is on its way out, or already gone but for its entry.
    pub(super) fn is_exiting(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x') || self.flags & Self::PF_EXITING != 0
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
        Some(Self {
            comm,
            state,
            flags,
            cpu_ticks: user.saturating_add(system),
            start_ticks,
        })
    }
}

/// What is needed of `/proc/self/task/TID/status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) voluntary_switches: u64,
    pub(super) involuntary_switches: u64,
    blocked_signals: u64,
}

impl Status {
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let mut status = Self::default();
        for line in text.lines() {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match key {
                "SigBlk" => status.blocked_signals = u64::from_str_radix(value, 16).ok()?,
                "voluntary_ctxt_switches" => status.voluntary_switches = value.parse().ok()?,
                "nonvoluntary_ctxt_switches" => status.involuntary_switches = value.parse().ok()?,
                _ => {}
            }
        }
        Some(status)
    }

    pub(super) fn blocks(&self, signal: i32) -> bool {
        self.blocked_signals >> (signal - 1) & 1 == 1
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
    waited: u64,
    runs: u64,
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
    buffer: Vec<u8>,
}

impl TaskReader {
    pub(super) fn new() -> Self {
        Self {
            buffer: vec![0; 4096],
        }
    }

    pub(super) fn stat(&mut self, tid: u64) -> io::Result<Stat> {
        self.parsed(tid, "stat", Stat::parse)
    }

    pub(super) fn status(&mut self, tid: u64) -> io::Result<Status> {
        self.parsed(tid, "status", Status::parse)
    }

    pub(super) fn entry(&mut self, tid: u64) -> io::Result<Entry> {
        self.parsed(tid, "syscall", Entry::parse)
    }

    pub(super) fn schedule(&mut self, tid: u64) -> io::Result<Schedule> {
        self.parsed(tid, "schedstat", Schedule::parse)
    }

    /// The kernel function a thread sleeps in; `None` if it does not sleep or that is not told.
    pub(super) fn wait_channel(&mut self, tid: u64) -> Option<String> {
        let text = self.contents(tid, "wchan").ok()?;
        let text = std::str::from_utf8(text).ok()?;
        (!text.is_empty() && text != "0").then(|| text.to_owned())
    }

    fn parsed<T>(
        &mut self,
        tid: u64,
        file: &'static str,
        parse: fn(&[u8]) -> Option<T>,
    ) -> io::Result<T> {
        parse(self.contents(tid, file)?).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("unexpected form of task file {file}"),
            )
        })
    }

    fn contents(&mut self, tid: u64, file: &str) -> io::Result<&[u8]> {
        let mut opened = File::open(format!("/proc/self/task/{tid}/{file}"))?;
        let mut length = 0;
        loop {
            if length == self.buffer.len() {
                self.buffer.resize(2 * length, 0);
            }
            let count = opened.read(&mut self.buffer[length..])?;
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
        let line = b"42 (a) S (b) S 1 42 42 0 -1 4194372 9 0 0 0 7 5 0 0 20 0 3 0 1234 999 1 2\n";
        let stat = Stat::parse(line).expect("the line is complete");
        assert_eq!(stat.comm, "a) S (b");
        assert_eq!(
            (stat.state, stat.cpu_ticks, stat.start_ticks),
            ('S', 12, 1234)
        );
        assert!(stat.is_exiting(), "flag 4 is PF_EXITING");
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
    fn signals_are_counted_from_one() {
        let status = Status::parse(b"Name:\tx\nSigBlk:\t0000000000400000\n").expect("valid");
        assert!(status.blocks(23) && !status.blocks(22) && !status.blocks(24));
    }

    #[test]
    fn the_calling_thread_is_listed_and_running() -> io::Result<()> {
        let tid = admin_runtime::thread_names::current_tid().expect("/proc is mounted");
        assert!(task_ids()?.contains(&tid));
        let mut reader = TaskReader::new();
        assert_eq!(reader.stat(tid)?.state, 'R');
        // To itself it is in the very call that reads the file.
        let entry = reader.entry(tid)?;
        assert!(
            matches!(
                entry,
                Entry::Blocked {
                    number: Some(libc::SYS_read),
                    ..
                }
            ),
            "{entry:?}"
        );
        assert!(reader.status(tid)?.voluntary_switches < u64::MAX);
        assert_eq!(
            reader.stat(1 << 40).map_err(|error| error.kind()),
            Err(io::ErrorKind::NotFound)
        );
        Ok(())
    }
}
