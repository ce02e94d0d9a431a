//! Validates the attribute. Only a [`PeriodicFunction`] can be expanded, and only this module creates one.

use std::time::Duration;

use super::parse::WrittenPeriodic;
use super::vocabulary::{Criticality, Schedule};
use crate::args::Arguments;
use crate::emit::parse_runtime_crate;
use crate::errors::Errors;
use crate::run::{GivenDuration, RunFunction, duration_of, name_of, word_of};
use crate::signature::{self, Function, Wording};

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
    pub(super) run: RunFunction,
}

const WORDING: Wording = Wording {
    noun: "a periodic thread",
    instead_of_self: "take `state: State<T>`, given by `builder().state(..)`",
    instead_of_impl_return: "write `()`, `Result<(), PeriodicError>` or `Result<RunSummary, PeriodicError>`",
};

/// The default of the runtime.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(10);

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
        run: RunFunction::new(function, inputs, runtime_crate),
    })
}

fn failures_of(settings: &mut Arguments, errors: &mut Errors) -> Option<u32> {
    let literal = settings.take_integer("failures", errors)?;
    let number = literal.base10_parse().ok().filter(|number| *number > 0);
    if number.is_none() {
        errors.at(&literal, "`failures` must be a number from 1 to 4294967295");
    }
    number
}

fn check_backoff(backoff: Option<&GivenDuration>, interval: Duration, errors: &mut Errors) {
    if let Some(backoff) = backoff.filter(|backoff| backoff.value < interval) {
        let message = format!(
            "`backoff` is the longest delay and must be at least the interval of {interval:?}"
        );
        errors.at(&backoff.literal, message);
    }
}

fn check_jitter(
    jitter: Option<&GivenDuration>,
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
