//! The registration: the items of the run and a descriptor.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::validate::PeriodicFunction;
use crate::emit::{RuntimePath, duration};
use crate::run::{RunKind, RunTokens, items};

/// The items next to the function.
pub(super) fn registration(thread: &PeriodicFunction) -> TokenStream {
    let runtime = RuntimePath::new(thread.run.runtime_crate.as_ref());
    let record = record(&runtime, thread);
    items(&runtime, &thread.run, RunKind::PeriodicThread, &record)
}

/// The descriptor that is linked into the binary.
fn record(runtime: &RuntimePath, thread: &PeriodicFunction) -> TokenStream {
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let PeriodicFunction { name, run, .. } = thread;
    let docs = &run.docs;
    let settings = settings(&private, thread);
    let RunTokens {
        required_state,
        source,
        body,
    } = RunTokens::new(runtime, run);
    quote_spanned! {site=>
        #private::PeriodicDescriptor {
            name: #name,
            docs: #docs,
            settings: #settings,
            required_state: #required_state,
            source: #source,
            body: #body,
        }
    }
}

/// The settings that the attribute has; the others have the runtime's defaults.
fn settings(private: &TokenStream, thread: &PeriodicFunction) -> TokenStream {
    let site = Span::mixed_site();
    let time = |given: std::time::Duration| duration(given, private);
    let variant = |kind: &str, variant: TokenStream| {
        let kind = Ident::new(kind, site);
        quote_spanned!(site=> #private::#kind::#variant)
    };
    let level = thread.level.map(ToTokens::into_token_stream);
    let schedule = thread.schedule.map(ToTokens::into_token_stream);
    let methods = [
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
        (
            "with_failures",
            thread.failures.map(ToTokens::into_token_stream),
        ),
        ("with_backoff", thread.backoff.map(time)),
    ];
    let calls = methods.into_iter().filter_map(|(method, value)| {
        let method = Ident::new(method, site);
        value.map(|value| quote_spanned!(site=> .#method(#value)))
    });
    quote_spanned!(site=> #private::PeriodicSettings::DEFAULT #(#calls)*)
}
