//! A function that an attribute is on, and the checks that all registered functions share. The body
//! is not parsed.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, FnArg, GenericArgument, GenericParam, PathArguments, ReturnType, Safety, Signature,
    Type, Visibility,
};

use crate::errors::Errors;
use crate::placement::is_in_impl_block;

/// A free function; its body is kept as tokens.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attributes: Attribute::parse_outer(input)?,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: input.parse()?,
        })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attribute in &self.attributes {
            attribute.to_tokens(tokens);
        }
        self.visibility.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

/// The terms of error messages about a signature.
pub(crate) struct Wording {
    /// `an endpoint`
    pub(crate) noun: &'static str,
    /// The replacement for `self`.
    pub(crate) instead_of_self: &'static str,
    /// The replacement for `-> impl Trait`.
    pub(crate) instead_of_impl_return: &'static str,
}

/// Checks for features that a registered function cannot have.
pub(crate) fn check(signature: &Signature, wording: &Wording, errors: &mut Errors) {
    if signature.receiver().is_none() && is_in_impl_block() {
        let Wording {
            noun,
            instead_of_self,
            ..
        } = wording;
        let message = format!(
            "{noun} is a free function: move it out of the `impl` block, and {instead_of_self}"
        );
        errors.at(&signature.ident, message);
    }
    check_qualifiers(signature, wording, errors);
    check_generics(signature, wording, errors);
    for input in &signature.inputs {
        check_input(input, wording, errors);
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(
            variadic,
            format!(
                "{} has a fixed list of arguments: remove `...`",
                wording.noun
            ),
        );
    }
    check_output(&signature.output, wording, errors);
}

fn check_qualifiers(signature: &Signature, Wording { noun, .. }: &Wording, errors: &mut Errors) {
    if let Some(constness) = &signature.constness {
        errors.at(
            constness,
            format!("{noun} runs at run time: remove `const`"),
        );
    }
    if let Safety::Unsafe(safety) = &signature.safety {
        let message = format!(
            "{noun} is called by the server, which cannot uphold a safety contract: remove `unsafe`"
        );
        errors.at(safety, message);
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, format!("{noun} is called from Rust: remove `extern`"));
    }
}

fn check_generics(signature: &Signature, Wording { noun, .. }: &Wording, errors: &mut Errors) {
    let generics = &signature.generics;
    for parameter in &generics.params {
        let message = match parameter {
            GenericParam::Lifetime(_) => format!("{noun} owns its arguments: remove the lifetime"),
            GenericParam::Type(_) | GenericParam::Const(_) => {
                format!("{noun} cannot be generic: write a concrete type")
            }
        };
        errors.at(parameter, message);
    }
    if generics.params.is_empty()
        && let Some(clause) = &generics.where_clause
    {
        errors.at(
            clause,
            format!("{noun} cannot be generic: remove the `where` clause"),
        );
    }
}

fn check_input(input: &FnArg, wording: &Wording, errors: &mut Errors) {
    let Wording {
        noun,
        instead_of_self,
        ..
    } = wording;
    match input {
        FnArg::Receiver(receiver) => {
            let message = format!("{noun} is a free function without `self`: {instead_of_self}");
            errors.at(receiver.self_token, message);
        }
        FnArg::Typed(typed) => {
            if let Some(keyword) = impl_keyword(typed.ty.to_token_stream()) {
                let message =
                    format!("{noun} cannot be generic: replace `impl Trait` with a concrete type");
                errors.at(keyword, message);
            } else if let Some(reference) = borrowed(&typed.ty) {
                let owned = owned(&reference.elem);
                errors.at(
                    reference,
                    format!("{noun} owns its arguments: write `{owned}`"),
                );
            }
        }
    }
}

fn check_output(output: &ReturnType, wording: &Wording, errors: &mut Errors) {
    let ReturnType::Type(_, output) = output else {
        return;
    };
    let Wording {
        noun,
        instead_of_impl_return,
        ..
    } = wording;
    if let Type::Never(never) = &**output {
        errors.at(
            never,
            format!("{noun} must return: {instead_of_impl_return}"),
        );
    } else if let Some(keyword) = impl_keyword(output.to_token_stream()) {
        let message =
            format!("the return type of {noun} must be a concrete type: {instead_of_impl_return}");
        errors.at(keyword, message);
    }
}

/// The first keyword `impl` in a type.
fn impl_keyword(tokens: TokenStream) -> Option<TokenTree> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ref word) if word == "impl" => Some(token),
        TokenTree::Group(group) => impl_keyword(group.stream()),
        _ => None,
    })
}

/// A reference that is not `'static`: the type itself or an argument of a generic type.
fn borrowed(r#type: &Type) -> Option<&syn::TypeReference> {
    match r#type {
        Type::Reference(reference) => {
            let is_static = reference
                .lifetime
                .as_ref()
                .is_some_and(|life| life.ident == "static");
            (!is_static).then_some(reference)
        }
        Type::Path(path) => {
            let PathArguments::AngleBracketed(list) = &path.path.segments.last()?.arguments else {
                return None;
            };
            list.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(inner) => borrowed(inner),
                _ => None,
            })
        }
        Type::Paren(inner) => borrowed(&inner.elem),
        Type::Group(inner) => borrowed(&inner.elem),
        _ => None,
    }
}

/// The owned type to write instead of a reference.
fn owned(borrowed: &Type) -> String {
    match borrowed {
        Type::Slice(slice) => format!("Vec<{}>", slice.elem.to_token_stream()),
        Type::Path(path) => {
            let name = path
                .path
                .segments
                .last()
                .map(|segment| segment.ident.to_string());
            match name.as_deref() {
                Some("str") => "String".to_owned(),
                Some("Path") => "PathBuf".to_owned(),
                _ => path.to_token_stream().to_string().replace(' ', ""),
            }
        }
        other => other.to_token_stream().to_string(),
    }
}
