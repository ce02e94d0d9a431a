//! The implementation: a table of members and two matches over their names.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::validate::{Member, MethodArgument, Object};

/// The implementation next to the block.
pub(super) fn implementation(object: &Object) -> TokenStream {
    let Object {
        r#type,
        name,
        runtime_crate,
        members,
    } = object;
    let private = match runtime_crate {
        Some(path) => quote!(#path::__private::script),
        None => quote!(::admin_runtime::__private::script),
    };
    let table = members.iter().map(|member| record(member, &private));
    let attributes = members.iter().filter(|member| member.is_attribute);
    let attributes = attributes.map(|member| read(member, &private));
    let methods = members.iter().filter(|member| !member.is_attribute);
    let methods = methods.map(|member| call(member, name, &private));
    quote! {
        const _: () = {
            impl #private::ScriptObject for #r#type {
                fn class_name(&self) -> &#private::str {
                    #name
                }
                fn members(&self) -> &[#private::ScriptMember] {
                    const MEMBERS: &[#private::ScriptMember] = &[#(#table),*];
                    MEMBERS
                }
                fn attribute(&self, __name: &#private::str) -> #private::Answer {
                    match __name {
                        #(#attributes)*
                        _ => #private::Option::None,
                    }
                }
                fn call(
                    &self,
                    __name: &#private::str,
                    __args: #private::ScriptArgs,
                ) -> #private::Answer {
                    match __name {
                        #(#methods)*
                        _ => #private::Option::None,
                    }
                }
            }
            #[diagnostic::do_not_recommend]
            impl #private::IntoScriptValue for #r#type {
                fn into_script_value(self) -> #private::Value {
                    #private::object(self)
                }
            }
        };
    }
}

fn record(member: &Member, private: &TokenStream) -> TokenStream {
    let Member {
        name,
        docs,
        is_attribute,
        changes,
        arguments,
        ..
    } = member;
    let kind = if *is_attribute {
        quote!(Attribute)
    } else {
        quote!(Method)
    };
    let signature = if *is_attribute {
        String::new()
    } else {
        signature(arguments)
    };
    let summary = docs
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .replace('\n', " ");
    quote! {
        #private::ScriptMember::new(#name, #private::MemberKind::#kind, #signature)
            .with_changes(#changes)
            .with_summary(#summary)
    }
}

/// `(tokens: Vec<u32>, pin: Option<bool>)`
fn signature(arguments: &[MethodArgument]) -> String {
    let shown = arguments.iter().map(|MethodArgument { name, r#type }| {
        let written = r#type.to_token_stream().to_string();
        format!("{name}: {}", written.replace(' ', "").replace(',', ", "))
    });
    format!("({})", shown.collect::<Vec<_>>().join(", "))
}

fn read(member: &Member, private: &TokenStream) -> TokenStream {
    let Member { name, function, .. } = member;
    let value = shown(member, private, quote!(self.#function()));
    quote!(#name => #private::Option::Some(#value),)
}

/// The value of a call, with the span of its type for an error about a type that scripts cannot see.
fn shown(member: &Member, private: &TokenStream, value: TokenStream) -> TokenStream {
    match &member.output {
        Some(output) => {
            let trait_of = quote_spanned!(output.span()=> <#output as #private::IntoScriptValue>);
            quote!(#trait_of::into_script_value(#value))
        }
        None => quote!(#private::IntoScriptValue::into_script_value(#value)),
    }
}

fn call(member: &Member, class: &str, private: &TokenStream) -> TokenStream {
    let Member {
        name,
        function,
        arguments,
        ..
    } = member;
    let method = format!("{class}.{name}");
    let bound: Vec<_> = (0..arguments.len())
        .map(|n| format_ident!("__argument_{n}"))
        .collect();
    let parameters = arguments.iter().map(|MethodArgument { name, r#type }| {
        let trait_of = quote_spanned!(r#type.span()=> <#r#type as #private::FromScriptValue>);
        quote!((#name, #trait_of::REQUIRED))
    });
    let typed = arguments
        .iter()
        .zip(&bound)
        .map(|(MethodArgument { name, r#type }, bound)| {
            let take =
                quote_spanned!(r#type.span()=> <#r#type as #private::FromScriptValue>::argument);
            quote!(let #bound = #take(#method, #name, #bound)?;)
        });
    let value = shown(member, private, quote!(self.#function(#(#bound),*)));
    quote! {
        #name => #private::Option::Some((|| {
            let [#(#bound),*] = __args.bind(#method, [#(#parameters),*])?;
            #(#typed)*
            #value
        })()),
    }
}
