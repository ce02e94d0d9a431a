//! Why there is no dump.

use std::fmt;
use std::io;
use std::sync::Arc;

/// How many requests may wait for a dump.
pub(super) const MAX_WAITING_REQUESTS: usize = 64;

/// Why a dump could not be taken.
///
/// ```
/// use admin_endpoints::threads::CaptureError;
///
/// assert_eq!(
///     CaptureError::QueueFull.to_string(),
///     "64 requests for a thread dump are waiting; try again"
/// );
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CaptureError {
    /// Too many requests are waiting.
    QueueFull,
    /// The thread that takes dumps could not be started.
    ThreadNotStarted(Arc<io::Error>),
    /// The kernel refused the memory for copies of stacks.
    NoMemory(Arc<io::Error>),
    /// The files in `/proc/self` could not be opened or read.
    TaskFiles(Arc<io::Error>),
    /// A defect in this crate, or in one that it uses; the log has the panic.
    Internal,
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueFull => write!(
                f,
                "{MAX_WAITING_REQUESTS} requests for a thread dump are waiting; try again"
            ),
            Self::ThreadNotStarted(error) => {
                write!(
                    f,
                    "the thread that takes dumps could not be started: {error}"
                )?;
                if error.kind() == io::ErrorKind::WouldBlock {
                    f.write_str("; the process has reached a limit of threads or of memory")?;
                }
                Ok(())
            }
            Self::NoMemory(error) => write!(
                f,
                "the kernel gives the process no memory for copies of stacks: {error}"
            ),
            Self::TaskFiles(error) => match error.raw_os_error() {
                Some(EMFILE) => f.write_str(
                    "the process has no free file descriptor to read /proc/self/task with; close \
                     some or raise its limit (ulimit -n)",
                ),
                Some(ENFILE) => f.write_str(
                    "the system has no free file descriptor to read /proc/self/task with \
                     (fs.file-max)",
                ),
                Some(ENOENT) => {
                    f.write_str("/proc/self/task is missing: thread dumps need a mounted /proc")
                }
                _ => write!(f, "the files in /proc/self could not be read: {error}"),
            },
            Self::Internal => f.write_str("the thread dump failed"),
        }
    }
}

// The same numbers on every Unix; `libc` is a dependency on Linux only.
const ENOENT: i32 = 2;
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;

impl std::error::Error for CaptureError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::ThreadNotStarted(error) | Self::NoMemory(error) | Self::TaskFiles(error) => {
                Some(&**error)
            }
            Self::QueueFull | Self::Internal => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_own_text() {
        let texts = [ENOENT, ENFILE, EMFILE, 13, 11]
            .map(|code| Arc::new(io::Error::from_raw_os_error(code)))
            .map(|error| {
                [
                    CaptureError::TaskFiles(Arc::clone(&error)).to_string(),
                    CaptureError::NoMemory(Arc::clone(&error)).to_string(),
                    CaptureError::ThreadNotStarted(error).to_string(),
                ]
            });
        let texts = texts.as_flattened();
        for (index, text) in texts.iter().enumerate() {
            assert!(!texts[..index].contains(text), "{text}");
        }
        assert!(texts[0].contains("mounted /proc"), "{}", texts[0]);
        assert!(texts[6].contains("ulimit -n"), "{}", texts[6]);
        assert!(texts[14].contains("limit of threads"), "{}", texts[14]);
    }
}
