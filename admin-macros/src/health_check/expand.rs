//! The registration: the items of the run and the settings of a descriptor.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::validate::HealthCheck;
use crate::emit::{RuntimePath, duration};
use crate::run::{RunKind, items, settings_value};

/// The items next to the function.
pub(super) fn registration(check: &HealthCheck) -> TokenStream {
    let runtime = RuntimePath::new(check.run.runtime_crate.as_ref());
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let time = |given: std::time::Duration| duration(given, &private);
    let kind = check.kind;
    let kind = kind.map(|kind| quote_spanned!(site=> #private::CheckKind::#kind));
    let given = [
        ("with_kind", kind),
        ("with_interval", check.interval.map(time)),
        ("with_timeout", check.timeout.map(time)),
    ];
    let defaults = quote_spanned!(site=> #private::CheckSettings);
    let settings = settings_value(&defaults, given);
    let name = check.name.to_token_stream();
    items(&runtime, &check.run, RunKind::HealthCheck, &name, &settings)
}
