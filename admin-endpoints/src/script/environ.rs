//! `os.environ` of scripts: the variables of `GET /env`, with the same masking.

use admin_runtime::describe::ArgumentDescriptor;
use admin_runtime::script::ScriptValue;
use admin_runtime::{AdminError, Extractor, RequestContext};

/// Reads and masks the environment when a script asks for it.
#[derive(Clone, Debug)]
pub(super) struct MaskedEnviron {
    #[cfg(feature = "env")]
    config: std::sync::Arc<crate::env::EnvConfig>,
}

impl MaskedEnviron {
    #[cfg(feature = "env")]
    pub(super) fn shown(&self) -> ScriptValue {
        use crate::env::EnvReport;
        use admin_runtime::script::{IntoScriptValue, Serialized};
        let report = EnvReport::from_process(&self.config);
        Serialized(report).into_script_value().unwrap_or_default()
    }

    /// Empty: the masking rules belong to the feature `env`.
    #[cfg(not(feature = "env"))]
    pub(super) fn shown(&self) -> ScriptValue {
        ScriptValue::Dict(Vec::new())
    }
}

impl Extractor for MaskedEnviron {
    #[cfg(feature = "env")]
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(Self {
            config: request.config().unwrap_or_default(),
        })
    }

    #[cfg(not(feature = "env"))]
    fn extract(_: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(Self {})
    }
}
