//! The attribute as written, before validation.

use proc_macro2::TokenStream;

use crate::args::{Arguments, Key};
use crate::errors::Errors;
use crate::run::{RunInput, inputs};
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
    pub(super) inputs: Vec<RunInput>,
}

/// Parses the attribute and removes doc comments from the arguments of the function.
pub(super) fn parse(
    attribute: TokenStream,
    function: &mut Function,
    errors: &mut Errors,
) -> WrittenPeriodic {
    let settings = Arguments::parse(attribute, KEYS, errors);
    let inputs = inputs(function, "a periodic thread", errors);
    WrittenPeriodic { settings, inputs }
}
