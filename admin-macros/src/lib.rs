//! The attributes of `admin-runtime`, which re-exports and documents them.
//!
//! Each has three steps: parse (the attribute as written), validate (into a type that can only hold
//! valid values) and expand (the unchanged function and one registration).

mod args;
mod docs;
mod duration;
mod emit;
mod endpoint;
mod errors;
#[cfg(test)]
mod golden;
mod health_check;
mod literal;
mod periodic;
mod placement;
mod run;
mod script_object;
mod signature;
mod suggest;
mod words;

use proc_macro::TokenStream;

/// Registers a function as an endpoint of the admin server; `admin-runtime` documents it.
#[proc_macro_attribute]
pub fn admin_endpoint(arguments: TokenStream, item: TokenStream) -> TokenStream {
    endpoint::admin_endpoint(arguments.into(), item.into()).into()
}

/// Registers a function as a health check of the admin server; `admin-runtime` documents it.
#[proc_macro_attribute]
pub fn health_check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    health_check::health_check(arguments.into(), item.into()).into()
}

/// Registers a function as a periodic thread of the admin server; `admin-runtime` documents it.
#[proc_macro_attribute]
pub fn periodic(arguments: TokenStream, item: TokenStream) -> TokenStream {
    periodic::periodic(arguments.into(), item.into()).into()
}

/// Exposes the methods of an `impl` block to scripts; `admin-runtime` documents it.
#[proc_macro_attribute]
pub fn script_object(arguments: TokenStream, item: TokenStream) -> TokenStream {
    script_object::script_object(arguments.into(), item.into()).into()
}
