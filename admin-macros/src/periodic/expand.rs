//! The registration: one constant for each type, one small shim, one record.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::parse::Input;
use super::validate::Thread;
use crate::emit::{Runtime, argument_constant, duration, option};

/// See [`argument_constant`] about the underscores.
const OUTCOME: &str = "__OUTCOME";

/// What is written beside the function.
pub(super) fn registration(thread: &Thread) -> TokenStream {
    let site = Span::mixed_site();
    let runtime = Runtime::at(thread.runtime_crate.as_ref());
    let private = runtime.path(site);
    let cfgs = &thread.cfgs;
    let arguments = thread.inputs.iter().enumerate();
    let arguments = arguments.map(|(position, input)| argument(&runtime, position, input));
    let outcome = outcome(&runtime, thread);
    let body = body(&runtime, thread);
    let record = record(&runtime, thread);
    quote_spanned! {site=>
        #(#cfgs)*
        #[allow(deprecated, unused_qualifications, clippy::needless_update)]
        const _: () = {
            #(#arguments)*
            #outcome
            #body
            #private::submit! { #record }
        };
    }
}

fn argument(runtime: &Runtime, position: usize, input: &Input) -> TokenStream {
    let Input { cfgs, r#type } = input;
    let private = runtime.path(Span::mixed_site());
    let constant = argument_constant(position);
    let value = runtime.constant("BINDING", r#type, "PeriodicArgument", None);
    quote_spanned! {Span::mixed_site()=>
        #(#cfgs)*
        const #constant: #private::PeriodicBinding<#r#type> = #value;
    }
}

fn outcome(runtime: &Runtime, thread: &Thread) -> TokenStream {
    let private = runtime.path(Span::mixed_site());
    let output = thread.output_tokens();
    let constant = Ident::new(OUTCOME, Span::mixed_site());
    let value = runtime.constant("SETTLER", &output, "RunOutcome", Some(quote!(<_>)));
    quote_spanned! {Span::mixed_site()=>
        const #constant: #private::Settler<#output> = #value;
    }
}

/// The shim: takes the arguments for one run and calls the function.
fn body(runtime: &Runtime, thread: &Thread) -> TokenStream {
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
        // A future that is not `Send` is an error at the name of the function.
        let at_name = runtime.path(name.span());
        let pinned = quote_spanned!(name.span()=> #at_name::Box::pin(#outcome.settle_later(#call)));
        let run = quote_spanned!(site=> ::core::result::Result::Ok(#pinned));
        (quote_spanned!(site=> #private::AsyncRun), run)
    } else {
        let run = quote_spanned!(site=> #outcome.settle(#call));
        (quote_spanned!(site=> #private::SyncRun), run)
    };
    let parameter = match count {
        0 => quote_spanned!(site=> _),
        _ => quote_spanned!(site=> __context),
    };
    quote_spanned! {site=>
        fn __run(#parameter: &#private::RunContext) -> #output {
            #(#(#cfgs)* let #values = #constants.take(__context)?;)*
            #run
        }
    }
}

/// The constant that is linked into the binary.
fn record(runtime: &Runtime, thread: &Thread) -> TokenStream {
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let Thread { name, docs, .. } = thread;
    let settings = settings(&private, thread);
    let needs = thread.inputs.iter().enumerate().map(|(position, input)| {
        let (cfgs, constant) = (&input.cfgs, argument_constant(position));
        quote_spanned!(site=> #(#cfgs)* #constant.needs)
    });
    let kind = Ident::new(if thread.is_async { "Async" } else { "Sync" }, site);
    let source = runtime.source(&thread.function);
    quote_spanned! {site=>
        #private::PeriodicDescriptor {
            name: #name,
            docs: #docs,
            settings: #settings,
            needs: &[#(#needs),*],
            source: #source,
            body: #private::PeriodicBody::#kind(__run),
        }
    }
}

/// What was given, over the runtime's defaults.
fn settings(private: &TokenStream, thread: &Thread) -> TokenStream {
    let site = Span::mixed_site();
    let time = |given: std::time::Duration| duration(given, private);
    let some = |value: TokenStream| option(Some(value));
    let word = |kind: &str, word: TokenStream| {
        let kind = Ident::new(kind, site);
        quote_spanned!(site=> #private::#kind::#word)
    };
    let fields = [
        (
            "level",
            thread
                .level
                .map(|level| word("Level", level.to_token_stream())),
        ),
        ("interval", thread.interval.map(time)),
        ("init_wait", thread.init_wait.map(time)),
        ("jitter", thread.jitter.map(time)),
        ("timeout", thread.timeout.map(time).map(some)),
        (
            "schedule",
            thread
                .schedule
                .map(|given| word("Schedule", given.to_token_stream())),
        ),
        (
            "failures",
            thread.failures.map(|failures| failures.to_token_stream()),
        ),
        ("backoff", thread.backoff.map(time).map(some)),
    ];
    let given = fields.into_iter().filter_map(|(field, value)| {
        let field = Ident::new(field, site);
        value.map(|value| quote_spanned!(site=> #field: #value,))
    });
    quote_spanned! {site=>
        #private::PeriodicSettings { #(#given)* ..#private::PeriodicSettings::DEFAULT }
    }
}
