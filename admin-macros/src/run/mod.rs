//! What `#[periodic]` and `#[health_check]` have in common: a function that the server runs again and
//! again, with arguments that the server provides.

mod emit;
mod function;
mod settings;

pub(crate) use self::emit::{RunKind, items, settings_value};
pub(crate) use self::function::{RunFunction, RunInput, inputs};
pub(crate) use self::settings::{GivenDuration, duration_of, name_of, word_of};
