//! Settings of the route.

use std::time::Duration;

use admin_runtime::text::one_line;

use super::engine::MODULES;
use super::engine_setting::Engine;
use super::limits::ScriptLimits;

/// Settings of `POST /run_script`: `builder().config(ScriptConfig::default().allow_import("json"))`.
///
/// By default no module can be imported and nothing can be changed.
///
/// ```standalone_crate
/// use admin_endpoints::script::{ScriptConfig, ScriptLimits, init};
/// use admin_runtime::AdminServer;
/// use std::time::Duration;
///
/// init(); // anywhere in `main`
/// # admin_runtime::link!(admin_endpoints);
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let config = ScriptConfig::default()
///     .allow_import("json")
///     .allow_imports(["math", "socket"]) // `socket` does not exist: skipped with a warning
///     .allow_changes()
///     .keep_warm(Duration::ZERO) // no process between scripts
///     .limits(ScriptLimits::default().with_max_concurrent_scripts(1));
/// let server = AdminServer::builder().config(config).build()?;
///
/// let sandbox: serde_json::Value = server.test_client().get("/run_script/sandbox").await.json();
/// assert_eq!(sandbox["imports"], serde_json::json!(["json", "math"]));
/// assert_eq!(sandbox["modules"], serde_json::json!(ScriptConfig::embedded_modules()));
/// assert_eq!(sandbox["changes"], true);
/// assert_eq!(sandbox["limits"]["concurrent"], 1);
/// # Ok::<(), admin_runtime::BuildError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ScriptConfig {
    pub(super) engine: Engine,
    pub(super) allow_weaker_isolation: bool,
    /// Also those that the engine does not have; see `imports`.
    allowed: Vec<String>,
    pub(super) changes: bool,
    pub(super) limits: ScriptLimits,
    pub(super) keep_warm: Duration,
}

impl Default for ScriptConfig {
    fn default() -> Self {
        Self {
            engine: Engine::embedded(),
            allow_weaker_isolation: false,
            allowed: Vec::new(),
            changes: false,
            limits: ScriptLimits::default(),
            keep_warm: Duration::from_secs(60),
        }
    }
}

impl ScriptConfig {
    /// Which Python runs scripts: the embedded one by default, or that of the machine.
    ///
    /// Call it before [`allow_import`](Self::allow_import), which knows only then what the engine
    /// has.
    ///
    /// ```
    /// use admin_endpoints::script::{Engine, ScriptConfig};
    ///
    /// let config = ScriptConfig::default()
    ///     .engine(Engine::cpython("/usr/bin/python3"))
    ///     .allow_import("statistics"); // the embedded engine does not have it
    /// # let _ = config;
    /// ```
    pub fn engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Runs scripts with [`Engine::cpython`] even where the kernel or the container does not permit
    /// every layer of the isolation. Without it `POST /run_script` answers 503 there, with the names
    /// of the layers that are missing.
    ///
    /// The embedded engine, whose interpreter has no files, does not require these layers.
    ///
    /// ```
    /// use admin_endpoints::script::{Engine, ScriptConfig};
    ///
    /// let config = ScriptConfig::default()
    ///     .engine(Engine::cpython("/usr/bin/python3"))
    ///     .allow_weaker_isolation();
    /// # let _ = config;
    /// ```
    pub fn allow_weaker_isolation(mut self) -> Self {
        self.allow_weaker_isolation = true;
        self
    }

    /// Lets scripts import a module.
    ///
    /// With the embedded engine, a module that it does not have is skipped with a warning in the
    /// log, so that a list for another server can be reused; [`embedded_modules`](Self::embedded_modules) lists the
    /// names. CPython imports the modules before the first script; one that it cannot import
    /// (`No module named`) is missing in scripts too. A submodule that its package does not import
    /// by itself needs a line of its own: `allow_import("xml.etree.ElementTree")`. `ctypes` cannot be
    /// allowed: the sandbox removes it before the first script, and it is skipped with a warning.
    pub fn allow_import(mut self, module: impl Into<String>) -> Self {
        let module = module.into();
        if self.engine.interpreter().is_some() && is_removed_from_cpython(&module) {
            tracing::warn!(
                target: "admin_endpoints::script",
                module = one_line(&module),
                "cannot allow scripts to import a module that the sandbox removes from the interpreter"
            );
        }
        if self.engine.interpreter().is_none() && !MODULES.contains(&module.as_str()) {
            tracing::warn!(
                target: "admin_endpoints::script",
                module = one_line(&module),
                "cannot allow scripts to import a module that the sandbox does not have; it has: {}",
                MODULES.join(", ")
            );
        }
        if !self.allowed.contains(&module) {
            self.allowed.push(module);
        }
        self
    }

    /// Lets scripts import several modules, as [`allow_import`](Self::allow_import) does.
    pub fn allow_imports<M: Into<String>>(self, modules: impl IntoIterator<Item = M>) -> Self {
        modules.into_iter().fold(self, Self::allow_import)
    }

    /// Lets scripts call methods that are marked as changing the process. By default they cannot.
    pub fn allow_changes(mut self) -> Self {
        self.changes = true;
        self
    }

    /// Replaces the limits.
    pub fn limits(mut self, limits: ScriptLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How long the process that scripts are forked from runs after the last script, and with it one
    /// that waits for the next script. Until they end, scripts start faster. The default is one
    /// minute; zero ends them at once.
    pub fn keep_warm(mut self, duration: Duration) -> Self {
        self.keep_warm = duration;
        self
    }

    /// The modules that scripts can import.
    pub(super) fn imports(&self) -> Vec<String> {
        let is_there = |module: &&String| match self.engine.interpreter() {
            Some(_) => !is_removed_from_cpython(module),
            None => MODULES.contains(&module.as_str()),
        };
        self.allowed.iter().filter(is_there).cloned().collect()
    }

    /// The modules that can be allowed with the embedded engine.
    #[must_use]
    pub fn embedded_modules() -> &'static [&'static str] {
        &MODULES
    }
}

/// Whether the zygote removes a module, which its own isolation needs and scripts must not find.
fn is_removed_from_cpython(module: &str) -> bool {
    let package = module.split('.').next().unwrap_or(module);
    matches!(package, "ctypes" | "_ctypes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_modules_are_skipped() {
        let config = ScriptConfig::default().allow_imports(["json", "numpy", "json", "math"]);
        assert_eq!(config.imports(), ["json", "math"]);
        let config = config.engine(Engine::cpython("/usr/bin/python3"));
        assert_eq!(config.imports(), ["json", "numpy", "math"]);
    }

    #[test]
    fn modules_that_the_sandbox_removes_are_skipped() {
        let config = ScriptConfig::default()
            .engine(Engine::cpython("/usr/bin/python3"))
            .allow_imports(["ctypes", "_ctypes", "ctypes.util", "json", "ctypeslib"]);
        assert_eq!(config.imports(), ["json", "ctypeslib"]);
    }
}
