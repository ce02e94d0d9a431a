//! `#[admin_endpoint]`.

mod expand;
#[cfg(test)]
mod golden;
mod input;
mod parse;
mod path;
mod validate;
mod vocabulary;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::errors::Errors;
use crate::signature::Function;

/// The whole attribute, on tokens that tests can make too.
pub(crate) fn admin_endpoint(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(mut function) = syn::parse2::<Function>(item.clone()) else {
        let start: TokenStream = item.clone().into_iter().take(1).collect();
        errors.at(
            start,
            "`#[admin_endpoint]` goes on a function: `fn stats() -> String { .. }`",
        );
        return item.into_iter().chain(errors.into_tokens()).collect();
    };
    let written = parse::parse(arguments, &mut function, &mut errors);
    match validate::validate(written, &function, &mut errors) {
        Some(endpoint) if errors.is_empty() => {
            let registration = expand::registration(&endpoint);
            // What an endpoint must be and pedantic users would be told not to write.
            let allow = match function.signature.asyncness {
                Some(_) => quote!(#[allow(clippy::unused_async)]),
                None => quote!(#[allow(clippy::needless_pass_by_value)]),
            };
            quote!(#allow #function #registration)
        }
        _ => fallback(&function, errors),
    }
}

/// The function as written, so that no error follows from its absence, and the mistakes. It is not
/// registered, which must not make it dead code on top.
fn fallback(function: &Function, errors: Errors) -> TokenStream {
    let mut tokens = quote!(#[allow(dead_code)]);
    function.to_tokens(&mut tokens);
    tokens.extend(errors.into_tokens());
    tokens
}
