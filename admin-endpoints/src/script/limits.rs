//! Limits of one script, and the messages for exceeding them.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Limits of one script. The message for each limit names it.
///
/// ```standalone_crate
/// use admin_endpoints::script::{ScriptConfig, ScriptLimits, init};
/// use admin_runtime::AdminServer;
///
/// init(); // anywhere in `main`
/// # admin_runtime::link!(admin_endpoints);
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let limits = ScriptLimits::default().with_result_bytes(16);
/// assert_eq!(limits.memory_bytes, 64 * 1024 * 1024);
/// let server = AdminServer::builder().config(ScriptConfig::default().limits(limits)).build()?;
///
/// let form = "--b\r\nContent-Disposition: form-data; name=\"script\"; filename=\"s.py\"\r\n\r\n\
///             result = 'x' * 17\r\n--b--\r\n";
/// let request = server.test_client().post("/run_script").body(form);
/// let reply = request.header("content-type", "multipart/form-data; boundary=b").await;
/// assert!(reply.text().contains("result limit of 16 bytes exceeded"), "{}", reply.text());
/// # Ok::<(), admin_runtime::BuildError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Every field has a method `with_*`:
///
/// ```
/// use admin_endpoints::script::ScriptLimits;
///
/// let limits = ScriptLimits::default();
/// let same = limits
///     .clone()
///     .with_source_bytes(limits.source_bytes)
///     .with_wall(limits.wall)
///     .with_cpu(limits.cpu)
///     .with_memory_bytes(limits.memory_bytes)
///     .with_recursion(limits.recursion)
///     .with_result_bytes(limits.result_bytes)
///     .with_output_bytes(limits.output_bytes)
///     .with_look_ups(limits.look_ups)
///     .with_concurrent(limits.concurrent);
/// assert_eq!(limits, same);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScriptLimits {
    /// Size of the uploaded source in bytes.
    pub source_bytes: usize,
    /// Time from the start of the script to the answer.
    pub wall: Duration,
    /// CPU time of the script. The kernel enforces it in whole seconds, rounded up; the
    /// interpreter enforces it exactly.
    pub cpu: Duration,
    /// Memory that the sandbox may map beyond what the executable itself takes, in bytes.
    pub memory_bytes: usize,
    /// Depth of nested calls.
    pub recursion: usize,
    /// Size of the answer in bytes.
    pub result_bytes: usize,
    /// Size of everything printed, in bytes.
    pub output_bytes: usize,
    /// Attributes read and methods called on live objects.
    pub look_ups: usize,
    /// Scripts that run at once; one more waits a second for its turn, then it is answered 429.
    pub concurrent: usize,
}

impl Default for ScriptLimits {
    fn default() -> Self {
        Self {
            source_bytes: 256 * 1024,
            wall: Duration::from_secs(5),
            cpu: Duration::from_secs(2),
            memory_bytes: 64 * 1024 * 1024,
            recursion: 500,
            result_bytes: 1024 * 1024,
            output_bytes: 1024 * 1024,
            look_ups: 10_000,
            concurrent: 2,
        }
    }
}

impl ScriptLimits {
    /// The same with another [`source_bytes`](Self::source_bytes).
    #[must_use]
    pub const fn with_source_bytes(self, source_bytes: usize) -> Self {
        Self {
            source_bytes,
            ..self
        }
    }

    /// The same with another [`wall`](Self::wall).
    #[must_use]
    pub const fn with_wall(self, wall: Duration) -> Self {
        Self { wall, ..self }
    }

    /// The same with another [`cpu`](Self::cpu).
    #[must_use]
    pub const fn with_cpu(self, cpu: Duration) -> Self {
        Self { cpu, ..self }
    }

    /// The same with another [`memory_bytes`](Self::memory_bytes).
    #[must_use]
    pub const fn with_memory_bytes(self, memory_bytes: usize) -> Self {
        Self {
            memory_bytes,
            ..self
        }
    }

    /// The same with another [`recursion`](Self::recursion).
    #[must_use]
    pub const fn with_recursion(self, recursion: usize) -> Self {
        Self { recursion, ..self }
    }

    /// The same with another [`result_bytes`](Self::result_bytes).
    #[must_use]
    pub const fn with_result_bytes(self, result_bytes: usize) -> Self {
        Self {
            result_bytes,
            ..self
        }
    }

    /// The same with another [`output_bytes`](Self::output_bytes).
    #[must_use]
    pub const fn with_output_bytes(self, output_bytes: usize) -> Self {
        Self {
            output_bytes,
            ..self
        }
    }

    /// The same with another [`look_ups`](Self::look_ups).
    #[must_use]
    pub const fn with_look_ups(self, look_ups: usize) -> Self {
        Self { look_ups, ..self }
    }

    /// The same with another [`concurrent`](Self::concurrent).
    #[must_use]
    pub const fn with_concurrent(self, concurrent: usize) -> Self {
        Self { concurrent, ..self }
    }
}

/// The limit that ended a script.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum ExceededLimit {
    Source,
    Wall,
    Cpu,
    Memory,
    Stack,
    Result,
    Output,
    LookUps,
}

impl ExceededLimit {
    /// The message, naming the limit and its value.
    pub(crate) fn message(self, limits: &ScriptLimits) -> String {
        match self {
            Self::Source => exceeded_message("source", Bytes(limits.source_bytes)),
            Self::Wall => exceeded_message("time", format_args!("{} s", limits.wall.as_secs_f64())),
            Self::Cpu => {
                exceeded_message("CPU time", format_args!("{} s", limits.cpu.as_secs_f64()))
            }
            Self::Memory => exceeded_message("memory", Bytes(limits.memory_bytes)),
            Self::Stack => exceeded_message("nesting", "the sandbox's stack"),
            Self::Result => exceeded_message("result", Bytes(limits.result_bytes)),
            Self::Output => exceeded_message("printed output", Bytes(limits.output_bytes)),
            Self::LookUps => {
                exceeded_message("look-up", format_args!("{} look-ups", limits.look_ups))
            }
        }
    }
}

fn exceeded_message(name: &str, limit: impl fmt::Display) -> String {
    format!("{name} limit of {limit} exceeded")
}

/// A size in the largest unit that divides it.
pub(crate) struct Bytes(pub(crate) usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n > 0 && n % (1 << 20) == 0 => write!(f, "{} MiB", n >> 20),
            n if n > 0 && n % (1 << 10) == 0 => write!(f, "{} KiB", n >> 10),
            n => write!(f, "{n} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_names_limit_and_value() {
        let limits = ScriptLimits::default();
        let cases = [
            (ExceededLimit::Source, "source limit of 256 KiB exceeded"),
            (ExceededLimit::Wall, "time limit of 5 s exceeded"),
            (ExceededLimit::Cpu, "CPU time limit of 2 s exceeded"),
            (ExceededLimit::Memory, "memory limit of 64 MiB exceeded"),
            (
                ExceededLimit::Stack,
                "nesting limit of the sandbox's stack exceeded",
            ),
            (ExceededLimit::Result, "result limit of 1 MiB exceeded"),
            (
                ExceededLimit::Output,
                "printed output limit of 1 MiB exceeded",
            ),
            (
                ExceededLimit::LookUps,
                "look-up limit of 10000 look-ups exceeded",
            ),
        ];
        for (exceeded, message) in cases {
            assert_eq!(exceeded.message(&limits), message);
        }
    }
}
