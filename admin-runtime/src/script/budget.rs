//! How deep and how large a value may be.

use super::ScriptError;

/// The deepest nesting of a value; deeper ones cannot be shown to scripts.
///
/// ```
/// use admin_runtime::script::{IntoScriptValue, MAX_DEPTH, Serialized};
///
/// let nested = |levels| (0..levels).fold(serde_json::json!(7), |inner, _| serde_json::json!([inner]));
/// assert!(Serialized(nested(MAX_DEPTH)).into_script_value().is_ok());
/// let error = Serialized(nested(MAX_DEPTH + 1)).into_script_value().unwrap_err();
/// assert_eq!(error.message(), "the value is nested deeper than 40 levels");
/// ```
pub const MAX_DEPTH: usize = 40;

/// The largest number of values inside one value that is shown to a script.
///
/// ```
/// use admin_runtime::script::{IntoScriptValue, MAX_NODES, Serialized};
///
/// assert!(Serialized(vec![0_u8; MAX_NODES]).into_script_value().is_ok());
/// let error = Serialized(vec![0_u8; MAX_NODES + 1]).into_script_value().unwrap_err();
/// assert_eq!(error.message(), "the value has more than 200000 parts");
/// ```
pub const MAX_NODES: usize = 200_000;

/// What is left of both limits while a value is visited.
#[derive(Debug, Default)]
pub(super) struct Budget {
    depth: usize,
    nodes: usize,
}

impl Budget {
    /// Visits a value inside the present one.
    pub(super) fn nested<T, E: From<ScriptError>>(
        &mut self,
        visit: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.depth += 1;
        self.nodes += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("the value is nested deeper than {MAX_DEPTH} levels");
            return Err(ScriptError::value_error(message).into());
        }
        if self.nodes > MAX_NODES {
            let message = format!("the value has more than {MAX_NODES} parts");
            return Err(ScriptError::value_error(message).into());
        }
        let visited = visit(self);
        self.depth -= 1;
        visited
    }
}
