//! What a caught panic said.

use std::any::Any;

/// What a panic said, for the log.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a payload that is not text");
    format!("panicked: {text}")
}
