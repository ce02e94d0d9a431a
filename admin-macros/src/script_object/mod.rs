//! `#[script_object]`.

mod expand;
#[cfg(test)]
mod golden;
mod parse;
mod validate;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Item, ItemImpl};

use crate::errors::Errors;

/// The attribute on `proc_macro2` tokens, which tests can create.
pub(crate) fn script_object(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut block = match block_of(&item) {
        Ok(block) => block,
        Err(message) => {
            errors.at(
                item.clone().into_iter().take(1).collect::<TokenStream>(),
                message,
            );
            return item.into_iter().chain(errors.into_tokens()).collect();
        }
    };
    let written = parse::parse(arguments, &mut block, &mut errors);
    match validate::validate(written, &block, &mut errors) {
        Some(object) if errors.is_empty() => {
            let registration = expand::implementation(&object);
            quote!(#block #registration)
        }
        _ => {
            let mut tokens = block.into_token_stream();
            tokens.extend(errors.into_tokens());
            tokens
        }
    }
}

fn block_of(item: &TokenStream) -> Result<ItemImpl, &'static str> {
    const PLACE: &str = "`#[script_object]` must be on an `impl` block: `impl Metadata { fn rank(&self) -> u32 { .. } }`";
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Impl(block)) => Ok(block),
        _ => Err(PLACE),
    }
}
