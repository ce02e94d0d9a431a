//! The function of a run, as written.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Attribute, FnArg, Path, ReturnType, Type};

use crate::docs;
use crate::emit::cfgs;
use crate::errors::Errors;
use crate::signature::Function;

/// A function whose arguments the server provides for each run.
pub(crate) struct RunFunction {
    pub(crate) name: Ident,
    pub(crate) docs: String,
    /// `#[cfg]` of the function.
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) is_async: bool,
    pub(crate) inputs: Vec<RunInput>,
    /// `crate = ".."`.
    pub(crate) runtime_crate: Option<Path>,
    output: Option<Type>,
}

/// One argument of the function.
pub(crate) struct RunInput {
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) r#type: Type,
}

/// The arguments of a function, without their doc comments. `noun` completes error messages.
pub(crate) fn inputs(function: &mut Function, noun: &str, errors: &mut Errors) -> Vec<RunInput> {
    let mut inputs = Vec::new();
    for input in &mut function.signature.inputs {
        let FnArg::Typed(argument) = input else {
            continue;
        };
        // rustc rejects doc comments on arguments that remain after the expansion.
        argument.attrs.retain(|attribute| !docs::is_doc(attribute));
        if let Some(param) = argument.attrs.iter().find(|a| a.path().is_ident("param")) {
            errors.at(
                param,
                format!("{noun} has no request parameters: remove `#[param]`"),
            );
        }
        argument.attrs.retain(|a| !a.path().is_ident("param"));
        inputs.push(RunInput {
            cfgs: cfgs(&argument.attrs),
            r#type: (*argument.ty).clone(),
        });
    }
    inputs
}

impl RunFunction {
    pub(crate) fn new(
        function: &Function,
        inputs: Vec<RunInput>,
        runtime_crate: Option<Path>,
    ) -> Self {
        let signature = &function.signature;
        Self {
            name: signature.ident.clone(),
            docs: docs::text(&function.attributes),
            cfgs: cfgs(&function.attributes),
            is_async: signature.asyncness.is_some(),
            inputs,
            runtime_crate,
            output: match &signature.output {
                ReturnType::Default => None,
                ReturnType::Type(_, output) => Some((**output).clone()),
            },
        }
    }

    /// The return type; `()` with the span of the name if there is none.
    pub(super) fn output_tokens(&self) -> TokenStream {
        match &self.output {
            Some(output) => output.to_token_stream(),
            None => quote_spanned!(self.name.span()=> ()),
        }
    }
}
