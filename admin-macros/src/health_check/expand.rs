//! The registration: the items of the run and a descriptor.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use super::validate::HealthCheck;
use crate::emit::{RuntimePath, duration};
use crate::run::{RunKind, RunTokens, items};

/// The items next to the function.
pub(super) fn registration(check: &HealthCheck) -> TokenStream {
    let runtime = RuntimePath::new(check.run.runtime_crate.as_ref());
    let record = record(&runtime, check);
    items(&runtime, &check.run, RunKind::HealthCheck, &record)
}

/// The descriptor that is linked into the binary.
fn record(runtime: &RuntimePath, check: &HealthCheck) -> TokenStream {
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let HealthCheck { name, run, .. } = check;
    let docs = &run.docs;
    let settings = settings(&private, check);
    let RunTokens {
        required_state,
        source,
        body,
    } = RunTokens::new(runtime, run);
    quote_spanned! {site=>
        #private::HealthCheckDescriptor {
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
fn settings(private: &TokenStream, check: &HealthCheck) -> TokenStream {
    let site = Span::mixed_site();
    let kind = check
        .kind
        .map(|kind| quote_spanned!(site=> #private::CheckKind::#kind));
    let methods = [
        ("with_kind", kind),
        (
            "with_interval",
            check.interval.map(|given| duration(given, private)),
        ),
        (
            "with_timeout",
            check.timeout.map(|given| duration(given, private)),
        ),
    ];
    let calls = methods.into_iter().filter_map(|(method, value)| {
        let method = Ident::new(method, site);
        value.map(|value| quote_spanned!(site=> .#method(#value)))
    });
    quote_spanned!(site=> #private::CheckSettings::DEFAULT #(#calls)*)
}
