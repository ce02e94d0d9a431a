//! Which isolation layers a worker saw work.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::sync::lock;

/// The layers that depend on the kernel, and whether a worker saw each of them work.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct IsolationReport {
    pub(crate) seccomp: bool,
    pub(crate) landlock: bool,
    /// User, network, IPC and UTS namespaces.
    pub(crate) namespaces: bool,
    pub(crate) pid_namespace: bool,
    /// A mount namespace whose root is empty.
    pub(crate) mount_namespace: bool,
    /// The kernel ends workers first when memory runs out.
    pub(crate) oom_score_adj: bool,
}

/// What the last worker of this process reported.
static REPORTED: Mutex<Option<IsolationReport>> = Mutex::new(None);

impl IsolationReport {
    /// Stores what a worker reported.
    pub(crate) fn record(self) {
        *lock(&REPORTED) = Some(self);
    }

    /// What workers reported so far; `None` before the first one.
    pub(crate) fn reported() -> Option<Self> {
        *lock(&REPORTED)
    }
}
