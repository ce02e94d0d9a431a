//! Parses the list in `#[attribute(key = value, key(..))]` and reports every mistake in it.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{LitBool, LitInt, LitStr, Token, token};

use crate::errors::Errors;
use crate::suggest::{did_you_mean, nearest};

/// A key that an attribute takes.
pub(crate) struct Key {
    /// The key as written.
    pub(crate) name: &'static str,
    /// A complete entry for error messages: `path = "/stats"`.
    pub(crate) example: &'static str,
    /// Whether the key is allowed several times.
    pub(crate) repeatable: bool,
    /// The key that this one probably stands for, if it is a mistake that other frameworks suggest.
    pub(crate) mistake_for: Option<&'static str>,
}

impl Key {
    pub(crate) const fn once(name: &'static str, example: &'static str) -> Self {
        Self {
            name,
            example,
            repeatable: false,
            mistake_for: None,
        }
    }

    pub(crate) const fn repeatable(name: &'static str, example: &'static str) -> Self {
        Self {
            repeatable: true,
            ..Self::once(name, example)
        }
    }

    /// A key that does not exist: the error says to write `example`, which has the key `right`.
    pub(crate) const fn mistake(
        name: &'static str,
        right: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            mistake_for: Some(right),
            ..Self::once(name, example)
        }
    }
}

/// The entries of an attribute, each taken once.
#[derive(Default)]
pub(crate) struct Arguments {
    entries: Vec<ArgumentEntry>,
    /// The keys that invalid entries probably stand for.
    intended: Vec<&'static str>,
}

struct ArgumentEntry {
    key: &'static Key,
    written: Ident,
    value: EntryValue,
}

enum EntryValue {
    /// The tokens after `=`.
    Tokens(TokenStream),
    /// The tokens between the parentheses.
    List(TokenStream),
}

impl Arguments {
    /// Parses the list. Everything except entries with these keys is an error.
    pub(crate) fn parse(tokens: TokenStream, keys: &'static [Key], errors: &mut Errors) -> Self {
        let written = Punctuated::<WrittenEntry, Token![,]>::parse_terminated.parse2(tokens);
        let (mut entries, mut intended) = (Vec::new(), Vec::new());
        for entry in errors.handle(written).unwrap_or_default() {
            let entry = match entry.known(keys, errors) {
                Ok(entry) => entry,
                Err(key) => {
                    intended.extend(key.map(|key| key.name));
                    continue;
                }
            };
            let first = entries
                .iter()
                .find(|earlier: &&ArgumentEntry| earlier.key.name == entry.key.name);
            if first.is_some() && !entry.key.repeatable {
                let name = entry.key.name;
                errors.at(
                    &entry.written,
                    format!("`{name}` is given twice: remove one of them"),
                );
            } else {
                entries.push(entry);
            }
        }
        Self { entries, intended }
    }

    /// Whether a key is present, valid or not, so that it is not reported as missing too.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.intended.contains(&name) || self.entries.iter().any(|entry| entry.key.name == name)
    }

    /// The tokens of `key = value`, for errors about the value.
    pub(crate) fn value_tokens(&self, name: &str) -> Option<TokenStream> {
        let entry = self.entries.iter().find(|entry| entry.key.name == name)?;
        match &entry.value {
            EntryValue::Tokens(tokens) => Some(tokens.clone()),
            EntryValue::List(_) => None,
        }
    }

    /// Takes the string of `key = "text"`.
    pub(crate) fn take_text(&mut self, name: &str, errors: &mut Errors) -> Option<LitStr> {
        let position = self
            .entries
            .iter()
            .position(|entry| entry.key.name == name)?;
        let ArgumentEntry {
            key,
            written,
            value,
        } = self.entries.remove(position);
        let example = key.example;
        match value {
            EntryValue::Tokens(tokens) => match syn::parse2::<LitStr>(tokens.clone()) {
                Ok(text) => Some(text),
                Err(_) => {
                    let example = match syn::parse2::<Ident>(tokens.clone()) {
                        Ok(word) => format!("{name} = \"{word}\""),
                        Err(_) => example.to_owned(),
                    };
                    let message = format!("`{name}` must be a string: `{example}`");
                    errors.at(
                        if tokens.is_empty() {
                            written.into_token_stream()
                        } else {
                            tokens
                        },
                        message,
                    );
                    None
                }
            },
            EntryValue::List(_) => {
                errors.at(written, format!("`{name}` takes one value: `{example}`"));
                None
            }
        }
    }

    /// Takes the integer of `key = 3`.
    pub(crate) fn take_integer(&mut self, name: &str, errors: &mut Errors) -> Option<LitInt> {
        self.take_literal(name, "an integer", errors)
    }

    /// Takes the `true` or `false` of `key = true`.
    pub(crate) fn take_bool(&mut self, name: &str, errors: &mut Errors) -> Option<bool> {
        let wanted = "`true` or `false`, without quotes";
        let flag: LitBool = self.take_literal(name, wanted, errors)?;
        Some(flag.value)
    }

    fn take_literal<L: Parse>(
        &mut self,
        name: &str,
        wanted: &str,
        errors: &mut Errors,
    ) -> Option<L> {
        let at = |entry: &ArgumentEntry| entry.key.name == name;
        let ArgumentEntry {
            key,
            written,
            value,
        } = self.entries.remove(self.entries.iter().position(at)?);
        let tokens = match value {
            EntryValue::Tokens(tokens) if !tokens.is_empty() => tokens,
            EntryValue::Tokens(_) | EntryValue::List(_) => written.into_token_stream(),
        };
        let literal = syn::parse2(tokens.clone()).ok();
        if literal.is_none() {
            errors.at(
                tokens,
                format!("`{name}` must be {wanted}: `{}`", key.example),
            );
        }
        literal
    }

    /// Takes the tokens of each `key(..)`, with the key as written.
    pub(crate) fn take_lists(
        &mut self,
        name: &str,
        errors: &mut Errors,
    ) -> Vec<(Ident, TokenStream)> {
        let entries = std::mem::take(&mut self.entries).into_iter();
        let (taken, left): (Vec<_>, Vec<_>) = entries.partition(|entry| entry.key.name == name);
        self.entries = left;
        let mut lists = Vec::new();
        for ArgumentEntry {
            key,
            written,
            value,
        } in taken
        {
            match value {
                EntryValue::List(tokens) => lists.push((written, tokens)),
                EntryValue::Tokens(_) => {
                    errors.at(written, format!("`{name}` takes a list: `{}`", key.example));
                }
            }
        }
        lists
    }
}

/// One entry between two commas.
enum WrittenEntry {
    Pair(Ident, EntryValue),
    /// A key without a value.
    Flag(Ident),
    /// Other tokens.
    Invalid(TokenStream),
}

impl Parse for WrittenEntry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Ok(Self::Invalid(up_to_comma(input)?));
        }
        let key = input.call(Ident::parse_any)?;
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return Ok(Self::Pair(key, EntryValue::Tokens(up_to_comma(input)?)));
        }
        if input.peek(token::Paren) {
            let inside;
            syn::parenthesized!(inside in input);
            let list = EntryValue::List(inside.parse()?);
            if input.is_empty() || input.peek(Token![,]) {
                return Ok(Self::Pair(key, list));
            }
            return Ok(Self::Invalid(up_to_comma(input)?));
        }
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(Self::Flag(key));
        }
        // `path: "/x"`, `path "/x"`
        let rest = up_to_comma(input)?;
        Ok(Self::Invalid(
            key.into_token_stream().into_iter().chain(rest).collect(),
        ))
    }
}

fn up_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

impl WrittenEntry {
    /// The entry if its key is known, otherwise the key that it probably stands for.
    fn known(
        self,
        keys: &'static [Key],
        errors: &mut Errors,
    ) -> Result<ArgumentEntry, Option<&'static Key>> {
        let find = |name: &str| existing(keys).find(|key| key.name == name);
        match self {
            Self::Pair(written, value) => {
                let name = written.unraw().to_string();
                if let Some(key) = find(&name) {
                    return Ok(ArgumentEntry {
                        key,
                        written,
                        value,
                    });
                }
                let (hint, key) = correction(&name, keys);
                errors.at(&written, format!("unknown key `{name}`: {hint}"));
                Err(key)
            }
            Self::Flag(written) => {
                let name = written.unraw().to_string();
                let (hint, key) = match find(&name) {
                    Some(key) => (format!("write `{}`", key.example), Some(key)),
                    None => correction(&name, keys),
                };
                errors.at(&written, format!("`{name}` has no value: {hint}"));
                Err(key)
            }
            Self::Invalid(tokens) => {
                let first = tokens.clone().into_iter().next();
                let name = first.as_ref().map(ToString::to_string).unwrap_or_default();
                let key = find(&name).or(keys.first());
                let message = match (key, syn::parse2::<LitStr>(tokens.clone())) {
                    (Some(key), Ok(text)) => {
                        let text = text.token();
                        format!("{text} has no key: write `{} = {text}`", key.name)
                    }
                    (Some(key), Err(_)) => {
                        format!("expected `key = value`, such as `{}`", key.example)
                    }
                    (None, _) => "this attribute takes no arguments".to_owned(),
                };
                errors.at(tokens, message);
                Err(key)
            }
        }
    }
}

fn existing(keys: &'static [Key]) -> impl Iterator<Item = &'static Key> {
    keys.iter().filter(|key| key.mistake_for.is_none())
}

/// What to write in place of an unknown key, and the key that it probably stands for.
fn correction(name: &str, keys: &'static [Key]) -> (String, Option<&'static Key>) {
    let key_named = |name: &str| existing(keys).find(|key| key.name == name);
    let mistake = keys
        .iter()
        .filter(|key| key.name.eq_ignore_ascii_case(name))
        .find_map(|key| Some((key, key.mistake_for?)));
    if let Some((mistake, right)) = mistake {
        return (format!("write `{}`", mistake.example), key_named(right));
    }
    let names: Vec<&str> = existing(keys).map(|key| key.name).collect();
    let key = nearest(name, &names).and_then(key_named);
    (did_you_mean(name, &names), key)
}
