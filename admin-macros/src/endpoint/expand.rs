//! The registration: one constant for each type, one small shim, one record.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::validate::{Argument, EffectIf, Endpoint, Place, Runs};

/// Names of the registration's own items begin with two underscores: they must not shadow what
/// the user's types name.
const REPLY: &str = "__REPLY";

/// What is written beside the function.
pub(super) fn registration(endpoint: &Endpoint) -> TokenStream {
    let site = Span::mixed_site();
    let runtime = Runtime::of(endpoint);
    let private = runtime.path(site);
    let cfgs = &endpoint.cfgs;
    let arguments = endpoint.arguments.iter().enumerate();
    let has_body = endpoint.method.has_body();
    let arguments =
        arguments.map(|(position, argument)| runtime.argument(position, argument, has_body));
    let refusals = runtime.refusals(endpoint);
    let reply = runtime.reply(endpoint);
    let handler = handler(endpoint, &runtime);
    let record = record(endpoint, &private);
    quote_spanned! {site=>
        #(#cfgs)*
        #[allow(deprecated, unused_imports, unused_qualifications)]
        const _: () = {
            use #private::NoSchema as _;
            #(#arguments)*
            #refusals
            #reply
            #handler
            #private::submit! { #record }
        };
    }
}

/// Where the hidden module of the runtime is.
struct Runtime(TokenStream);

impl Runtime {
    fn of(endpoint: &Endpoint) -> Self {
        Self(match &endpoint.runtime_crate {
            Some(path) => quote!(#path::__private),
            None => quote!(::admin_runtime::__private),
        })
    }

    /// The path, as written at one place.
    fn path(&self, span: Span) -> TokenStream {
        self.0
            .clone()
            .into_iter()
            .map(|token| placed(token, span))
            .collect()
    }

    /// `path::function`, underlining all of the given tokens where a bound of it fails.
    fn function(&self, function: &str, at: &impl ToTokens) -> TokenStream {
        let (first, last) = ends(at);
        let path = self.path(first);
        let function = Ident::new(function, last);
        quote_spanned!(first=> #path::#function)
    }

    /// `<Type as path::Trait>::NAME`, underlining all of the type where it lacks the trait.
    fn constant(
        &self,
        name: &str,
        of: &impl ToTokens,
        r#trait: &str,
        parameters: Option<TokenStream>,
    ) -> TokenStream {
        let (first, last) = ends(of);
        let path = self.path(first);
        let r#trait = Ident::new(r#trait, first);
        let name = Ident::new(name, last);
        quote_spanned!(first=> <#of as #path::#r#trait #parameters>::#name)
    }

    fn argument(&self, position: usize, argument: &Argument, has_body: bool) -> TokenStream {
        let Argument {
            name,
            docs,
            cfgs,
            r#type,
            default,
            ..
        } = argument;
        let site = Span::mixed_site();
        let private = self.path(site);
        let constant = argument_constant(position);
        let value = match argument.place {
            Place::Path(index) => {
                let taker = self.constant("TAKER", r#type, "PathArgument", None);
                quote_spanned!(site=> #private::path_argument(#taker, #name, #docs, #index))
            }
            Place::Elsewhere => {
                let taker = self.constant("TAKER", r#type, "Argument", Some(quote!(<_>)));
                let default = option(default.as_ref());
                // Only a body has a schema of its own.
                let schema = has_body.then(|| {
                    let schema = schema(r#type, &private);
                    quote_spanned!(site=> .with_schema(#schema))
                });
                quote_spanned!(site=> #private::argument(#taker, #name, #docs, #default) #schema)
            }
        };
        quote_spanned! {Span::mixed_site()=>
            #(#cfgs)*
            const #constant: #private::TypedArgument<#r#type> = #value;
        }
    }

    /// What only the type of an argument can tell, asserted while the user's crate compiles.
    fn refusals(&self, endpoint: &Endpoint) -> Option<TokenStream> {
        let mut refusals = Vec::new();
        for (position, argument) in endpoint.arguments.iter().enumerate() {
            let Argument {
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
                let check = self.function(check, r#type);
                let (_, last) = ends(r#type);
                let argument = quote_spanned!(last=> (&#constant.descriptor));
                refusals.push(quote_spanned!(Span::mixed_site()=> #(#cfgs)* #check #argument;));
            }
        }
        if refusals.is_empty() {
            return None;
        }
        Some(quote_spanned!(Span::mixed_site()=> const _: () = { #(#refusals)* };))
    }

    fn reply(&self, endpoint: &Endpoint) -> TokenStream {
        let private = self.path(Span::mixed_site());
        let output = endpoint.output_tokens();
        let value = self.constant("REPLY", &output, "IntoResponse", None);
        let reply = Ident::new(REPLY, Span::mixed_site());
        quote_spanned! {Span::mixed_site()=>
            const #reply: #private::TypedReply<#output> = #value;
        }
    }
}

/// The shim: takes the arguments out of the call and gives the work.
fn handler(endpoint: &Endpoint, runtime: &Runtime) -> TokenStream {
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
    // A future that is not `Send` is an error at the name of the function.
    let call = quote_spanned!(name.span()=> #name(#(#(#cfgs)* #values),*));
    let work = match endpoint.runs {
        Runs::Async(_) => {
            let private = runtime.path(name.span());
            let pinned = quote_spanned!(name.span()=> #private::Box::pin(#reply.answer(#call)));
            quote_spanned!(site=> ::core::result::Result::Ok(#private::Work::Async(#pinned)))
        }
        Runs::Blocking => quote_spanned!(site=> #reply.blocking(move || #call)),
    };
    let parameter = match constants.is_empty() {
        true => quote_spanned!(site=> _),
        false => quote_spanned!(site=> __call),
    };
    quote_spanned! {site=>
        fn __handle(#parameter: &mut #private::Call) -> #private::Handling {
            #(#(#cfgs)* let #values = #constants.take(__call)?;)*
            #work
        }
    }
}

/// The constant that is linked into the binary.
fn record(endpoint: &Endpoint, private: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
    let Endpoint {
        method,
        path,
        effect,
        docs,
        ..
    } = endpoint;
    let effects_if = endpoint.effect_if.iter().map(|EffectIf { query, effect }| {
        quote_spanned!(site=> #private::EffectIf { query: #query, effect: #private::Effect::#effect })
    });
    let arguments =
        endpoint
            .arguments
            .iter()
            .enumerate()
            .map(|(position, Argument { cfgs, .. })| {
                let constant = argument_constant(position);
                quote_spanned!(site=> #(#cfgs)* #constant.descriptor)
            });
    let reply = Ident::new(REPLY, site);
    let schema = schema(&endpoint.output_tokens(), private);
    let errors = endpoint
        .errors
        .map(|format| quote_spanned!(site=> .with_errors(#private::ErrorFormat::#format)));
    let response = quote_spanned!(site=> #reply.spec.with_schema(#schema) #errors);
    let timeout = option(endpoint.timeout.map(|timeout| duration(timeout, private)));
    let runtime = match endpoint.runs {
        Runs::Async(runtime) => runtime.to_token_stream(),
        Runs::Blocking => quote_spanned!(site=> Blocking),
    };
    let function = endpoint.name.unraw().to_string();
    quote_spanned! {site=>
        #private::EndpointDescriptor {
            method: #private::Method::#method,
            path: #path,
            effect: #private::Effect::#effect,
            effect_if: &[#(#effects_if),*],
            docs: #docs,
            arguments: &[#(#arguments),*],
            response: #response,
            timeout: #timeout,
            runtime: #private::Runtime::#runtime,
            source: #private::Source {
                crate_name: ::core::env!("CARGO_CRATE_NAME"),
                manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
                module: ::core::module_path!(),
                function: #function,
                file: ::core::file!(),
                line: ::core::line!(),
                column: ::core::column!(),
            },
            handler: __handle,
        }
    }
}

/// The schema of a type's JSON: an inherent constant where the type has one, else a trait's.
fn schema(of: &impl ToTokens, private: &TokenStream) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> #private::SchemaOf::<#of>::SCHEMA)
}

fn argument_constant(position: usize) -> Ident {
    format_ident!("__A{position}", span = Span::mixed_site())
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote_spanned!(Span::mixed_site()=> ::core::option::Option::Some(#value)),
        None => quote_spanned!(Span::mixed_site()=> ::core::option::Option::None),
    }
}

fn duration(duration: Duration, private: &TokenStream) -> TokenStream {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote_spanned!(Span::mixed_site()=> #private::Duration::new(#seconds, #nanos))
}

/// The spans of the first and the last token.
fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens
        .to_token_stream()
        .into_iter()
        .map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// A token at another place; what it names stays the same.
fn placed(mut token: TokenTree, span: Span) -> TokenTree {
    token.set_span(span);
    token
}
