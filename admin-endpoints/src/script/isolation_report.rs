//! Which isolation layers a worker saw work.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::engine_setting::Engine;
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

/// What the last worker of each engine reported.
static ISOLATION_REPORTS: Mutex<BTreeMap<Engine, IsolationReport>> = Mutex::new(BTreeMap::new());

impl IsolationReport {
    /// Stores what a worker reported.
    pub(super) fn record(self, engine: &Engine) {
        lock(&ISOLATION_REPORTS).insert(engine.clone(), self);
    }

    /// What workers of an engine reported so far; `None` before the first one.
    pub(super) fn reported(engine: &Engine) -> Option<Self> {
        lock(&ISOLATION_REPORTS).get(engine).copied()
    }

    /// The layers that contain an interpreter with the whole language, and do not work.
    pub(super) fn missing_layers(self) -> Vec<&'static str> {
        let layers = [
            ("seccomp", self.seccomp),
            ("landlock", self.landlock),
            ("namespaces", self.namespaces),
            ("pid_namespace", self.pid_namespace),
            ("mount_namespace", self.mount_namespace),
        ];
        let missing = layers.into_iter().filter(|(_, works)| !works);
        missing.map(|(name, _)| name).collect()
    }
}
