//! Validates the attribute. Only a [`HealthCheck`] can be expanded, and only this module creates one.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::parse::WrittenCheck;
use super::vocabulary::CheckKind;
use crate::emit::parse_runtime_crate;
use crate::errors::Errors;
use crate::run::{RunFunction, duration_of, name_of, word_of};
use crate::signature::{self, Function, Wording};

/// A valid health check. `None` stands for the default of the runtime.
pub(super) struct HealthCheck {
    pub(super) name: String,
    pub(super) kind: Option<CheckKind>,
    pub(super) interval: Option<Duration>,
    pub(super) timeout: Option<Duration>,
    pub(super) run: RunFunction,
}

const WORDING: Wording = Wording {
    noun: "a health check",
    instead_of_self: "take `state: State<T>`, given by `builder().state(..)`",
    instead_of_impl_return: "write `()` or `Result<(), E>`",
};

/// The checks that every server has.
const BUILT_IN: [&str; 3] = ["accepting", "periodic-critical", "periodic-high"];

/// Checks everything; adds errors for what is invalid.
pub(super) fn validate(
    written: WrittenCheck,
    function: &Function,
    errors: &mut Errors,
) -> Option<HealthCheck> {
    let WrittenCheck {
        mut settings,
        inputs,
    } = written;
    let signature = &function.signature;
    let kind = word_of(&mut settings, "kind", errors);
    let interval = duration_of(&mut settings, "interval", errors);
    let timeout = duration_of(&mut settings, "timeout", errors);
    let name_at = settings
        .value_tokens("name")
        .unwrap_or_else(|| signature.ident.to_token_stream());
    let name = name_of(&mut settings, &signature.ident, errors);
    if let Some(name) = &name {
        check_name(name, name_at, errors);
    }
    let runtime_crate = settings.take_text("crate", errors);
    let runtime_crate = runtime_crate.and_then(|literal| parse_runtime_crate(&literal, errors));
    signature::check(signature, &WORDING, errors);

    Some(HealthCheck {
        name: name?,
        kind,
        interval: interval.map(|given| given.value),
        timeout: timeout.map(|given| given.value),
        run: RunFunction::new(function, inputs, runtime_crate),
    })
}

/// The name is a word in the lines of a probe.
fn check_name(name: &str, at: TokenStream, errors: &mut Errors) {
    if name.chars().any(char::is_whitespace) {
        let joined: Vec<&str> = name.split_whitespace().collect();
        let joined = joined.join("-");
        let message = if joined.is_empty() {
            "a name must not be blank".to_owned()
        } else {
            format!("a name must not contain white space: write `{joined}`")
        };
        errors.at(at, message);
    } else if BUILT_IN.contains(&name) {
        let message = format!(
            "every server has a check `{name}` of its own: choose another name with `name = \"..\"`"
        );
        errors.at(at, message);
    }
}
