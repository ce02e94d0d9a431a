//! The registration: a constant for each type, a handler function and a descriptor.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::validate::{EffectCondition, EndpointArgument, EndpointFunction, Place, Runs};
use crate::emit::{RuntimePath, argument_constant, duration, ends, option};

/// Names of the registration's items start with two underscores, so that they do not shadow names in
/// the user's types.
const REPLY: &str = "__REPLY";
const STATUS: &str = "__STATUS";
const RESOURCE: &str = "__RESOURCE";

/// The items next to the function.
pub(super) fn registration(endpoint: &EndpointFunction) -> TokenStream {
    let site = Span::mixed_site();
    let runtime = RuntimePath::new(endpoint.runtime_crate.as_ref());
    let private = runtime.path(site);
    let cfgs = &endpoint.cfgs;
    let arguments = endpoint.arguments.iter().enumerate();
    let has_body = endpoint.method.has_body();
    let arguments = arguments
        .map(|(position, argument)| self::argument(&runtime, position, argument, has_body));
    let type_checks = type_checks(&runtime, endpoint);
    let reply = reply(&runtime, endpoint);
    let status = status(endpoint, &runtime);
    let resource = resource(endpoint, &runtime);
    let handler = handler(endpoint, &runtime);
    let descriptor = descriptor(endpoint, &runtime);
    quote_spanned! {site=>
        #(#cfgs)*
        #[allow(deprecated, unused_imports, unused_qualifications)]
        const _: () = {
            use #private::NoSchema as _;
            #(#arguments)*
            #type_checks
            #reply
            #status
            #resource
            #handler
            #private::submit! { #descriptor }
        };
    }
}

fn argument(
    runtime: &RuntimePath,
    position: usize,
    argument: &EndpointArgument,
    has_body: bool,
) -> TokenStream {
    let EndpointArgument {
        name,
        docs,
        cfgs,
        r#type,
        default,
        ..
    } = argument;
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let constant = argument_constant(position);
    let value = match argument.place {
        Place::Path(index) => {
            let binding = runtime.constant("BINDING", r#type, "PathArgument", None);
            quote_spanned!(site=> #private::path_argument(#binding, #name, #docs, #index))
        }
        Place::Elsewhere => {
            let binding = runtime.constant("BINDING", r#type, "Argument", Some(quote!(<_>)));
            let default = option(default.as_ref());
            // Only a body has a schema.
            let schema = has_body.then(|| {
                let schema = schema(r#type, &private);
                quote_spanned!(site=> .with_schema(#schema))
            });
            quote_spanned!(site=> #private::argument(#binding, #name, #docs, #default) #schema)
        }
    };
    quote_spanned! {Span::mixed_site()=>
        #(#cfgs)*
        const #constant: #private::TypedArgument<#r#type> = #value;
    }
}

/// Checks that need the type of an argument, evaluated while the user's crate compiles.
fn type_checks(runtime: &RuntimePath, endpoint: &EndpointFunction) -> Option<TokenStream> {
    let mut type_checks = Vec::new();
    for (position, argument) in endpoint.arguments.iter().enumerate() {
        let EndpointArgument {
            cfgs,
            r#type,
            default,
            ..
        } = argument;
        let elsewhere = argument.place == Place::Elsewhere;
        let checks = [
            (!endpoint.method.has_body() && elsewhere, "refuse_body"),
            (!argument.is_named, "refuse_parameter"),
            (default.is_some(), "refuse_default"),
        ];
        let constant = argument_constant(position);
        for (_, check) in checks.into_iter().filter(|(applies, _)| *applies) {
            let check = runtime.function(check, r#type);
            let (_, last) = ends(r#type);
            let argument = quote_spanned!(last=> (&#constant.descriptor));
            type_checks.push(quote_spanned!(Span::mixed_site()=> #(#cfgs)* #check #argument;));
        }
    }
    if type_checks.is_empty() {
        return None;
    }
    Some(quote_spanned!(Span::mixed_site()=> const _: () = { #(#type_checks)* };))
}

fn reply(runtime: &RuntimePath, endpoint: &EndpointFunction) -> TokenStream {
    let private = runtime.path(Span::mixed_site());
    let output = endpoint.output_tokens();
    let value = runtime.constant("REPLY", &output, "IntoResponse", None);
    let reply = Ident::new(REPLY, Span::mixed_site());
    quote_spanned! {Span::mixed_site()=>
        const #reply: #private::TypedReply<#output> = #value;
    }
}

/// A separate constant, so that a function with another signature is a single short error.
fn status(endpoint: &EndpointFunction, runtime: &RuntimePath) -> Option<TokenStream> {
    let function = endpoint.status.as_ref()?;
    let private = runtime.path(Span::mixed_site());
    let status = Ident::new(STATUS, Span::mixed_site());
    Some(quote_spanned! {Span::mixed_site()=>
        const #status: #private::StatusFn = #function;
    })
}

/// A separate constant too; the closure accepts any guard and any error.
fn resource(endpoint: &EndpointFunction, runtime: &RuntimePath) -> Option<TokenStream> {
    let function = endpoint.resource.as_ref()?;
    let private = runtime.path(Span::mixed_site());
    let resource = Ident::new(RESOURCE, Span::mixed_site());
    let context = Ident::new("__context", Span::mixed_site());
    // The span of an error about what the function returns.
    let span = function.span().resolved_at(Span::mixed_site());
    let convert = runtime.path(span);
    let call = quote_spanned!(span=> #convert::resource(#function(#context)));
    Some(quote_spanned! {Span::mixed_site()=>
        const #resource: #private::ResourceFn = |#context| #call;
    })
}

/// The handler function, which reads the arguments from the request and returns the task.
fn handler(endpoint: &EndpointFunction, runtime: &RuntimePath) -> TokenStream {
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let name = &endpoint.name;
    let reply = Ident::new(REPLY, site);
    let cfgs: Vec<_> = endpoint
        .arguments
        .iter()
        .map(|argument| &argument.cfgs)
        .collect();
    let constants: Vec<_> = (0..cfgs.len()).map(argument_constant).collect();
    let values: Vec<_> = (0..cfgs.len())
        .map(|n| format_ident!("__a{n}", span = site))
        .collect();
    // The span of an error about a future that is not `Send`.
    let call = quote_spanned!(name.span()=> #name(#(#(#cfgs)* #values),*));
    let work = match endpoint.runs {
        Runs::Async(_) => {
            let private = runtime.path(name.span());
            let pinned = quote_spanned!(name.span()=> #private::Box::pin(#reply.answer(#call)));
            quote_spanned!(site=> ::core::result::Result::Ok(#private::HandlerTask::Async(#pinned)))
        }
        Runs::Blocking => quote_spanned!(site=> #reply.blocking(move || #call)),
    };
    let parameter = if constants.is_empty() {
        quote_spanned!(site=> _)
    } else {
        quote_spanned!(site=> __request)
    };
    quote_spanned! {site=>
        fn __handle(#parameter: &mut #private::RequestContext) -> #private::HandlerResult {
            #(#(#cfgs)* let #values = #constants.bind(__request)?;)*
            #work
        }
    }
}

/// The descriptor that is linked into the binary.
fn descriptor(endpoint: &EndpointFunction, runtime: &RuntimePath) -> TokenStream {
    let site = Span::mixed_site();
    let private = runtime.path(site);
    let EndpointFunction {
        method,
        path,
        effect,
        docs,
        ..
    } = endpoint;
    let effects_if: Vec<_> = endpoint.effect_if.iter().map(|EffectCondition { query, effect }| {
        quote_spanned!(site=> #private::EffectIf::new(#query, #private::Effect::#effect))
    }).collect();
    let effect_if = (!effects_if.is_empty())
        .then(|| quote_spanned!(site=> .with_effect_if(const { &[#(#effects_if),*] })));
    let docs = (!docs.is_empty()).then(|| quote_spanned!(site=> .with_docs(#docs)));
    let arguments: Vec<_> = endpoint
        .arguments
        .iter()
        .enumerate()
        .map(|(position, EndpointArgument { cfgs, .. })| {
            let constant = argument_constant(position);
            quote_spanned!(site=> #(#cfgs)* #constant.descriptor)
        })
        .collect();
    let arguments = (!arguments.is_empty())
        .then(|| quote_spanned!(site=> .with_arguments(const { &[#(#arguments),*] })));
    let reply = Ident::new(REPLY, site);
    let schema = schema(&endpoint.output_tokens(), &private);
    let errors = endpoint
        .errors
        .map(|format| quote_spanned!(site=> .with_errors(#private::ErrorFormat::#format)));
    let produces = &endpoint.produces;
    let produces =
        (!produces.is_empty()).then(|| quote_spanned!(site=> .with_produces(&[#(#produces),*])));
    let response = quote_spanned!(site=> #reply.spec.with_schema(#schema) #errors #produces);
    let timeout = endpoint.timeout.map(|timeout| {
        let timeout = duration(timeout, &private);
        quote_spanned!(site=> .with_timeout(#timeout))
    });
    let runs_on = match endpoint.runs {
        Runs::Async(runtime) => runtime.to_token_stream(),
        Runs::Blocking => quote_spanned!(site=> Blocking),
    };
    let deny_unknown = endpoint
        .deny_unknown
        .then(|| quote_spanned!(site=> .with_deny_unknown(true)));
    let sensitive = endpoint
        .sensitive
        .then(|| quote_spanned!(site=> .with_sensitive(true)));
    let status = endpoint.status.is_some().then(|| {
        let status = Ident::new(STATUS, site);
        quote_spanned!(site=> .with_status(#status))
    });
    let resource = endpoint.resource.is_some().then(|| {
        let resource = Ident::new(RESOURCE, site);
        quote_spanned!(site=> .with_resource(#resource))
    });
    let source = runtime.source(&endpoint.name);
    quote_spanned! {site=>
        #private::EndpointDescriptor::new(#private::Method::#method, #path, #source, __handle)
            .with_effect(#private::Effect::#effect)
            .with_response(#response)
            .with_runtime(#private::Runtime::#runs_on)
            #effect_if #docs #arguments #timeout #deny_unknown #sensitive #status #resource
    }
}

/// The JSON schema of a type: an inherent constant if the type has one, otherwise that of a trait.
fn schema(of: &impl ToTokens, private: &TokenStream) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> #private::SchemaOf::<#of>::SCHEMA)
}
