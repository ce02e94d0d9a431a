//! The messages between the server and the process that runs the script.
//!
//! They are JSON, because its reader rejects more than 128 levels of nesting: a message from a
//! sandbox must not exhaust the stack of the server.

use admin_runtime::script::{ScriptData, ScriptErrorKind, ScriptHandle};
use serde::{Deserialize, Serialize};

use super::isolation_report::IsolationReport;
use super::limits::{ExceededLimit, ScriptLimits};
use super::setup_failure::SetupFailure;

/// The first message to the worker: everything it needs to start.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct StartMessage {
    pub(crate) source: String,
    /// Modules that may be imported; the engine has all of them.
    pub(crate) imports: Vec<String>,
    pub(crate) limits: ScriptLimits,
}

/// Lookups of the worker, and its report at the end.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum WorkerMessage {
    Attribute {
        object: u64,
        name: String,
    },
    Call {
        object: u64,
        method: String,
        args: Vec<SentValue>,
        keyword: Vec<(String, SentValue)>,
    },
    Environ,
    /// The first message, before the worker reads its script.
    Isolated(IsolationReport),
    Done(ScriptReport),
    /// The worker could not isolate itself and reads no script.
    SetupFailed(SetupFailure),
}

/// The answer to one lookup.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum LookupReply {
    Value(SentValue),
    /// A method, named without being called.
    Method,
    /// There is no such attribute or method.
    Undefined,
    Raise {
        exception: ScriptErrorKind,
        message: String,
    },
    /// A limit of the server was exceeded; the script ends.
    Stop(ExceededLimit),
}

/// How the script ended.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ScriptReport {
    pub(crate) printed: String,
    pub(crate) end: ScriptEnd,
}

#[derive(Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum ScriptEnd {
    /// `str(result)`, or `None` if the script sets no `result`.
    Finished(Option<String>),
    /// `str(e)` of an exception that was not caught.
    Raised(String),
    LimitExceeded(ExceededLimit),
    /// The engine itself failed on this input.
    EngineFailed,
}

/// A value in a message.
pub(crate) type SentValue = ScriptData<ObjectRef>;

/// A live object of the server, by its number.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct ObjectRef {
    pub(crate) id: u64,
    pub(crate) class: String,
}

impl ScriptHandle for ObjectRef {
    fn class_name(&self) -> &str {
        &self.class
    }
}
