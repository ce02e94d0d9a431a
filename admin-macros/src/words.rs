//! Attribute values that are one of a fixed set of words, with the names of the runtime's enums.

use syn::LitStr;

use crate::suggest::did_you_mean;

/// A fixed set of words.
pub(crate) trait Keyword: Copy + 'static {
    /// The noun for error messages.
    const NOUN: &'static str;
    /// All words with their values.
    const WORDS: &'static [(&'static str, Self)];
}

/// Parses one word of a set.
pub(crate) fn parse_word<T: Keyword>(literal: &LitStr) -> syn::Result<T> {
    let given = literal.value();
    match T::WORDS.iter().find(|(word, _)| *word == given) {
        Some((_, value)) => Ok(*value),
        None => {
            let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
            let hint = did_you_mean(&given, &words);
            Err(syn::Error::new(
                literal.span(),
                format!("`{given}` is not a valid {}: {hint}", T::NOUN),
            ))
        }
    }
}

/// The word of a value.
pub(crate) fn word<T: Keyword + PartialEq>(value: T) -> &'static str {
    T::WORDS
        .iter()
        .find(|(_, known)| *known == value)
        .map_or("", |(word, _)| word)
}

/// Declares an enum with one variant for each word.
macro_rules! words {
    ($(#[$docs:meta])* $name:ident, $noun:literal, $($word:literal => $variant:ident,)*) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum $name { $($variant,)* }

        impl $crate::words::Keyword for $name {
            const NOUN: &'static str = $noun;
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)*];
        }

        impl quote::ToTokens for $name {
            fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
                let variant = match self { $(Self::$variant => stringify!($variant),)* };
                let variant = proc_macro2::Ident::new(variant, proc_macro2::Span::mixed_site());
                quote::ToTokens::to_tokens(&variant, tokens);
            }
        }
    };
}

pub(crate) use words;
