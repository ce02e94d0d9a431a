//! What a zygote is started as.

use super::config::ScriptConfig;
use super::engine_setting::Engine;

/// The program of a zygote. Servers with the same program share one zygote.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct ZygoteProgram {
    pub(super) engine: Engine,
    /// Modules that CPython imports before the first script.
    pub(super) modules: Vec<String>,
}

impl ZygoteProgram {
    pub(super) fn new(config: &ScriptConfig) -> Self {
        let engine = config.engine.clone();
        let modules = match engine.interpreter() {
            Some(_) => config.imports(),
            None => Vec::new(),
        };
        Self { engine, modules }
    }
}
