//! Which values, and which parts of them, are secrets. Pure: names and values in, text out.
//!
//! A value is masked whole if its name says so (`words`, `names`). Of any other value only what is
//! secret by its place (`pem`, `url`, `login`, `webhook`, `assignment`, `extent`, `group`,
//! `element`, `command`) or by its form (`shape`, `hash`) is replaced, even where it is encoded
//! (`view`). Every rule takes time in proportion to the text.

mod assignment;
mod command;
mod command_kinds;
#[rustfmt::skip] // Lists of words, packed.
mod command_options;
mod element;
mod extent;
mod group;
mod hash;
mod login;
mod names;
mod pem;
mod redaction;
mod shape;
#[rustfmt::skip] // Lists of words, packed.
mod token_forms;
mod url;
mod values;
mod view;
#[rustfmt::skip] // Lists of words, packed.
mod vocabulary;
mod webhook;
mod words;

use std::borrow::Cow;

use self::names::{NameClass, classify, is_public, is_secret_value};
use self::redaction::Secrets;
use self::view::{View, fold_name};

#[cfg(feature = "identity")]
pub(super) use self::group::is_secret_in_group;
pub(super) use self::redaction::MASKED;

/// Enough for all rules to see what the others have replaced; a value that needs more is masked
/// whole.
const MAX_PASSES: usize = 8;

/// The value of a variable, a field or a parameter without its secrets.
pub(super) fn mask<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    let name = &*fold_name(name);
    let class = classify(name);
    let mut masked = mask_once(name, class, value);
    if matches!(masked, Cow::Borrowed(_)) {
        return masked;
    }
    for _ in 1..MAX_PASSES {
        // What was replaced may have been the end of something else that is secret.
        let again = mask_once(name, class, &masked);
        if again == masked {
            return masked;
        }
        masked = Cow::Owned(again.into_owned());
    }
    Cow::Borrowed(MASKED)
}

fn mask_once<'v>(name: &str, class: NameClass, value: &'v str) -> Cow<'v, str> {
    let whole = class != NameClass::Login || is_one_word(value);
    if whole && is_secret_value(name, class, value) {
        return Cow::Borrowed(MASKED);
    }
    let mut secrets = Secrets::default();
    find_all(name, class, value, &mut secrets);
    if let Some(view) = View::decode(value) {
        let mut decoded = Secrets::default();
        find_all(name, class, &view.text, &mut decoded);
        secrets.extend(decoded.places().map(|place| view.source(place)));
    }
    secrets.redact(value)
}

fn find_all(name: &str, class: NameClass, value: &str, secrets: &mut Secrets) {
    match class {
        NameClass::Login | NameClass::User => login::find_whole(value, secrets),
        NameClass::Webhook => webhook::find_whole(value, secrets),
        _ => {}
    }
    pem::find(value, secrets);
    url::find(value, secrets);
    login::find(value, secrets);
    webhook::find(value, secrets);
    assignment::find(value, class == NameClass::Headers, secrets);
    command::find(value, secrets);
    element::find(value, secrets);
    hash::find(value, secrets);
    shape::find(value, secrets);
    shape::find_data(value, secrets);
    if !is_public(name) {
        shape::find_random(value, secrets);
    }
}

/// Whether a login is not `user:password`, but a token or an object.
fn is_one_word(value: &str) -> bool {
    value.starts_with(['{', '[']) || !value.contains([':', ' ', '/'])
}

#[cfg(test)]
mod tests;
