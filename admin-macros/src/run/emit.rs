//! A constant for each type, and the body function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::function::{RunFunction, RunInput};
use crate::emit::{RuntimePath, argument_constant, ends};

/// See [`argument_constant`] about the underscores.
const OUTCOME: &str = "__OUTCOME";

/// What the function is registered as.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum RunKind {
    PeriodicThread,
    HealthCheck,
}

impl RunKind {
    /// The trait that converts what the function returns.
    fn outcome_trait(self) -> &'static str {
        match self {
            Self::PeriodicThread => "RunOutcome",
            Self::HealthCheck => "CheckOutcome",
        }
    }

    fn descriptor(self) -> &'static str {
        match self {
            Self::PeriodicThread => "PeriodicDescriptor",
            Self::HealthCheck => "HealthCheckDescriptor",
        }
    }
}

/// The items next to the function; `settings` makes the value of the descriptor's settings.
pub(crate) fn items(
    runtime: &RuntimePath,
    run: &RunFunction,
    kind: RunKind,
    name: &TokenStream,
    settings: &TokenStream,
) -> TokenStream {
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let cfgs = &run.cfgs;
    let arguments = run.inputs.iter().enumerate();
    let arguments = arguments.map(|(position, input)| argument(runtime, kind, position, input));
    let outcome = outcome(runtime, kind.outcome_trait(), run);
    let body = body(runtime, run);
    let record = record(runtime, run, kind, name, settings);
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

/// The descriptor that is linked into the binary.
fn record(
    runtime: &RuntimePath,
    run: &RunFunction,
    kind: RunKind,
    name: &TokenStream,
    settings: &TokenStream,
) -> TokenStream {
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let descriptor = Ident::new(kind.descriptor(), site);
    let docs = &run.docs;
    let required_state = run.inputs.iter().enumerate().map(|(position, input)| {
        let (cfgs, constant) = (&input.cfgs, argument_constant(position));
        quote_spanned!(site=> #(#cfgs)* #constant.required_state)
    });
    let source = runtime.source(&run.name);
    let body = Ident::new(if run.is_async { "Async" } else { "Sync" }, site);
    quote_spanned! {site=>
        #private::#descriptor {
            name: #name,
            docs: #docs,
            settings: #settings,
            required_state: &[#(#required_state),*],
            source: #source,
            body: #private::PeriodicBody::#body(__run),
        }
    }
}

/// The settings that an attribute has; the others have the runtime's defaults.
pub(crate) fn settings_value<const N: usize>(
    defaults: &TokenStream,
    given: [(&str, Option<TokenStream>); N],
) -> TokenStream {
    let site = Span::mixed_site();
    let calls = given.into_iter().filter_map(|(method, value)| {
        let method = Ident::new(method, site);
        value.map(|value| quote_spanned!(site=> .#method(#value)))
    });
    quote_spanned!(site=> #defaults::DEFAULT #(#calls)*)
}

fn argument(
    runtime: &RuntimePath,
    kind: RunKind,
    position: usize,
    input: &RunInput,
) -> TokenStream {
    let RunInput { cfgs, r#type } = input;
    let private = runtime.path(Span::mixed_site());
    let constant = argument_constant(position);
    let value = runtime.constant("BINDING", r#type, "FromRunContext", None);
    let check = (kind == RunKind::HealthCheck).then(|| {
        let refuse = runtime.function("refuse_thread", r#type);
        quote_spanned!(ends(r#type).0=> #(#cfgs)* const _: () = #refuse(&#constant);)
    });
    quote_spanned! {Span::mixed_site()=>
        #(#cfgs)*
        const #constant: #private::RunBinding<#r#type> = #value;
        #check
    }
}

fn outcome(runtime: &RuntimePath, r#trait: &str, run: &RunFunction) -> TokenStream {
    let private = runtime.path(Span::mixed_site());
    let output = run.output_tokens();
    let constant = Ident::new(OUTCOME, Span::mixed_site());
    let value = runtime.constant("CONVERTER", &output, r#trait, Some(quote!(<_>)));
    quote_spanned! {Span::mixed_site()=>
        const #constant: #private::OutcomeConverter<#output> = #value;
    }
}

/// The body function, which creates the arguments of one run and calls the function.
fn body(runtime: &RuntimePath, run: &RunFunction) -> TokenStream {
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let name = &run.name;
    let outcome = Ident::new(OUTCOME, site);
    let count = run.inputs.len();
    let cfgs: Vec<_> = run.inputs.iter().map(|input| &input.cfgs).collect();
    let constants = (0..count).map(argument_constant);
    let values: Vec<_> = (0..count)
        .map(|n| format_ident!("__a{n}", span = site))
        .collect();
    let call = quote_spanned!(name.span()=> #name(#(#(#cfgs)* #values),*));
    let (output, run) = if run.is_async {
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
