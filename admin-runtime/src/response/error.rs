//! The one error of request handling.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use http::header::{HeaderName, HeaderValue};

use super::error_status::{StatusFromErrorStatusMacro, registered_status};

/// Why a request fails: a status and a message for the client, and, apart from
/// it, a cause for the log.
///
/// `?` turns every error, `anyhow::Error` and texts too, into a 500 whose body is
/// `Internal error (REQUEST ID)`; the error's text goes to the log under that id and never into a
/// body. [`error_status!`](crate::error_status) gives the values of an error type other statuses.
///
/// ```
/// use admin_runtime::AdminError;
///
/// fn tier(name: &str) -> Result<u8, AdminError> {
///     match name {
///         "hot" => Ok(0),
///         "cold" => Ok(1),
///         other => Err(AdminError::not_found(format!("No tier '{other}'; there are hot, cold"))),
///     }
/// }
/// assert_eq!(tier("warm").unwrap_err().message(), "No tier 'warm'; there are hot, cold");
/// ```
///
/// A constructor for each usual status, and what can be added to the message:
///
/// ```
/// use admin_runtime::{AdminError, HeaderValue, StatusCode, header};
///
/// let busy = AdminError::unavailable("Compacting").with_source("14 of 90 segments");
/// let busy = busy.with_header(header::RETRY_AFTER, HeaderValue::from_static("2"));
/// assert_eq!(busy.to_string(), "503 Service Unavailable Compacting");
/// assert_eq!(busy.cause().map(ToString::to_string).as_deref(), Some("14 of 90 segments"));
///
/// let broken = AdminError::from(std::io::Error::other("/var/lib/cache: no space left"));
/// assert_eq!((broken.status().as_u16(), broken.message()), (500, ""));
/// assert_eq!(AdminError::internal("as text").status(), StatusCode::INTERNAL_SERVER_ERROR);
///
/// let usual: [fn(&'static str) -> AdminError; 5] = [
///     AdminError::bad_request, AdminError::forbidden, AdminError::conflict,
///     AdminError::too_many_requests, AdminError::not_implemented,
/// ];
/// let statuses = usual.map(|error| error("why").status().as_u16());
/// assert_eq!(statuses, [400, 403, 409, 429, 501]);
/// assert_eq!(AdminError::new(StatusCode::GONE, "Moved to /v2").status(), 410);
/// ```
pub struct AdminError(Box<Inner>);

struct Inner {
    status: StatusCode,
    message: Cow<'static, str>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl AdminError {
    /// An error of any status. The message goes to the client as it is: one line, without
    /// internal detail. A status below 400 becomes 500.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        let failed = status.is_client_error() || status.is_server_error();
        let status = if failed {
            status
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        Self(Box::new(Inner {
            status,
            message: message.into(),
            cause: None,
            headers: Vec::new(),
        }))
    }

    /// 400: the request is wrong and would be wrong again.
    #[must_use]
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 403: understood and refused.
    #[must_use]
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404: what the path or a parameter names does not exist.
    #[must_use]
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 409: not possible in the current state.
    #[must_use]
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 429: a limit of this client or route is reached.
    #[must_use]
    pub fn too_many_requests(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, message)
    }

    /// 501: this program lacks what the route needs; say which line to add.
    #[must_use]
    pub fn not_implemented(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, message)
    }

    /// 503: temporarily not possible.
    #[must_use]
    pub fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    /// 500 with a cause that only the log sees.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "").with_source(cause)
    }

    /// Adds a cause that only the log sees.
    #[must_use]
    pub fn with_source(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Adds a header to the reply.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The status of the reply.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What the client reads; empty for an internal error, which gets the request's id instead.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the log reads.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.0.cause.as_deref()
    }

    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }
}

impl fmt::Debug for AdminError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminError")
            .field("status", &self.0.status)
            .field("message", &self.0.message)
            .field("cause", &self.0.cause)
            .finish()
    }
}

impl fmt::Display for AdminError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.status, self.0.message)
    }
}

// `AdminError` does not implement `std::error::Error`, so that this does not overlap with `From<T> for T`.
/// `?` and return types of `Result<_, E>` accept everything that converts into
/// `Box<dyn std::error::Error + Send + Sync>`: error types, `anyhow::Error`, texts. Statuses other
/// than 500 are those of [`error_status!`](crate::error_status), which the bound is named after.
impl<E: StatusFromErrorStatusMacro> From<E> for AdminError {
    fn from(error: E) -> Self {
        let error = error.into_boxed_error();
        match registered_status(&*error) {
            None | Some(StatusCode::INTERNAL_SERVER_ERROR) => Self::internal(error),
            Some(status) if error.source().is_some() => {
                Self::new(status, error.to_string()).with_source(error)
            }
            Some(status) => Self::new(status, error.to_string()),
        }
    }
}
