//! What was written, before anything is judged.

use proc_macro2::TokenStream;
use syn::FnArg;

use super::input::Input;
use crate::args::{Arguments, Key};
use crate::errors::Errors;
use crate::signature::Function;

const KEYS: &[Key] = &[
    Key {
        name: "path",
        example: "path = \"/stats\"",
        repeatable: false,
    },
    Key {
        name: "method",
        example: "method = \"POST\"",
        repeatable: false,
    },
    Key {
        name: "effect",
        example: "effect = \"write\"",
        repeatable: false,
    },
    Key {
        name: "effect_if",
        example: "effect_if(query = \"level\", effect = \"write\")",
        repeatable: true,
    },
    Key {
        name: "timeout",
        example: "timeout = \"5s\"",
        repeatable: false,
    },
    Key {
        name: "runtime",
        example: "runtime = \"admin\"",
        repeatable: false,
    },
    Key {
        name: "errors",
        example: "errors = \"json\"",
        repeatable: false,
    },
    Key {
        name: "crate",
        example: "crate = \"path::to::admin_runtime\"",
        repeatable: false,
    },
];

/// An attribute and the arguments of its function.
pub(super) struct Written {
    pub(super) settings: Arguments,
    pub(super) inputs: Vec<Input>,
}

/// Reads the attribute, and takes doc comments and `#[param]` off the arguments of the function.
pub(super) fn parse(
    attribute: TokenStream,
    function: &mut Function,
    errors: &mut Errors,
) -> Written {
    let settings = Arguments::parse(attribute, KEYS, errors);
    let mut inputs = Vec::new();
    for input in &mut function.signature.inputs {
        if let FnArg::Typed(argument) = input {
            inputs.push(Input::take(argument, errors));
        }
    }
    Written { settings, inputs }
}
