//! What is registered about an argument of an endpoint: its name, its location and its kind.

use std::fmt;

use serde_json::{Map, Value};

use super::Param;
use crate::response::TypeSchema;
use crate::server_state::RequiredState;

/// One argument of an endpoint, as registered.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
/// use admin_runtime::describe::{ArgumentKind, ArgumentLocation};
///
/// #[admin_endpoint(path = "/tiers/{tier}/hits")]
/// async fn hits(tier: String, #[param(name = "top-n", default = "10")] top: u8) -> String {
///     format!("{top} of {tier}")
/// }
///
/// let server = AdminServer::builder().build()?;
/// let mut endpoints = server.registry().endpoints().iter();
/// let hits = endpoints.find(|endpoint| endpoint.path().ends_with("/hits")).ok_or("not linked")?;
/// let arguments = hits.arguments();
/// assert_eq!((arguments[0].name(), arguments[0].location()), ("tier", ArgumentLocation::Path(0)));
/// assert_eq!((arguments[1].name(), arguments[1].location()), ("top-n", ArgumentLocation::Query));
/// assert_eq!((arguments[1].default(), arguments[1].docs()), (Some("10"), ""));
/// assert!(matches!(arguments[1].kind(), ArgumentKind::Parameter(_)));
/// assert!(arguments[1].schema().is_none(), "only a JSON body has one");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ```
/// use admin_runtime::describe::{ArgumentDescriptor, ArgumentKind, ArgumentLocation, ParamSpec};
///
/// let count = ArgumentKind::Parameter(ParamSpec::new::<u8>());
/// let top = ArgumentDescriptor::new("top-n", ArgumentLocation::Query, count)
///     .with_docs("How many lines.")
///     .with_default("10");
/// assert_eq!((top.docs(), top.default()), ("How many lines.", Some("10")));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ArgumentDescriptor {
    pub(crate) name: &'static str,
    pub(crate) docs: &'static str,
    pub(crate) location: ArgumentLocation,
    pub(crate) default: Option<&'static str>,
    pub(crate) kind: ArgumentKind,
    pub(crate) schema: Option<TypeSchema>,
}

impl ArgumentDescriptor {
    /// An argument without docs, default and schema.
    #[must_use]
    pub const fn new(name: &'static str, location: ArgumentLocation, kind: ArgumentKind) -> Self {
        Self {
            name,
            docs: "",
            location,
            default: None,
            kind,
            schema: None,
        }
    }

    /// Sets the doc comment, as Markdown.
    #[must_use]
    pub const fn with_docs(self, docs: &'static str) -> Self {
        Self { docs, ..self }
    }

    /// Sets the text that is used if the value is missing.
    #[must_use]
    pub const fn with_default(self, default: &'static str) -> Self {
        Self {
            default: Some(default),
            ..self
        }
    }

    /// The name on the wire: the argument's, without `r#`, or that of `#[param(name = "...")]`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The doc comment on the argument.
    #[must_use]
    pub const fn docs(&self) -> &'static str {
        self.docs
    }

    /// Where its value comes from.
    #[must_use]
    pub const fn location(&self) -> ArgumentLocation {
        self.location
    }

    /// The text that is used if the value is missing.
    #[must_use]
    pub const fn default(&self) -> Option<&'static str> {
        self.default
    }

    /// What its type says.
    #[must_use]
    pub const fn kind(&self) -> ArgumentKind {
        self.kind
    }

    /// The schema of a JSON body, where its type has one.
    #[must_use]
    pub const fn schema(&self) -> Option<TypeSchema> {
        self.schema
    }
}

/// Where the value of an argument comes from.
///
/// ```
/// use admin_runtime::describe::{ArgumentLocation, PathPattern};
///
/// let path = PathPattern::parse("/tiers/{tier}/blocks/{block}")?;
/// let at = path.parameters().position(|name| name == "block");
/// assert_eq!(at.map(ArgumentLocation::Path), Some(ArgumentLocation::Path(1)));
/// # Ok::<(), admin_runtime::describe::PathError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgumentLocation {
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
///     ArgumentKind::Body { content_type: "application/json", required: false, .. },
/// ));
/// const CSV: ArgumentKind = ArgumentKind::body("text/csv", true); // of an extractor of your own
/// # assert!(matches!(CSV, ArgumentKind::Body { .. }));
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
    /// Settings given to the builder, else their default.
    Config(RequiredState),
    /// The body of the request; [`body`](Self::body) makes one.
    #[non_exhaustive]
    Body {
        /// The media type that clients send.
        content_type: &'static str,
        /// Whether a request without one is refused.
        required: bool,
    },
}

impl ArgumentKind {
    /// A body of this media type; a request without one is refused if it is `required`.
    #[must_use]
    pub const fn body(content_type: &'static str, required: bool) -> Self {
        Self::Body {
            content_type,
            required,
        }
    }
}

/// The shape of a path or query parameter.
///
/// ```
/// use admin_runtime::describe::ParamSpec;
///
/// let spec = ParamSpec::new::<u8>();
/// assert_eq!((spec.expected(), spec.json_type()), ("an integer from 0 to 255", "integer"));
/// assert!(spec.json_schema().contains("255"));
/// assert!(spec.is_required() && !spec.is_repeated());
/// assert!(spec.accepts("255") && !spec.accepts("256"));
/// assert!(!spec.optional().is_required() && spec.repeated().is_repeated());
/// ```
#[derive(Clone, Copy)]
pub struct ParamSpec {
    pub(crate) expected: &'static str,
    pub(crate) json_type: &'static str,
    pub(crate) json_schema: &'static str,
    pub(crate) required: bool,
    pub(crate) repeated: bool,
    pub(crate) accepts: fn(&str) -> bool,
}

impl ParamSpec {
    /// The shape of one required value of type `T`.
    #[must_use]
    pub const fn new<T: Param>() -> Self {
        Self {
            expected: T::EXPECTED,
            json_type: T::JSON_TYPE,
            json_schema: T::JSON_SCHEMA,
            required: true,
            repeated: false,
            accepts: |text| T::parse(text).is_some(),
        }
    }
    /// Makes it that of an `Option`: a request without it is accepted.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }

    /// Makes it that of a `Vec`: any number of values, also none.
    #[must_use]
    pub const fn repeated(self) -> Self {
        Self {
            required: false,
            repeated: true,
            ..self
        }
    }

    /// What a value looks like, in words: `an integer from 0 to 255`.
    #[must_use]
    pub const fn expected(&self) -> &'static str {
        self.expected
    }

    /// The JSON Schema type: `string`, `integer`, `number` or `boolean`.
    #[must_use]
    pub const fn json_type(&self) -> &'static str {
        self.json_type
    }

    /// Further keywords of JSON Schema, as a JSON object; empty for none.
    #[must_use]
    pub const fn json_schema(&self) -> &'static str {
        self.json_schema
    }

    /// Whether a request without it is refused.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.required
    }

    /// Whether it may be given several times.
    #[must_use]
    pub const fn is_repeated(&self) -> bool {
        self.repeated
    }

    /// Whether a text parses; `build()` checks defaults with it.
    #[must_use]
    pub fn accepts(&self, text: &str) -> bool {
        (self.accepts)(text)
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
