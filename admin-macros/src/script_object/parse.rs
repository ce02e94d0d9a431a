//! The attribute as written, before validation.

use proc_macro2::TokenStream;
use syn::{Attribute, ImplItem, ImplItemFn, ItemImpl};

use crate::args::{Arguments, Key};
use crate::docs;
use crate::errors::Errors;

const KEYS: &[Key] = &[
    Key::once("name", "name = \"Metadata\""),
    Key::once("crate", "crate = \"path::to::admin_runtime\""),
];

/// An attribute and the functions of its block.
pub(super) struct WrittenScriptObject {
    pub(super) settings: Arguments,
    pub(super) functions: Vec<WrittenFunction>,
}

/// One function and the markers that were on it.
pub(super) struct WrittenFunction {
    pub(super) function: ImplItemFn,
    pub(super) docs: String,
    pub(super) attribute: Option<Attribute>,
    pub(super) changes: Option<Attribute>,
}

/// Parses the attribute and removes `#[attribute]` and `#[changes]` from the functions.
pub(super) fn parse(
    attribute: TokenStream,
    block: &mut ItemImpl,
    errors: &mut Errors,
) -> WrittenScriptObject {
    let settings = Arguments::parse(attribute, KEYS, errors);
    let mut functions = Vec::new();
    for item in &mut block.items {
        if let ImplItem::Fn(function) = item {
            let attribute = take(&mut function.attrs, "attribute", errors);
            let changes = take(&mut function.attrs, "changes", errors);
            functions.push(WrittenFunction {
                function: function.clone(),
                docs: docs::text(&function.attrs),
                attribute,
                changes,
            });
        }
    }
    WrittenScriptObject {
        settings,
        functions,
    }
}

/// Removes and returns the marker with this name, of which there may be one, without arguments.
fn take(attributes: &mut Vec<Attribute>, name: &str, errors: &mut Errors) -> Option<Attribute> {
    let all = std::mem::take(attributes).into_iter();
    let (markers, rest): (Vec<_>, Vec<_>) =
        all.partition(|attribute| attribute.path().is_ident(name));
    *attributes = rest;
    for marker in &markers {
        if marker.meta.require_path_only().is_err() {
            errors.at(
                marker,
                format!("`#[{name}]` takes no arguments: remove them"),
            );
        }
    }
    if let [_, second, ..] = markers.as_slice() {
        errors.at(
            second,
            format!("`#[{name}]` is given twice: remove one of them"),
        );
    }
    markers.into_iter().next()
}
