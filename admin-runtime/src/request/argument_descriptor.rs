//! What is registered about an argument of an endpoint: its name, its place and its kind.

use std::fmt;

use serde_json::{Map, Value};

use super::Param;
use crate::response::TypeSchema;
use crate::server_state::RequiredState;

/// One argument of an endpoint, as registered.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
/// use admin_runtime::describe::ArgumentPlace;
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
    /// The text that is used if the value is missing.
    pub default: Option<&'static str>,
    /// What its type says.
    pub kind: ArgumentKind,
    /// The schema of a JSON body, where its type has one.
    pub schema: Option<TypeSchema>,
}

/// Where the value of an argument comes from.
///
/// ```
/// use admin_runtime::describe::{ArgumentPlace, PathPattern};
///
/// let path = PathPattern::parse("/tiers/{tier}/blocks/{block}")?;
/// let at = path.parameters().position(|name| name == "block");
/// assert_eq!(at.map(ArgumentPlace::Path), Some(ArgumentPlace::Path(1)));
/// # Ok::<(), admin_runtime::describe::PathError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgumentPlace {
    /// The n-th `{parameter}` of the path, from 0.
    Path(usize),
    /// The query, or wherever an extractor looks.
    Query,
}

/// What the type of an argument asks for.
///
/// ```
/// use admin_runtime::{Extractor, Json, State};
/// use admin_runtime::describe::ArgumentKind;
///
/// let ArgumentKind::State(need) = State::<Vec<u8>>::KIND else { unreachable!() };
/// assert_eq!((need.type_name)(), "alloc::vec::Vec<u8>");
/// assert!(matches!(
///     Option::<Json<u8>>::KIND,
///     ArgumentKind::Body { content_type: "application/json", required: false },
/// ));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ArgumentKind {
    /// A value from the path or the query.
    Parameter(ParamSpec),
    /// Something that every request has.
    Extractor,
    /// A value given to the builder: its absence is an error of `build()`.
    State(RequiredState),
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
/// use admin_runtime::describe::ParamSpec;
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
    /// The further keywords of JSON Schema; `None` if they are not a JSON object.
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
