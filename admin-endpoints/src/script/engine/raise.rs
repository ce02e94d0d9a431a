//! Exceptions that the host raises in a script.

use monty_types::{ExcType, MontyException, MontyObject};

use crate::script::wire::Exception;

/// Allowed modules are imported by statements, which the engine runs itself.
pub(super) fn denied_import(args: &[MontyObject]) -> MontyException {
    let module = args.first().map(ToString::to_string).unwrap_or_default();
    let message = format!("Import of '{module}' is not allowed");
    MontyException::new(ExcType::ImportError, Some(message))
}

/// The class of a live object, called.
pub(super) fn no_constructor() -> MontyException {
    raised(
        Exception::Type,
        "a script cannot make live objects".to_owned(),
    )
}

pub(super) fn missing_method(function: &str) -> MontyException {
    MontyException::new(
        ExcType::AttributeError,
        Some(format!("no method '{function}'")),
    )
}

pub(super) fn raised(exception: Exception, message: String) -> MontyException {
    let exception = match exception {
        Exception::Attribute => ExcType::AttributeError,
        Exception::Key => ExcType::KeyError,
        Exception::Os => ExcType::OSError,
        Exception::Permission => ExcType::PermissionError,
        Exception::Runtime => ExcType::RuntimeError,
        Exception::Timeout => ExcType::TimeoutError,
        Exception::Type => ExcType::TypeError,
        Exception::Value => ExcType::ValueError,
    };
    MontyException::new(exception, Some(message))
}
