//! Validates the block. Only an [`Object`] can be expanded, and only this module creates one.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{FnArg, GenericParam, ItemImpl, LitStr, Pat, Path, ReturnType, Signature, Type};

use super::parse::{WrittenFunction, WrittenScriptObject};
use crate::args::Arguments;
use crate::errors::Errors;
use crate::signature::{self, Wording};

/// A valid script object.
pub(super) struct Object {
    pub(super) r#type: Type,
    /// The class name that scripts see.
    pub(super) name: String,
    /// `crate = ".."`.
    pub(super) runtime_crate: Option<Path>,
    pub(super) members: Vec<Member>,
}

/// One attribute or method.
pub(super) struct Member {
    pub(super) function: Ident,
    /// The name in scripts.
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) is_attribute: bool,
    pub(super) changes: bool,
    pub(super) arguments: Vec<MethodArgument>,
    pub(super) output: Option<Type>,
}

/// One argument of a method.
pub(super) struct MethodArgument {
    pub(super) name: String,
    pub(super) r#type: Type,
}

const WORDING: Wording = Wording {
    noun: "a method of a script object",
    instead_of_self: "take `&self`",
    instead_of_impl_return: "write a type that scripts can see, such as `u64` or `Vec<String>`",
};

/// Checks everything; adds errors and returns `None` if it is not a valid script object.
pub(super) fn validate(
    written: WrittenScriptObject,
    block: &ItemImpl,
    errors: &mut Errors,
) -> Option<Object> {
    let WrittenScriptObject {
        mut settings,
        functions,
    } = written;
    check_block(block, errors);
    let name = name_of(&mut settings, &block.self_ty, errors);
    let runtime_crate = settings.take_text("crate", errors);
    let runtime_crate = runtime_crate.and_then(|path| errors.handle(path.parse::<Path>()));
    let members = functions
        .into_iter()
        .filter_map(|function| member(function, errors))
        .collect();
    Some(Object {
        r#type: (*block.self_ty).clone(),
        name: name?,
        runtime_crate,
        members,
    })
}

fn check_block(block: &ItemImpl, errors: &mut Errors) {
    if let Some((path, _)) = &block.trait_ {
        let message =
            "`#[script_object]` must be on an `impl` block of the type itself, without a trait";
        errors.at(path, message);
    }
    for parameter in &block.generics.params {
        let message = match parameter {
            GenericParam::Lifetime(_) => "a script object cannot borrow: remove the lifetime",
            _ => "a script object cannot be generic: write the `impl` block of a concrete type",
        };
        errors.at(parameter, message);
    }
}

/// `name = ".."`; default: the last segment of the type.
fn name_of(settings: &mut Arguments, r#type: &Type, errors: &mut Errors) -> Option<String> {
    if let Some(given) = settings.take_text("name", errors) {
        return is_class_name(&given, errors).then(|| given.value());
    }
    if settings.has("name") {
        return None;
    }
    let last = match r#type {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    if last.is_none() {
        let message = "this type has no name that scripts can use: write `name = \"..\"`";
        errors.at(r#type, message);
    }
    last.map(|segment| segment.ident.unraw().to_string())
}

fn is_class_name(name: &LitStr, errors: &mut Errors) -> bool {
    let is_valid = syn::parse_str::<Ident>(&name.value()).is_ok();
    if !is_valid {
        errors.at(
            name,
            format!("{:?} is not a valid class name", name.value()),
        );
    }
    is_valid
}

fn member(written: WrittenFunction, errors: &mut Errors) -> Option<Member> {
    let WrittenFunction {
        function,
        docs,
        attribute,
        changes,
    } = written;
    let signature = &function.sig;
    let before = errors.len();
    check_name(signature, errors);
    check_receiver(signature, errors);
    check_rest(signature, errors);
    if let Some(asyncness) = &signature.asyncness {
        let message =
            "a method of a script object runs on its own thread and may block: remove `async`";
        errors.at(asyncness, message);
    }
    if let (Some(_), Some(changes)) = (&attribute, &changes) {
        errors.at(
            changes,
            "an attribute is read-only: remove `#[changes]` or `#[attribute]`",
        );
    }
    let arguments: Option<Vec<_>> = signature
        .inputs
        .iter()
        .filter_map(typed)
        .map(|input| argument(input, errors))
        .collect();
    if let (Some(_), Some(first)) = (&attribute, signature.inputs.iter().find_map(typed)) {
        errors.at(
            first,
            "an attribute takes no arguments: remove them or `#[attribute]`",
        );
    }
    let arguments = arguments?;
    if errors.len() > before {
        return None;
    }
    Some(Member {
        name: signature.ident.unraw().to_string(),
        function: signature.ident.clone(),
        docs,
        is_attribute: attribute.is_some(),
        changes: changes.is_some(),
        arguments,
        output: match &signature.output {
            ReturnType::Type(_, output) => Some((**output).clone()),
            ReturnType::Default => None,
        },
    })
}

fn check_name(signature: &Signature, errors: &mut Errors) {
    if signature.ident.unraw().to_string().starts_with('_') {
        let message = "scripts cannot access names that start with an underscore: rename it, or move it to an `impl` block without `#[script_object]`";
        errors.at(&signature.ident, message);
    }
}

/// Requires `&self`, because other threads use the object at the same time.
fn check_receiver(signature: &Signature, errors: &mut Errors) {
    const OTHER_BLOCK_HINT: &str = "or move it to an `impl` block without `#[script_object]`";
    let Some(FnArg::Receiver(receiver)) = signature.inputs.first() else {
        let message = format!("a method of a script object must take `&self`, {OTHER_BLOCK_HINT}");
        return errors.at(&signature.ident, message);
    };
    let tokens = receiver.to_token_stream();
    if tokens.to_string().replace(' ', "") != "&self" {
        let message = format!(
            "other threads use the object at the same time: take `&self`, {OTHER_BLOCK_HINT}"
        );
        errors.at(tokens, message);
    }
}

/// Checks the rest of the signature like that of a free function.
fn check_rest(signature: &Signature, errors: &mut Errors) {
    let mut rest = signature.clone();
    rest.inputs = rest
        .inputs
        .into_iter()
        .filter(|input| typed(input).is_some())
        .collect();
    signature::check(&rest, &WORDING, errors);
}

fn typed(input: &FnArg) -> Option<&syn::PatType> {
    match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    }
}

fn argument(input: &syn::PatType, errors: &mut Errors) -> Option<MethodArgument> {
    match &*input.pat {
        Pat::Ident(name) => Some(MethodArgument {
            name: name.ident.unraw().to_string(),
            r#type: (*input.ty).clone(),
        }),
        other => {
            errors.at(
                other,
                "scripts can pass arguments by name: write a plain name",
            );
            None
        }
    }
}
