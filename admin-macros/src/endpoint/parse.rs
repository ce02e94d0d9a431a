//! The attribute as written, before validation.

use proc_macro2::TokenStream;
use syn::FnArg;

use super::input::EndpointInput;
use crate::args::{Arguments, Key};
use crate::errors::Errors;
use crate::signature::Function;

const KEYS: &[Key] = &[
    Key::once("path", "path = \"/stats\""),
    Key::once("method", "method = \"POST\""),
    Key::once("effect", "effect = \"write\""),
    Key::repeatable(
        "effect_if",
        "effect_if(query = \"level\", effect = \"write\")",
    ),
    Key::once("timeout", "timeout = \"5s\""),
    Key::once("runtime", "runtime = \"admin\""),
    Key::once("errors", "errors = \"json\""),
    Key::once("produces", "produces = \"text/csv\""),
    Key::once("deny_unknown", "deny_unknown = true"),
    Key::once("sensitive", "sensitive = true"),
    Key::once("status", "status = \"function\""),
    Key::once("resource", "resource = \"function\""),
    Key::once("crate", "crate = \"path::to::admin_runtime\""),
];

/// An attribute and the arguments of its function.
pub(super) struct WrittenEndpoint {
    pub(super) settings: Arguments,
    pub(super) inputs: Vec<EndpointInput>,
}

/// Parses the attribute and removes doc comments and `#[param]` from the arguments of the function.
pub(super) fn parse(
    attribute: TokenStream,
    function: &mut Function,
    errors: &mut Errors,
) -> WrittenEndpoint {
    let settings = Arguments::parse(attribute, KEYS, errors);
    let mut inputs = Vec::new();
    for input in &mut function.signature.inputs {
        if let FnArg::Typed(argument) = input {
            inputs.push(EndpointInput::take(argument, errors));
        }
    }
    WrittenEndpoint { settings, inputs }
}
