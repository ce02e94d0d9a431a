//! The attribute as written, before validation.

use proc_macro2::TokenStream;

use crate::args::{Arguments, Key};
use crate::errors::Errors;
use crate::run::{RunInput, inputs};
use crate::signature::Function;

const KEYS: &[Key] = &[
    Key::once("kind", "kind = \"ready\""),
    Key::once("interval", "interval = \"10s\""),
    Key::once("timeout", "timeout = \"1s\""),
    Key::once("name", "name = \"database\""),
    Key::once("crate", "crate = \"path::to::admin_runtime\""),
];

/// An attribute and the arguments of its function.
pub(super) struct WrittenCheck {
    pub(super) settings: Arguments,
    pub(super) inputs: Vec<RunInput>,
}

/// Parses the attribute and removes doc comments from the arguments of the function.
pub(super) fn parse(
    attribute: TokenStream,
    function: &mut Function,
    errors: &mut Errors,
) -> WrittenCheck {
    let settings = Arguments::parse(attribute, KEYS, errors);
    let inputs = inputs(function, "a health check", errors);
    WrittenCheck { settings, inputs }
}
