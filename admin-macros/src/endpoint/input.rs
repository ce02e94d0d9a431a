//! One argument of the function as written.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, LitStr, Meta, Pat, PatType, Type};

use crate::args::{Arguments, Key};
use crate::docs;
use crate::errors::Errors;

const KEYS: &[Key] = &[
    Key::once("name", "name = \"thread-id\""),
    Key::once("default", "default = \"10\""),
];

/// An argument and its attributes, which are removed from the function.
pub(super) struct EndpointInput {
    /// The parameter name; `None` if the pattern does not bind exactly one name.
    pub(super) name: Option<String>,
    /// The tokens for errors about the name.
    pub(super) name_tokens: TokenStream,
    pub(super) docs: String,
    pub(super) default: Option<LitStr>,
    /// `#[cfg]` of the argument.
    pub(super) cfgs: Vec<Attribute>,
    pub(super) r#type: Type,
}

impl EndpointInput {
    pub(super) fn take(argument: &mut PatType, errors: &mut Errors) -> Self {
        let attributes = std::mem::take(&mut argument.attrs);
        let docs = docs::text(&attributes);
        let (params, rest): (Vec<_>, Vec<_>) = attributes
            .into_iter()
            .filter(|attribute| !docs::is_doc(attribute))
            .partition(|attribute| attribute.path().is_ident("param"));
        let cfgs = rest
            .iter()
            .filter(|attribute| attribute.path().is_ident("cfg"))
            .cloned()
            .collect();
        argument.attrs = rest;

        let mut settings = settings(&params, errors);
        let default = settings.take_text("default", errors);
        let renamed = settings.take_text("name", errors);
        let renamed = renamed.filter(|name| is_wire_name(name, errors));
        let name = match &renamed {
            Some(name) => Some(name.value()),
            None => binding(&argument.pat).map(|name| name.unraw().to_string()),
        };
        let name_tokens = renamed.map_or_else(
            || argument.pat.to_token_stream(),
            ToTokens::into_token_stream,
        );
        Self {
            name,
            name_tokens,
            docs,
            default,
            cfgs,
            r#type: (*argument.ty).clone(),
        }
    }
}

/// The entries of `#[param(..)]`.
fn settings(attributes: &[Attribute], errors: &mut Errors) -> Arguments {
    if let [_, second, ..] = attributes {
        errors.at(second, "only one `#[param(..)]` is allowed for each argument: write `#[param(name = \"..\", default = \"..\")]`");
    }
    let Some(attribute) = attributes.first() else {
        return Arguments::default();
    };
    match &attribute.meta {
        Meta::List(list) if !list.tokens.is_empty() => {
            Arguments::parse(list.tokens.clone(), KEYS, errors)
        }
        _ => {
            errors.at(attribute, "`#[param]` is empty: write `#[param(name = \"thread-id\")]` or `#[param(default = \"10\")]`");
            Arguments::default()
        }
    }
}

fn is_wire_name(name: &LitStr, errors: &mut Errors) -> bool {
    let text = name.value();
    let is_valid = !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '[' | ']'));
    if !is_valid {
        errors.at(
            name,
            format!(
                "{text:?} is not a valid parameter name: use letters, digits, `_`, `-` and `.`"
            ),
        );
    }
    is_valid
}

/// The name that a pattern binds if there is exactly one, such as `engine` in `State(engine)`.
fn binding(pattern: &Pat) -> Option<syn::Ident> {
    let mut names = Vec::new();
    bindings(pattern, &mut names);
    match <[_; 1]>::try_from(names) {
        Ok([name]) => Some(name),
        Err(_) => None,
    }
}

fn bindings(pattern: &Pat, names: &mut Vec<syn::Ident>) {
    match pattern {
        Pat::Ident(name) => names.push(name.ident.clone()),
        Pat::Paren(inner) => bindings(&inner.pat, names),
        Pat::Reference(inner) => bindings(&inner.pat, names),
        Pat::Type(inner) => bindings(&inner.pat, names),
        Pat::Tuple(tuple) => tuple
            .elems
            .iter()
            .for_each(|element| bindings(element, names)),
        Pat::TupleStruct(tuple) => tuple
            .elems
            .iter()
            .for_each(|element| bindings(element, names)),
        Pat::Struct(fields) => fields
            .fields
            .iter()
            .for_each(|field| bindings(&field.pat, names)),
        Pat::Slice(slice) => slice
            .elems
            .iter()
            .for_each(|element| bindings(element, names)),
        _ => {}
    }
}
