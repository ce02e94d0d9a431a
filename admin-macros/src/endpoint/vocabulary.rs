//! The words that the values of the attribute can be, named as the runtime's enums name them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::LitStr;

use crate::suggest::did_you_mean;

/// A closed set of words.
pub(super) trait Word: Copy + 'static {
    /// What an error calls one of them.
    const NOUN: &'static str;
    /// Every word with its value.
    const WORDS: &'static [(&'static str, Self)];
}

/// Reads one word of a set.
pub(super) fn read<T: Word>(literal: &LitStr) -> syn::Result<T> {
    let given = literal.value();
    match T::WORDS.iter().find(|(word, _)| *word == given) {
        Some((_, value)) => Ok(*value),
        None => {
            let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
            let hint = did_you_mean(&given, &words);
            Err(syn::Error::new(
                literal.span(),
                format!("`{given}` is no {}: {hint}", T::NOUN),
            ))
        }
    }
}

/// The text of a value.
pub(super) fn word<T: Word + PartialEq>(value: T) -> &'static str {
    T::WORDS
        .iter()
        .find(|(_, known)| *known == value)
        .map_or("", |(word, _)| word)
}

macro_rules! words {
    ($(#[$docs:meta])* $name:ident, $noun:literal, $($word:literal => $variant:ident,)*) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum $name { $($variant,)* }

        impl Word for $name {
            const NOUN: &'static str = $noun;
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)*];
        }

        impl ToTokens for $name {
            fn to_tokens(&self, tokens: &mut TokenStream) {
                let variant = match self { $(Self::$variant => stringify!($variant),)* };
                Ident::new(variant, Span::mixed_site()).to_tokens(tokens);
            }
        }
    };
}

words! {
    /// The method of the requests.
    Method, "method of an endpoint",
    "GET" => Get,
    "HEAD" => Head,
    "POST" => Post,
    "PUT" => Put,
    "PATCH" => Patch,
    "DELETE" => Delete,
    "OPTIONS" => Options,
}

impl Method {
    /// Whether clients, proxies and link previews may send it on their own.
    pub(super) fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }

    /// Whether a body of its requests has a meaning.
    pub(super) fn has_body(self) -> bool {
        !matches!(self, Self::Get | Self::Head | Self::Delete)
    }
}

words! {
    /// What a request may change, from harmless to dangerous.
    Effect, "effect",
    "read" => Read,
    "write" => Write,
    "dangerous" => Dangerous,
}

words! {
    /// Which runtime an `async fn` runs on.
    Runtime, "runtime",
    "admin" => Admin,
    "user" => User,
}

words! {
    /// How errors are written.
    ErrorFormat, "format of errors",
    "json" => Json,
    "text" => Text,
}
