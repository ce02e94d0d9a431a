//! The registration: the items of the run and the settings of a descriptor.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::validate::PeriodicFunction;
use crate::emit::{RuntimePath, duration};
use crate::run::{RunKind, items, settings_value};

/// The items next to the function.
pub(super) fn registration(thread: &PeriodicFunction) -> TokenStream {
    let runtime = RuntimePath::new(thread.run.runtime_crate.as_ref());
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let time = |given: std::time::Duration| duration(given, &private);
    let variant = |kind: &str, variant: TokenStream| {
        let kind = Ident::new(kind, site);
        quote_spanned!(site=> #private::#kind::#variant)
    };
    let level = thread.level.map(ToTokens::into_token_stream);
    let schedule = thread.schedule.map(ToTokens::into_token_stream);
    let failures = thread.failures.map(ToTokens::into_token_stream);
    let given = [
        (
            "with_level",
            level.map(|level| variant("Criticality", level)),
        ),
        ("with_interval", thread.interval.map(time)),
        ("with_init_wait", thread.init_wait.map(time)),
        ("with_jitter", thread.jitter.map(time)),
        ("with_timeout", thread.timeout.map(time)),
        (
            "with_schedule",
            schedule.map(|given| variant("Schedule", given)),
        ),
        ("with_failures", failures),
        ("with_backoff", thread.backoff.map(time)),
    ];
    let defaults = quote_spanned!(site=> #private::PeriodicSettings);
    let settings = settings_value(&defaults, given);
    let name = thread.name.to_token_stream();
    let kind = RunKind::PeriodicThread;
    items(&runtime, &thread.run, kind, &name, &settings)
}
