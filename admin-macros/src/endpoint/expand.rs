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
    let arguments = arguments.map(|(position, argument)| runtime.argument(position, argument));
    let reply = runtime.reply(endpoint);
    let handler = handler(endpoint, &private);
    let record = record(endpoint, &private);
    quote_spanned! {site=>
        #(#cfgs)*
        #[allow(deprecated)]
        const _: () = {
            #(#arguments)*
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

    fn argument(&self, position: usize, argument: &Argument) -> TokenStream {
        let Argument {
            name,
            docs,
            cfgs,
            r#type,
            default,
            ..
        } = argument;
        let private = self.path(Span::mixed_site());
        let constant = argument_constant(position);
        let value = match argument.place {
            Place::Path(index) => {
                let function = self.function("path_argument", r#type);
                quote_spanned!(Span::mixed_site()=> #function(#name, #docs, #index))
            }
            Place::Elsewhere => {
                let function = self.function("argument", r#type);
                let default = option(default.as_ref());
                quote_spanned!(Span::mixed_site()=> #function(#name, #docs, #default))
            }
        };
        quote_spanned! {Span::mixed_site()=>
            #(#cfgs)*
            const #constant: #private::TypedArgument<#r#type> = #value;
        }
    }

    fn reply(&self, endpoint: &Endpoint) -> TokenStream {
        let private = self.path(Span::mixed_site());
        let output = endpoint.output_tokens();
        let function = self.function("reply", &output);
        let reply = Ident::new(REPLY, Span::mixed_site());
        quote_spanned! {Span::mixed_site()=>
            const #reply: #private::TypedReply<#output> = #function();
        }
    }
}

/// The shim: takes the arguments out of the call and gives the work.
fn handler(endpoint: &Endpoint, private: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
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
        Runs::Async(_) => quote_spanned!(site=> #reply.future(#call)),
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
    let response = match endpoint.errors {
        Some(format) => {
            quote_spanned!(site=> #reply.spec.with_errors(#private::ErrorFormat::#format))
        }
        None => quote_spanned!(site=> #reply.spec),
    };
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
