//! What was written, before anything is judged.

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
pub(super) struct Written {
    pub(super) settings: Arguments,
    pub(super) functions: Vec<WrittenFunction>,
}

/// One function with the markers that stood on it.
pub(super) struct WrittenFunction {
    pub(super) function: ImplItemFn,
    pub(super) docs: String,
    pub(super) attribute: Option<Attribute>,
    pub(super) changes: Option<Attribute>,
}

/// Reads the attribute, and takes `#[attribute]` and `#[changes]` off the functions.
pub(super) fn parse(attribute: TokenStream, block: &mut ItemImpl, errors: &mut Errors) -> Written {
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
    Written {
        settings,
        functions,
    }
}

/// The marker of this name, which stands at most once and alone.
fn take(attributes: &mut Vec<Attribute>, name: &str, errors: &mut Errors) -> Option<Attribute> {
    let all = std::mem::take(attributes).into_iter();
    let (markers, rest): (Vec<_>, Vec<_>) =
        all.partition(|attribute| attribute.path().is_ident(name));
    *attributes = rest;
    for marker in &markers {
        if marker.meta.require_path_only().is_err() {
            errors.at(
                marker,
                format!("`#[{name}]` stands alone: remove what follows it"),
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
