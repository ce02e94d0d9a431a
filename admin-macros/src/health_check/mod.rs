//! `#[health_check]`.

mod expand;
mod parse;
mod validate;
mod vocabulary;

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::{fallback, not_a_function};
use crate::errors::Errors;
use crate::signature::Function;

/// The attribute on `proc_macro2` tokens, which tests can create.
pub(crate) fn health_check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(mut function) = syn::parse2::<Function>(item.clone()) else {
        let message =
            "`#[health_check]` must be on a function: `fn database() -> Result<(), Error> { .. }`";
        return not_a_function(item, message);
    };
    let written = parse::parse(arguments, &mut function, &mut errors);
    match validate::validate(written, &function, &mut errors) {
        Some(check) if errors.is_empty() => {
            let registration = expand::registration(&check);
            // Pedantic lints that do not apply to the signature of a health check.
            let allow = match function.signature.asyncness {
                Some(_) => quote!(#[allow(clippy::unused_async)]),
                None => quote!(#[allow(clippy::needless_pass_by_value)]),
            };
            quote!(#allow #function #registration)
        }
        _ => fallback(&function, errors),
    }
}
