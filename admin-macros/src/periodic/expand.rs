//! The registration: a constant for each type, a body function and a descriptor.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::parse::PeriodicInput;
use super::validate::PeriodicFunction;
use crate::emit::{RuntimePath, argument_constant, duration};

/// See [`argument_constant`] about the underscores.
const OUTCOME: &str = "__OUTCOME";

/// The items next to the function.
pub(super) fn registration(thread: &PeriodicFunction) -> TokenStream {
    let site = Span::mixed_site();
    let runtime = RuntimePath::new(thread.runtime_crate.as_ref());
    let private = runtime.path(site);
    let cfgs = &thread.cfgs;
    let arguments = thread.inputs.iter().enumerate();
    let arguments = arguments.map(|(position, input)| argument(&runtime, position, input));
    let outcome = outcome(&runtime, thread);
    let body = body(&runtime, thread);
    let record = record(&runtime, thread);
    quote_spanned! {site=>
        #(#cfgs)*
        #[allow(deprecated, unused_qualifications)]
        const _: () = {
            #(#arguments)*
            #outcome
            #body
            #private::submit! { #record }
        };
    }
}

fn argument(runtime: &RuntimePath, position: usize, input: &PeriodicInput) -> TokenStream {
    let PeriodicInput { cfgs, r#type } = input;
    let private = runtime.path(Span::mixed_site());
    let constant = argument_constant(position);
    let value = runtime.constant("BINDING", r#type, "FromRunContext", None);
    quote_spanned! {Span::mixed_site()=>
        #(#cfgs)*
        const #constant: #private::RunBinding<#r#type> = #value;
    }
}

fn outcome(runtime: &RuntimePath, thread: &PeriodicFunction) -> TokenStream {
    let private = runtime.path(Span::mixed_site());
    let output = thread.output_tokens();
    let constant = Ident::new(OUTCOME, Span::mixed_site());
    let value = runtime.constant("CONVERTER", &output, "RunOutcome", Some(quote!(<_>)));
    quote_spanned! {Span::mixed_site()=>
        const #constant: #private::OutcomeConverter<#output> = #value;
    }
}

/// The body function, which creates the arguments of one run and calls the function.
fn body(runtime: &RuntimePath, thread: &PeriodicFunction) -> TokenStream {
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let name = &thread.function;
    let outcome = Ident::new(OUTCOME, site);
    let count = thread.inputs.len();
    let cfgs: Vec<_> = thread.inputs.iter().map(|input| &input.cfgs).collect();
    let constants = (0..count).map(argument_constant);
    let values: Vec<_> = (0..count)
        .map(|n| format_ident!("__a{n}", span = site))
        .collect();
    let call = quote_spanned!(name.span()=> #name(#(#(#cfgs)* #values),*));
    let (output, run) = if thread.is_async {
        // The span of an error about a future that is not `Send`.
        let at_name = runtime.path(name.span());
        let pinned =
            quote_spanned!(name.span()=> #at_name::Box::pin(#outcome.convert_async(#call)));
        let run = quote_spanned!(site=> ::core::result::Result::Ok(#pinned));
        (quote_spanned!(site=> #private::AsyncRun), run)
    } else {
        let run = quote_spanned!(site=> #outcome.convert(#call));
        (quote_spanned!(site=> #private::SyncRun), run)
    };
    let parameter = match count {
        0 => quote_spanned!(site=> _),
        _ => quote_spanned!(site=> __context),
    };
    quote_spanned! {site=>
        fn __run(#parameter: &#private::RunContext) -> #output {
            #(#(#cfgs)* let #values = #constants.extract(__context)?;)*
            #run
        }
    }
}

/// The descriptor that is linked into the binary.
fn record(runtime: &RuntimePath, thread: &PeriodicFunction) -> TokenStream {
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let PeriodicFunction { name, docs, .. } = thread;
    let settings = settings(&private, thread);
    let required_state = thread.inputs.iter().enumerate().map(|(position, input)| {
        let (cfgs, constant) = (&input.cfgs, argument_constant(position));
        quote_spanned!(site=> #(#cfgs)* #constant.required_state)
    });
    let kind = Ident::new(if thread.is_async { "Async" } else { "Sync" }, site);
    let source = runtime.source(&thread.function);
    quote_spanned! {site=>
        #private::PeriodicDescriptor {
            name: #name,
            docs: #docs,
            settings: #settings,
            required_state: &[#(#required_state),*],
            source: #source,
            body: #private::PeriodicBody::#kind(__run),
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
