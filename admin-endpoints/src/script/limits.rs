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
/// let limits = ScriptLimits::default().with_max_result_bytes(16);
/// assert_eq!(limits.max_memory_bytes, 64 * 1024 * 1024);
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
///     .with_max_source_bytes(limits.max_source_bytes)
///     .with_max_wall_time(limits.max_wall_time)
///     .with_max_cpu_time(limits.max_cpu_time)
///     .with_max_memory_bytes(limits.max_memory_bytes)
///     .with_max_recursion_depth(limits.max_recursion_depth)
///     .with_max_result_bytes(limits.max_result_bytes)
///     .with_max_output_bytes(limits.max_output_bytes)
///     .with_max_lookups(limits.max_lookups)
///     .with_max_concurrent_scripts(limits.max_concurrent_scripts);
/// assert_eq!(limits, same);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScriptLimits {
    /// Size of the uploaded source in bytes.
    pub max_source_bytes: usize,
    /// Time from the start of the script to the answer.
    pub max_wall_time: Duration,
    /// CPU time of the script. The kernel enforces it in whole seconds, rounded up; the
    /// interpreter enforces it exactly.
    pub max_cpu_time: Duration,
    /// Memory that the sandbox may map beyond what the executable itself takes, in bytes. CPython
    /// compiles a script of short lines in up to 300 bytes of memory for each byte of the source.
    pub max_memory_bytes: usize,
    /// Depth of nested calls.
    pub max_recursion_depth: usize,
    /// Size of the answer in bytes.
    pub max_result_bytes: usize,
    /// Size of everything printed, in bytes.
    pub max_output_bytes: usize,
    /// Attributes read and methods called on live objects.
    pub max_lookups: usize,
    /// Scripts that run at once; one more waits a second for its turn, then it is answered 429.
    pub max_concurrent_scripts: usize,
}

impl Default for ScriptLimits {
    fn default() -> Self {
        Self {
            max_source_bytes: 256 * 1024,
            max_wall_time: Duration::from_secs(5),
            max_cpu_time: Duration::from_secs(2),
            max_memory_bytes: 64 * 1024 * 1024,
            max_recursion_depth: 500,
            max_result_bytes: 1024 * 1024,
            max_output_bytes: 1024 * 1024,
            max_lookups: 10_000,
            max_concurrent_scripts: 2,
        }
    }
}

impl ScriptLimits {
    /// Sets [`max_source_bytes`](Self::max_source_bytes).
    #[must_use]
    pub const fn with_max_source_bytes(self, max_source_bytes: usize) -> Self {
        Self {
            max_source_bytes,
            ..self
        }
    }

    /// Sets [`max_wall_time`](Self::max_wall_time).
    #[must_use]
    pub const fn with_max_wall_time(self, max_wall_time: Duration) -> Self {
        Self {
            max_wall_time,
            ..self
        }
    }

    /// Sets [`max_cpu_time`](Self::max_cpu_time).
    #[must_use]
    pub const fn with_max_cpu_time(self, max_cpu_time: Duration) -> Self {
        Self {
            max_cpu_time,
            ..self
        }
    }

    /// Sets [`max_memory_bytes`](Self::max_memory_bytes).
    #[must_use]
    pub const fn with_max_memory_bytes(self, max_memory_bytes: usize) -> Self {
        Self {
            max_memory_bytes,
            ..self
        }
    }

    /// Sets [`max_recursion_depth`](Self::max_recursion_depth).
    #[must_use]
    pub const fn with_max_recursion_depth(self, max_recursion_depth: usize) -> Self {
        Self {
            max_recursion_depth,
            ..self
        }
    }

    /// Sets [`max_result_bytes`](Self::max_result_bytes).
    #[must_use]
    pub const fn with_max_result_bytes(self, max_result_bytes: usize) -> Self {
        Self {
            max_result_bytes,
            ..self
        }
    }

    /// Sets [`max_output_bytes`](Self::max_output_bytes).
    #[must_use]
    pub const fn with_max_output_bytes(self, max_output_bytes: usize) -> Self {
        Self {
            max_output_bytes,
            ..self
        }
    }

    /// Sets [`max_lookups`](Self::max_lookups).
    #[must_use]
    pub const fn with_max_lookups(self, max_lookups: usize) -> Self {
        Self {
            max_lookups,
            ..self
        }
    }

    /// Sets [`max_concurrent_scripts`](Self::max_concurrent_scripts).
    #[must_use]
    pub const fn with_max_concurrent_scripts(self, max_concurrent_scripts: usize) -> Self {
        Self {
            max_concurrent_scripts,
            ..self
        }
    }
}

/// Steps back that the embedded engine allows for one match of a regular expression.
const MAX_MATCH_STEPS: usize = 1_000_000;

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
    Lookups,
    /// Of one match of a regular expression, in the embedded engine.
    MatchSteps,
}

impl ExceededLimit {
    /// The message, naming the limit and its value.
    pub(crate) fn message(self, limits: &ScriptLimits) -> String {
        match self {
            Self::Source => exceeded_message("source", Bytes(limits.max_source_bytes)),
            Self::Wall => exceeded_message(
                "time",
                format_args!("{} s", limits.max_wall_time.as_secs_f64()),
            ),
            Self::Cpu => exceeded_message(
                "CPU time",
                format_args!("{} s", limits.max_cpu_time.as_secs_f64()),
            ),
            Self::Memory => exceeded_message("memory", Bytes(limits.max_memory_bytes)),
            Self::Stack => exceeded_message("nesting", "the sandbox's stack"),
            Self::Result => exceeded_message("result", Bytes(limits.max_result_bytes)),
            Self::Output => exceeded_message("printed output", Bytes(limits.max_output_bytes)),
            Self::Lookups => {
                exceeded_message("lookup", format_args!("{} lookups", limits.max_lookups))
            }
            Self::MatchSteps => exceeded_message(
                "regular expression",
                format_args!("{MAX_MATCH_STEPS} steps of backtracking"),
            ),
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
                ExceededLimit::Lookups,
                "lookup limit of 10000 lookups exceeded",
            ),
            (
                ExceededLimit::MatchSteps,
                "regular expression limit of 1000000 steps of backtracking exceeded",
            ),
        ];
        for (exceeded, message) in cases {
            assert_eq!(exceeded.message(&limits), message);
        }
    }
}
