//! The first message of a zygote.

use serde::{Deserialize, Serialize};

use super::setup_failure::SetupFailure;

/// Whether a zygote can fork workers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum StartReport {
    Ready {
        /// The version of CPython; `None` for the embedded engine.
        python: Option<String>,
    },
    Failed(SetupFailure),
    /// The interpreter is CPython of a version that cannot run scripts.
    UnsupportedVersion(String),
    /// The interpreter lacks a module that the sandbox needs.
    MissingModule(String),
}
