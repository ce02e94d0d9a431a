//! What the files in `/proc/self/task` contain.

/// The needed fields of `/proc/self/task/TID/stat`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TaskStat {
    /// The kernel's name of the thread, at most 15 bytes.
    pub(crate) comm: String,
    /// One letter, as `ps` shows it.
    pub(crate) state: char,
    /// The kernel's `PF_…` flags.
    pub(crate) flags: u64,
    /// User and system time together, in clock ticks.
    pub(crate) cpu_ticks: u64,
    /// When the thread was started, in clock ticks since boot.
    pub(crate) start_ticks: u64,
    /// One bit for each of the signals 1 to 31.
    blocked_signals: u64,
}

impl TaskStat {
    const PF_EXITING: u64 = 0x4;

    /// Whether the thread is exiting or has exited.
    pub(crate) fn is_exiting(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x') || self.flags & Self::PF_EXITING != 0
    }

    /// Whether the thread blocks a signal, which must not be a real-time one.
    pub(crate) fn blocks(&self, signal: i32) -> bool {
        self.blocked_signals >> (signal - 1) & 1 == 1
    }

    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
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

/// The signals that a thread blocks, from `/proc/self/task/TID/status`.
#[cfg(feature = "profile")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockedSignals(u64);

#[cfg(feature = "profile")]
impl BlockedSignals {
    /// Whether a signal, which may be a real-time one, is blocked.
    pub(crate) fn contains(self, signal: i32) -> bool {
        self.0 >> (signal - 1) & 1 == 1
    }

    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        // The name of the thread, in the first line, may be any bytes.
        let text = String::from_utf8_lossy(text);
        let line = text.lines().find_map(|line| line.strip_prefix("SigBlk:"))?;
        u64::from_str_radix(line.trim(), 16).ok().map(Self)
    }
}

/// How often a thread has left a CPU, from `/proc/self/task/TID/status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SwitchCounts {
    voluntary: u64,
    involuntary: u64,
}

impl SwitchCounts {
    pub(crate) fn total(self) -> u64 {
        self.voluntary.saturating_add(self.involuntary)
    }

    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
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

/// Whether a thread is blocked and where, from `/proc/self/task/TID/syscall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SyscallState {
    Running,
    Blocked {
        /// `None` if it is not in a system call but, for example, in a page fault.
        number: Option<i64>,
        sp: u64,
        pc: u64,
    },
}

impl SyscallState {
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
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
pub(crate) struct Schedstat {
    pub(crate) on_cpu: u64,
    pub(crate) waited: u64,
    pub(crate) runs: u64,
}

impl Schedstat {
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let mut fields = std::str::from_utf8(text).ok()?.split_ascii_whitespace();
        let mut number = || fields.next()?.parse().ok();
        Some(Self {
            on_cpu: number()?,
            waited: number()?,
            runs: number()?,
        })
    }

    /// Whether the kernel lacks `SCHED_INFO`: then a thread that has run has all zeros.
    pub(crate) fn is_disabled(&self) -> bool {
        self.runs == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_names_with_parentheses_and_blanks() {
        let line = b"42 (a) S (b) S 1 42 42 0 -1 4194372 9 0 0 0 7 5 0 0 20 0 3 0 1234 999 1 2 3 \
            4 5 6 7 0 4194304 8 9\n";
        let stat = TaskStat::parse(line).expect("the line is complete");
        assert_eq!(stat.comm, "a) S (b");
        assert_eq!(
            (stat.state, stat.cpu_ticks, stat.start_ticks),
            ('S', 12, 1234)
        );
        assert!(stat.is_exiting(), "flag 4 is PF_EXITING");
        assert!(stat.blocks(23) && !stat.blocks(22) && !stat.blocks(24));
        assert_eq!(TaskStat::parse(b"42 (cut) S 1"), None);
    }

    #[test]
    fn parses_stack_pointer_and_program_counter() {
        let line = b"230 0x1 0x0 0x7ffe 0x0 0x0 0x0 0x7ffe10 0x7f20\n";
        let blocked = SyscallState::Blocked {
            number: Some(230),
            sp: 0x7f_fe10,
            pc: 0x7f20,
        };
        assert_eq!(SyscallState::parse(line), Some(blocked));
        assert_eq!(
            SyscallState::parse(b"running\n"),
            Some(SyscallState::Running)
        );
        let fault = SyscallState::Blocked {
            number: None,
            sp: 0x10,
            pc: 0x20,
        };
        assert_eq!(SyscallState::parse(b"-1 0x10 0x20\n"), Some(fault));
        assert_eq!(SyscallState::parse(b"-1"), None);
    }

    #[cfg(feature = "profile")]
    #[test]
    fn real_time_signals_are_blocked_too() {
        let status = b"Name:\t\xff\nSigPnd:\t0000000000000000\nSigBlk:\t2000000000000001\n";
        let blocked = BlockedSignals::parse(status).expect("the line is there");
        assert!(blocked.contains(62) && blocked.contains(1));
        assert!(!blocked.contains(61) && !blocked.contains(63));
        assert_eq!(BlockedSignals::parse(b"Name:\tx\n"), None);
    }

    #[test]
    fn adds_voluntary_and_involuntary_switches() {
        let status = b"Name:\tx\nvoluntary_ctxt_switches:\t40\nnonvoluntary_ctxt_switches:\t2\n";
        assert_eq!(
            SwitchCounts::parse(status).map(SwitchCounts::total),
            Some(42)
        );
        assert_eq!(SwitchCounts::parse(b"Name:\tx\n"), None);
    }
}
