//! `app`: what a script starts from.

use std::sync::Arc;

use admin_runtime::describe::ArgumentDescriptor;
use admin_runtime::introspect::Registry;
use admin_runtime::script::{
    IntoScriptValue, ScriptError, ScriptObject, ScriptObjects, ScriptValue, Serialized,
};
use admin_runtime::{AdminError, Extractor, RequestContext};

/// The object named `app`: `app.state` holds the registered objects, `app.endpoints` the routes.
pub(super) struct App {
    state: Arc<AppState>,
    registry: Registry,
}

impl App {
    /// The registered objects of the server.
    pub(super) fn objects(&self) -> &ScriptObjects {
        &self.state.0
    }
}

impl Extractor for App {
    fn extract(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        Ok(Self {
            state: Arc::new(AppState(ScriptObjects::extract(request, argument)?)),
            registry: Registry::extract(request, argument)?,
        })
    }
}

impl ScriptObject for App {
    fn class_name(&self) -> &str {
        "App"
    }

    fn attribute(&self, name: &str) -> Option<Result<ScriptValue, ScriptError>> {
        match name {
            "state" => Some(Ok(ScriptValue::Object(self.state.clone()))),
            "endpoints" => Some(Serialized(self.registry.index().endpoints).into_script_value()),
            _ => None,
        }
    }
}

/// The object named `app.state`.
struct AppState(ScriptObjects);

impl ScriptObject for AppState {
    fn class_name(&self) -> &str {
        "State"
    }

    fn attribute(&self, name: &str) -> Option<Result<ScriptValue, ScriptError>> {
        self.0.get(name)
    }
}
