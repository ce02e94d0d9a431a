//! The CPython engine: the program that the interpreter of a zygote runs.

use std::collections::BTreeMap;

use admin_runtime::script::MAX_DEPTH;
use serde::Serialize;

/// Runs first, in any version of Python: it reports an interpreter that cannot run the rest.
const REQUIREMENTS: &str = include_str!("requirements.py");

/// The rest, in the order in which the parts need each other.
const PARTS: [&str; 5] = [
    include_str!("values.py"),
    include_str!("live.py"),
    include_str!("script.py"),
    include_str!("isolation.py"),
    include_str!("zygote.py"),
];

/// The descriptors that the program finds, beside standard output and error, which are the null
/// device. Its own text is standard input.
pub(super) const CONTROL_SOCKET: i32 = 3;
pub(super) const MEMORY_MAP_SIZE: i32 = 4;
pub(super) const RULESET: i32 = 5;

/// The only descriptor of a worker.
pub(super) const STREAM: i32 = 3;

/// What the program is told.
#[derive(Debug, Serialize)]
pub(super) struct BootstrapSettings {
    /// The process of the server.
    pub(super) server: i32,
    /// Modules that are imported before the first script.
    pub(super) modules: Vec<String>,
    /// Numbers of the system calls that Python has no function for.
    pub(super) system_calls: BTreeMap<&'static str, i64>,
    /// The seccomp filter of a worker, in hexadecimal digits.
    pub(super) filter: String,
    /// The same for a worker that is the first process of its PID namespace.
    pub(super) filter_of_first_process: String,
    /// Layers that were applied before the interpreter was started.
    pub(super) landlock: bool,
    pub(super) namespaces: bool,
    pub(super) mount_namespace: bool,
    pub(super) oom_score_adj: bool,
}

/// The text of the program.
///
/// # Errors
///
/// Does not fail: the settings have only types that JSON has.
pub(super) fn program(settings: &BootstrapSettings) -> serde_json::Result<String> {
    // A text in JSON is one in Python too. The rest is a text so that only a version that can
    // run it compiles it.
    let rest = serde_json::to_string(&PARTS.concat())?;
    let settings = serde_json::to_string(&serde_json::to_string(settings)?)?;
    Ok(format!(
        "{REQUIREMENTS}\nMAX_DEPTH = {MAX_DEPTH}\nexec(compile({rest}, 'zygote', 'exec'))\n\
         run_zygote(json.loads({settings}))\n"
    ))
}
