//! What the kernel knows about a thread, apart from its stack.

use serde::Serialize;
use std::time::Duration;

/// One thread, at the moment it was looked at.
///
/// ```
/// use admin_endpoints::threads::{Query, capture};
///
/// let main = u64::from(std::process::id()); // on Linux the id of the first thread too
/// let report = capture(Query { thread_id: Some(main), ..Query::default() })?;
/// let facts = &report.threads[0].facts;
/// assert_eq!(facts.tid, main);
/// assert_eq!(facts.periodic, None);
///
/// let json = serde_json::to_value(facts)?;
/// assert!(json["cpu_seconds"].is_f64() && json["age_seconds"].is_f64());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facts {
    /// The kernel's thread id.
    pub tid: u64,
    /// The full name where one was registered, otherwise the kernel's, cut at 15 bytes.
    pub name: String,
    /// What the thread is doing.
    pub state: State,
    /// The system call it is in.
    pub syscall: Option<String>,
    /// The kernel function it waits in.
    pub wait_channel: Option<String>,
    /// Time on a CPU.
    #[serde(rename = "cpu_seconds", serialize_with = "as_seconds")]
    pub cpu: Duration,
    /// Time spent ready to run, waiting for a CPU; `None` where the kernel does not count it.
    #[serde(rename = "cpu_wait_seconds", serialize_with = "as_maybe_seconds")]
    pub cpu_wait: Option<Duration>,
    /// How often it was given a CPU.
    pub context_switches: Option<u64>,
    /// Time since it began.
    #[serde(rename = "age_seconds", serialize_with = "as_seconds")]
    pub age: Duration,
    /// For the thread of a periodic task, what it is in the middle of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub periodic: Option<Periodic>,
}

/// The periodic task that a thread runs.
///
/// ```
/// use admin_endpoints::threads::Periodic;
/// use std::time::Duration;
///
/// let periodic = Periodic {
///     level: "critical",
///     state: "running",
///     function: Some("cache::heartbeat at src/periodic.rs:12".into()),
///     run: Some(Duration::from_millis(1500)),
/// };
/// let json = serde_json::to_value(&periodic)?;
/// assert_eq!(json["state"], "running");
/// assert_eq!(json["run_seconds"], 1.5);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Periodic {
    /// The task's level, as `/periodic-threads` shows it.
    pub level: &'static str,
    /// The task's state or what is wrong with it, as `/periodic-threads` shows it.
    pub state: &'static str,
    /// Its function, with the file and the line where it is written; `None` for a task that was
    /// built at run time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// How long the run it is in has taken so far; `None` between two runs.
    #[serde(rename = "run_seconds", serialize_with = "as_maybe_seconds")]
    pub run: Option<Duration>,
}

/// The state of a thread, from the letter that `ps` shows.
///
/// ```
/// use admin_endpoints::threads::State;
///
/// assert_eq!(State::DiskSleep.words(), "disk sleep"); // in the text
/// assert_eq!(serde_json::to_value(State::DiskSleep)?, "disk_sleep"); // in the JSON
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// Running, or waiting for a CPU (`R`).
    Running,
    /// Waiting for an event (`S`, `I`).
    Sleeping,
    /// Waiting in the kernel and not to be interrupted, usually for a disk (`D`).
    DiskSleep,
    /// Stopped by a signal or a debugger (`T`, `t`).
    Stopped,
    /// On its way out (`Z`, `X`).
    Exiting,
    /// A letter that is not known here.
    Unknown,
}

impl State {
    /// The words that stand in the text.
    pub fn words(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Sleeping => "sleeping",
            Self::DiskSleep => "disk sleep",
            Self::Stopped => "stopped",
            Self::Exiting => "exiting",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn from_letter(letter: char) -> Self {
        match letter {
            'R' => Self::Running,
            'S' | 'I' | 'P' => Self::Sleeping,
            'D' => Self::DiskSleep,
            'T' | 't' => Self::Stopped,
            'Z' | 'X' | 'x' => Self::Exiting,
            _ => Self::Unknown,
        }
    }
}

fn as_seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded(*time))
}

fn as_maybe_seconds<S: serde::Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(rounded).serialize(serializer)
}

/// Seconds to three places.
fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}
