//! The attribute as written, before validation.

use proc_macro2::TokenStream;
use syn::{Attribute, FnArg, Type};

use crate::args::{Arguments, Key};
use crate::docs;
use crate::emit::cfgs;
use crate::errors::Errors;
use crate::signature::Function;

const KEYS: &[Key] = &[
    Key::once("level", "level = \"critical\""),
    Key::once("interval", "interval = \"10s\""),
    Key::once("init_wait", "init_wait = \"5s\""),
    Key::once("jitter", "jitter = \"500ms\""),
    Key::once("timeout", "timeout = \"30s\""),
    Key::once("schedule", "schedule = \"fixed_rate\""),
    Key::once("failures", "failures = 3"),
    Key::once("backoff", "backoff = \"5m\""),
    Key::once("name", "name = \"heartbeat\""),
    Key::once("crate", "crate = \"path::to::admin_runtime\""),
];

/// An attribute and the arguments of its function.
pub(super) struct WrittenPeriodic {
    pub(super) settings: Arguments,
    pub(super) inputs: Vec<PeriodicInput>,
}

/// One argument of the function.
pub(super) struct PeriodicInput {
    pub(super) cfgs: Vec<Attribute>,
    pub(super) r#type: Type,
}

/// Parses the attribute and removes doc comments from the arguments of the function.
pub(super) fn parse(
    attribute: TokenStream,
    function: &mut Function,
    errors: &mut Errors,
) -> WrittenPeriodic {
    let settings = Arguments::parse(attribute, KEYS, errors);
    let mut inputs = Vec::new();
    for input in &mut function.signature.inputs {
        let FnArg::Typed(argument) = input else {
            continue;
        };
        // rustc rejects doc comments on arguments that remain after the expansion.
        argument.attrs.retain(|attribute| !docs::is_doc(attribute));
        if let Some(param) = argument.attrs.iter().find(|a| a.path().is_ident("param")) {
            errors.at(
                param,
                "a periodic thread has no request parameters: remove `#[param]`",
            );
        }
        argument.attrs.retain(|a| !a.path().is_ident("param"));
        inputs.push(PeriodicInput {
            cfgs: cfgs(&argument.attrs),
            r#type: (*argument.ty).clone(),
        });
    }
    WrittenPeriodic { settings, inputs }
}
