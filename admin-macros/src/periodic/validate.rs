//! Validates the attribute. Only a [`PeriodicFunction`] can be expanded, and only this module creates one.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, LitStr, Path, ReturnType, Type};

use super::parse::{PeriodicInput, WrittenPeriodic};
use super::vocabulary::{Criticality, Schedule};
use crate::args::Arguments;
use crate::emit::{cfgs, parse_runtime_crate};
use crate::errors::Errors;
use crate::signature::{self, Function, Wording};
use crate::words::{Keyword, parse_word};
use crate::{docs, duration};

/// A valid periodic thread. `None` stands for the default of the runtime.
pub(super) struct PeriodicFunction {
    pub(super) name: String,
    pub(super) level: Option<Criticality>,
    pub(super) interval: Option<Duration>,
    pub(super) init_wait: Option<Duration>,
    pub(super) jitter: Option<Duration>,
    pub(super) timeout: Option<Duration>,
    pub(super) schedule: Option<Schedule>,
    pub(super) failures: Option<u32>,
    pub(super) backoff: Option<Duration>,
    /// `crate = ".."`.
    pub(super) runtime_crate: Option<Path>,
    pub(super) docs: String,
    /// `#[cfg]` of the function.
    pub(super) cfgs: Vec<Attribute>,
    pub(super) function: Ident,
    pub(super) is_async: bool,
    pub(super) inputs: Vec<PeriodicInput>,
    output: Option<Type>,
}

const WORDING: Wording = Wording {
    noun: "a periodic thread",
    instead_of_self: "take `state: State<T>`, given by `builder().state(..)`",
    instead_of_impl_return: "write `()`, `Result<(), PeriodicError>` or `Result<RunSummary, PeriodicError>`",
};

/// The default of the runtime.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(10);

/// A longer period, more than a leap year, is probably a wrong unit.
const MAX_PERIOD: Duration = Duration::from_secs(366 * 86_400);

/// Maximum length of a name in bytes.
const MAX_NAME_BYTES: usize = 255;

/// Checks everything; adds errors for what is invalid.
pub(super) fn validate(
    written: WrittenPeriodic,
    function: &Function,
    errors: &mut Errors,
) -> Option<PeriodicFunction> {
    let WrittenPeriodic {
        mut settings,
        inputs,
    } = written;
    let signature = &function.signature;
    let level = word_of(&mut settings, "level", errors);
    let interval = duration_of(&mut settings, "interval", errors);
    let init_wait = duration_of(&mut settings, "init_wait", errors);
    let jitter = duration_of(&mut settings, "jitter", errors);
    let timeout = duration_of(&mut settings, "timeout", errors);
    let schedule = word_of(&mut settings, "schedule", errors);
    let failures = failures_of(&mut settings, errors);
    let backoff = duration_of(&mut settings, "backoff", errors);
    let name = name_of(&mut settings, &signature.ident, errors);
    let runtime_crate = settings.take_text("crate", errors);
    let runtime_crate = runtime_crate.and_then(|literal| parse_runtime_crate(&literal, errors));

    let period = interval
        .as_ref()
        .map_or(DEFAULT_INTERVAL, |given| given.value);
    check_backoff(backoff.as_ref(), period, errors);
    check_jitter(jitter.as_ref(), schedule, period, errors);
    signature::check(signature, &WORDING, errors);

    Some(PeriodicFunction {
        name: name?,
        level,
        interval: interval.map(|given| given.value),
        init_wait: init_wait.map(|given| given.value),
        jitter: jitter.map(|given| given.value),
        timeout: timeout.map(|given| given.value),
        schedule,
        failures,
        backoff: backoff.map(|given| given.value),
        runtime_crate,
        docs: docs::text(&function.attributes),
        cfgs: cfgs(&function.attributes),
        function: signature.ident.clone(),
        is_async: signature.asyncness.is_some(),
        inputs,
        output: match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, output) => Some((**output).clone()),
        },
    })
}

/// A duration and its literal.
struct Given {
    literal: LitStr,
    value: Duration,
}

fn duration_of(settings: &mut Arguments, key: &str, errors: &mut Errors) -> Option<Given> {
    let literal = settings.take_text(key, errors)?;
    let value = errors.handle(duration::parse(&literal))?;
    if value > MAX_PERIOD {
        errors.at(&literal, format!("`{key}` must be at most `366d`"));
        return None;
    }
    Some(Given { literal, value })
}

fn word_of<T: Keyword>(settings: &mut Arguments, key: &str, errors: &mut Errors) -> Option<T> {
    let literal = settings.take_text(key, errors)?;
    errors.handle(parse_word(&literal))
}

fn failures_of(settings: &mut Arguments, errors: &mut Errors) -> Option<u32> {
    let literal = settings.take_integer("failures", errors)?;
    let number = literal.base10_parse().ok().filter(|number| *number > 0);
    if number.is_none() {
        errors.at(&literal, "`failures` must be a number from 1 to 4294967295");
    }
    number
}

/// The name; default: the name of the function.
fn name_of(settings: &mut Arguments, function: &Ident, errors: &mut Errors) -> Option<String> {
    if !settings.has("name") {
        return Some(function.unraw().to_string());
    }
    let literal = settings.take_text("name", errors)?;
    let name = literal.value();
    let message = if name.is_empty() {
        "the name is empty: write one, or remove `name` to use the function's".to_owned()
    } else if name.len() > MAX_NAME_BYTES {
        format!(
            "the name is {} bytes long: at most {MAX_NAME_BYTES}",
            name.len()
        )
    } else if name.chars().any(char::is_control) {
        "a name must not contain control characters".to_owned()
    } else if name == "." || name == ".." {
        format!("`{name}` cannot be a path segment: clients normalise it away")
    } else {
        return Some(name);
    };
    errors.at(&literal, message);
    None
}

fn check_backoff(backoff: Option<&Given>, interval: Duration, errors: &mut Errors) {
    if let Some(backoff) = backoff.filter(|backoff| backoff.value < interval) {
        let message = format!(
            "`backoff` is the longest delay and must be at least the interval of {interval:?}"
        );
        errors.at(&backoff.literal, message);
    }
}

fn check_jitter(
    jitter: Option<&Given>,
    schedule: Option<Schedule>,
    interval: Duration,
    errors: &mut Errors,
) {
    if let Some(jitter) = jitter.filter(|jitter| jitter.value >= interval)
        && schedule == Some(Schedule::FixedRate)
    {
        let message = format!(
            "with `fixed_rate`, `jitter` must be shorter than the interval of {interval:?}"
        );
        errors.at(&jitter.literal, message);
    }
}

impl PeriodicFunction {
    /// The return type; `()` with the span of the name if there is none.
    pub(super) fn output_tokens(&self) -> TokenStream {
        match &self.output {
            Some(output) => output.to_token_stream(),
            None => quote::quote_spanned!(self.function.span()=> ()),
        }
    }
}
