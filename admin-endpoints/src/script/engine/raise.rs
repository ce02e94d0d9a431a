//! Exceptions that the host raises in a script.

use monty_types::{ExcType, MontyException, MontyObject};

use crate::script::wire::ExceptionKind;

/// The exception for a module that is not allowed.
pub(super) fn denied_import(args: &[MontyObject]) -> MontyException {
    let module = args.first().map(ToString::to_string).unwrap_or_default();
    let message = format!("Import of '{module}' is not allowed");
    MontyException::new(ExcType::ImportError, Some(message))
}

/// The exception for a call of a live object's class.
pub(super) fn no_constructor() -> MontyException {
    raised(
        ExceptionKind::Type,
        "a script cannot make live objects".to_owned(),
    )
}

pub(super) fn missing_method(function: &str) -> MontyException {
    MontyException::new(
        ExcType::AttributeError,
        Some(format!("no method '{function}'")),
    )
}

pub(super) fn raised(exception: ExceptionKind, message: String) -> MontyException {
    let exception = match exception {
        ExceptionKind::Attribute => ExcType::AttributeError,
        ExceptionKind::Key => ExcType::KeyError,
        ExceptionKind::Os => ExcType::OSError,
        ExceptionKind::Permission => ExcType::PermissionError,
        ExceptionKind::Runtime => ExcType::RuntimeError,
        ExceptionKind::Timeout => ExcType::TimeoutError,
        ExceptionKind::Type => ExcType::TypeError,
        ExceptionKind::Value => ExcType::ValueError,
    };
    MontyException::new(exception, Some(message))
}
