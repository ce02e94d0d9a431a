//! What an argument of an endpoint is, decided by its type and never by its tokens.

use std::any::TypeId;
use std::fmt;

use serde_json::{Map, Value};

use super::{Param, TypeSchema};
use crate::request::{Call, Extractor};
use crate::response::{AdminError, excerpt};

/// One argument of an endpoint, as registered.
#[derive(Clone, Copy, Debug)]
pub struct ArgumentDescriptor {
    /// The name on the wire: the argument's, without `r#`, or that of `#[param(name = "...")]`.
    pub name: &'static str,
    /// The doc comment on the argument.
    pub docs: &'static str,
    /// Where its value comes from.
    pub place: ArgumentPlace,
    /// The text that stands in for a missing value.
    pub default: Option<&'static str>,
    /// What its type says.
    pub kind: ArgumentKind,
    /// The schema of a JSON body, where its type has one.
    pub schema: Option<TypeSchema>,
}

/// Where the value of an argument comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentPlace {
    /// The n-th `{parameter}` of the path, from 0.
    Path(usize),
    /// The query, or wherever an extractor looks.
    Query,
}

/// What the type of an argument asks for.
#[derive(Clone, Copy, Debug)]
pub enum ArgumentKind {
    /// A value from the path or the query.
    Parameter(ParamSpec),
    /// Something that every request has.
    Extractor,
    /// A value given to the builder: its absence is an error of `build()`.
    State {
        /// The type's name, for that error.
        type_name: fn() -> &'static str,
        /// The key it is stored under.
        type_id: fn() -> TypeId,
    },
    /// The body of the request.
    Body {
        /// The media type that clients send.
        content_type: &'static str,
        /// Whether a request without one is refused.
        required: bool,
    },
}

/// The shape of a path or query parameter.
#[derive(Clone, Copy)]
pub struct ParamSpec {
    /// What a value looks like, in words: `an integer from 0 to 255`.
    pub expected: &'static str,
    /// The JSON Schema type: `string`, `integer`, `number` or `boolean`.
    pub json_type: &'static str,
    /// Further keywords of JSON Schema, as a JSON object; empty for none.
    pub json_schema: &'static str,
    /// Whether a request without it is refused.
    pub required: bool,
    /// Whether it may be given several times.
    pub repeated: bool,
    /// Whether a text parses; `build()` checks defaults with it.
    pub accepts: fn(&str) -> bool,
}

impl ParamSpec {
    /// The shape of one required value of type `T`.
    #[must_use]
    pub const fn of<T: Param>() -> Self {
        Self {
            expected: T::EXPECTED,
            json_type: T::JSON_TYPE,
            json_schema: T::JSON_SCHEMA,
            required: true,
            repeated: false,
            accepts: |text| T::parse(text).is_some(),
        }
    }
}

impl ParamSpec {
    /// The further keywords of JSON Schema; `None` where they are no JSON object.
    pub(crate) fn keywords(&self) -> Option<Map<String, Value>> {
        match self.json_schema {
            "" => Some(Map::new()),
            text => serde_json::from_str(text).ok(),
        }
    }
}

impl fmt::Debug for ParamSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParamSpec")
            .field("expected", &self.expected)
            .field("required", &self.required)
            .field("repeated", &self.repeated)
            .finish_non_exhaustive()
    }
}

/// The ways to be an argument; the compiler picks the one that fits the type.
pub mod via {
    /// A required [`Param`](crate::Param).
    #[derive(Debug)]
    pub enum Required {}
    /// An `Option` of a [`Param`](crate::Param).
    #[derive(Debug)]
    pub enum Optional {}
    /// A `Vec` of a [`Param`](crate::Param).
    #[derive(Debug)]
    pub enum Repeated {}
    /// An [`Extractor`](crate::Extractor).
    #[derive(Debug)]
    pub enum Extracted {}
}

/// A type that can be an argument of an endpoint. It is not implemented by hand: implement
/// [`Param`] for a value of the path or the query, [`Extractor`] for anything else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of an admin endpoint",
    label = "no way to make this from a request",
    note = "a value of the path or query implements `Param`: std's numbers, `bool`, `char`, `String`, and `Option` or `Vec` of them",
    note = "anything else implements `Extractor`: `State<T>` of a `Clone` type, `Json<T>` of a `Deserialize` type, `Config<T>`, `Upload`, `Headers`, `Caller`, `Audit`, `RequestId`, `Registry`"
)]
pub trait Argument<Via>: Sized {
    /// What is registered about the type.
    const KIND: ArgumentKind;

    /// Both as one value: generated code names the trait once, so that an error appears once.
    #[doc(hidden)]
    const TAKER: Taker<Self> = Taker {
        kind: Self::KIND,
        take: Self::take,
    };

    /// Takes the value out of a call.
    ///
    /// # Errors
    /// 400 that names the parameter, the value and what would be valid; what an extractor says.
    fn take(call: &mut Call, argument: &ArgumentDescriptor) -> Result<Self, AdminError>;
}

/// How arguments of type `T` are taken.
#[doc(hidden)]
pub struct Taker<T> {
    pub(crate) kind: ArgumentKind,
    pub(crate) take: fn(&mut Call, &ArgumentDescriptor) -> Result<T, AdminError>,
}

impl<T> fmt::Debug for Taker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Param> Argument<via::Required> for T {
    const KIND: ArgumentKind = ArgumentKind::Parameter(ParamSpec::of::<T>());

    fn take(call: &mut Call, argument: &ArgumentDescriptor) -> Result<Self, AdminError> {
        match call.text(argument) {
            Some(text) => parse(text, argument),
            None => Err(AdminError::bad_request(format!(
                "Missing parameter '{}': expected {}",
                argument.name,
                T::EXPECTED
            ))),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Param> Argument<via::Optional> for Option<T> {
    const KIND: ArgumentKind = ArgumentKind::Parameter(ParamSpec {
        required: false,
        ..ParamSpec::of::<T>()
    });

    fn take(call: &mut Call, argument: &ArgumentDescriptor) -> Result<Self, AdminError> {
        call.text(argument)
            .map(|text| parse(text, argument))
            .transpose()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Param> Argument<via::Repeated> for Vec<T> {
    const KIND: ArgumentKind = ArgumentKind::Parameter(ParamSpec {
        required: false,
        repeated: true,
        ..ParamSpec::of::<T>()
    });

    fn take(call: &mut Call, argument: &ArgumentDescriptor) -> Result<Self, AdminError> {
        let mut given = call.texts(argument).peekable();
        match (given.peek(), argument.default) {
            (None, Some(default)) => Ok(vec![parse(default, argument)?]),
            _ => given.map(|text| parse(text, argument)).collect(),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Extractor> Argument<via::Extracted> for T {
    const KIND: ArgumentKind = T::KIND;

    fn take(call: &mut Call, argument: &ArgumentDescriptor) -> Result<Self, AdminError> {
        T::extract(call, argument)
    }
}

/// Longest part of a refused value that an error repeats, in characters.
const SHOWN: usize = 100;

fn parse<T: Param>(text: &str, argument: &ArgumentDescriptor) -> Result<T, AdminError> {
    T::parse(text).ok_or_else(|| {
        AdminError::bad_request(format!(
            "Invalid value for parameter '{}': '{}'; expected {}",
            argument.name,
            excerpt(text, SHOWN).escape_debug(),
            T::EXPECTED
        ))
    })
}
