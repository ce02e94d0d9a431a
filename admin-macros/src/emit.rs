//! Tokens that all registrations have in common.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, LitStr, Path};

use crate::errors::Errors;

/// The path of the hidden module of the runtime crate.
pub(crate) struct RuntimePath(TokenStream);

impl RuntimePath {
    /// The module of `crate = ".."`, or of the crate under its own name.
    pub(crate) fn new(runtime_crate: Option<&Path>) -> Self {
        Self(match runtime_crate {
            Some(path) => quote!(#path::__private),
            None => quote!(::admin_runtime::__private),
        })
    }

    /// The path with this span.
    pub(crate) fn path(&self, span: Span) -> TokenStream {
        self.0
            .clone()
            .into_iter()
            .map(|token| with_span(token, span))
            .collect()
    }

    /// `path::function`, with the span of the given tokens for errors about its bounds.
    pub(crate) fn function(&self, function: &str, at: &impl ToTokens) -> TokenStream {
        let (first, last) = ends(at);
        let path = self.path(first);
        let function = Ident::new(function, last);
        quote_spanned!(first=> #path::#function)
    }

    /// `<Type as path::Trait>::NAME`, with the span of the type for errors about a missing trait.
    pub(crate) fn constant(
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

    /// The source location of a registered function.
    pub(crate) fn source(&self, function: &Ident) -> TokenStream {
        let private = self.path(Span::mixed_site());
        let function = function.unraw().to_string();
        quote_spanned! {Span::mixed_site()=>
            #private::SourceLocation::new(
                ::core::env!("CARGO_CRATE_NAME"),
                ::core::module_path!(),
                #function
            )
            .with_location(
                ::core::env!("CARGO_MANIFEST_DIR"),
                ::core::file!(),
                ::core::line!(),
                ::core::column!()
            )
        }
    }
}

/// The path of the runtime crate in `crate = ".."`.
pub(crate) fn parse_runtime_crate(literal: &LitStr, errors: &mut Errors) -> Option<Path> {
    rust_path(literal, "a crate", "`crate = \"admin_runtime\"`", errors)
}

/// Parses a Rust path in a string. `what` and `instead` complete the error message.
pub(crate) fn rust_path(
    literal: &LitStr,
    what: &str,
    instead: &str,
    errors: &mut Errors,
) -> Option<Path> {
    let path = literal.parse_with(Path::parse_mod_style).ok();
    if path.is_none() {
        let value = literal.value();
        let message = format!("`{value}` is not a path to {what}: write {instead}");
        errors.at(literal, message);
    }
    path
}

/// The `#[cfg]` attributes: the registration exists only if the function does.
pub(crate) fn cfgs(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .cloned()
        .collect()
}

/// The function as written and the errors. The function is kept so that its callers compile, and
/// allowed to be unused because it is not registered.
pub(crate) fn fallback(function: &impl ToTokens, errors: Errors) -> TokenStream {
    let mut tokens = quote!(#[allow(dead_code)]);
    function.to_tokens(&mut tokens);
    tokens.extend(errors.into_tokens());
    tokens
}

/// The item as written and an error that it is not a function.
pub(crate) fn not_a_function(item: TokenStream, message: &str) -> TokenStream {
    let mut errors = Errors::default();
    let start: TokenStream = item.clone().into_iter().take(1).collect();
    errors.at(start, message);
    item.into_iter().chain(errors.into_tokens()).collect()
}

/// The constant for the n-th argument. Names of the registration's items start with two
/// underscores, so that they do not shadow names in the user's types.
pub(crate) fn argument_constant(position: usize) -> Ident {
    format_ident!("__A{position}", span = Span::mixed_site())
}

/// `Some` or `None`.
pub(crate) fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote_spanned!(Span::mixed_site()=> ::core::option::Option::Some(#value)),
        None => quote_spanned!(Span::mixed_site()=> ::core::option::Option::None),
    }
}

/// A duration as a constant.
pub(crate) fn duration(duration: Duration, private: &TokenStream) -> TokenStream {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote_spanned!(Span::mixed_site()=> #private::Duration::new(#seconds, #nanos))
}

/// The spans of the first and the last token.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens
        .to_token_stream()
        .into_iter()
        .map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// The token with another span.
fn with_span(mut token: TokenTree, span: Span) -> TokenTree {
    token.set_span(span);
    token
}
