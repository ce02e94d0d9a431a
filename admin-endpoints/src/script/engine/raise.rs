//! Exceptions that the host raises in a script.

use admin_runtime::script::ScriptErrorKind;
use monty_types::{ExcType, MontyException, MontyObject};

/// The exception for a module that is not allowed.
pub(super) fn denied_import(args: &[MontyObject]) -> MontyException {
    let module = args.first().map(ToString::to_string).unwrap_or_default();
    let message = format!("Import of '{module}' is not allowed");
    MontyException::new(ExcType::ImportError, Some(message))
}

/// The exception for a call of a live object's class.
pub(super) fn no_constructor() -> MontyException {
    raised(
        ScriptErrorKind::Type,
        "a script cannot make live objects".to_owned(),
    )
}

pub(super) fn missing_method(function: &str) -> MontyException {
    MontyException::new(
        ExcType::AttributeError,
        Some(format!("no method '{function}'")),
    )
}

pub(super) fn raised(exception: ScriptErrorKind, message: String) -> MontyException {
    let exception = match exception {
        ScriptErrorKind::Attribute => ExcType::AttributeError,
        ScriptErrorKind::Key => ExcType::KeyError,
        ScriptErrorKind::Os => ExcType::OSError,
        ScriptErrorKind::Permission => ExcType::PermissionError,
        ScriptErrorKind::Timeout => ExcType::TimeoutError,
        ScriptErrorKind::Type => ExcType::TypeError,
        ScriptErrorKind::Value => ExcType::ValueError,
        _ => ExcType::RuntimeError,
    };
    MontyException::new(exception, Some(message))
}
