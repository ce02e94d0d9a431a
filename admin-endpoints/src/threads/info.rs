//! What the kernel knows about a thread, apart from its stack.

use std::time::Duration;

use serde::{Serialize, Serializer};

/// One thread at the moment of the dump.
///
/// ```
/// use admin_endpoints::threads::{Query, capture};
///
/// let main = u64::from(std::process::id()); // on Linux also the ID of the first thread
/// let report = capture(Query::default().with_thread_id(main))?;
/// let info = &report.threads[0].info;
/// assert_eq!(info.tid, main);
/// assert_eq!(info.periodic, None);
///
/// let json = serde_json::to_value(info)?;
/// assert!(json["cpu_seconds"].is_f64() && json["age_seconds"].is_f64());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ThreadInfo {
    /// The kernel's thread ID.
    pub tid: u64,
    /// The full name if one was registered with [`admin_runtime::thread_names`], otherwise the
    /// kernel's, which is cut at 15 bytes.
    pub name: String,
    /// What the thread is doing.
    pub state: TaskState,
    /// The system call that the thread is in.
    pub syscall: Option<String>,
    /// The kernel function that the thread waits in.
    pub wait_channel: Option<String>,
    /// CPU time used.
    #[serde(rename = "cpu_seconds", serialize_with = "as_seconds")]
    pub cpu: Duration,
    /// Time spent ready to run, waiting for a CPU; `None` if the kernel does not count it.
    #[serde(rename = "cpu_wait_seconds", serialize_with = "as_optional_seconds")]
    pub cpu_wait: Option<Duration>,
    /// Number of context switches.
    pub context_switches: Option<u64>,
    /// Time since the thread started.
    #[serde(rename = "age_seconds", serialize_with = "as_seconds")]
    pub age: Duration,
    /// Set for the thread of the system that runs a periodic thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub periodic: Option<PeriodicInfo>,
}

impl ThreadInfo {
    /// A thread of which nothing is known but its ID and name.
    ///
    /// ```
    /// use admin_endpoints::threads::{ThreadInfo, TaskState};
    ///
    /// assert_eq!(ThreadInfo::new(4711, "heartbeat").state, TaskState::Unknown);
    /// ```
    #[must_use]
    pub fn new(tid: u64, name: impl Into<String>) -> Self {
        Self {
            tid,
            name: name.into(),
            state: TaskState::Unknown,
            syscall: None,
            wait_channel: None,
            cpu: Duration::ZERO,
            cpu_wait: None,
            context_switches: None,
            age: Duration::ZERO,
            periodic: None,
        }
    }
}

/// The periodic thread that a thread of the system runs.
///
/// ```
/// use admin_endpoints::threads::PeriodicInfo;
/// use std::time::Duration;
///
/// let mut periodic = PeriodicInfo::new("critical", "running");
/// periodic.run = Some(Duration::from_millis(1500));
/// let json = serde_json::to_value(&periodic)?;
/// assert_eq!(json["state"], "running");
/// assert_eq!(json["run_seconds"], 1.5);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PeriodicInfo {
    /// The task's level, as in `/periodic-threads`.
    pub level: &'static str,
    /// The task's state, as in `/periodic-threads`.
    pub state: &'static str,
    /// Its function with file and line; `None` for a task that was built at run time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// How long the current run has taken so far; `None` between two runs.
    #[serde(rename = "run_seconds", serialize_with = "as_optional_seconds")]
    pub run: Option<Duration>,
}

impl PeriodicInfo {
    /// A task between two runs, without a known function.
    ///
    /// ```
    /// use admin_endpoints::threads::PeriodicInfo;
    ///
    /// assert_eq!(PeriodicInfo::new("high", "waiting").run, None);
    /// ```
    #[must_use]
    pub fn new(level: &'static str, state: &'static str) -> Self {
        Self {
            level,
            state,
            function: None,
            run: None,
        }
    }
}

/// The state of a thread, from the letter that `ps` shows.
///
/// ```
/// use admin_endpoints::threads::TaskState;
///
/// assert_eq!(TaskState::DiskSleep.as_str(), "disk sleep"); // in the text
/// assert_eq!(serde_json::to_value(TaskState::DiskSleep)?, "disk_sleep"); // in the JSON
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskState {
    /// Running, or waiting for a CPU (`R`).
    Running,
    /// Waiting for an event (`S`, `I`).
    Sleeping,
    /// In an uninterruptible wait, usually for a disk (`D`).
    DiskSleep,
    /// Stopped by a signal or a debugger (`T`, `t`).
    Stopped,
    /// Exiting (`Z`, `X`).
    Exiting,
    /// Any other letter.
    Unknown,
}

impl TaskState {
    /// The name in the text form of a dump.
    #[must_use]
    pub fn as_str(self) -> &'static str {
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

fn as_seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded_seconds(*time))
}

fn as_optional_seconds<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(rounded_seconds).serialize(serializer)
}

/// Seconds, rounded to three decimal places.
fn rounded_seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}
