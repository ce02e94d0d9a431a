//! The description of the replies of an endpoint.

use super::TypeSchema;

/// How a route writes its errors.
///
/// ```
/// use admin_runtime::{IntoResponse, Json};
/// use admin_runtime::describe::ErrorFormat;
///
/// assert_eq!(Json::<u8>::SPEC.errors, ErrorFormat::Json);
/// assert_eq!(String::SPEC.errors, ErrorFormat::Text);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorFormat {
    /// `{"error": "..."}`
    Json,
    /// One plain line.
    Text,
}

/// What a return type says about its replies.
///
/// ```
/// use admin_runtime::{AdminError, IntoResponse, Json};
/// use admin_runtime::describe::{ErrorFormat, ResponseSpec};
///
/// const CREATED: ResponseSpec = ResponseSpec::new(Some("application/json"))
///     .with_status(Some(201))
///     .with_errors(ErrorFormat::Json)
///     .with_schema(None)
///     .fallible();
/// assert!(CREATED.fallible && !Json::<u8>::SPEC.fallible);
/// assert!(Result::<Json<u8>, AdminError>::SPEC.fallible);
/// assert_eq!(<()>::SPEC.status, Some(204));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ResponseSpec {
    /// The media type of a successful reply, if the type determines it.
    pub content_type: Option<&'static str>,
    /// The media types of a successful reply, if the attribute names them with `produces`.
    pub produces: &'static [&'static str],
    /// The status of a successful reply, if the type determines it.
    pub status: Option<u16>,
    /// Whether the handler may fail.
    pub fallible: bool,
    /// How errors of the route are written.
    pub errors: ErrorFormat,
    /// The schema of a JSON reply, where its type has one.
    pub schema: Option<TypeSchema>,
}

impl ResponseSpec {
    /// 200 with this media type (`None`: any), never a failure, errors of the runtime as text.
    ///
    /// ```
    /// use admin_runtime::describe::{ErrorFormat, ResponseSpec};
    ///
    /// const CSV: ResponseSpec = ResponseSpec::new(Some("text/csv"));
    /// assert_eq!((CSV.status, CSV.errors), (Some(200), ErrorFormat::Text));
    /// ```
    #[must_use]
    pub const fn new(content_type: Option<&'static str>) -> Self {
        Self {
            content_type,
            produces: &[],
            status: Some(200),
            fallible: false,
            errors: ErrorFormat::Text,
            schema: None,
        }
    }

    pub(super) const JSON: Self =
        Self::new(Some("application/json")).with_errors(ErrorFormat::Json);

    /// Sets the format of errors: `errors = "json"` of the attribute.
    #[must_use]
    pub const fn with_errors(self, errors: ErrorFormat) -> Self {
        Self { errors, ..self }
    }

    /// Sets the media types: `produces = ".."` of the attribute.
    ///
    /// ```
    /// use admin_runtime::{IntoResponse, Response};
    ///
    /// let spec = Response::SPEC.with_produces(&["text/csv", "application/json"]);
    /// assert_eq!(spec.media_types(), ["text/csv", "application/json"]);
    /// assert_eq!(String::SPEC.media_types(), ["text/plain; charset=utf-8"]);
    /// assert!(Response::SPEC.media_types().is_empty(), "any");
    /// ```
    #[must_use]
    pub const fn with_produces(self, produces: &'static [&'static str]) -> Self {
        Self { produces, ..self }
    }

    /// The media types of a successful reply; empty if they are not known.
    ///
    /// ```
    /// use admin_runtime::{IntoResponse, Json};
    ///
    /// assert_eq!(Json::<u8>::SPEC.media_types(), ["application/json"]);
    /// ```
    #[must_use]
    pub fn media_types(&self) -> &[&'static str] {
        if self.produces.is_empty() {
            return self.content_type.as_slice();
        }
        self.produces
    }

    /// Sets the status; `None` if it depends on the value.
    #[must_use]
    pub const fn with_status(self, status: Option<u16>) -> Self {
        Self { status, ..self }
    }

    /// Makes it that of a handler that may fail.
    #[must_use]
    pub const fn fallible(self) -> Self {
        Self {
            fallible: true,
            ..self
        }
    }

    /// Sets the schema of the JSON.
    #[must_use]
    pub const fn with_schema(self, schema: Option<TypeSchema>) -> Self {
        Self { schema, ..self }
    }
}
