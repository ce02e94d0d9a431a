//! What an argument of an endpoint is, decided by its type and never by its tokens.

use std::any::TypeId;
use std::fmt;

use serde_json::{Map, Value};

use super::{Param, TypeSchema};
use crate::request::{Call, Extractor};
use crate::response::{AdminError, excerpt};

/// One argument of an endpoint, as registered.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, ArgumentPlace, admin_endpoint};
///
/// #[admin_endpoint(path = "/tiers/{tier}/hits")]
/// async fn hits(tier: String, #[param(name = "top-n", default = "10")] top: u8) -> String {
///     format!("{top} of {tier}")
/// }
///
/// let server = AdminServer::builder().build()?;
/// let mut endpoints = server.registry().endpoints().iter();
/// let hits = endpoints.find(|endpoint| endpoint.path.ends_with("/hits")).ok_or("not linked")?;
/// let arguments = hits.arguments;
/// assert_eq!((arguments[0].name, arguments[0].place), ("tier", ArgumentPlace::Path(0)));
/// assert_eq!((arguments[1].name, arguments[1].place), ("top-n", ArgumentPlace::Query));
/// assert_eq!(arguments[1].default, Some("10"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use admin_runtime::{ArgumentPlace, PathPattern};
///
/// let path = PathPattern::parse("/tiers/{tier}/blocks/{block}")?;
/// let at = path.parameters().position(|name| name == "block");
/// assert_eq!(at.map(ArgumentPlace::Path), Some(ArgumentPlace::Path(1)));
/// # Ok::<(), admin_runtime::PathError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentPlace {
    /// The n-th `{parameter}` of the path, from 0.
    Path(usize),
    /// The query, or wherever an extractor looks.
    Query,
}

/// What the type of an argument asks for.
///
/// ```
/// use admin_runtime::{ArgumentKind, Extractor, Json, State};
///
/// let ArgumentKind::State { type_name, .. } = State::<Vec<u8>>::KIND else { unreachable!() };
/// assert_eq!(type_name(), "alloc::vec::Vec<u8>");
/// assert!(matches!(
///     Option::<Json<u8>>::KIND,
///     ArgumentKind::Body { content_type: "application/json", required: false },
/// ));
/// ```
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
///
/// ```
/// use admin_runtime::ParamSpec;
///
/// let spec = ParamSpec::of::<u8>();
/// assert_eq!((spec.expected, spec.json_type), ("an integer from 0 to 255", "integer"));
/// assert!(spec.required && !spec.repeated);
/// assert!((spec.accepts)("255") && !(spec.accepts)("256"));
/// ```
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
#[doc(hidden)] // nobody names them: write `Argument<_>`
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
///
/// An extractor can take a parameter by its own argument's name:
///
/// ```standalone_crate
/// # use admin_runtime::{AdminServer, admin_endpoint};
/// use admin_runtime::{AdminError, Argument, ArgumentDescriptor, Call, Extractor};
///
/// struct Page(u32); // the first where none is asked for
///
/// impl Extractor for Page {
///     fn extract(call: &mut Call, argument: &ArgumentDescriptor) -> Result<Self, AdminError> {
///         let page = <Option<u32> as Argument<_>>::take(call, argument)?;
///         Ok(Self(page.unwrap_or(1).max(1)))
///     }
/// }
///
/// #[admin_endpoint(path = "/list")]
/// async fn list(page: Page) -> String {
///     format!("page {}", page.0)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// assert_eq!(server.test().get("/list?page=3").await.text(), "page 3");
/// # Ok(())
/// # }
/// ```
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
