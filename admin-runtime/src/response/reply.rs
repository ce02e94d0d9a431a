//! A reply before it is written.

use std::io;

use bytes::Bytes;
use futures_util::Stream;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::Body;

/// Status, headers and body of a reply.
///
/// ```
/// use admin_runtime::{Body, HeaderValue, Response, StatusCode, header};
/// use futures_util::stream;
///
/// let reply = Response::text("gone").with_status(StatusCode::GONE);
/// assert_eq!(reply.headers()["content-type"], "text/plain; charset=utf-8");
/// assert_eq!(reply.status(), 410);
///
/// let file = Response::bytes("application/gzip", vec![31, 139])
///     .with_header(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
/// assert!(matches!(file.body(), Body::Bytes(bytes) if bytes.len() == 2));
///
/// let chunks = stream::iter(["1\n", "2\n"].map(|line| Ok(line.into())));
/// assert!(matches!(Response::stream("text/plain", chunks).body(), Body::Stream(_)));
/// assert_eq!(Response::empty().status(), 204);
/// ```
#[derive(Debug)]
pub struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

pub(crate) const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Response {
    /// 204 without a body.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: HeaderMap::new(),
            body: Body::Empty,
        }
    }

    /// 200 with `text/plain; charset=utf-8`.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::with_body(TEXT, Body::Bytes(Bytes::from(text.into())))
    }

    /// 200 with bytes of the given media type; give text types their `charset=utf-8`.
    ///
    /// # Panics
    ///
    /// If the media type is invalid in a header: it has a control or non-ASCII character.
    #[must_use]
    pub fn bytes(content_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        Self::with_body(
            HeaderValue::from_static(content_type),
            Body::Bytes(bytes.into()),
        )
    }

    /// 200 with chunks as they come. An error ends the connection: the status is sent already.
    ///
    /// # Panics
    ///
    /// If the media type is invalid in a header: it has a control or non-ASCII character.
    #[must_use]
    pub fn stream(
        content_type: &'static str,
        chunks: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self::with_body(
            HeaderValue::from_static(content_type),
            Body::Stream(Box::pin(chunks)),
        )
    }

    pub(crate) fn with_body(content_type: HeaderValue, body: Body) -> Self {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(CONTENT_TYPE, content_type);
        Self {
            status: StatusCode::OK,
            headers,
            body,
        }
    }

    /// Sets the status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Sets a header, which replaces one of the same name.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }
}

impl From<Response> for http::Response<Body> {
    fn from(response: Response) -> Self {
        let Response {
            status,
            headers,
            body,
        } = response;
        let mut reply = Self::new(body);
        *reply.status_mut() = status;
        *reply.headers_mut() = headers;
        reply
    }
}
