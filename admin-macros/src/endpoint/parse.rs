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
    Key::once("trailing_slash", "trailing_slash = true"),
    Key::once("status", "status = \"function\""),
    Key::once("resource", "resource = \"function\""),
    Key::once("crate", "crate = \"path::to::admin_runtime\""),
    // What the attributes of web frameworks are called.
    Key::mistake("get", "path", "method = \"GET\", path = \"/stats\""),
    Key::mistake("head", "path", "method = \"HEAD\", path = \"/stats\""),
    Key::mistake("post", "path", "method = \"POST\", path = \"/stats\""),
    Key::mistake("put", "path", "method = \"PUT\", path = \"/stats\""),
    Key::mistake("patch", "path", "method = \"PATCH\", path = \"/stats\""),
    Key::mistake("delete", "path", "method = \"DELETE\", path = \"/stats\""),
    Key::mistake("options", "path", "method = \"OPTIONS\", path = \"/stats\""),
    Key::mistake("route", "path", "path = \"/stats\""),
    Key::mistake("uri", "path", "path = \"/stats\""),
    Key::mistake("url", "path", "path = \"/stats\""),
    Key::mistake("content_type", "produces", "produces = \"text/csv\""),
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
