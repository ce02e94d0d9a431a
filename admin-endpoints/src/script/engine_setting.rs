//! Which Python runs scripts.

use std::path::{Path, PathBuf};

/// The Python that runs scripts: `ScriptConfig::default().engine(Engine::cpython("/usr/bin/python3"))`.
///
/// | | embedded (the default) | CPython |
/// |---|---|---|
/// | needs | nothing | an interpreter of version 3.9 to 3.14 on the machine |
/// | language | a part of Python; what it lacks is refused | all of it |
/// | modules that can be allowed | [`ScriptConfig::embedded_modules`](super::ScriptConfig::embedded_modules) | the standard library |
/// | isolation | an interpreter without files, and the layers of the kernel | the layers of the kernel, all of which are required |
/// | a script takes | about 1 ms | about 2 ms, and the process that scripts are forked from has about 16 MB |
///
/// Take CPython where scripts that people have already must run unchanged, and the embedded engine
/// where the machine has no interpreter, or the container does not permit user namespaces.
///
/// ```
/// use admin_endpoints::script::{Engine, ScriptConfig};
///
/// let config = ScriptConfig::default()
///     .engine(Engine::cpython("/usr/bin/python3"))
///     .allow_imports(["json", "statistics"]);
/// # let _ = config;
/// ```
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Engine(EngineKind);

#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
enum EngineKind {
    #[default]
    Embedded,
    CPython(PathBuf),
}

impl Engine {
    /// The interpreter that is part of this library.
    ///
    /// ```
    /// use admin_endpoints::script::Engine;
    ///
    /// assert_eq!(Engine::embedded(), Engine::default());
    /// ```
    #[must_use]
    pub const fn embedded() -> Self {
        Self(EngineKind::Embedded)
    }

    /// The interpreter of this file, CPython 3.9 to 3.14. Symbolic links are followed, so that of a
    /// virtual environment is the interpreter that the environment was made with.
    ///
    /// The file is looked for when a script arrives; `POST /run_script` answers 503 with the reason
    /// if scripts cannot run with it.
    ///
    /// ```
    /// use admin_endpoints::script::Engine;
    ///
    /// assert_ne!(Engine::cpython("/usr/bin/python3"), Engine::embedded());
    /// ```
    #[must_use]
    pub fn cpython(interpreter: impl Into<PathBuf>) -> Self {
        Self(EngineKind::CPython(interpreter.into()))
    }

    /// The file of the interpreter; `None` for the embedded engine.
    pub(super) fn interpreter(&self) -> Option<&Path> {
        match &self.0 {
            EngineKind::Embedded => None,
            EngineKind::CPython(interpreter) => Some(interpreter),
        }
    }
}
