//! Whether this program can run scripts at all.

use admin_runtime::AdminError;

use super::child::{contains_this_code, is_initialised};

const NOT_INITIALISED_MESSAGE: &str = "Scripts are not enabled in this program: call \
    `admin_endpoints::script::init();` in main";

const SHARED_LIBRARY_MESSAGE: &str = "Scripts cannot run here: the running executable does not contain \
    admin-endpoints, which belongs to a shared library that the executable loaded";

/// What this program lacks to run scripts, if anything.
pub(super) fn missing() -> Option<&'static str> {
    if !contains_this_code() {
        Some(SHARED_LIBRARY_MESSAGE)
    } else if !is_initialised() {
        Some(NOT_INITIALISED_MESSAGE)
    } else {
        None
    }
}

/// # Errors
///
/// 501 with what this program lacks.
pub(super) fn require() -> Result<(), AdminError> {
    missing().map_or(Ok(()), |what| Err(AdminError::not_implemented(what)))
}
