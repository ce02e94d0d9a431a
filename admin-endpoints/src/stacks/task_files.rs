//! The files in `/proc/self/task`: which threads exist and what the kernel knows about each.
//!
//! The crate `procfs` is not used here: opening files relative to one directory, into one buffer,
//! is what makes a dump of a thousand threads take milliseconds.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::FileExt;

#[cfg(feature = "profile")]
use super::task_records::BlockedSignals;
use super::task_records::{Schedstat, SwitchCounts, SyscallState, TaskStat};

/// Reads task files into one buffer.
pub(crate) struct TaskReader {
    /// `/proc/self/task`. Paths relative to it need no lookup from the root.
    directory: File,
    path: Vec<u8>,
    buffer: Vec<u8>,
}

/// The two files that show whether a thread has run, kept open between two readings.
pub(crate) struct TaskWatch {
    schedstat: Option<File>,
    syscall: File,
}

impl TaskReader {
    pub(crate) fn new() -> io::Result<Self> {
        let directory = File::open("/proc/self/task")?;
        Ok(Self {
            directory,
            path: Vec::new(),
            buffer: vec![0; 4096],
        })
    }

    pub(crate) fn stat(&mut self, tid: u64) -> io::Result<TaskStat> {
        let file = self.open(tid, "stat")?;
        self.parsed(&file, TaskStat::parse)
    }

    pub(crate) fn switch_counts(&mut self, tid: u64) -> io::Result<SwitchCounts> {
        let file = self.open(tid, "status")?;
        self.parsed(&file, SwitchCounts::parse)
    }

    #[cfg(feature = "profile")]
    pub(crate) fn blocked_signals(&mut self, tid: u64) -> io::Result<BlockedSignals> {
        let file = self.open(tid, "status")?;
        self.parsed(&file, BlockedSignals::parse)
    }

    pub(crate) fn schedstat(&mut self, tid: u64) -> io::Result<Schedstat> {
        let file = self.open(tid, "schedstat")?;
        self.parsed(&file, Schedstat::parse)
    }

    /// The kernel function that a thread sleeps in; `None` if it is not known.
    pub(crate) fn wait_channel(&mut self, tid: u64) -> Option<String> {
        let file = self.open(tid, "wchan").ok()?;
        let text = std::str::from_utf8(self.contents(&file).ok()?).ok()?;
        (!text.is_empty() && text != "0").then(|| text.to_owned())
    }

    /// Opens the files that [`syscall_state`](Self::syscall_state) and
    /// [`watched_schedstat`](Self::watched_schedstat) read.
    pub(crate) fn watch(&mut self, tid: u64, with_schedstat: bool) -> io::Result<TaskWatch> {
        let schedstat = with_schedstat
            .then(|| self.open(tid, "schedstat"))
            .transpose()?;
        Ok(TaskWatch {
            schedstat,
            syscall: self.open(tid, "syscall")?,
        })
    }

    pub(crate) fn syscall_state(&mut self, watch: &TaskWatch) -> io::Result<SyscallState> {
        self.parsed(&watch.syscall, SyscallState::parse)
    }

    /// The scheduler's counts; `None` if the watch was opened without them.
    pub(crate) fn watched_schedstat(&mut self, watch: &TaskWatch) -> io::Result<Option<Schedstat>> {
        watch
            .schedstat
            .as_ref()
            .map(|file| self.parsed(file, Schedstat::parse))
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
        // SAFETY: the descriptor was just opened and has no other owner.
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
            // The kernel renders the whole text at the first read, so a short read is complete.
            if count == 0 || length < self.buffer.len() {
                return Ok(&self.buffer[..length]);
            }
        }
    }
}

/// Whether an error of a task file means that the thread has exited.
pub(crate) fn is_missing_task(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(libc::ESRCH)
}

/// The IDs of the threads of this process, in ascending order.
pub(crate) fn task_ids() -> io::Result<Vec<u64>> {
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
    fn lists_the_calling_thread_as_running() -> io::Result<()> {
        let tid = admin_runtime::thread_names::current_tid().expect("/proc is mounted");
        assert!(task_ids()?.contains(&tid));
        let mut reader = TaskReader::new()?;
        assert_eq!(reader.stat(tid)?.state, 'R');
        // The file shows it in the system call that reads the file.
        let watch = reader.watch(tid, true)?;
        let state = reader.syscall_state(&watch)?;
        assert!(
            matches!(
                state,
                SyscallState::Blocked {
                    number: Some(libc::SYS_pread64),
                    ..
                }
            ),
            "{state:?}"
        );
        assert!(reader.switch_counts(tid)?.total() < u64::MAX);
        assert_eq!(
            reader.stat(1 << 40).map_err(|error| error.kind()),
            Err(io::ErrorKind::NotFound)
        );
        Ok(())
    }
}
