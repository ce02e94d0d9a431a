//! Which values, and which parts of them, are secrets. Pure: names and values in, text out.
//!
//! A value is masked whole if its name says so (`words`, `names`). Of any other value only what is
//! secret by its place (`pem`, `url`, `login`, `webhook`, `assignment`, `extent`, `element`,
//! `command`) or by its form
//! (`shape`) is replaced. Every rule takes time in proportion to the text.

mod assignment;
mod command;
mod element;
mod extent;
mod login;
mod names;
mod pem;
mod redaction;
mod shape;
#[rustfmt::skip] // Lists of words, packed.
mod token_forms;
mod url;
mod values;
#[rustfmt::skip] // Lists of words, packed.
mod vocabulary;
mod webhook;
mod words;

use std::borrow::Cow;

use self::names::{NameClass, classify, is_secret_value};
use self::redaction::Secrets;

pub(super) use self::redaction::MASKED;

/// Enough for all rules to see what the others have replaced.
const MAX_PASSES: usize = 4;

/// The value of a variable, a field or a parameter without its secrets.
pub(super) fn mask<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    let class = classify(name);
    let mut masked = mask_once(name, class, value);
    for _ in 1..MAX_PASSES {
        // What was replaced may have been the end of something else that is secret.
        let again = mask_once(name, class, &masked);
        if again == masked {
            break;
        }
        masked = Cow::Owned(again.into_owned());
    }
    masked
}

fn mask_once<'v>(name: &str, class: NameClass, value: &'v str) -> Cow<'v, str> {
    let whole = class != NameClass::Login || is_one_word(value);
    if whole && is_secret_value(name, class, value) {
        return Cow::Borrowed(MASKED);
    }
    let mut secrets = Secrets::default();
    match class {
        NameClass::Login | NameClass::User => login::find_whole(value, &mut secrets),
        NameClass::Webhook => webhook::find_whole(value, &mut secrets),
        _ => {}
    }
    pem::find(value, &mut secrets);
    url::find(value, &mut secrets);
    login::find(value, &mut secrets);
    webhook::find(value, &mut secrets);
    assignment::find(value, class == NameClass::Headers, &mut secrets);
    command::find(value, &mut secrets);
    element::find(value, &mut secrets);
    shape::find(value, &mut secrets);
    secrets.redact(value)
}

/// Whether a login is not `user:password`, but a token or an object.
fn is_one_word(value: &str) -> bool {
    value.starts_with(['{', '[']) || !value.contains([':', ' ', '/'])
}

#[cfg(test)]
mod tests;
